/** Operation ids of the OpenAI API that a worker can serve, each with its HTTP route under `/v1`. */
export const TASK_ROUTES = {
  chat: '/chat/completions',
  completions: '/completions',
  embeddings: '/embeddings',
  rerank: '/rerank',
} as const;

/** An operation of the OpenAI API: `chat`, `completions`, `embeddings` or `rerank`. */
export type TaskId = keyof typeof TASK_ROUTES;

/** Every {@link TaskId}, in the order of {@link TASK_ROUTES}. */
export const TASK_IDS = Object.keys(TASK_ROUTES) as readonly TaskId[];

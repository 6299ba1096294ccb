import { type Clock, SmmfError, type TaskMap, type Worker } from '@smmf/core';
import type { BatchInput, EmbeddingRequest, RerankRequest, ResultHeaders, Usage } from '@smmf/protocol';
import { type BatchAnswer, BatchScheduler } from './batch-scheduler.ts';
import type { BackendInfo } from './thread-messages.ts';
import type { ThreadPool } from './thread-pool.ts';

/** Requests at once: many more than threads, as only what has come can be put into one batch. */
const SLOTS = 256;
/** As OpenAI has it. */
const MAX_INPUTS = 2_048;

/** What serves a batch backend. */
export interface BatchWorkerParts {
  readonly pool: ThreadPool;
  readonly info: BackendInfo;
  readonly threads: number;
  readonly clock: Clock;
}

/** A worker over a batch backend. */
export function createBatchWorker({ pool, info, threads, clock }: BatchWorkerParts): Worker {
  const scheduler = new BatchScheduler({ pool, threads, limits: info.limits ?? {}, clock });
  let closed: Promise<void> | undefined;
  return {
    models: info.models,
    slots: SLOTS,
    tasks: tasksOf(info, scheduler),
    health: async () => ({ live: closed === undefined, ready: closed === undefined }),
    load: async () => ({ running: scheduler.running, waiting: scheduler.waiting, sampledAtMs: clock.wallMs() }),
    close() {
      closed ??= scheduler.close().then(() => pool.destroy());
      return closed;
    },
  };
}

function tasksOf({ tasks }: BackendInfo, scheduler: BatchScheduler): TaskMap {
  const all: Required<Pick<TaskMap, BatchInput['task']>> = {
    async embeddings(request, { signal }) {
      const answer = await scheduler.submit('embeddings', embeddingInputs(request), signal);
      return { vectors: answer.results as Float32Array[], ...reportOf(answer) };
    },
    async rerank(request, { signal }) {
      const answer = await scheduler.submit('rerank', rerankInputs(request), signal);
      return { scores: answer.results as number[], ...reportOf(answer) };
    },
  };
  return Object.fromEntries(Object.entries(all).filter(([task]) => tasks.includes(task as BatchInput['task'])));
}

function embeddingInputs({ input, ...rest }: EmbeddingRequest): BatchInput[] {
  const fields = plainOf(rest);
  // One list of token ids is one text.
  if (typeof input === 'string' || typeof input[0] === 'number')
    return [{ task: 'embeddings', text: input as string | number[], param: 'input', fields }];
  const texts = input as readonly (string | number[])[];
  if (texts.length > MAX_INPUTS)
    throw new SmmfError('INVALID_VALUE', `${texts.length} texts; at most ${MAX_INPUTS}`, { param: 'input' });
  return texts.map((text, index) => ({ task: 'embeddings', text, param: `input[${index}]`, fields }));
}

function rerankInputs({ documents, query, ...rest }: RerankRequest): BatchInput[] {
  const fields = plainOf(rest);
  return documents.map((document, index) => {
    const text = typeof document === 'string' ? document : document.text;
    return { task: 'rerank', text, query, param: `documents[${index}]`, fields };
  });
}

/** The rest of a request, which crosses threads once for each text: no field that is absent, no long list. */
function plainOf(rest: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && value !== null));
}

function reportOf({ tokens, cut }: BatchAnswer): { usage: Usage; headers?: ResultHeaders } {
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return cut === 0 ? { usage } : { usage, headers: { 'x-smmf-truncated': String(cut) } };
}

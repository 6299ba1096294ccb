import type { Dialect, Json, Refusal } from '../dialect.ts';
import { PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';
import { list, record } from '../reading.ts';

const error = (code: number, message: string, metadata?: Json, headers = {}): Refusal => ({
  status: code,
  headers,
  body: { error: { code, message, ...(metadata ? { metadata } : {}) } },
});

/** Each choice says what the model behind it said; usage has a price. */
function routed(answer: Json): Json {
  const usage = record(answer.usage);
  const choices = list(answer.choices).map((choice) => {
    const { finish_reason } = record(choice) ?? {};
    return { ...record(choice), native_finish_reason: finish_reason };
  });
  return { provider: 'Scripted', ...answer, choices, ...(usage ? { usage: { ...usage, cost: 0.0001 } } : {}) };
}

const BROKEN = {
  id: 'gen-1',
  object: 'chat.completion.chunk',
  created: 1_764_000_000,
  model: 'a/b',
  provider: 'Scripted',
};

/** OpenRouter. */
export const dialect: Dialect = {
  vendor: 'OpenRouter',
  plugin: 'proxy-openrouter',
  sources: [
    { of: 'requests, usage', at: 'openrouter.ai/docs/api-reference/overview', seen: '2026-11-23' },
    { of: 'errors', at: 'openrouter.ai/docs/api-reference/errors', seen: '2026-11-28' },
    { of: 'signs of life, errors in streams', at: 'openrouter.ai/docs/api-reference/streaming', seen: '2026-11-23' },
    {
      of: 'chunks, as captured',
      at: 'git.secluded.site/fantasy-mirror (glm-4.5, multi_tool_streaming)',
      seen: '2026-11-28',
    },
  ],
  base: '/api/v1',
  auth: { kind: 'bearer' },
  key: 'sk-or-scripted',
  models: { chat: 'z-ai/glm-4.5', embeddings: 'openai/text-embedding-3-small' },
  list: openAiList,
  request: { refusal: (_, message) => error(400, message) },
  stream: { usage: 'last', keepAlive: ': OPENROUTER PROCESSING\n\n' },
  reply: routed,
  chunk: routed,
  finishes: { stop: 'stop', length: 'length', content_filter: 'content_filter' },
  reasoning: 'reasoning',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: false,
  errors: [
    { name: 'wrong key', kind: 'credential', ...error(401, 'No auth credentials found') },
    { name: 'no credits', kind: 'credential', ...error(402, 'Insufficient credits') },
    {
      name: 'refused content',
      kind: 'filter',
      ...error(403, 'Input was flagged', { reasons: ['violence'], flagged_input: '…' }),
    },
    { name: 'bad parameter', kind: 'request', ...error(400, 'temperature: expected number') },
    { name: 'model not there', kind: 'model', ...error(404, 'No endpoints found for a/b.') },
    { name: 'slow', kind: 'timeout', ...error(408, 'Request timed out') },
    {
      name: 'too many requests',
      kind: 'rate',
      retryAfterS: 7,
      ...error(429, 'Rate limit exceeded', undefined, { 'retry-after': '7' }),
    },
    {
      name: 'model down',
      kind: 'failed',
      ...error(502, 'Provider returned error', { provider_name: 'Scripted', raw: 'boom' }),
    },
    { name: 'no provider', kind: 'overload', ...error(503, 'No available provider') },
    {
      name: 'failure in a stream',
      kind: 'failed',
      place: 'late',
      status: 200,
      body: {
        ...BROKEN,
        error: { code: 'server_error', message: 'Provider disconnected' },
        choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
      },
    },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what OpenRouter knows',
      sends: { models: ['a/b'], provider: { order: ['x'] }, reasoning: { effort: 'low' }, top_k: 20 },
      arrives: { models: ['a/b'], provider: { order: ['x'] }, reasoning: { effort: 'low' }, top_k: 20 },
    },
  ],
  embeddings: { path: '/embeddings', batch: 2048, base64: true, refusal: error(400, 'too many inputs') },
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams; OpenRouter tells it unasked and takes the option' },
  },
};

import type { Dialect, Refusal } from '../dialect.ts';
import { PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';

/** As FastAPI tells it. */
const error = (status: number, detail: string, headers: Refusal['headers'] = {}): Refusal => ({
  status,
  body: { detail },
  headers,
});

/** Xinference: `model` is the uid of a running model. */
export const dialect: Dialect = {
  vendor: 'Xinference',
  plugin: 'proxy-openai',
  sources: [
    {
      of: 'requests, answers, errors, line ends',
      at: 'github.com/xorbitsai/inference, xinference/api (7ecec16b6, 2026-08-23)',
      seen: '2026-11-28',
    },
    { of: 'ranking', at: 'inference.readthedocs.io, models/model_abilities/rerank', seen: '2026-11-28' },
  ],
  base: '/v1',
  auth: { kind: 'bearer' },
  key: 'xinference-scripted-token',
  models: { chat: 'qwen3', embeddings: 'bge-m3', rerank: 'bge-reranker' },
  list: openAiList,
  request: { refusal: (param, message) => error(400, `${param}: ${message}`) },
  stream: { usage: 'asked', lineEnd: '\r\n', keepAlive: ': ping - 2026-11-28 12:00:00\r\n\r\n' },
  finishes: { stop: 'stop', length: 'length' },
  reasoning: 'reasoning_content',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: 'ignored',
  errors: [
    { name: 'wrong key', kind: 'credential', ...error(401, 'Could not validate credentials') },
    { name: 'no scope', kind: 'credential', ...error(403, 'Not enough permissions') },
    {
      name: 'model not there',
      kind: 'model',
      ...error(400, '[address=0.0.0.0:9997, pid=7] Model not found in the model list, uid: other'),
    },
    {
      name: 'model that loads',
      kind: 'overload',
      retryAfterS: 30,
      ...error(503, 'Model is loading, please retry later: qwen3', { 'retry-after': '30' }),
    },
    { name: 'bad request', kind: 'request', ...error(400, "Only ['qwen3'] support tool calls") },
    { name: 'prompt too long', kind: 'context', ...error(400, 'The prompt exceeds the maximum context length') },
    {
      name: 'bad parameter',
      kind: 'request',
      status: 422,
      body: { detail: [{ loc: ['body', 'temperature'], msg: 'value is not a valid float', type: 'type_error.float' }] },
    },
    { name: 'too many requests', kind: 'rate', ...error(429, 'Rate limit reached for the model.') },
    { name: 'failure', kind: 'failed', ...error(500, '[address=0.0.0.0:33211, pid=9] CUDA out of memory') },
    { name: 'failure in a stream', kind: 'failed', place: 'late', status: 200, body: { error: 'the model failed' } },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what Xinference knows',
      sends: { temperature: 0.5, enable_thinking: false, guided_choice: ['a', 'b'], lora_name: 'x' },
      arrives: { temperature: 0.5, enable_thinking: false, guided_choice: ['a', 'b'], lora_name: 'x' },
    },
  ],
  embeddings: { path: '/embeddings', batch: 2048, base64: true, refusal: error(400, 'too many') },
  rerank: {
    path: '/v1/rerank',
    answer: (results) => ({ id: '480dca92', results, meta: { api_version: null, tokens: null } }),
  },
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

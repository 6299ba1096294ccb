import type { Dialect, Refusal } from '../dialect.ts';
import { flatError, PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';

const refused = (status: number, type: string, message: string): Refusal =>
  flatError(status, { message, type, code: status });

/** SGLang. */
export const dialect: Dialect = {
  vendor: 'SGLang',
  plugin: 'sglang',
  sources: [
    { of: 'fields, errors, chunks', at: 'github.com/sgl-project/sglang, srt/entrypoints/openai', seen: '2026-11-23' },
    { of: 'use', at: 'docs.sglang.ai/basic_usage/openai_api.html', seen: '2026-11-23' },
  ],
  base: '/v1',
  nameOption: 'served',
  auth: { kind: 'bearer' },
  key: 'scripted-sglang-key',
  models: { chat: 'qwen', embeddings: 'gte' },
  list: openAiList,
  request: { refusal: (param, message) => refused(400, 'BadRequestError', `${param}: ${message}`) },
  stream: { usage: 'asked' },
  finishes: { stop: 'stop', length: 'length' },
  reasoning: 'reasoning_content',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: true,
  errors: [
    { name: 'wrong key', kind: 'credential', status: 401, body: { error: 'Unauthorized' } },
    { name: 'bad request', kind: 'request', ...refused(400, 'BadRequestError', 'temperature must be non-negative') },
    {
      name: 'prompt too long',
      kind: 'context',
      ...refused(400, 'BadRequestError', "The input is longer than the model's context length"),
    },
    { name: 'failure', kind: 'failed', ...refused(500, 'InternalServerError', 'scheduler failed') },
    { name: 'full', kind: 'overload', ...refused(503, 'ServiceUnavailableError', 'The request queue is full.') },
    {
      name: 'failure in a stream',
      kind: 'failed',
      place: 'late',
      status: 200,
      body: { error: { message: 'aborted', type: 'InternalServerError', code: 500 } },
    },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what SGLang knows',
      sends: { top_k: 20, min_p: 0.1, regex: 'a+', separate_reasoning: true },
      arrives: { top_k: 20, min_p: 0.1, regex: 'a+', separate_reasoning: true },
    },
  ],
  embeddings: { path: '/embeddings', batch: 2048, base64: true, refusal: refused(400, 'BadRequestError', 'too many') },
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

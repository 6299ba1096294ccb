import type { Dialect } from '../dialect.ts';
import { openAiError, PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';

/** Yi, of 01.AI; today a place that serves many models, so that the one behind a name may change. */
export const dialect: Dialect = {
  vendor: 'Yi (01.AI)',
  plugin: 'proxy-openai',
  sources: [
    { of: 'address and shape', at: 'github.com/api-evangelist/01-ai, review.yml (of 2026-05-29)', seen: '2026-11-28' },
    {
      of: 'limits of parameters, usage in the last chunk, errors',
      at: 'not confirmed: the pages of platform.lingyiwanwu.com/docs/api-reference are gone',
      seen: '2026-11-28',
    },
  ],
  base: '/v1',
  auth: { kind: 'bearer' },
  key: 'yi-scripted',
  options: () => ({ streamUsage: false }),
  models: { chat: 'yi-lightning' },
  list: openAiList,
  request: {
    refuses: ['stream_options'],
    ranges: { temperature: { min: 0, below: 2 }, top_p: { above: 0, below: 1 }, n: { min: 1, max: 1 } },
    refusal: (param, message) => openAiError(400, { message: `${param}: ${message}`, param }),
  },
  stream: { usage: 'last' },
  chunk: (chunk, { isLast }) => ({ ...chunk, lastOne: isLast }),
  finishes: { stop: 'stop', length: 'length', content_filter: 'content_filter' },
  tools: true,
  images: true,
  n: false,
  errors: [
    {
      name: 'wrong key',
      kind: 'credential',
      ...openAiError(401, { message: 'Unauthorized', code: 'invalid_api_key' }),
    },
    { name: 'model not there', kind: 'model', ...openAiError(404, { message: 'The model does not exist' }) },
    {
      name: 'bad parameter',
      kind: 'request',
      ...openAiError(400, { message: 'top_p must be in (0, 1)', param: 'top_p' }),
    },
    {
      name: 'prompt too long',
      kind: 'context',
      ...openAiError(400, { message: "This model's maximum context length is 16384 tokens." }),
    },
    {
      name: 'too many requests',
      kind: 'rate',
      ...openAiError(429, { message: 'Too Many Requests', type: 'rate_limit' }),
    },
    {
      name: 'no credit',
      kind: 'credential',
      ...openAiError(429, { message: 'no credit', code: 'insufficient_quota' }),
    },
    { name: 'failure', kind: 'failed', ...openAiError(500, { message: 'Internal Server Error' }) },
    { name: 'overload', kind: 'overload', ...openAiError(529, { message: 'System busy' }) },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what Yi knows',
      sends: { temperature: 0.3, top_p: 0.9, max_tokens: 64 },
      arrives: { temperature: 0.3, top_p: 0.9, max_tokens: 64 },
    },
  ],
  witness: { sdk: 'openai', differences: {} },
};

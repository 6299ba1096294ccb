import type { Dialect } from '../dialect.ts';
import { openAiError, PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';

const LIMITS = {
  'x-ratelimit-limit-requests': '60',
  'x-ratelimit-remaining-requests': '0',
  'x-ratelimit-reset-requests': '7s',
};

const wrongKey = { message: 'Incorrect API key provided: sk-scri*****pted.', code: 'invalid_api_key' };
const region = { type: 'request_forbidden', code: 'unsupported_country_region_territory' };
const noModel = { message: 'The model `gpt-5-mini` does not exist', code: 'model_not_found' };
const tooLong = { message: 'maximum context length is 128 tokens', code: 'context_length_exceeded' };
const filtered = { message: 'rejected by the safety system', code: 'content_policy_violation' };
const limited = { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' };
const failed = { message: 'The server had an error', type: 'server_error' };
const overloaded = { message: 'Overloaded', type: 'service_unavailable_error' };

/** OpenAI itself. */
export const dialect: Dialect = {
  vendor: 'OpenAI',
  plugin: 'proxy-openai',
  sources: [
    { of: 'requests, answers, chunks', at: 'github.com/openai/openai-openapi, version 2.3.0', seen: '2026-11-23' },
    { of: 'errors, limits, retries', at: 'github.com/openai/openai-node 7.5.0 and the guides', seen: '2026-11-23' },
  ],
  base: '/v1',
  auth: { kind: 'bearer' },
  key: 'sk-scripted',
  models: { chat: 'gpt-5-mini', embeddings: 'text-embedding-3-small' },
  list: openAiList,
  request: {
    refuses: ['top_k', 'enable_thinking'],
    ranges: { temperature: { min: 0, max: 2 }, top_p: { min: 0, max: 1 } },
    refusal: (param, message) => openAiError(400, { message: `${message}: '${param}'.`, param }),
  },
  stream: { usage: 'asked' },
  chunk: (chunk) => ({ ...chunk, service_tier: 'default', system_fingerprint: 'fp_1' }),
  finishes: { stop: 'stop', length: 'length', content_filter: 'content_filter' },
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: true,
  errors: [
    { name: 'wrong key', kind: 'credential', ...openAiError(401, wrongKey) },
    { name: 'region not allowed', kind: 'credential', ...openAiError(403, { message: 'not supported', ...region }) },
    { name: 'model not there', kind: 'model', ...openAiError(404, noModel) },
    { name: 'prompt too long', kind: 'context', ...openAiError(400, tooLong) },
    { name: 'refused content', kind: 'filter', ...openAiError(400, filtered) },
    { name: 'bad parameter', kind: 'request', ...openAiError(400, { message: 'no', code: 'unsupported_value' }) },
    {
      name: 'too many requests',
      kind: 'rate',
      retryAfterS: 7,
      ...openAiError(429, limited, { ...LIMITS, 'retry-after': '7' }),
    },
    { name: 'body too large', kind: 'too large', ...openAiError(413, { message: 'Payload too large' }) },
    { name: 'failure', kind: 'failed', ...openAiError(500, failed) },
    { name: 'overload', kind: 'overload', ...openAiError(503, overloaded) },
    { name: 'failure in a stream', kind: 'failed', place: 'late', ...openAiError(200, failed) },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what OpenAI knows',
      sends: { temperature: 0.5, max_completion_tokens: 64, seed: 5, stop: ['\n'], user: 'u1' },
      arrives: { temperature: 0.5, max_completion_tokens: 64, seed: 5, stop: ['\n'], user: 'u1' },
    },
    {
      name: 'what OpenAI does not know yet',
      sends: { x_new_field: { deep: [1, 2.5, 'ü'] } },
      arrives: { x_new_field: { deep: [1, 2.5, 'ü'] } },
    },
  ],
  embeddings: {
    path: '/embeddings',
    batch: 2048,
    base64: true,
    refusal: openAiError(400, { message: "Invalid 'input': at most 2048 items" }),
  },
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

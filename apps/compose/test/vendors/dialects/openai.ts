import type { Dialect, Refusal } from '../dialect.ts';
import { openAiList } from '../other-answers.ts';

const error = (status: number, type: string, code: string | null, message: string, headers = {}): Refusal => ({
  status,
  headers,
  body: { error: { message, type, param: null, code } },
});

const limits = {
  'x-ratelimit-limit-requests': '60',
  'x-ratelimit-remaining-requests': '0',
  'x-ratelimit-reset-requests': '7s',
};

/** OpenAI itself. */
export const dialect: Dialect = {
  vendor: 'OpenAI',
  plugin: 'proxy-openai',
  sources: [
    { of: 'requests, answers, chunks', at: 'github.com/openai/openai-openapi, version 2.3.0', seen: '2026-11-25' },
    { of: 'errors', at: 'platform.openai.com/docs/guides/error-codes', seen: '2026-11-25' },
    { of: 'limits', at: 'platform.openai.com/docs/guides/rate-limits', seen: '2026-11-25' },
  ],
  base: '/v1',
  auth: { kind: 'bearer' },
  key: 'sk-scripted',
  models: { chat: 'gpt-5-mini', embeddings: 'text-embedding-3-small' },
  list: openAiList,
  request: {
    refuses: ['top_k', 'enable_thinking'],
    ranges: { temperature: { min: 0, max: 2 }, top_p: { min: 0, max: 1 } },
    refusal: (param, message) => ({
      status: 400,
      body: { error: { message: `${message}: '${param}'.`, type: 'invalid_request_error', param, code: null } },
    }),
  },
  stream: { usage: 'asked' },
  chunk: (chunk, { isFirst }) => ({ ...chunk, service_tier: 'default', system_fingerprint: isFirst ? 'fp_1' : 'fp_1' }),
  finishes: { stop: 'stop', length: 'length', content_filter: 'content_filter' },
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: true,
  errors: [
    {
      name: 'wrong key',
      kind: 'credential',
      ...error(401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided: sk-scri*****pted.'),
    },
    {
      name: 'region not allowed',
      kind: 'credential',
      ...error(403, 'request_forbidden', 'unsupported_country_region_territory', 'Country not supported'),
    },
    {
      name: 'model not there',
      kind: 'model',
      ...error(404, 'invalid_request_error', 'model_not_found', 'The model `gpt-5-mini` does not exist'),
    },
    {
      name: 'prompt too long',
      kind: 'context',
      ...error(400, 'invalid_request_error', 'context_length_exceeded', 'maximum context length is 128 tokens'),
    },
    {
      name: 'refused content',
      kind: 'filter',
      ...error(400, 'invalid_request_error', 'content_policy_violation', 'rejected by the safety system'),
    },
    {
      name: 'bad parameter',
      kind: 'request',
      ...error(400, 'invalid_request_error', 'unsupported_value', "Unsupported value: 'temperature'"),
    },
    {
      name: 'too many requests',
      kind: 'rate',
      retryAfterS: 7,
      ...error(429, 'requests', 'rate_limit_exceeded', 'Rate limit reached', { ...limits, 'retry-after': '7' }),
    },
    { name: 'body too large', kind: 'too large', ...error(413, 'invalid_request_error', null, 'Payload too large') },
    { name: 'failure', kind: 'failed', ...error(500, 'server_error', null, 'The server had an error') },
    { name: 'overload', kind: 'overload', ...error(503, 'service_unavailable_error', null, 'Overloaded') },
    { name: 'page of a proxy', kind: 'failed', status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' },
    { name: 'page in place of an answer', kind: 'failed', status: 200, body: '<html>maintenance</html>' },
    { name: 'redirect', kind: 'failed', status: 302, body: '', headers: { location: 'https://elsewhere.example/' } },
    {
      name: 'failure in a stream',
      kind: 'failed',
      place: 'late',
      ...error(200, 'server_error', null, 'The server had an error processing your request'),
    },
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
    refusal: error(400, 'invalid_request_error', null, "Invalid 'input': at most 2048 items"),
  },
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

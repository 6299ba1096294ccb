import type { Dialect, Json } from '../dialect.ts';
import { openAiError, PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';

const LIMITS = {
  'x-ratelimit-limit-requests': '60',
  'x-ratelimit-remaining-requests': '0',
  'x-ratelimit-reset-requests': '7s',
};
/** Of two limits the one that is used up counts. */
const RESETS = {
  'x-ratelimit-remaining-requests': '0',
  'x-ratelimit-reset-requests': '2s',
  'x-ratelimit-remaining-tokens': '149984',
  'x-ratelimit-reset-tokens': '6m0s',
};

const wrongKey = { message: 'Incorrect API key provided: sk-scri*****pted.', code: 'invalid_api_key' };
const region = { type: 'request_forbidden', code: 'unsupported_country_region_territory' };
const noModel = { message: 'The model `gpt-4.1-mini` does not exist', code: 'model_not_found' };
const tooLong = { message: 'maximum context length is 128 tokens', code: 'context_length_exceeded' };
const filtered = { message: 'rejected by the safety system', code: 'content_policy_violation' };
const limited = { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' };
const failed = { message: 'The server had an error', type: 'server_error' };
const overloaded = { message: 'Overloaded', type: 'service_unavailable_error' };

const noQuota = {
  message: 'You exceeded your current quota, please check your plan and billing details.',
  type: 'insufficient_quota',
  code: 'insufficient_quota',
};

/** Models that think refuse the old name of the limit, and any temperature of a client's while they do. */
function refusedByReasoning({
  model,
  reasoning_effort,
  ...body
}: Json): { param: string; message: string } | undefined {
  if (!/^(?:o3|gpt-5-mini)$/.test(String(model))) return undefined;
  if ('max_tokens' in body)
    return { param: 'max_tokens', message: "Unsupported parameter: use 'max_completion_tokens'" };
  if (reasoning_effort === 'none') return undefined;
  const fixed = ['temperature', 'top_p'].find((name) => (body[name] ?? 1) !== 1);
  const absent = ['presence_penalty', 'frequency_penalty', 'logprobs', 'top_logprobs', 'logit_bias'];
  const param = fixed ?? absent.find((name) => name in body);
  return param === undefined ? undefined : { param, message: 'Unsupported value with this model' };
}

/** OpenAI itself, under its own name: what its models refuse holds there alone. */
export const dialect: Dialect = {
  vendor: 'OpenAI',
  plugin: 'proxy-openai',
  sources: [
    { of: 'requests, answers, chunks', at: 'github.com/openai/openai-openapi, version 2.3.0', seen: '2026-11-23' },
    { of: 'errors, limits, retries', at: 'github.com/openai/openai-node 7.5.0 and the guides', seen: '2026-11-23' },
    { of: 'resets of limits', at: 'platform.openai.com/docs/guides/rate-limits', seen: '2026-11-23' },
    { of: 'reasoning models', at: 'platform.openai.com/docs/guides/reasoning', seen: '2026-11-23' },
  ],
  host: 'api.openai.com',
  base: '/v1',
  auth: { kind: 'bearer' },
  key: 'sk-scripted',
  models: { chat: 'gpt-4.1-mini', embeddings: 'text-embedding-3-small' },
  list: openAiList,
  request: {
    refuses: ['top_k', 'enable_thinking'],
    ranges: { temperature: { min: 0, max: 2 }, top_p: { min: 0, max: 1 } },
    check: refusedByReasoning,
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
    { name: 'limit told by resets', kind: 'rate', retryAfterS: 2, ...openAiError(429, limited, RESETS) },
    { name: 'no quota', kind: 'credential', ...openAiError(429, noQuota) },
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
    {
      name: 'an old limit for gpt-5',
      model: 'gpt-5-mini',
      sends: { max_tokens: 64, reasoning_effort: 'low' },
      arrives: { max_completion_tokens: 64, reasoning_effort: 'low' },
    },
    {
      name: 'a temperature for gpt-5',
      model: 'gpt-5-mini',
      sends: { temperature: 0.2, top_p: 0.9 },
      arrives: { temperature: 1, top_p: 1 },
      adjusted: ['temperature', 'top_p'],
    },
    {
      name: 'a temperature for gpt-5 that does not think',
      model: 'gpt-5-mini',
      sends: { temperature: 0.2, reasoning_effort: 'none' },
      arrives: { temperature: 0.2, reasoning_effort: 'none' },
    },
    {
      name: 'all that o3 does not take',
      model: 'o3',
      sends: { max_tokens: 64, temperature: 0, presence_penalty: 0.5, logprobs: true, logit_bias: { 5: 1 } },
      arrives: { max_completion_tokens: 64, temperature: 1 },
      adjusted: ['temperature', 'presence_penalty', 'logprobs', 'logit_bias'],
    },
    {
      name: 'a temperature for a gpt-5 that chats',
      model: 'gpt-5-chat-latest',
      sends: { temperature: 0.2, max_tokens: 64 },
      arrives: { temperature: 0.2, max_tokens: 64 },
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

import type { ChunkPlace, Dialect, Json } from '../dialect.ts';
import { openAiError, PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';
import { USAGE } from '../said.ts';

const ID = 'req_01jscripted';

/** Its own id stands in the first chunk, and usage in the last one with a choice, asked or not. */
function ownFields(chunk: Json, { isFirst, isLast }: ChunkPlace): Json {
  if (isFirst) return { ...chunk, x_groq: { id: ID } };
  return isLast ? { ...chunk, x_groq: { id: ID, usage: { ...USAGE } } } : chunk;
}

const limits = { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '7.66s' };
const limited = { message: 'Rate limit reached for model in organization on tokens per minute', type: 'tokens' };
const tooLarge = { ...limited, message: 'Request too large for model on tokens per minute (TPM): Limit 6000' };
const noTool = { message: 'Failed to call a function. Please adjust your prompt.', code: 'tool_use_failed' };
const noModel = { message: 'The model `llama-0` does not exist', code: 'model_not_found' };
const tooLong = { message: 'Please reduce the length of the messages.', code: 'context_length_exceeded' };

/** Groq. */
export const dialect: Dialect = {
  vendor: 'Groq',
  plugin: 'proxy-openai',
  sources: [
    { of: 'address, fields that it refuses', at: 'console.groq.com/docs/openai', seen: '2026-11-28' },
    { of: 'statuses of errors', at: 'console.groq.com/docs/errors', seen: '2026-11-28' },
    { of: 'a prompt above the limit', at: 'github.com/assafelovic/gpt-researcher/issues/985', seen: '2026-11-28' },
    { of: 'x_groq; words and codes of the other errors', at: 'not confirmed at the vendor', seen: '2026-11-28' },
  ],
  base: '/openai/v1',
  auth: { kind: 'bearer' },
  key: 'gsk_scripted',
  models: { chat: 'openai/gpt-oss-120b' },
  list: openAiList,
  request: {
    refuses: ['logprobs', 'logit_bias', 'top_logprobs', 'top_k'],
    ranges: { n: { min: 1, max: 1 }, temperature: { min: 0, max: 2 } },
    refusal: (param, message) => openAiError(400, { message: `'${param}' : ${message}` }),
  },
  stream: { usage: 'asked' },
  reply: (reply) => ({ ...reply, x_groq: { id: ID }, service_tier: 'on_demand' }),
  chunk: ownFields,
  finishes: { stop: 'stop', length: 'length' },
  reasoning: 'reasoning',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: false,
  errors: [
    {
      name: 'wrong key',
      kind: 'credential',
      ...openAiError(401, { message: 'Invalid API Key', code: 'invalid_api_key' }),
    },
    {
      name: 'no permission',
      kind: 'credential',
      ...openAiError(403, { message: 'Forbidden', code: 'model_permission_blocked_org' }),
    },
    { name: 'model not there', kind: 'model', ...openAiError(404, noModel) },
    { name: 'prompt too long', kind: 'context', ...openAiError(400, tooLong) },
    { name: 'bad parameter', kind: 'request', ...openAiError(400, { message: "property 'top_k' is unsupported" }) },
    { name: 'call that is none', kind: 'request', ...openAiError(400, noTool) },
    {
      name: 'prompt above the limit',
      kind: 'too large',
      ...openAiError(413, { ...tooLarge, code: 'rate_limit_exceeded' }),
    },
    { name: 'no meaning', kind: 'request', ...openAiError(422, { message: 'Unprocessable Entity' }) },
    {
      name: 'too many requests',
      kind: 'rate',
      retryAfterS: 8,
      ...openAiError(429, { ...limited, code: 'rate_limit_exceeded' }, { ...limits, 'retry-after': '8' }),
    },
    {
      name: 'limit told by resets',
      kind: 'rate',
      retryAfterS: 8,
      ...openAiError(429, { ...limited, code: 'rate_limit_exceeded' }, limits),
    },
    {
      name: 'no flexible capacity',
      kind: 'overload',
      ...openAiError(498, { message: 'capacity', code: 'capacity_exceeded' }),
    },
    {
      name: 'failure',
      kind: 'failed',
      ...openAiError(500, { message: 'Internal Server Error', type: 'internal_server_error' }),
    },
    {
      name: 'overload',
      kind: 'overload',
      ...openAiError(503, { message: 'Over capacity', type: 'service_unavailable' }),
    },
    {
      name: 'failure in a stream',
      kind: 'failed',
      place: 'late',
      ...openAiError(200, { message: 'failed', type: 'server_error' }),
    },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what Groq knows',
      sends: { temperature: 0, reasoning_format: 'parsed', reasoning_effort: 'low', service_tier: 'flex' },
      arrives: { temperature: 0, reasoning_format: 'parsed', reasoning_effort: 'low', service_tier: 'flex' },
    },
  ],
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

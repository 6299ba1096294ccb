import type { Dialect, Json } from '../dialect.ts';
import { openAiError, PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';
import { list, record } from '../reading.ts';

const error = (status: number, type: string, message: string, headers = {}) => ({
  status,
  headers,
  body: { error: { message, type } },
});

function withoutThoughts({ messages }: Json): { param: string; message: string } | undefined {
  const at = list(messages).findIndex((message) => {
    const { tool_calls, reasoning_content } = record(message) ?? {};
    return list(tool_calls).length > 0 && typeof reasoning_content !== 'string';
  });
  if (at === -1) return undefined;
  const where = `assistant tool call message at index ${at}`;
  return { param: 'messages', message: `thinking is enabled but reasoning_content is missing in ${where}` };
}

const cached = (answer: Json): Json =>
  record(answer.usage) ? { ...answer, usage: { ...record(answer.usage), cached_tokens: 4 } } : answer;

/** Moonshot's Kimi, thinking. */
export const dialect: Dialect = {
  vendor: 'Moonshot (Kimi)',
  name: 'Moonshot',
  plugin: 'proxy-moonshot',
  sources: [
    { of: 'requests, chunks', at: 'platform.kimi.ai/docs/api/chat', seen: '2026-11-23' },
    { of: 'errors', at: 'platform.kimi.ai/docs/api/errors', seen: '2026-11-28' },
    { of: 'thoughts of a history', at: 'kimi.com/code/docs/en/kimi-code/error-reference.html', seen: '2026-11-28' },
  ],
  base: '/v1',
  auth: { kind: 'bearer' },
  key: 'sk-scripted',
  models: { chat: 'kimi-k2.6' },
  list: openAiList,
  request: { check: withoutThoughts, refusal: (_, message) => openAiError(400, { message, code: null }) },
  stream: { usage: 'asked' },
  reply: cached,
  chunk: cached,
  callId: (n) => `look:${n}`,
  finishes: { stop: 'stop', length: 'length', content_filter: 'content_filter' },
  reasoning: 'reasoning_content',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: true,
  errors: [
    { name: 'wrong key', kind: 'credential', ...error(401, 'incorrect_api_key_error', 'Incorrect API key provided') },
    {
      name: 'key of the other platform',
      kind: 'credential',
      ...error(401, 'invalid_authentication_error', 'Invalid Authentication'),
    },
    {
      name: 'no balance',
      kind: 'credential',
      ...error(429, 'exceeded_current_quota_error', 'Your account is suspended, please recharge'),
    },
    {
      name: 'not permitted',
      kind: 'credential',
      ...error(403, 'permission_denied_error', 'The API you are accessing is not open'),
    },
    {
      name: 'model not there',
      kind: 'model',
      ...error(404, 'resource_not_found_error', 'Not found the model or Permission denied'),
    },
    {
      name: 'prompt too long',
      kind: 'context',
      ...error(400, 'invalid_request_error', 'Your request exceeded model token limit : 128'),
    },
    {
      name: 'refused content',
      kind: 'filter',
      ...error(400, 'content_filter', 'The request was rejected because it was considered high risk'),
    },
    { name: 'bad parameter', kind: 'request', ...error(400, 'invalid_request_error', 'Invalid request: temperature') },
    {
      name: 'too many requests',
      kind: 'rate',
      ...error(429, 'rate_limit_reached_error', 'max RPM: 3, please try again after 1 seconds'),
    },
    {
      name: 'overload',
      kind: 'overload',
      ...error(429, 'engine_overloaded_error', 'The engine is currently overloaded'),
    },
    { name: 'failure', kind: 'failed', ...error(500, 'server_error', 'Failed to extract file') },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what Kimi knows',
      sends: { max_tokens: 64, thinking: { type: 'enabled' } },
      arrives: { max_tokens: 64, thinking: { type: 'enabled' } },
    },
  ],
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

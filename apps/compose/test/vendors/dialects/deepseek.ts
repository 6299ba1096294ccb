import type { Dialect, Json } from '../dialect.ts';
import { openAiError, PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';
import { list, record } from '../reading.ts';

/** While it thinks, it wants the thoughts of earlier tool calls back. */
function withoutThoughts({ messages }: Json): { param: string; message: string } | undefined {
  const at = list(messages).findIndex((message) => {
    const { tool_calls, reasoning_content } = record(message) ?? {};
    return list(tool_calls).length > 0 && typeof reasoning_content !== 'string';
  });
  if (at === -1) return undefined;
  return { param: 'messages', message: 'The `reasoning_content` in the thinking mode must be passed back to the API.' };
}

const tooLong = { message: "This model's maximum context length is 128 tokens." };

/** DeepSeek, thinking. */
export const dialect: Dialect = {
  vendor: 'DeepSeek',
  plugin: 'proxy-deepseek',
  sources: [
    { of: 'requests, signs of life', at: 'api-docs.deepseek.com/api/create-chat-completion', seen: '2026-11-23' },
    { of: 'errors', at: 'api-docs.deepseek.com/quick_start/error_codes', seen: '2026-11-23' },
    { of: 'thoughts of a history', at: 'api-docs.deepseek.com/guides/thinking_mode', seen: '2026-11-23' },
    {
      of: 'the words of that refusal',
      at: 'github.com/JohnnyZ93/oai-compatible-copilot/issues/215',
      seen: '2026-11-28',
    },
  ],
  base: '',
  auth: { kind: 'bearer' },
  key: 'sk-scripted',
  models: { chat: 'deepseek-v4-flash' },
  list: openAiList,
  request: {
    ranges: { temperature: { min: 0, max: 2 } },
    check: withoutThoughts,
    refusal: (_, message) => openAiError(400, { message, code: 'invalid_request_error' }),
  },
  stream: { usage: 'asked', keepAlive: ': keep-alive\n\n' },
  blanks: '\n\n',
  finishes: { stop: 'stop', length: 'length', content_filter: 'content_filter' },
  reasoning: 'reasoning_content',
  tools: true,
  images: false,
  n: false,
  errors: [
    {
      name: 'wrong key',
      kind: 'credential',
      ...openAiError(401, {
        message: 'Authentication Fails',
        type: 'authentication_error',
        code: 'invalid_request_error',
      }),
    },
    {
      name: 'no balance',
      kind: 'credential',
      ...openAiError(402, { message: 'Insufficient Balance', type: 'unknown_error', code: 'invalid_request_error' }),
    },
    {
      name: 'bad parameter',
      kind: 'request',
      ...openAiError(422, { message: 'Invalid top_p value', code: 'invalid_request_error' }),
    },
    { name: 'prompt too long', kind: 'context', ...openAiError(400, { ...tooLong, code: 'invalid_request_error' }) },
    {
      name: 'too many at once',
      kind: 'rate',
      ...openAiError(429, { message: 'Rate limit reached', type: 'rate_limit_reached' }),
    },
    { name: 'failure', kind: 'failed', ...openAiError(500, { message: 'Server error', type: 'server_error' }) },
    {
      name: 'overload',
      kind: 'overload',
      ...openAiError(503, { message: 'Service is too busy', type: 'service_unavailable_error' }),
    },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what DeepSeek knows',
      sends: { max_tokens: 64, thinking: { type: 'enabled' }, reasoning_effort: 'high', user_id: 'u1' },
      arrives: { max_tokens: 64, thinking: { type: 'enabled' }, reasoning_effort: 'high', user_id: 'u1' },
    },
  ],
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

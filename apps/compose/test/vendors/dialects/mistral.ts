import type { Dialect, Json, Refusal } from '../dialect.ts';
import { flatError, PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';
import { list, record } from '../reading.ts';

const TAKES = [
  ...['model', 'messages', 'temperature', 'top_p', 'max_tokens', 'stream', 'stop', 'random_seed', 'metadata'],
  ...['response_format', 'tools', 'tool_choice', 'presence_penalty', 'frequency_penalty', 'n', 'prediction'],
  ...['parallel_tool_calls', 'reasoning_effort', 'prompt_mode', 'guardrails', 'prompt_cache_key', 'service_tier'],
  'safe_prompt',
];
const OF_ASSISTANT = ['role', 'content', 'tool_calls', 'prefix'];

const forbidden = (field: string, msg: string, input: unknown): Refusal => ({
  status: 422,
  body: {
    object: 'error',
    message: { detail: [{ type: 'extra_forbidden', loc: ['body', field], msg, input }] },
    type: 'invalid_request_error',
    param: null,
    code: null,
  },
});

/** What Mistral refuses in a history. */
function faultOfHistory({ messages }: Json): { param: string; message: string } | undefined {
  for (const message of list(messages)) {
    const { role, tool_calls, tool_call_id, ...more } = record(message) ?? {};
    const ids = [...list(tool_calls).map((call) => record(call)?.id), ...(role === 'tool' ? [tool_call_id] : [])];
    const wrong = ids.find((id) => !/^[A-Za-z0-9]{9}$/.test(String(id)));
    if (wrong !== undefined) {
      const text = `Tool call id was ${wrong} but must be a-z, A-Z, 0-9, with a length of 9.`;
      return { param: 'messages', message: text };
    }
    const extra = role === 'assistant' ? Object.keys(more).find((name) => !OF_ASSISTANT.includes(name)) : undefined;
    if (extra !== undefined) return { param: `messages.assistant.${extra}`, message: 'Extra inputs are not permitted' };
  }
  const { role, prefix } = record(list(messages).at(-1)) ?? {};
  if (role !== 'assistant' || prefix === true) return undefined;
  return { param: 'messages', message: 'Expected last role User or Tool (or Assistant with prefix True) for serving' };
}

/** Calls have an index in whole answers too, and no type. */
function untyped(answer: Json): Json {
  const choices = list(answer.choices).map((choice) => {
    const { delta, message, ...more } = record(choice) ?? {};
    const { tool_calls, ...said } = record(delta ?? message) ?? {};
    const calls = list(tool_calls).map((call, index) => {
      const { type: _type, ...rest } = record(call) ?? {};
      return { index, ...rest };
    });
    const own = tool_calls === undefined ? said : { ...said, tool_calls: calls };
    return { ...more, ...(delta === undefined ? { message: own } : { delta: own }) };
  });
  return { ...answer, choices };
}

const limited = { message: 'Rate limit exceeded', type: 'rate_limited', code: '1300' };
const full = {
  message: 'Service tier capacity exceeded for this model.',
  type: 'service_tier_capacity_exceeded',
  code: '3505',
};
const tooLong = {
  message: 'Prompt contains 9 tokens, too large for model with 8 maximum context length',
  type: 'invalid_request_prompt',
  code: '3051',
};

/** Mistral. */
export const dialect: Dialect = {
  vendor: 'Mistral',
  plugin: 'proxy-mistral',
  sources: [
    { of: 'requests, answers, chunks', at: '@mistralai/mistralai 2.7.0', seen: '2026-11-28' },
    {
      of: 'refused fields',
      at: 'github.com/Gage-Technologies/mistral-go/issues/3, charmbracelet/crush/issues/1590',
      seen: '2026-11-28',
    },
    { of: 'ids of tool calls', at: 'github.com/nearai/ironclaw/issues/1241', seen: '2026-11-28' },
  ],
  base: '/v1',
  auth: { kind: 'bearer' },
  key: 'scripted-mistral-key',
  models: { chat: 'mistral-medium-latest', embeddings: 'mistral-embed' },
  list: openAiList,
  request: { takes: TAKES, check: faultOfHistory, refusal: forbidden },
  stream: { usage: 'last', calls: 'whole', finish: 'with content' },
  reply: untyped,
  chunk: untyped,
  callId: (n) => `mistral${String(n).padStart(2, '0')}`,
  finishes: { stop: 'stop', length: 'length', model_length: 'length' },
  reasoning: 'parts',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: true,
  errors: [
    { name: 'wrong key', kind: 'credential', status: 401, body: { detail: 'Unauthorized' } },
    {
      name: 'no credit',
      kind: 'credential',
      ...flatError(402, { message: 'Payment required', type: 'payment_required' }),
    },
    {
      name: 'model not there',
      kind: 'model',
      ...flatError(400, { message: 'Invalid model: none', type: 'invalid_model', code: '1500' }),
    },
    { name: 'prompt too long', kind: 'context', ...flatError(400, tooLong) },
    { name: 'field not taken', kind: 'request', ...forbidden('logprobs', 'Extra inputs are not permitted', true) },
    { name: 'too many requests', kind: 'rate', retryAfterS: 7, ...flatError(429, limited, { 'retry-after': '7' }) },
    { name: 'tier full', kind: 'rate', ...flatError(429, full) },
    {
      name: 'failure',
      kind: 'failed',
      ...flatError(500, { message: 'Internal server error', type: 'internal_server_error', code: '1000' }),
    },
    {
      name: 'overload',
      kind: 'overload',
      ...flatError(503, { message: 'Service unavailable.', type: 'unreachable_backend', code: '1100' }),
    },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    { name: 'other names', sends: { seed: 5, max_completion_tokens: 64 }, arrives: { random_seed: 5, max_tokens: 64 } },
    {
      name: 'what Mistral knows',
      sends: { temperature: 0.5, stop: ['\n'], presence_penalty: 0.1, safe_prompt: true },
      arrives: { temperature: 0.5, stop: ['\n'], presence_penalty: 0.1, safe_prompt: true },
    },
    {
      name: 'what Mistral has not',
      sends: { user: 'u1', logit_bias: { 5: 1 } },
      arrives: {},
      adjusted: ['user', 'logit_bias'],
    },
  ],
  embeddings: {
    path: '/embeddings',
    batch: 2048,
    base64: true,
    refusal: flatError(400, { message: 'Batch size too large.', type: 'invalid_request_batch' }),
  },
  witness: {
    sdk: 'mistral',
    differences: { stream: 'the SDK sends `stream: false` unasked; absent means the same' },
  },
};

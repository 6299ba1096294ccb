import type { Dialect, Json, Refusal } from '../dialect.ts';
import { PROXY_ROWS } from '../error-shapes.ts';
import { list, record } from '../reading.ts';

const error = (status: number, name: string, message: string, details: readonly Json[] = []): Refusal => ({
  status,
  body: [{ error: { code: status, message, status: name, ...(details.length > 0 ? { details } : {}) } }],
});

const INFO = 'type.googleapis.com/google.rpc.ErrorInfo';
const RETRY = 'type.googleapis.com/google.rpc.RetryInfo';
/** What stands in for the signature of a call that another model made. */
const NO_SIGNATURE = 'skip_thought_signature_validator';

const signed = (call: Json, at: number): Json =>
  at === 0 ? { extra_content: { google: { thought_signature: `sig-${call.id}` } }, ...call } : call;

/** Tool calls as Gemini gives them: without index, the first of an answer signed. */
function calls(message: Json): Json {
  if (!Array.isArray(message.tool_calls)) return message;
  const tool_calls = list(message.tool_calls).map((call, at) => {
    const { index, ...more } = record(call) ?? {};
    return signed(more, typeof index === 'number' ? index : at);
  });
  return { ...message, tool_calls };
}

const choices = (answer: Json, field: 'message' | 'delta'): Json[] =>
  list(answer.choices).map((choice) => {
    const { finish_reason, ...more } = record(choice) ?? {};
    const said = { [field]: calls(record(more[field]) ?? {}) };
    return { ...more, ...said, ...(finish_reason === null ? {} : { finish_reason }) };
  });

/** The first call of each answer in the history must carry its signature. */
function unsigned({ messages }: Json): { param: string; message: string } | undefined {
  for (const message of list(messages)) {
    const [first] = list(record(message)?.tool_calls);
    if (!first) continue;
    const { id, extra_content: extra } = record(first) ?? {};
    const signature = record(record(extra)?.google)?.thought_signature;
    if (signature !== `sig-${id}` && signature !== NO_SIGNATURE) {
      return { param: 'messages', message: 'Function call is missing a thought_signature in functionCall parts.' };
    }
  }
  return undefined;
}

/** Gemini's OpenAI surface. */
export const dialect: Dialect = {
  vendor: 'Google Gemini',
  name: 'Gemini',
  plugin: 'proxy-google',
  sources: [
    { of: 'paths, fields', at: 'ai.google.dev/gemini-api/docs/openai', seen: '2026-11-23' },
    { of: 'errors', at: 'ai.google.dev/gemini-api/docs/troubleshooting', seen: '2026-11-23' },
    { of: 'signatures', at: 'ai.google.dev/gemini-api/docs/thought-signatures', seen: '2026-11-23' },
    { of: 'chunks of tool calls, as captured', at: 'github.com/THU-MAIC/OpenMAIC/issues/1556', seen: '2026-11-28' },
    {
      of: 'an answer with tool calls ends with stop',
      at: 'github.com/open-webui/computer/issues/224',
      seen: '2026-11-28',
    },
  ],
  base: '/v1beta/openai',
  auth: { kind: 'bearer' },
  key: 'AIza-scripted',
  models: { chat: 'gemini-3.5-flash', embeddings: 'gemini-embedding-001' },
  list: (models) => ({
    object: 'list',
    data: models.map((id) => ({ id: `models/${id}`, object: 'model', owned_by: 'google' })),
  }),
  request: { check: unsigned, refusal: (_, message) => error(400, 'INVALID_ARGUMENT', message) },
  stream: { usage: 'asked', role: 'every', finish: 'with content', calls: 'whole' },
  reply: (reply) => ({ ...reply, choices: choices(reply, 'message') }),
  chunk: (chunk) => ({ ...chunk, choices: choices(chunk, 'delta') }),
  callId: (n) => `function-call-${8_000 + n}`,
  finishes: { stop: 'stop', length: 'length', content_filter: 'content_filter' },
  finishOfTools: 'stop',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: true,
  errors: [
    {
      name: 'wrong key',
      kind: 'credential',
      ...error(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
        { '@type': INFO, reason: 'API_KEY_INVALID', domain: 'googleapis.com' },
      ]),
    },
    {
      name: 'no credentials',
      kind: 'credential',
      ...error(401, 'UNAUTHENTICATED', 'Request had invalid credentials.'),
    },
    {
      name: 'not permitted',
      kind: 'credential',
      ...error(403, 'PERMISSION_DENIED', 'The caller does not have permission'),
    },
    { name: 'model not there', kind: 'model', ...error(404, 'NOT_FOUND', 'models/gemini-1.0-pro is not found') },
    { name: 'bad parameter', kind: 'request', ...error(400, 'INVALID_ARGUMENT', 'Invalid value at temperature') },
    {
      name: 'prompt too long',
      kind: 'context',
      ...error(400, 'INVALID_ARGUMENT', 'The input token count (9) exceeds the maximum number of tokens allowed (8).'),
    },
    {
      name: 'too many requests',
      kind: 'rate',
      retryAfterS: 12,
      ...error(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota', [{ '@type': RETRY, retryDelay: '12s' }]),
    },
    { name: 'failure', kind: 'failed', ...error(500, 'INTERNAL', 'An internal error has occurred') },
    { name: 'overload', kind: 'overload', ...error(503, 'UNAVAILABLE', 'The model is overloaded.') },
    { name: 'deadline', kind: 'timeout', ...error(504, 'DEADLINE_EXCEEDED', 'Deadline expired') },
    { name: 'failure in a stream', kind: 'overload', place: 'late', ...error(503, 'UNAVAILABLE', 'overloaded') },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what Gemini knows',
      sends: {
        temperature: 0.5,
        max_tokens: 64,
        reasoning_effort: 'low',
        extra_body: { google: { cached_content: 'c' } },
      },
      arrives: {
        temperature: 0.5,
        max_tokens: 64,
        reasoning_effort: 'low',
        extra_body: { google: { cached_content: 'c' } },
      },
    },
  ],
  embeddings: {
    path: '/embeddings',
    batch: 100,
    base64: false,
    refusal: error(400, 'INVALID_ARGUMENT', 'at most 100 requests can be in one batch'),
  },
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

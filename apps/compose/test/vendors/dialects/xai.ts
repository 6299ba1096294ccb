import type { Dialect, Refusal } from '../dialect.ts';
import { PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';

const INVALID = 'Client specified an invalid argument';

/** `{"code","error"}`, both of them texts. */
const error = (status: number, code: string, text: string): Refusal => ({ status, body: { code, error: text } });

/** xAI. */
export const dialect: Dialect = {
  vendor: 'xAI',
  plugin: 'proxy-openai',
  sources: [
    { of: 'statuses of errors: 400 for a wrong key too', at: 'docs.x.ai/developers/debugging', seen: '2026-11-28' },
    { of: 'the words of a wrong key', at: 'github.com/i-am-bee/beeai-framework/issues/447', seen: '2026-11-28' },
    { of: 'no credits', at: 'github.com/griptape-ai/griptape-nodes-engine/issues/1079', seen: '2026-11-28' },
    { of: 'prompts that are too long', at: 'github.com/cline/cline/issues/3120', seen: '2026-11-28' },
    { of: 'what its models refuse; words of the other errors', at: 'not confirmed at the vendor', seen: '2026-11-28' },
  ],
  base: '/v1',
  auth: { kind: 'bearer' },
  key: 'xai-scripted',
  models: { chat: 'grok-4.3' },
  list: openAiList,
  request: {
    refuses: ['presence_penalty', 'frequency_penalty', 'stop'],
    ranges: { temperature: { min: 0, max: 2 } },
    refusal: (param) => error(400, INVALID, `Model grok-4.3 does not support parameter ${param}.`),
  },
  stream: { usage: 'asked' },
  chunk: (chunk) => ({ ...chunk, system_fingerprint: 'fp_1' }),
  finishes: { stop: 'stop', length: 'length' },
  reasoning: 'reasoning_content',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: true,
  errors: [
    {
      name: 'wrong key',
      kind: 'credential',
      ...error(
        400,
        INVALID,
        'Incorrect API key provided: xa***ed. You can obtain an API key from https://console.x.ai.',
      ),
    },
    { name: 'no key', kind: 'credential', ...error(401, 'Unauthorized', 'No authorization header') },
    {
      name: 'no credits',
      kind: 'credential',
      ...error(403, 'The caller does not have permission', "Your team doesn't have any credits yet."),
    },
    { name: 'model not there', kind: 'model', ...error(404, 'Not found', 'The model grok-0 does not exist') },
    { name: 'bad parameter', kind: 'request', ...error(400, INVALID, 'temperature must be between 0 and 2') },
    {
      name: 'prompt too long',
      kind: 'context',
      ...error(400, INVALID, "This model's maximum prompt length is 131072 but the request contains 200000 tokens."),
    },
    { name: 'body that is none', kind: 'request', ...error(422, 'Unprocessable', 'missing field `messages`') },
    { name: 'too many requests', kind: 'rate', ...error(429, 'Too many requests', 'Rate limit reached') },
    { name: 'failure', kind: 'failed', ...error(500, 'Internal', 'Internal error') },
    { name: 'overload', kind: 'overload', ...error(503, 'Unavailable', 'The service is currently unavailable') },
    { name: 'failure in a stream', kind: 'failed', place: 'late', ...error(200, 'Internal', 'stream failed') },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what xAI knows',
      sends: { temperature: 0.5, reasoning_effort: 'high', search_parameters: { mode: 'auto' } },
      arrives: { temperature: 0.5, reasoning_effort: 'high', search_parameters: { mode: 'auto' } },
    },
  ],
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

import type { Dialect, Json, Refusal } from '../dialect.ts';
import { PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';
import { list, record } from '../reading.ts';

const error = (status: number, error_type: string, text: string): Refusal => ({
  status,
  body: { error: text, error_type },
});

const text = (status: number, message: string): Refusal => ({
  status,
  body: message,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
});

/** No id, and no content beside tool calls. */
function shaped(answer: Json): Json {
  const choices = list(answer.choices).map((choice) => {
    const { message, ...more } = record(choice) ?? {};
    const { content, ...said } = record(message) ?? {};
    if (message === undefined) return { ...more, logprobs: null };
    return { ...more, logprobs: null, message: said.tool_calls === undefined ? message : said };
  });
  return { ...answer, id: '', system_fingerprint: '3.3.7-native', choices };
}

/** Fields whose form differs from OpenAI's are refused by the parser, in plain text. */
function misshapen({ stop, response_format }: Json): { param: string; message: string } | undefined {
  if (stop !== undefined && !Array.isArray(stop))
    return { param: 'stop', message: 'invalid type: expected a sequence' };
  const { type, value } = record(response_format) ?? {};
  if (type !== undefined && value === undefined) return { param: 'response_format', message: 'missing field `value`' };
  return undefined;
}

/** Hugging Face TGI, Messages API. Its repository is frozen, and so is this. */
export const dialect: Dialect = {
  vendor: 'TGI',
  plugin: 'tgi',
  sources: [
    {
      of: 'requests, answers, errors',
      at: 'github.com/huggingface/text-generation-inference 3.3.7, router/src',
      seen: '2026-11-23',
    },
    { of: 'paths', at: '@huggingface/inference 4.13.30', seen: '2026-11-28' },
  ],
  base: '/v1',
  nameOption: 'none',
  auth: { kind: 'bearer' },
  key: 'scripted-tgi-key',
  models: { chat: 'tgi' },
  list: openAiList,
  request: {
    ranges: { top_p: { above: 0, below: 1 } },
    check: misshapen,
    refusal: (param, message) =>
      param === 'top_p'
        ? error(422, 'validation', 'Input validation error: `top_p` must be > 0.0 and < 1.0')
        : text(422, `Failed to deserialize the JSON body into the target type: ${param}: ${message}`),
  },
  stream: { usage: 'asked', role: 'every', finish: 'with content', calls: 'whole', keepAlive: ':\n\n' },
  reply: shaped,
  chunk: shaped,
  callId: String,
  finishes: { stop: 'stop', length: 'length', stop_sequence: 'stop', eos_token: 'stop' },
  finishOfTools: 'stop',
  tools: true,
  parallelTools: false,
  jsonSchema: ({ json_schema }) => ({ type: 'json_schema', value: json_schema }),
  images: true,
  n: false,
  errors: [
    { name: 'wrong key', kind: 'credential', status: 401, body: '' },
    {
      name: 'prompt too long',
      kind: 'context',
      ...error(422, 'validation', 'Input validation error: `inputs` must have less than 128 tokens. Given: 129'),
    },
    {
      name: 'bad parameter',
      kind: 'request',
      ...error(422, 'validation', 'Input validation error: `temperature` must be positive'),
    },
    { name: 'bad form', kind: 'request', ...text(422, 'Failed to deserialize the JSON body into the target type') },
    { name: 'tool error', kind: 'request', ...error(422, 'tool_error', 'Tool error: no such tool') },
    {
      name: 'shard failed',
      kind: 'failed',
      ...error(424, 'generation', 'Request failed during generation: CUDA error'),
    },
    { name: 'overloaded', kind: 'rate', ...error(429, 'overloaded', 'Model is overloaded') },
    { name: 'incomplete', kind: 'failed', ...error(500, 'incomplete_generation', 'Incomplete generation') },
    { name: 'unhealthy', kind: 'overload', ...error(503, 'healthcheck', 'unhealthy') },
    {
      name: 'failure in a stream',
      kind: 'failed',
      place: 'late',
      status: 200,
      body: { error: { message: 'Request failed during generation', http_status_code: 424 } },
    },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    { name: 'one stop', sends: { stop: 'x' }, arrives: { stop: ['x'] } },
    {
      name: 'what TGI knows',
      sends: { temperature: 0.5, seed: 5, max_tokens: 64 },
      arrives: { temperature: 0.5, seed: 5, max_tokens: 64 },
    },
  ],
  witness: {
    sdk: 'huggingface',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

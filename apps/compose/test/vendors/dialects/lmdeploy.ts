import type { Dialect, Refusal } from '../dialect.ts';
import { flatError, PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';

const error = (status: number, message: string, type = 'invalid_request_error'): Refusal =>
  flatError(status, { message, type, code: status });

/** LMDeploy's api_server. */
export const dialect: Dialect = {
  vendor: 'LMDeploy',
  plugin: 'proxy-openai',
  sources: [
    {
      of: 'requests, checks, chunks, errors',
      at: 'github.com/InternLM/lmdeploy, lmdeploy/serve/openai (1263d5cd8, 2026-08-21)',
      seen: '2026-11-28',
    },
    { of: 'keys', at: 'the same, serve/utils/server_utils.py', seen: '2026-11-28' },
  ],
  base: '/v1',
  auth: { kind: 'bearer' },
  key: 'lmdeploy-scripted-key',
  models: { chat: 'internlm3-8b-instruct' },
  list: openAiList,
  request: {
    ranges: { temperature: { min: 0, max: 2 }, top_p: { above: 0, max: 1 }, top_k: { min: 0 } },
    refusal: (param, message, value) => error(400, `The ${param} \`${value}\`: ${message}`),
  },
  stream: { usage: 'asked' },
  finishes: { stop: 'stop', length: 'length' },
  reasoning: 'reasoning_content',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: true,
  errors: [
    { name: 'wrong key', kind: 'credential', ...error(401, 'Unauthorized', 'authentication_error') },
    { name: 'model not there', kind: 'model', ...error(404, 'The model `other` does not exist.', 'not_found_error') },
    { name: 'bad parameter', kind: 'request', ...error(400, 'The temperature 3.0 must be in [0, 2]') },
    {
      name: 'prompt too long',
      kind: 'context',
      ...error(400, 'The input exceeds the maximum context length of the session'),
    },
    { name: 'conflict', kind: 'request', ...error(409, "The session_id '7' is occupied.") },
    { name: 'asleep', kind: 'overload', ...error(503, 'Engine is sleeping; call POST /wakeup', 'server_error') },
    { name: 'failure', kind: 'failed', ...error(500, 'internal error', 'server_error') },
    { name: 'failure in a stream', kind: 'failed', place: 'late', ...error(500, 'internal error', 'server_error') },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what LMDeploy knows',
      sends: { top_k: 40, min_p: 0.05, repetition_penalty: 1.02, ignore_eos: false, session_id: 5 },
      arrives: { top_k: 40, min_p: 0.05, repetition_penalty: 1.02, ignore_eos: false, session_id: 5 },
    },
  ],
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

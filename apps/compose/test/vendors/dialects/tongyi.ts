import type { Dialect, Json } from '../dialect.ts';
import { openAiError, PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';
import { list, record } from '../reading.ts';

/** Later pieces of a tool call come with an empty id. */
function emptyIds(chunk: Json): Json {
  const choices = list(chunk.choices).map((choice) => {
    const { delta, ...more } = record(choice) ?? {};
    const { tool_calls, ...said } = record(delta) ?? {};
    if (tool_calls === undefined) return choice;
    const calls = list(tool_calls).map((call) => ({ id: '', type: 'function', ...record(call) }));
    return { ...more, delta: { ...said, tool_calls: calls } };
  });
  return { ...chunk, choices };
}

const wrongKey = { message: 'Incorrect API key provided.', code: 'invalid_api_key' };
const arrears = {
  message: 'Access denied, please make sure your account is in good standing.',
  type: 'Arrearage',
  code: 'Arrearage',
};
const unsafe = {
  message: 'Input data may contain inappropriate content.',
  type: 'data_inspection_failed',
  code: 'data_inspection_failed',
};
const noModel = {
  message: 'The model `qwen0` does not exist or you do not have access to it.',
  code: 'model_not_found',
};
const tooLong = { message: 'Range of input length should be [1, 30720]', code: 'invalid_parameter_error' };
const bad = { message: 'Temperature should be in [0.0, 2.0)', code: 'invalid_parameter_error' };
const limited = { message: 'You exceeded your current requests list.', type: 'limit_requests', code: 'limit_requests' };

/** Tongyi Qianwen (DashScope), compatible mode. */
export const dialect: Dialect = {
  vendor: 'Tongyi Qianwen',
  name: 'Tongyi',
  plugin: 'proxy-tongyi',
  sources: [
    {
      of: 'requests, chunks',
      at: 'help.aliyun.com/zh/model-studio/compatibility-of-openai-with-dashscope',
      seen: '2026-11-23',
    },
    { of: 'errors', at: 'alibabacloud.com/help/en/model-studio/error-code (of 2026-06-23)', seen: '2026-11-28' },
    { of: 'ranking', at: 'help.aliyun.com/zh/model-studio/text-rerank-api', seen: '2026-11-23' },
  ],
  base: '/compatible-mode/v1',
  auth: { kind: 'bearer' },
  key: 'sk-scripted',
  models: { chat: 'qwen3.7-plus', embeddings: 'text-embedding-v4' },
  list: openAiList,
  request: {
    ranges: { temperature: { min: 0, below: 2 } },
    check: ({ n, tools }) =>
      tools !== undefined && Number(n ?? 1) > 1 ? { param: 'n', message: 'n must be 1 with tools' } : undefined,
    refusal: (_, message) => openAiError(400, { message, code: 'invalid_parameter_error' }),
  },
  stream: { usage: 'asked' },
  chunk: emptyIds,
  finishes: { stop: 'stop', length: 'length' },
  reasoning: 'reasoning_content',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: true,
  errors: [
    { name: 'wrong key', kind: 'credential', ...openAiError(401, wrongKey) },
    { name: 'arrears', kind: 'credential', ...openAiError(400, arrears) },
    {
      name: 'no access',
      kind: 'credential',
      ...openAiError(403, { message: 'Access denied.', type: 'AccessDenied', code: 'AccessDenied' }),
    },
    { name: 'model not there', kind: 'model', ...openAiError(404, noModel) },
    { name: 'prompt too long', kind: 'context', ...openAiError(400, tooLong) },
    { name: 'refused content', kind: 'filter', ...openAiError(400, unsafe) },
    { name: 'bad parameter', kind: 'request', ...openAiError(400, bad) },
    { name: 'too many requests', kind: 'rate', ...openAiError(429, limited) },
    {
      name: 'too many tokens',
      kind: 'rate',
      ...openAiError(429, { message: 'throttled', code: 'Throttling.AllocationQuota' }),
    },
    {
      name: 'failure',
      kind: 'failed',
      ...openAiError(500, { message: 'An internal error', type: 'internal_error', code: 'internal_error' }),
    },
    {
      name: 'overload',
      kind: 'overload',
      ...openAiError(503, { message: 'Service unavailable', code: 'ServiceUnavailable' }),
    },
    { name: 'refused content in a stream', kind: 'filter', place: 'late', ...openAiError(200, unsafe) },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what Tongyi knows',
      sends: { temperature: 0.5, top_k: 20, seed: 5, enable_search: true, enable_thinking: false },
      arrives: { temperature: 0.5, top_k: 20, seed: 5, enable_search: true, enable_thinking: false },
    },
  ],
  embeddings: {
    path: '/embeddings',
    batch: 10,
    base64: false,
    refusal: openAiError(400, {
      message: 'batch size is invalid, it should not be larger than 10.',
      code: 'InvalidParameter',
    }),
  },
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

import type { Dialect, Refusal } from '../dialect.ts';
import { flatError, PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';

const TAKES = [
  ...['messages', 'model', 'frequency_penalty', 'logit_bias', 'logprobs', 'top_logprobs', 'max_completion_tokens'],
  ...['max_tokens', 'n', 'presence_penalty', 'response_format', 'seed', 'stop', 'stream', 'stream_options'],
  ...['temperature', 'top_p', 'tools', 'tool_choice', 'user', 'reasoning_effort', 'best_of', 'top_k', 'min_p'],
  ...['repetition_penalty', 'length_penalty', 'stop_token_ids', 'ignore_eos', 'min_tokens', 'skip_special_tokens'],
  ...['chat_template_kwargs', 'add_generation_prompt', 'echo', 'priority', 'disaggregated_params'],
];

const refused = (status: number, type: string, message: string): Refusal =>
  flatError(status, { message, type, code: status });

/** NVIDIA TensorRT-LLM, `trtllm-serve`. */
export const dialect: Dialect = {
  vendor: 'TensorRT-LLM (trtllm-serve)',
  name: 'trtllm-serve',
  plugin: 'tensorrt',
  sources: [
    { of: 'fields, errors, chunks', at: 'github.com/NVIDIA/TensorRT-LLM, tensorrt_llm/serve', seen: '2026-11-23' },
    { of: 'use', at: 'nvidia.github.io/TensorRT-LLM/commands/trtllm-serve', seen: '2026-11-23' },
  ],
  base: '/v1',
  nameOption: 'served',
  auth: { kind: 'none' },
  key: '',
  options: () => ({ server: 'trtllm-serve' }),
  models: { chat: 'llama' },
  list: openAiList,
  request: { takes: TAKES, refusal: (param, message) => ({ status: 400, body: { error: `${param}: ${message}` } }) },
  stream: { usage: 'asked' },
  finishes: { stop: 'stop', length: 'length' },
  reasoning: 'reasoning_content',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: true,
  errors: [
    { name: 'bad request', kind: 'request', ...refused(400, 'BadRequestError', 'best_of must be at least n') },
    { name: 'bad form', kind: 'request', status: 400, body: { error: '1 validation error' } },
    {
      name: 'prompt too long',
      kind: 'context',
      ...refused(400, 'BadRequestError', 'The prompt exceeds the maximum context length'),
    },
    { name: 'failure', kind: 'failed', ...refused(500, 'InternalServerError', 'executor failed') },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what it knows',
      sends: { temperature: 0.5, top_k: 20, seed: 5, user: 'u1' },
      arrives: { temperature: 0.5, top_k: 20, seed: 5, user: 'u1' },
    },
    {
      name: 'what it refuses',
      sends: { metadata: { a: 'b' }, store: true },
      arrives: {},
      adjusted: ['metadata', 'store'],
    },
  ],
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

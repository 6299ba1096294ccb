import type { Dialect, Refusal } from '../dialect.ts';
import { PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';

const error = (status: number, code: number, message: string): Refusal => ({
  status,
  body: { code, message, data: null },
});
/** A JSON text, and nothing around it. */
const bare = (status: number, text: string): Refusal => ({
  status,
  body: JSON.stringify(text),
  headers: { 'content-type': 'application/json' },
});

/** SiliconFlow; that of another country is another host with other keys. */
export const dialect: Dialect = {
  vendor: 'SiliconFlow',
  plugin: 'proxy-openai',
  sources: [
    { of: 'statuses and shape of errors', at: 'docs.siliconflow.com/en/faqs/error-code', seen: '2026-11-28' },
    {
      of: 'inputs of one call: 32 there, 64 as others saw it',
      at: 'github.com/infiniflow/ragflow/pull/14757, github.com/TideDra/zotero-arxiv-daily/pull/176',
      seen: '2026-11-28',
    },
    { of: 'ranking', at: 'gitcode.com/yeyuxx008/ViMax, tools/reranker_bge_silicon_api.py', seen: '2026-11-28' },
    { of: 'codes and words of the other errors', at: 'not confirmed at the vendor', seen: '2026-11-28' },
  ],
  base: '/v1',
  auth: { kind: 'bearer' },
  key: 'sk-scripted',
  options: () => ({ embeddingBatch: 32 }),
  models: { chat: 'Qwen/Qwen3-32B', embeddings: 'BAAI/bge-m3', rerank: 'BAAI/bge-reranker-v2-m3' },
  list: openAiList,
  request: {
    ranges: { temperature: { min: 0, max: 2 }, n: { min: 1, max: 1 } },
    refusal: (param, message) => error(400, 20_015, `${param}: ${message}`),
  },
  stream: { usage: 'every', role: 'every' },
  finishes: { stop: 'stop', length: 'length', content_filter: 'content_filter' },
  reasoning: 'reasoning_content',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: false,
  errors: [
    { name: 'wrong key', kind: 'credential', ...bare(401, 'Api key is invalid') },
    { name: 'no access', kind: 'credential', ...bare(403, 'Real-name verification is required') },
    { name: 'no balance', kind: 'credential', ...error(403, 30_001, 'Sorry, your account balance is insufficient') },
    {
      name: 'model not there',
      kind: 'model',
      ...error(400, 20_012, 'Model does not exist. Please check it carefully.'),
    },
    { name: 'bad parameter', kind: 'request', ...error(400, 20_015, 'The parameter is invalid. Please check again.') },
    {
      name: 'prompt too long',
      kind: 'context',
      ...error(400, 20_015, 'length of prompt_tokens (40000) must be less than max_seq_len: maximum context length'),
    },
    {
      name: 'too many requests',
      kind: 'rate',
      ...error(429, 50_603, 'Request was rejected due to rate limiting: RPM'),
    },
    { name: 'failure', kind: 'failed', ...error(500, 50_507, 'Unknown error') },
    { name: 'overload', kind: 'overload', ...error(503, 50_505, 'Model service overloaded. Please try again later.') },
    { name: 'out of time', kind: 'timeout', ...bare(504, 'Gateway Timeout') },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what SiliconFlow knows',
      sends: { temperature: 0.5, enable_thinking: false, thinking_budget: 512, min_p: 0.05, top_k: 50 },
      arrives: { temperature: 0.5, enable_thinking: false, thinking_budget: 512, min_p: 0.05, top_k: 50 },
    },
  ],
  embeddings: { path: '/embeddings', batch: 32, base64: true, refusal: error(413, 20_042, 'input batch size > 32') },
  rerank: {
    path: '/v1/rerank',
    answer: (results) => ({
      id: 'rerank-1',
      results: results.map((one) => ({ ...one, document: null })),
      meta: { tokens: { input_tokens: 12, output_tokens: 0 } },
    }),
  },
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

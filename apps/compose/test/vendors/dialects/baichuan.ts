import type { Dialect } from '../dialect.ts';
import { openAiError, PROXY_ROWS } from '../error-shapes.ts';

const wrongKey = { message: 'Incorrect API key provided', code: 'invalid_api_key' };
const noMoney = { message: 'Insufficient account balance, please recharge', code: 'insufficient_quota' };

/** Baichuan. */
export const dialect: Dialect = {
  vendor: 'Baichuan',
  plugin: 'proxy-baichuan',
  sources: [
    { of: 'requests, chunks, embeddings', at: 'platform.baichuan-ai.com/docs/api', seen: '2026-11-23' },
    { of: 'statuses of errors', at: 'f8cxtsvnr8.apifox.cn/apidoc/project-3794483/doc-3441122', seen: '2026-11-28' },
  ],
  base: '/v1',
  auth: { kind: 'bearer' },
  key: 'sk-scripted',
  models: { chat: 'Baichuan4-Turbo', embeddings: 'Baichuan-Text-Embedding' },
  request: {
    ranges: { temperature: { min: 0, max: 1 }, top_p: { min: 0, below: 1 }, top_k: { min: 0, max: 20 } },
    refusal: (param, message) => openAiError(400, { message, param }),
  },
  stream: { usage: 'last' },
  finishes: { stop: 'stop', length: 'length', content_filter: 'content_filter' },
  tools: true,
  images: false,
  n: false,
  errors: [
    { name: 'wrong key', kind: 'credential', ...openAiError(401, wrongKey) },
    { name: 'no balance', kind: 'credential', ...openAiError(429, noMoney) },
    {
      name: 'bad parameter',
      kind: 'request',
      ...openAiError(400, { message: 'Invalid parameters', param: 'messages' }),
    },
    {
      name: 'too many requests',
      kind: 'rate',
      ...openAiError(429, { message: 'Rate limit reached for requests', code: 'rate_limit_exceeded' }),
    },
    {
      name: 'failure',
      kind: 'failed',
      ...openAiError(500, { message: 'Internal Server Error', type: 'server_error' }),
    },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what Baichuan knows',
      sends: { temperature: 0.5, top_p: 0.5, top_k: 10, with_search_enhance: true },
      arrives: { temperature: 0.5, top_p: 0.5, top_k: 10, with_search_enhance: true },
    },
    { name: 'too warm', sends: { temperature: 1.5 }, arrives: { temperature: 1 }, adjusted: ['temperature'] },
    { name: 'too many candidates', sends: { top_k: 50 }, arrives: { top_k: 20 }, adjusted: ['top_k'] },
  ],
  embeddings: {
    path: '/embeddings',
    batch: 16,
    base64: false,
    refusal: openAiError(400, { message: 'at most 16 texts', param: 'input' }),
  },
  witness: { sdk: 'openai', differences: {} },
};

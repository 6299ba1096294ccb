import type { Dialect, Refusal } from '../dialect.ts';
import { PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';

const error = (status: number, code: string, message: string): Refusal => ({
  status,
  body: { error: { code, message } },
});

/** Zhipu GLM with the key as it is. */
export const dialect: Dialect = {
  vendor: 'Zhipu GLM',
  name: 'Zhipu',
  plugin: 'proxy-zhipu',
  sources: [
    { of: 'requests, finish reasons', at: 'docs.z.ai/api-reference/llm/chat-completion', seen: '2026-11-28' },
    { of: 'finish reasons', at: 'docs.bigmodel.cn/api-reference', seen: '2026-11-28' },
    { of: 'errors', at: 'docs.bigmodel.cn/cn/api/api-code', seen: '2026-11-23' },
  ],
  base: '/api/paas/v4',
  auth: { kind: 'bearer' },
  key: 'scripted-id.scripted-secret',
  models: { chat: 'glm-5.3', embeddings: 'embedding-3' },
  list: openAiList,
  request: {
    ranges: { temperature: { min: 0, max: 1 }, top_p: { min: 0, max: 1 } },
    refusal: (param) => error(400, '1210', `API 调用参数有误，请检查文档: ${param}`),
  },
  stream: { usage: 'last', role: 'every', calls: 'whole' },
  chunk: ({ object: _object, ...chunk }) => chunk,
  finishes: {
    stop: 'stop',
    length: 'length',
    sensitive: 'content_filter',
    model_context_window_exceeded: 'length',
  },
  reasoning: 'reasoning_content',
  tools: true,
  images: true,
  n: false,
  errors: [
    { name: 'wrong key', kind: 'credential', ...error(401, '1000', '身份验证失败') },
    { name: 'expired token', kind: 'credential', ...error(401, '1003', 'Authentication Token 已过期') },
    { name: 'arrears', kind: 'credential', ...error(429, '1113', '您的账户已欠费，请充值后重试') },
    { name: 'bad parameter', kind: 'request', ...error(400, '1210', 'API 调用参数有误') },
    { name: 'prompt too long', kind: 'context', ...error(400, '1261', 'Prompt 超长') },
    {
      name: 'refused content',
      kind: 'filter',
      ...error(400, '1301', '系统检测到输入或生成内容可能包含不安全或敏感内容'),
    },
    { name: 'too many at once', kind: 'rate', ...error(429, '1302', '您当前使用该 API 的并发数过高') },
    { name: 'too many requests', kind: 'rate', ...error(429, '1303', '您当前使用该 API 的频率过高') },
    { name: 'overload', kind: 'overload', ...error(429, '1305', '当前 API 请求过多，请稍后重试') },
    { name: 'failure', kind: 'failed', ...error(500, '500', '内部错误') },
    { name: 'network', kind: 'failed', ...error(500, '1234', '网络错误') },
    { name: 'refused answer', kind: 'filter', place: 'late', ...error(200, '1301', '敏感内容') },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what Zhipu knows',
      sends: { temperature: 0.5, top_p: 0.5, do_sample: true, thinking: { type: 'disabled' } },
      arrives: { temperature: 0.5, top_p: 0.5, do_sample: true, thinking: { type: 'disabled' } },
    },
    { name: 'too warm', sends: { temperature: 1.5 }, arrives: { temperature: 1 }, adjusted: ['temperature'] },
  ],
  embeddings: {
    path: '/embeddings',
    batch: 64,
    base64: false,
    refusal: error(400, '1210', 'input 数组最大不得超过 64 条'),
  },
  witness: { sdk: 'openai', differences: {} },
};

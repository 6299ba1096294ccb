import type { Dialect, Refusal } from '../dialect.ts';
import { PROXY_ROWS } from '../error-shapes.ts';
import { openAiList } from '../other-answers.ts';

const error = (status: number, code: string, message: string, type = 'invalid_request_error'): Refusal => ({
  status,
  body: { error: { code, message, type }, id: 'as-scripted' },
});

/** Baidu Qianfan v2 (Wenxin, ERNIE). */
export const dialect: Dialect = {
  vendor: 'Baidu Qianfan (Wenxin)',
  name: 'Wenxin',
  plugin: 'proxy-wenxin',
  sources: [
    { of: 'requests, chunks, embeddings', at: 'cloud.baidu.com/doc/WENXINWORKSHOP/s/Fm2vrveyu', seen: '2026-11-23' },
    { of: 'errors', at: 'cloud.baidu.com/doc/WENXINWORKSHOP/s/em4tsqo3v', seen: '2026-11-23' },
    { of: 'codes of limits', at: 'ecweb.ecer.com/topic/cn/detail-161097 (retold)', seen: '2026-11-28' },
  ],
  base: '/v2',
  auth: { kind: 'bearer' },
  key: 'bce-v3/ALTAK-scripted/secret',
  models: { chat: 'ernie-4.5-turbo-128k', embeddings: 'embedding-v1' },
  list: openAiList,
  request: { refusal: (_, message) => error(400, 'invalid_argument', message) },
  stream: { usage: 'asked' },
  finishes: { stop: 'stop', length: 'length', content_filter: 'content_filter' },
  reasoning: 'reasoning_content',
  tools: true,
  jsonSchema: (format) => format,
  images: true,
  n: false,
  errors: [
    { name: 'wrong key', kind: 'credential', ...error(401, 'invalid_iam_token', 'IAM authentication failed') },
    { name: 'wrong app', kind: 'credential', ...error(401, 'invalid_appid', 'the appid is not valid') },
    { name: 'refused content', kind: 'filter', ...error(403, 'unsafe_request', 'the content is not safe') },
    {
      name: 'prompt of too many characters',
      kind: 'context',
      ...error(400, 'characters_too_long', 'the max input characters is 128'),
    },
    { name: 'prompt of too many tokens', kind: 'context', ...error(400, 'tokens_too_long', 'Prompt tokens too long') },
    { name: 'bad messages', kind: 'request', ...error(400, 'invalid_messages', 'messages is empty') },
    { name: 'too many requests', kind: 'rate', ...error(429, 'rpm_rate_limit_exceeded', 'Rate limit reached for RPM') },
    { name: 'too many tokens', kind: 'rate', ...error(429, 'tpm_rate_limit_exceeded', 'Rate limit reached for TPM') },
    { name: 'failure', kind: 'failed', ...error(500, 'internal_error', 'Internal error', 'internal_error') },
    {
      name: 'failure of dispatch',
      kind: 'failed',
      ...error(500, 'dispatch_internal_error', 'Internal error', 'internal_error'),
    },
    ...PROXY_ROWS,
  ],
  requests: [
    { name: 'nothing more', sends: {}, arrives: {} },
    {
      name: 'what Qianfan knows',
      sends: { temperature: 0.5, penalty_score: 1.2, web_search: { enable: true } },
      arrives: { temperature: 0.5, penalty_score: 1.2, web_search: { enable: true } },
    },
  ],
  embeddings: {
    path: '/embeddings',
    batch: 16,
    base64: false,
    refusal: error(400, 'invalid_argument', 'input: at most 16 texts'),
  },
  witness: {
    sdk: 'openai',
    differences: { stream_options: 'SMMF asks for usage in streams, for its own accounts' },
  },
};

import type { VendorAuth, VendorProfile } from '@smmf/client';

const URLS = { cn: 'https://open.bigmodel.cn/api/paas/v4', intl: 'https://api.z.ai/api/paas/v4' } as const;

/** How Zhipu is reached. */
export interface ZhipuSettings {
  readonly region: keyof typeof URLS;
  readonly auth: 'bearer' | 'jwt';
}

/** Times in milliseconds, which is not what a JWT usually holds. */
const JWT: VendorAuth = {
  kind: 'jwt',
  header: { alg: 'HS256', sign_type: 'SIGN' },
  claims: { api_key: 'id', exp: 'expiresMs', timestamp: 'issuedMs' },
  lifeMs: 600_000,
};

/** Zhipu (GLM). @see docs.bigmodel.cn/cn/api: introduction, api-code, text-embedding; 2026-11 */
export function zhipuProfile({ region, auth }: ZhipuSettings): VendorProfile {
  return {
    vendor: 'Zhipu',
    url: URLS[region],
    hosts: ['open.bigmodel.cn', 'api.z.ai'],
    auth: auth === 'jwt' ? JWT : { kind: 'bearer' },
    parameters: [
      { rename: { user: 'user_id', max_completion_tokens: 'max_tokens' } },
      {
        when: { tasks: ['chat'] },
        only: { n: 1 },
        clamp: { temperature: { min: 0, max: 1 }, top_p: { min: 0.01, max: 1 } },
        drop: ['logprobs', 'top_logprobs', 'presence_penalty', 'frequency_penalty', 'logit_bias', 'seed'],
      },
      { when: { field: ['tool_choice', /^(?!"auto"$)./s] }, drop: ['tool_choice'] },
    ],
    usage: 'unasked',
    chunks: {
      marks: ['"sensitive"', '"network_error"', '"model_context_window_exceeded"'],
      finishReasons: { sensitive: 'content_filter', model_context_window_exceeded: 'length' },
      fault: ({ choices }) =>
        Array.isArray(choices) && choices.some((choice) => choice?.finish_reason === 'network_error')
          ? { code: '1234', message: 'network error' }
          : undefined,
    },
    errors: [
      { code: /^100[0-4]$/, is: 'key' },
      { code: /^111[0-3]$/, is: 'quota' },
      { code: '1211', is: 'missing' },
      { code: /^12(?:20|22)$/, is: 'denied' },
      { code: '1261', is: 'context' },
      { code: '1301', is: 'filter' },
      { code: /^130[2-4]$|^1308$/, is: 'rate' },
      { code: /^13(?:05|12)$/, is: 'overloaded' },
      { code: /^(?:500|1234)$/, is: 'failed' },
      { code: /^121[0-5]$/, is: 'request' },
    ],
    keyHint: `a key belongs to one region, and this is ${region}`,
    embeddings: { batch: 64, floatsOnly: true },
  };
}

import type { VendorProfile } from '@smmf/client';

/** Baidu Qianfan v2 (Wenxin, ERNIE). @see cloud.baidu.com/doc/qianfan-api: 3m7of64lb, Fm2vrveyu (errors), 2026-11 */
export function wenxinProfile({ appId }: { readonly appId?: string | undefined }): VendorProfile {
  return {
    vendor: 'Baidu Qianfan',
    url: 'https://qianfan.baidubce.com/v2',
    hosts: ['qianfan.baidubce.com'],
    auth: { kind: 'bearer' },
    ...(appId === undefined ? {} : { headers: { appid: appId } }),
    parameters: [
      { when: { tasks: ['chat'] }, clamp: { max_tokens: { min: 2 } }, only: { n: 1 } },
      { drop: ['logit_bias', 'store', 'service_tier'] },
    ],
    chunks: 'as-is',
    errors: [
      { code: /^invalid_(?:iam_token|appid|authorization)$/, is: 'key' },
      { code: 'no_parameter_permission', is: 'denied' },
      { code: 'unsafe_request', is: 'filter' },
      { code: /^(?:characters|tokens)_too_long$/, is: 'context' },
      { code: 'invalid_model', is: 'missing' },
      { code: /^(?:rpm|tpm)_rate_limit_exceeded$|^(?:rpm|tpm)_limit/, is: 'rate' },
      { code: /^(?:account_overdue|insufficient_balance)/, is: 'quota' },
      { code: /^(?:internal_error|dispatch_internal_error)$/, is: 'failed' },
    ],
    keyHint: 'a key of the v2 API begins with bce-v3/',
    embeddings: { batch: 16, floatsOnly: true },
  };
}

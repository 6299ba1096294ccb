import type { VendorProfile } from '@smmf/client';

/** Baichuan. @see platform.baichuan-ai.com/docs/api, 2026-11 */
export const baichuanProfile: VendorProfile = {
  vendor: 'Baichuan',
  url: 'https://api.baichuan-ai.com/v1',
  hosts: ['api.baichuan-ai.com'],
  auth: { kind: 'bearer' },
  parameters: [
    { when: { tasks: ['chat'] }, rename: { max_completion_tokens: 'max_tokens' }, only: { n: 1 } },
    {
      when: { tasks: ['chat'] },
      clamp: { temperature: { min: 0, max: 1 }, top_p: { min: 0, below: 1 }, top_k: { min: 0, max: 20 } },
      drop: ['seed', 'stop', 'logit_bias', 'logprobs', 'top_logprobs', 'presence_penalty', 'frequency_penalty', 'user'],
    },
  ],
  usage: 'unasked',
  chunks: 'as-is',
  errors: [
    { code: /^(?:invalid_api_key|invalid_authentication)$/, is: 'key' },
    { code: /^(?:insufficient_quota|account_not_enough_balance)$/, is: 'quota' },
    { code: /^(?:content_filter|sensitive_content)$/, is: 'filter' },
    { code: /^(?:rate_limit_reached_error|request_limit)$/, is: 'rate' },
  ],
  embeddings: { batch: 16, floatsOnly: true },
};

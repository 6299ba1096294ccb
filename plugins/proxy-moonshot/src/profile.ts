import type { VendorProfile } from '@smmf/client';

const URLS = { cn: 'https://api.moonshot.cn/v1', intl: 'https://api.moonshot.ai/v1' } as const;

/** A turn with tools wants its thoughts back; a client that has not kept them sends none. */
function withThoughts(messages: unknown): unknown {
  if (!Array.isArray(messages)) return undefined;
  return messages.map((message) =>
    Object(message).tool_calls && Object(message).reasoning_content === undefined
      ? { ...message, reasoning_content: '' }
      : message,
  );
}

/** Moonshot (Kimi). @see platform.moonshot.ai/docs/api/chat and …/docs/api/errors, 2026-11 */
export function moonshotProfile({ region }: { readonly region: keyof typeof URLS }): VendorProfile {
  return {
    vendor: 'Moonshot',
    url: URLS[region],
    hosts: ['api.moonshot.cn', 'api.moonshot.ai'],
    auth: { kind: 'bearer' },
    parameters: [
      { when: { field: ['messages', /"tool_calls"/] }, reshape: { messages: withThoughts } },
      { rename: { max_completion_tokens: 'max_tokens' } },
      // They have their own temperature, and refuse another.
      { when: { model: /^kimi-k(?:2\.[5-9]|[3-9])/ }, drop: ['temperature', 'top_p'] },
      { clamp: { temperature: { min: 0, max: 1 } }, drop: ['seed', 'logit_bias', 'logprobs', 'top_logprobs', 'user'] },
    ],
    chunks: 'as-is',
    errors: [
      { code: /^invalid_authentication_error$|^incorrect_api_key_error$/, is: 'key' },
      { code: 'exceeded_current_quota_error', is: 'quota' },
      { code: 'permission_denied_error', is: 'denied' },
      { code: 'resource_not_found_error', is: 'missing' },
      { code: 'engine_overloaded_error', is: 'overloaded' },
      { code: 'content_filter', is: 'filter' },
      { message: /token length too long|exceeded model token limit/i, is: 'context' },
    ],
    keyHint: `a key belongs to one region, and this is ${region}`,
  };
}

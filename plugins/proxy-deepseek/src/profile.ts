import type { VendorProfile } from '@smmf/client';

/** A turn with tools wants its thoughts back; a client that has not kept them sends none. */
function withThoughts(messages: unknown): unknown {
  if (!Array.isArray(messages)) return undefined;
  return messages.map((message) =>
    Object(message).tool_calls && Object(message).reasoning_content === undefined
      ? { ...message, reasoning_content: '' }
      : message,
  );
}

/** DeepSeek. Reasoning comes as `reasoning_content`, and goes back so on turns with tools. @see api-docs.deepseek.com, 2026-11 */
export const deepseekProfile: VendorProfile = {
  vendor: 'DeepSeek',
  url: 'https://api.deepseek.com/v1',
  hosts: ['api.deepseek.com'],
  auth: { kind: 'bearer' },
  parameters: [
    { when: { field: ['messages', /"tool_calls"/] }, reshape: { messages: withThoughts } },
    { rename: { max_completion_tokens: 'max_tokens' }, only: { n: 1 } },
    { drop: ['seed', 'logit_bias', 'user', 'store', 'service_tier', 'parallel_tool_calls'] },
  ],
  chunks: 'as-is',
  errors: [
    { status: 402, is: 'quota' },
    { status: 422, is: 'request' },
    { message: /maximum context length/i, is: 'context' },
    { message: /Content Exists Risk/i, is: 'filter' },
  ],
};

import type { VendorProfile } from '@smmf/client';

type Fields = Record<string, unknown>;
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map((one) => Object(one)) : []);

/**
 * The first call of a turn must bring its thought signature back, which clients of OpenAI do not keep. Google lets this word stand
 * for it. @see ai.google.dev/gemini-api/docs/thought-signatures, 2026-11
 */
const UNSIGNED = { google: { thought_signature: 'skip_thought_signature_validator' } };

function withSignatures(messages: unknown): unknown {
  return listOf(messages).map((message) => {
    const [first, ...others] = listOf(message.tool_calls);
    if (!first || Object(Object(first.extra_content).google).thought_signature) return message;
    return { ...message, tool_calls: [{ ...first, extra_content: UNSIGNED }, ...others] };
  });
}

/**
 * Gemini's OpenAI surface. Thought signatures travel in `tool_calls[].extra_content` and pass as they come.
 * @see ai.google.dev/gemini-api/docs/openai and …/troubleshooting, 2026-11
 */
export const googleProfile: VendorProfile = {
  vendor: 'Google Gemini',
  url: 'https://generativelanguage.googleapis.com/v1beta/openai',
  hosts: ['generativelanguage.googleapis.com'],
  auth: { kind: 'bearer' },
  parameters: [
    { drop: ['seed', 'logit_bias', 'user', 'store', 'service_tier'] },
    {
      when: { model: /gemini-(?:[3-9]|\d\d)/, field: ['messages', /"tool_calls"/] },
      reshape: { messages: withSignatures },
    },
  ],
  // Whole tool calls, without their index.
  chunks: { marks: ['"tool_calls"', /"finish_reason":\s*"(?!stop"|length"|content_filter")/] },
  errors: [
    { message: /API_KEY_INVALID|API key (?:not valid|expired|not found)/i, is: 'key' },
    { code: 'FAILED_PRECONDITION', is: 'denied' },
    { code: 'PERMISSION_DENIED', is: 'denied' },
    { code: 'NOT_FOUND', is: 'missing' },
    { status: 400, message: /token count.*exceeds/i, is: 'context' },
    { code: 'UNAVAILABLE', is: 'overloaded' },
    { code: 'DEADLINE_EXCEEDED', is: 'timeout' },
  ],
  keyHint: 'not every region may use the free tier',
  embeddings: { batch: 100, floatsOnly: true },
};

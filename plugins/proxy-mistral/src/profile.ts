import { createHash } from 'node:crypto';
import type { Answer, VendorProfile } from '@smmf/client';

type Fields = Record<string, unknown>;
const fieldsOf = (value: unknown): Fields => Object(value);
const listOf = (value: unknown): Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : []);

/** It takes ids of tool calls of nine letters and digits only; others are hashed, the same way in the call and in its answer. */
function shortId(id: unknown): unknown {
  if (typeof id !== 'string' || /^[A-Za-z0-9]{9}$/.test(id)) return id;
  return createHash('sha256').update(id).digest('hex').slice(0, 9);
}

/** A history as other clients keep it: any ids, reasoning in a field of its own. */
function toMistral(message: Fields): Fields {
  const { reasoning_content: thought, tool_calls: calls, tool_call_id: id, content, ...rest } = message;
  const thinking = { type: 'thinking', thinking: [{ type: 'text', text: thought }] };
  const said = typeof content === 'string' && content !== '' ? [{ type: 'text', text: content }] : listOf(content);
  return {
    ...rest,
    content: typeof thought === 'string' && thought !== '' ? [thinking, ...said] : (content ?? ''),
    ...(Array.isArray(calls) ? { tool_calls: listOf(calls).map((call) => ({ ...call, id: shortId(call.id) })) } : {}),
    ...(id === undefined ? {} : { tool_call_id: shortId(id) }),
  };
}

/** Content comes as parts where the model thinks: text stays content, thoughts become `reasoning_content`. */
function joinParts(answer: Answer): boolean {
  let isChanged = false;
  for (const choice of listOf(answer.choices)) {
    const said = fieldsOf(choice.delta ?? choice.message);
    if (!Array.isArray(said.content)) continue;
    const parts = listOf(said.content);
    const textOf = (part: Fields): string => (typeof part.text === 'string' ? part.text : '');
    const thoughts = parts
      .filter(({ type }) => type === 'thinking')
      .flatMap((part) => listOf(part.thinking).map(textOf));
    said.content = parts.map(textOf).join('');
    if (thoughts.length > 0) said.reasoning_content = thoughts.join('');
    isChanged = true;
  }
  return isChanged;
}

/** Mistral. @see docs.mistral.ai/api and …/capabilities/reasoning, 2026-11 */
export const mistralProfile: VendorProfile = {
  vendor: 'Mistral',
  url: 'https://api.mistral.ai/v1',
  hosts: ['api.mistral.ai'],
  auth: { kind: 'bearer' },
  parameters: [
    {
      rename: { seed: 'random_seed', max_completion_tokens: 'max_tokens' },
      reshape: { tool_choice: (choice) => (choice === 'required' ? 'any' : undefined) },
      drop: ['top_k', 'logprobs', 'top_logprobs', 'user', 'logit_bias', 'store', 'service_tier', 'metadata'],
    },
    {
      when: { field: ['messages', /"(?:tool_calls|tool_call_id|reasoning_content)"/] },
      reshape: { messages: (messages) => listOf(messages).map(toMistral) },
    },
  ],
  usage: 'unasked',
  chunks: {
    marks: ['"thinking"', '"content":[', '"tool_calls"', '"model_length"', '"error"'],
    finishReasons: { model_length: 'length' },
    mend: joinParts,
    fault: ({ choices }) =>
      listOf(choices).some((choice) => choice.finish_reason === 'error')
        ? { code: '500', message: 'the generation failed' }
        : undefined,
  },
  errors: [
    { code: 'invalid_model', is: 'missing' },
    { message: /too large for model with \d+ maximum context|maximum context length/i, is: 'context' },
  ],
  resets: ['ratelimitbysize-reset', 'x-ratelimit-reset-req-minute'],
};

import { randomUUID } from 'node:crypto';
import type { Differences } from '@smmf/client';

const fieldsOf = (value: unknown): Record<string, unknown> => Object(value);

/** TGI has the schema under `value`, and wants one for any object, too. */
function toValue(format: unknown): unknown {
  const { type, json_schema: named, value } = fieldsOf(format);
  if (value !== undefined) return undefined;
  if (type === 'json_schema') return { type, value: named };
  if (type === 'json_object') return { type, value: { type: 'object' } };
  return type === 'text' ? null : undefined;
}

/**
 * TGI's Messages API and its completions.
 * @see router/src/lib.rs, router/src/chat.rs and router/src/validation.rs of text-generation-inference 3.3.7, whose repository is frozen; 2026-11
 */
export const tgiDifferences: Differences = {
  vendor: 'TGI',
  parameters: [
    {
      rename: { max_completion_tokens: 'max_tokens' },
      reshape: {
        stop: (stop) => (typeof stop === 'string' ? [stop] : undefined),
        response_format: toValue,
        // 1 cuts nothing off, as it is without it, and is refused.
        top_p: (share) => (share === 1 ? null : undefined),
      },
      clamp: { top_p: { above: 0, below: 1 } },
      drop: ['logit_bias'],
      only: { n: 1 },
    },
  ],
  chunks: {
    marks: ['"id":""'],
    finishReasons: { eos_token: 'stop', stop_sequence: 'stop' },
    mend(answer, memory) {
      if (answer.id !== '') return false;
      memory.id ??= `chatcmpl-${randomUUID()}`;
      answer.id = memory.id;
      return true;
    },
  },
  errors: [
    { message: /`inputs` (?:tokens \+|must have less than)|`max_new_tokens` must be <=/, is: 'context' },
    { status: 424, is: 'failed' },
  ],
};

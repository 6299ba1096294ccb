import type { RouterRequest } from '@smmf/core';
import { fieldValue } from '@smmf/protocol';

const OPEN_ARRAY = 0x5b;
const QUOTE = 0x22;

/** How many choices an answer must finish: `n`, for each prompt of a completion. */
export function choicesOf({ task, body, fields }: Pick<RouterRequest, 'task' | 'body' | 'fields'>): number {
  const n = fieldValue(body, fields.get('n'));
  const each = typeof n === 'number' && n > 0 ? n : 1;
  const prompt = task === 'completions' ? fields.get('prompt') : undefined;
  if (prompt?.kind !== 'array') return each;
  // A list of numbers is one prompt in tokens.
  const first = body.subarray(prompt.start + 1, prompt.end).find((byte) => byte > 0x20);
  return first === OPEN_ARRAY || first === QUOTE ? each * prompt.length : each;
}

/** Bodies up to this size stay for as long as their request runs, bytes. */
const LARGE_BODY = 64 * 1024;
const NO_BODY = Buffer.alloc(0);

/** A request whose answer has begun: nothing is tried again from there on, so that a large body need not stay in memory. */
export function withoutLargeBody(request: RouterRequest): RouterRequest {
  return request.body.length > LARGE_BODY ? { ...request, body: NO_BODY } : request;
}

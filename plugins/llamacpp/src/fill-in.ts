import { SmmfError } from '@smmf/core';
import type { LlamaModel, Token } from 'node-llama-cpp';

/**
 * A prompt by which the model writes what stands between two texts.
 * @param before tokens of the text before the gap, with a begin token where the model wants one
 * @throws UNSUPPORTED_PARAMETER where the model has no tokens for it
 */
export function fillInPrompt(
  { tokens: { bos, infill }, tokenize }: Pick<LlamaModel, 'tokens' | 'tokenize'>,
  before: readonly Token[],
  after: string,
): Token[] {
  const { prefix, suffix, middle } = infill;
  if (prefix === null || suffix === null) {
    const text = '"suffix" is not supported: this model has no tokens for filling in the middle';
    throw new SmmfError('UNSUPPORTED_PARAMETER', text, { param: 'suffix' });
  }
  const begin = bos !== null && before[0] === bos ? [bos] : [];
  const head = before.slice(begin.length);
  const tail = tokenize(after, false, 'trimLeadingSpace');
  if (middle === null) return [...begin, suffix, ...tail, prefix, ...head];
  return [...begin, prefix, ...head, suffix, ...tail, middle];
}

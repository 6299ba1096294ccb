import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@smmf/core';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { createSliceSize } from './slice-size.ts';

/**
 * Brings a sequence to hold `prompt` but for its last token, which the first step of decoding reads. Reuses what the sequence
 * holds already; the rest is read in slices, because llama.cpp itself looks at nothing until a whole prompt is read.
 * @returns how many tokens were reused
 */
export async function readPrompt(
  sequence: LlamaContextSequence,
  prompt: readonly Token[],
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  const head = prompt.slice(0, -1);
  await sequence.adaptStateToTokens(head, false);
  const reused = sequence.nextTokenIndex;
  const size = createSliceSize();
  for (let at = reused; at < head.length; ) {
    signal.throwIfAborted();
    const slice = head.slice(at, at + size.next);
    const begun = clock.now();
    await sequence.evaluateWithoutGeneratingNewTokens(slice);
    at += slice.length;
    size.took(slice.length, clock.now() - begun);
    await setImmediate();
  }
  signal.throwIfAborted();
  return reused;
}

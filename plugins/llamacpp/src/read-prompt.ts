import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@smmf/core';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { createSliceSize } from './slice-size.ts';

/**
 * Brings a sequence to hold `prompt` but for what the first step of decoding reads: at least its last token, at most a slice.
 * Reuses what the sequence holds already; the rest is read in slices, because llama.cpp itself looks at nothing until a whole
 * prompt is read.
 * @returns how many tokens were reused
 */
export async function readPrompt(
  sequence: LlamaContextSequence,
  prompt: readonly Token[],
  clock: Clock,
  signal: AbortSignal,
): Promise<number> {
  await sequence.adaptStateToTokens(prompt.slice(0, -1), false);
  const reused = sequence.nextTokenIndex;
  const size = createSliceSize();
  for (let at = reused; prompt.length - at > size.next; ) {
    signal.throwIfAborted();
    const slice = prompt.slice(at, at + size.next);
    const begun = clock.now();
    await sequence.evaluateWithoutGeneratingNewTokens(slice);
    at += slice.length;
    size.took(slice.length, clock.now() - begun);
    await setImmediate();
  }
  signal.throwIfAborted();
  return reused;
}

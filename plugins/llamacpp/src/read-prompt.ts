import { setImmediate } from 'node:timers/promises';
import type { Clock } from '@smmf/core';
import type { LlamaContextSequence, Token } from 'node-llama-cpp';

/** A slice is meant to take this long: the most that a cancelled request keeps its sequence, and others wait for a token. */
const SLICE_MS = 100;
const FIRST_SLICE = 32;
const LARGEST_SLICE = 512;

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
  let size = FIRST_SLICE;
  for (let at = reused; at < head.length; ) {
    signal.throwIfAborted();
    const slice = head.slice(at, at + size);
    const begun = clock.now();
    await sequence.evaluateWithoutGeneratingNewTokens(slice);
    at += slice.length;
    size = nextSize(size, clock.now() - begun);
    await setImmediate();
  }
  signal.throwIfAborted();
  return reused;
}

/** The size at which a slice would have taken {@link SLICE_MS}; at most twice the last one, so that one lucky slice misleads little. */
function nextSize(size: number, tookMs: number): number {
  const fitting = Math.round((size * SLICE_MS) / Math.max(tookMs, 1));
  return Math.max(1, Math.min(fitting, size * 2, LARGEST_SLICE));
}

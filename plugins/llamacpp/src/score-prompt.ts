import type { LlamaContextSequence, Token } from 'node-llama-cpp';
import { scoreOf, type TokenScore } from './logprobs.ts';

/** Tokens that are read at once: each costs a look at the whole vocabulary. */
const SLICE = 32;

/**
 * Reads a prompt but for its last token, as {@link readPrompt} does, and tells how likely the model held each of its tokens.
 * Nothing that the sequence holds is reused: of what was read before, no scores are kept.
 * @param top how many of the likeliest tokens are wanted for each
 */
export async function scorePrompt(
  sequence: LlamaContextSequence,
  prompt: readonly Token[],
  top: number,
  signal: AbortSignal,
): Promise<TokenScore[]> {
  await sequence.clearHistory();
  const scores: TokenScore[] = prompt.slice(0, 1).map((token) => ({ token, logprob: undefined, top: [] }));
  for (let at = 0; at < prompt.length - 1; at += SLICE) {
    signal.throwIfAborted();
    const nexts = prompt.slice(at + 1, at + 1 + SLICE);
    const filter = (next: Token) => ({ filter: { tokens: [next], includeTop: Math.max(top, 1) } });
    const outputs = await sequence.controlledEvaluate(
      nexts.map((next, index) => [
        prompt[at + index] ?? next,
        { generateNext: { logits: filter(next), totalLogitWeight: true } },
      ]),
    );
    for (const [index, next] of nexts.entries()) {
      const found = outputs[index]?.next;
      if (!found?.logits || found.totalLogitWeight === undefined) throw new Error('llama.cpp gave no logits');
      const { logits, totalLogitWeight } = found;
      scores.push(scoreOf(next, { logits, totalLogitWeight }, top));
    }
  }
  return scores;
}

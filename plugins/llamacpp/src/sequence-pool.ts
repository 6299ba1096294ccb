import type { LlamaContext, LlamaContextSequence, Token } from 'node-llama-cpp';

/** Hands out the sequences of a context, one to each request; who finds none free waits in order. */
export interface SequencePool {
  readonly running: number;
  readonly waiting: number;
  /** The free sequence that already holds the longest beginning of `prompt`; rejects with the signal's reason. */
  acquire(prompt: readonly Token[], signal: AbortSignal): Promise<LlamaContextSequence>;
  /** Gives a sequence back; a broken one is replaced by a fresh one. */
  release(sequence: LlamaContextSequence, broken: boolean): Promise<void>;
}

/** A sequence is chosen for its content only when that saves this share of the prompt: else the content of a longer unused one is lost for less. */
const LEAST_SHARED = 0.25;

/** The pool over every sequence of `context`. */
export function createSequencePool(context: LlamaContext): SequencePool {
  // Longest unused first: of equally good ones, the one whose content is least likely to be asked for again.
  const free = Array.from({ length: context.totalSequences }, () => context.getSequence());
  const waiters: (() => void)[] = [];
  const take = (prompt: readonly Token[]): LlamaContextSequence | undefined => {
    let [best, longest] = [0, prompt.length * LEAST_SHARED];
    for (const [index, sequence] of free.entries()) {
      const shared = sharedPrefix(sequence.contextTokens, prompt);
      if (shared > longest) [best, longest] = [index, shared];
    }
    return free.splice(best, 1)[0];
  };
  return {
    get running() {
      return context.totalSequences - free.length;
    },
    get waiting() {
      return waiters.length;
    },
    async acquire(prompt, signal) {
      signal.throwIfAborted();
      return take(prompt) ?? waitFor(waiters, () => take(prompt), signal);
    },
    async release(sequence, broken) {
      if (broken) await sequence.dispose();
      if (context.disposed) return;
      free.push(broken ? context.getSequence() : sequence);
      waiters.shift()?.();
    },
  };
}

/** What `take` finds when it is this caller's turn; leaves the queue at once when the signal aborts. */
function waitFor<T>(waiters: (() => void)[], take: () => T | undefined, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    // Runs inside `release`, so that nobody who comes later can be served first.
    const proceed = (): void => {
      signal.removeEventListener('abort', leave);
      const found = take();
      if (found) resolve(found);
    };
    const leave = (): void => {
      waiters.splice(waiters.indexOf(proceed), 1);
      reject(signal.reason);
    };
    waiters.push(proceed);
    signal.addEventListener('abort', leave, { once: true });
  });
}

/** How many tokens two lists have in common from their beginning. */
function sharedPrefix(held: readonly Token[], prompt: readonly Token[]): number {
  let length = 0;
  while (length < held.length && length < prompt.length && held[length] === prompt[length]) length++;
  return length;
}

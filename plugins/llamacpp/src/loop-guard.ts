/** Longest repeated piece that is recognised, tokens. */
const LONGEST_PERIOD = 64;
/** A text that says the same for so many tokens does not stop by itself; a list or a drawing that is meant is rarely as long. */
const LOOP_TOKENS = 128;

/** Notices that tokens repeat without end. */
export interface LoopGuard {
  /** Takes the next token; true from when the last tokens are nothing but repetitions. */
  push(token: number): boolean;
}

/** A guard that has seen nothing. */
export function createLoopGuard(): LoopGuard {
  const recent: number[] = [];
  /** By period: for how many tokens in a row each was the same as the one a period before it. */
  const repeated = new Array<number>(LONGEST_PERIOD + 1).fill(0);
  return {
    push(token) {
      let longest = 0;
      for (let period = 1; period <= recent.length; period++) {
        const count = recent[recent.length - period] === token ? (repeated[period] ?? 0) + 1 : 0;
        repeated[period] = count;
        longest = Math.max(longest, count);
      }
      recent.push(token);
      if (recent.length > LONGEST_PERIOD) recent.shift();
      return longest >= LOOP_TOKENS;
    },
  };
}

import type { Balancer, Candidate } from '@smmf/core';

/** Expected wait: latency of the last answers (slow ones count at once) times the calls in line. */
const cost = ({ latencyMs, inFlight, weight }: Candidate): number => ((latencyMs || 1) * (inFlight + 1)) / weight;

/** Two candidates at random, the cheaper one by peak-sensitive latency and calls in flight. Constant time for any number. */
export function createPowerOfTwo(): Balancer {
  return {
    pick(candidates, { random }) {
      const { length } = candidates;
      const first = Math.floor(random() * length);
      const other = length < 2 ? first : (first + 1 + Math.floor(random() * (length - 1))) % length;
      const [a, b] = [candidates[first], candidates[other]];
      return a && b && cost(b) < cost(a) ? b : a;
    },
  };
}

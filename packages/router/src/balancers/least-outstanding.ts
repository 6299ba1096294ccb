import type { Balancer, Candidate } from '@smmf/core';

const load = ({ inFlight, weight }: Candidate): number => (inFlight + 1) / weight;

/** The candidate with the fewest calls in flight for its weight; among equals one at random. */
export function createLeastOutstanding(): Balancer {
  return {
    pick(candidates, { random }) {
      let best: Candidate | undefined;
      let equals = 0;
      for (const candidate of candidates) {
        const difference = best ? load(candidate) - load(best) : -1;
        if (difference < 0) {
          best = candidate;
          equals = 1;
        } else if (difference === 0 && random() * ++equals < 1) best = candidate;
      }
      return best;
    },
  };
}

import type { Balancer, Candidate } from '@smmf/core';

const load = ({ inFlight, weight }: Candidate): number => inFlight / weight;

/** The candidate with the fewest calls in flight for its weight; among equals one at random, by weight. */
export function createLeastOutstanding(): Balancer {
  return {
    pick(candidates, { random }) {
      let best: Candidate | undefined;
      let weights = 0;
      for (const candidate of candidates) {
        const difference = best ? load(candidate) - load(best) : -1;
        if (difference > 0) continue;
        // Calls one after another find all of them idle: the weights hold then, too.
        weights = difference < 0 ? candidate.weight : weights + candidate.weight;
        if (difference < 0 || random() * weights < candidate.weight) best = candidate;
      }
      return best;
    },
  };
}

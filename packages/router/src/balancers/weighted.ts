import type { Balancer } from '@smmf/core';

/** At random, each candidate as often as its weight says. */
export function createWeighted(): Balancer {
  return {
    pick(candidates, { random }) {
      let rest = random() * candidates.reduce((sum, { weight }) => sum + weight, 0);
      for (const candidate of candidates) {
        rest -= candidate.weight;
        if (rest < 0) return candidate;
      }
      return candidates.at(-1);
    },
  };
}

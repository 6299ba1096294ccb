import type { Balancer } from '@smmf/core';

/** Each candidate in turn, from a random first one, so that many routers do not start at the same. */
export function createRoundRobin(): Balancer {
  let next: number | undefined;
  return {
    pick(candidates, { random }) {
      const index: number = (next ?? Math.floor(random() * candidates.length)) % (candidates.length || 1);
      next = index + 1;
      return candidates[index];
    },
  };
}

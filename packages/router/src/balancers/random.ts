import type { Balancer } from '@smmf/core';

/** Any candidate, each as likely as the others. */
export function createRandom(): Balancer {
  return { pick: (candidates, { random }) => candidates[Math.floor(random() * candidates.length)] };
}

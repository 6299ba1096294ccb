import type { Balancer } from '@smmf/core';
import { createLeastOutstanding } from './least-outstanding.ts';
import { createPowerOfTwo } from './power-of-two.ts';
import { createRandom } from './random.ts';
import { createRoundRobin } from './round-robin.ts';
import { createWeighted } from './weighted.ts';

/** The balancers that need no plugin, by the name that the config uses; each call makes one with its own state. */
export const BUILT_IN_BALANCERS = {
  'least-outstanding': createLeastOutstanding,
  'power-of-two': createPowerOfTwo,
  random: createRandom,
  'round-robin': createRoundRobin,
  weighted: createWeighted,
} as const satisfies Record<string, () => Balancer>;

/** Is this the name of one of {@link BUILT_IN_BALANCERS}. */
export function isBuiltInBalancer(name: string): name is keyof typeof BUILT_IN_BALANCERS {
  return Object.hasOwn(BUILT_IN_BALANCERS, name);
}

import { setTimeout as delay } from 'node:timers/promises';
import { createFakeClock, registrySuite, uncheckedOf } from '@smmf/testkit';
import { expect, test } from 'vitest';
import { carrierBackend } from './registry-carrier.ts';

let clock = createFakeClock();

registrySuite({
  test,
  ttlMs: 15_000,
  create() {
    clock = createFakeClock();
    return carrierBackend(clock);
  },
  /** Time passes by the clock of the leases; what crosses the wire then has a moment to arrive. */
  async advance(ms) {
    clock.advance(ms);
    await delay(20);
  },
  report: (report) => expect(uncheckedOf(report)).toEqual([]),
});

import { expect, it } from 'vitest';
import { createRestartPolicy } from '../../src/host/restart-policy.ts';
import { DEFAULT_TIMINGS } from '../../src/index.ts';

it('doubles the wait from 250 ms up to 30 s', () => {
  const policy = createRestartPolicy(DEFAULT_TIMINGS);
  const waits = Array.from({ length: 10 }, () => policy.postponed().waitMs);
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

it('calls the fifth crash within 60 s a loop, and a crash 60 s after the first not', () => {
  const policy = createRestartPolicy(DEFAULT_TIMINGS);
  for (const atMs of [0, 15_000, 30_000, 45_000, 60_000]) expect(policy.crashed(atMs).isLoop).toBe(false);
  expect(policy.crashed(60_001)).toEqual({ waitMs: 10_000, isLoop: true, isSoon: false });
});

it('goes on in a loop, slower and slower up to 5 min, however far apart the crashes are', () => {
  const policy = createRestartPolicy(DEFAULT_TIMINGS);
  for (let count = 0; count < 4; count++) policy.crashed(0);
  const waits = Array.from({ length: 8 }, (_, count) => policy.crashed(count * 400_000).waitMs);
  expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
  policy.wasReady(60_000);
  expect(policy.crashed(9_000_000)).toEqual({ waitMs: 250, isLoop: false, isSoon: true });
});

it('forgets after 60 s of health, not after 59', () => {
  const policy = createRestartPolicy(DEFAULT_TIMINGS);
  policy.crashed(0);
  policy.wasReady(59_999);
  expect(policy.crashed(1).waitMs).toBe(500);
  policy.wasReady(60_000);
  expect(policy.crashed(2).waitMs).toBe(250);
});

it('forgets on order', () => {
  const policy = createRestartPolicy(DEFAULT_TIMINGS);
  for (let count = 0; count < 4; count++) policy.crashed(0);
  policy.reset();
  expect(policy.crashed(0).waitMs).toBe(250);
});

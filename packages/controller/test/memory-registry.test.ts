import { createFakeClock, registrySuite, testRecord } from '@smmf/testkit';
import { describe, expect, it, test } from 'vitest';
import { createMemoryRegistry } from '../src/index.ts';

let clock = createFakeClock();
registrySuite({
  test,
  ttlMs: 15_000,
  async create() {
    clock = createFakeClock();
    return createMemoryRegistry({ clock });
  },
  advance: async (ms) => clock.advance(ms),
});

describe('the memory registry', () => {
  it('tells watchers of many changes once, and at once when told to', async () => {
    const own = createFakeClock();
    let calls = 0;
    const registry = createMemoryRegistry({ clock: own });
    registry.watch(() => calls++);
    for (let index = 0; index < 50; index++) await registry.register(testRecord(`i${index}`), 1_000);
    own.advance(100);
    expect(calls).toBe(2);
    let instant = 0;
    const eager = createMemoryRegistry({ clock: own, coalesceMs: 0 });
    eager.watch(() => instant++);
    await eager.register(testRecord('a'), 1_000);
    expect(instant).toBe(2);
  });

  it("F30: ends with the newer start alive, whatever the order of two starts' calls", async () => {
    const orders = [
      [0, 1, 2, 3],
      [1, 0, 2, 3],
      [1, 2, 0, 3],
      [0, 1, 3, 2],
      [1, 3, 0, 2],
    ];
    for (const order of orders) {
      const registry = createMemoryRegistry({ clock: createFakeClock() });
      const signal = new AbortController().signal;
      const old = await registry.register(testRecord('a'), 10_000);
      const steps = [
        () => old.renew(signal),
        () => registry.register(testRecord('a', { epoch: 2 }), 10_000),
        () => old.release(signal),
        () => old.update(testRecord('a', { state: 'failed' }), signal),
      ];
      for (const index of order) await steps[index]?.();
      const { instances } = await registry.snapshot();
      const hasNewer = order.indexOf(1) < order.indexOf(2);
      expect(
        instances.map(({ epoch }) => epoch),
        order.join(),
      ).toEqual(hasNewer || instances.length > 0 ? [2] : []);
    }
  });
});

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

/** Every order of these numbers. */
function permutations(numbers: readonly number[]): number[][] {
  if (numbers.length === 0) return [[]];
  return numbers.flatMap((first) =>
    permutations(numbers.filter((each) => each !== first)).map((rest) => [first, ...rest]),
  );
}

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
    const { signal } = new AbortController();
    for (const order of permutations([0, 1, 2, 3])) {
      const registry = createMemoryRegistry({ clock: createFakeClock() });
      const old = await registry.register(testRecord('a'), 10_000);
      const steps = [
        () => old.renew(signal),
        () => registry.register(testRecord('a', { epoch: 2 }), 10_000),
        () => old.release(signal),
        () => old.update(testRecord('a', { state: 'failed' }), signal),
      ];
      for (const index of order) await steps[index]?.();
      const { instances } = await registry.snapshot();
      const left = instances.map(({ id, epoch, state }) => ({ id, epoch, state }));
      expect(left, order.join()).toEqual([{ id: 'a', epoch: 2, state: 'ready' }]);
    }
  });

  it('G6: lets a lease write the record of its own instance and start alone', async () => {
    const { signal } = new AbortController();
    const registry = createMemoryRegistry({ clock: createFakeClock() });
    const lease = await registry.register(testRecord('a'), 1_000);
    await registry.register(testRecord('b', { epoch: 9 }), 1_000);
    for (const foreign of [testRecord('b', { epoch: 1, state: 'failed' }), testRecord('a', { epoch: 2 })])
      await expect(lease.update(foreign, signal)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await lease.update(testRecord('a', { state: 'draining' }), signal)).toBe('ok');
    const { instances } = await registry.snapshot();
    expect(instances.map(({ id, epoch, state }) => [id, epoch, state])).toEqual([
      ['a', 1, 'draining'],
      ['b', 9, 'ready'],
    ]);
  });

  it('G8: refuses everything after close: watch, renew and update too', async () => {
    const { signal } = new AbortController();
    const registry = createMemoryRegistry({ clock: createFakeClock() });
    const lease = await registry.register(testRecord('a'), 1_000);
    await registry.close();
    const closed = expect.objectContaining({ code: 'CLOSED' });
    expect(() => registry.watch(() => undefined)).toThrow(closed);
    await expect(lease.renew(signal)).rejects.toEqual(closed);
    await expect(lease.update(testRecord('a'), signal)).rejects.toEqual(closed);
  });

  it('G9: leaves no timer after close, with a lease and a notice under way', async () => {
    const own = createFakeClock();
    const registry = createMemoryRegistry({ clock: own });
    registry.watch(() => undefined);
    await registry.register(testRecord('a'), 1_000);
    expect(own.pending).toBe(2);
    await registry.close();
    expect(own.pending).toBe(0);
  });
});

import { createFakeClock, inProcessBackend, registrySuite, testEntry, uncheckedOf } from '@smmf/testkit';
import { describe, expect, it, test } from 'vitest';
import { createMemoryRegistry } from '../src/index.ts';

let clock = createFakeClock();
registrySuite({
  test,
  name: 'memory',
  version: 'in this process',
  ttlMs: 15_000,
  async create() {
    clock = createFakeClock();
    const again = () => createMemoryRegistry({ clock });
    return inProcessBackend(again(), { again, size: () => clock.pending });
  },
  report: (report) => expect(uncheckedOf(report)).toEqual([]),
  advance: async (ms) => clock.advance(ms),
});

const { signal } = new AbortController();

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
    for (let index = 0; index < 50; index++) await registry.register(testEntry(`i${index}`), 1_000, signal);
    own.advance(100);
    expect(calls).toBe(2);
    let instant = 0;
    const eager = createMemoryRegistry({ clock: own, coalesceMs: 0 });
    eager.watch(() => instant++);
    await eager.register(testEntry('a'), 1_000, signal);
    expect(instant).toBe(2);
  });

  it('has a generation of its own, which no other one has', async () => {
    const [one, other] = await Promise.all([1, 2].map(() => createMemoryRegistry().snapshot(signal)));
    expect(one?.generation).not.toBe(other?.generation);
  });

  it("F30: ends with the newer start alive, whatever the order of two starts' calls", async () => {
    for (const order of permutations([0, 1, 2, 3])) {
      const registry = createMemoryRegistry({ clock: createFakeClock() });
      const old = await registry.register(testEntry('a'), 10_000, signal);
      const newer = testEntry('a', { epoch: 2, value: 'newer' });
      const steps = [
        () => old.renew(signal),
        () => registry.register(newer, 10_000, signal),
        () => old.release('old tombstone', signal),
        () => old.update('old', signal),
      ];
      for (const index of order) await steps[index]?.();
      expect((await registry.snapshot(signal)).entries, order.join()).toEqual([newer]);
    }
  });

  it('G8: refuses everything after close: watch, renew and update too', async () => {
    const registry = createMemoryRegistry({ clock: createFakeClock() });
    const lease = await registry.register(testEntry('a'), 1_000, signal);
    await registry.close();
    const closed = expect.objectContaining({ code: 'CLOSED' });
    expect(() => registry.watch(() => undefined)).toThrow(closed);
    await expect(lease.renew(signal)).rejects.toEqual(closed);
    await expect(lease.update('x', signal)).rejects.toEqual(closed);
  });

  it('G9: leaves no timer after close, with a lease and a notice under way', async () => {
    const own = createFakeClock();
    const registry = createMemoryRegistry({ clock: own });
    registry.watch(() => undefined);
    await registry.register(testEntry('a'), 1_000, signal);
    expect(own.pending).toBe(2);
    await registry.close();
    expect(own.pending).toBe(0);
  });

  it('ends no call that has been given up already', async () => {
    const registry = createMemoryRegistry({ clock: createFakeClock() });
    const gone = AbortSignal.abort(new Error('given up'));
    await expect(registry.register(testEntry('a'), 1_000, gone)).rejects.toThrow('given up');
    expect((await registry.snapshot(signal)).entries).toEqual([]);
  });

  it('hands on what a watcher throws', async () => {
    const errors: unknown[] = [];
    const registry = createMemoryRegistry({ clock: createFakeClock(), onWatcherError: (cause) => errors.push(cause) });
    registry.watch(() => {
      throw new Error('a bad listener');
    });
    expect(errors).toHaveLength(1);
  });
});

import assert from 'node:assert/strict';
import type { Lease, Registry, RegistryEntry } from '@smmf/core';
import { COALESCE_MS, ids, type RegistryRule, registryRule, Stopwatch, signal, Watched } from './registry-rule.ts';
import { testEntry } from './registry-subject.ts';

/** Entries of a large registry, and how long a list and as many changes may take, milliseconds. */
const MANY = 1_000;
const LIST_MS = 1_000;
const CHANGES_MS = 5_000;
/** Calls under way at once. */
const AT_ONCE = 50;
/** Lease of entries that are to outlive a rule, milliseconds. */
const LONG_MS = 600_000;
/** How long a backend may take to clear away what has been released, milliseconds. */
const CLEARED_MS = 5_000;

/** Does `work` for 0 to `count` - 1, several at once. */
async function each<T>(count: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const indices = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, offset) => from + offset);
    results.push(...(await Promise.all(indices.map(work))));
  }
  return results;
}

const many = (registry: Registry): Promise<Lease[]> =>
  each(MANY, (index) => {
    const ttlMs = Math.min(LONG_MS, registry.capabilities.ttlMs.max);
    return registry.register(testEntry(`many-${index}`), ttlMs, signal());
  });

/** Rules about many entries, several namespaces, and what is left behind. */
export const registryLoadRules: readonly RegistryRule[] = [
  registryRule(
    ['C13'],
    'lists a thousand entries within a second, and shows a watcher a thousand changes within five',
    async (registry, subject, backend) => {
      const writer = await backend.client();
      const leases = await many(writer);
      const startMs = performance.now();
      const { entries } = await registry.snapshot(signal());
      const listMs = performance.now() - startMs;
      assert.equal(entries.length, MANY);
      assert.ok(listMs < LIST_MS, `a list of ${MANY} entries took ${Math.round(listMs)} ms`);
      const watcher = new Watched(registry, subject);
      await watcher.shows((last) => last.entries.length === MANY);
      const time = new Stopwatch(subject);
      await each(MANY, async (index) => leases[index]?.update(`changed-${index}`, signal()));
      const changed = (list: readonly RegistryEntry[] = []): number =>
        list.filter(({ id, value }) => value === id.replace('many', 'changed')).length;
      const shown = (): number => changed(watcher.last?.entries);
      await time.until(
        CHANGES_MS,
        () => `a watcher shows ${MANY} changes; it showed ${shown()}`,
        () => shown() === MANY,
      );
      watcher.stop();
    },
  ),
  registryRule(['C14'], 'keeps two namespaces of one backend apart', async (registry, subject, backend) => {
    if (backend.oneNamespace !== undefined) return backend.oneNamespace;
    const { ttlMs } = subject;
    const [one, other] = [await backend.client('one'), await backend.client('other')];
    const watcher = new Watched(other, subject);
    await watcher.shows([]);
    const lease = await one.register(testEntry('a', { epoch: 2, value: 'of one' }), ttlMs, signal());
    await one.register(testEntry('b'), ttlMs, signal());
    await subject.advance(COALESCE_MS);
    assert.deepEqual(ids(await other.snapshot(signal())), [], 'a namespace shows what stands in another one');
    assert.equal(await other.get('a', signal()), undefined);
    // A lower epoch than the one next door.
    const next = await other.register(testEntry('a', { value: 'of other' }), ttlMs, signal());
    await watcher.shows(['a']);
    await lease.release(undefined, signal());
    assert.equal(await next.renew(signal()), 'ok');
    assert.deepEqual(ids(await one.snapshot(signal())), ['b']);
    assert.deepEqual((await other.snapshot(signal())).entries, [testEntry('a', { value: 'of other' })]);
    assert.ok(watcher.seen.every(({ entries }) => entries.every(({ value }) => value === 'of other')));
    assert.deepEqual(ids(await registry.snapshot(signal())), [], 'the namespace of the other clients shows it');
    watcher.stop();
    await Promise.all([one.close(), other.close()]);
  }),
  registryRule(['C19'], 'holds no more after many leases than before', async (registry, subject, backend) => {
    const { cycles = 1_000, ttlMs } = subject;
    if (!backend.size) return 'its backend does not count what it holds (`size`)';
    const size = backend.size.bind(backend);
    const cycle = (name: string) => async (index: number) => {
      const lease = await registry.register(testEntry(`${name}-${index}`), ttlMs, signal());
      await lease.release(undefined, signal());
    };
    const watcher = new Watched(registry, subject);
    await each(AT_ONCE, cycle('first'));
    await subject.advance(2 * COALESCE_MS);
    const before = await size();
    await each(cycles, cycle('again'));
    assert.deepEqual(ids(await registry.snapshot(signal())), []);
    let after = before;
    await new Stopwatch(subject).until(
      CLEARED_MS,
      () => `it holds ${after} things after ${cycles} leases, ${before} before`,
      async () => {
        after = await size();
        return after <= before;
      },
    );
    watcher.stop();
  }),
];

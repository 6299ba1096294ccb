import assert from 'node:assert/strict';
import { isSmmfError, type Registry, type Snapshot } from '@smmf/core';
import { type RegistryBackend, type RegistrySubject, testEntry } from './registry-subject.ts';
import type { Rule } from './suite.ts';

/** The limit of one call in the suite. */
export const signal = (): AbortSignal => AbortSignal.timeout(5_000);
/** Watchers may be told of changes together, this much later. */
export const COALESCE_MS = 150;
/** A tombstone stays for so many times the length of its lease. */
const TOMBSTONE_TTLS = 2;

/** Ids of what a snapshot shows. */
export const ids = ({ entries }: Snapshot): string[] => entries.map(({ id }) => id).sort();

/** A rule for one client, or for a backend with as many as it asks for. */
export const rule = (
  name: string,
  work: (registry: Registry, subject: RegistrySubject, backend: RegistryBackend) => Promise<void>,
): Rule<RegistrySubject> => ({
  name,
  async check(subject) {
    const backend = await subject.create();
    try {
      await work(await backend.client(), subject, backend);
    } finally {
      await backend.close();
    }
  },
});

/** Holds that `work` rejects with the code. */
export async function rejectsWith(code: string, work: Promise<unknown>): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isSmmfError(error) && error.code === code, `expected ${code}, got ${String(error)}`);
}

/** Rules about entries and leases. */
const leaseRules: readonly Rule<RegistrySubject>[] = [
  rule(
    'shows an entry byte for byte, to get and in the snapshot, until its lease is released',
    async (registry, { ttlMs }) => {
      const entry = testEntry('a.b-c_D');
      const lease = await registry.register(entry, ttlMs, signal());
      assert.deepEqual((await registry.snapshot(signal())).entries, [entry]);
      assert.deepEqual(await registry.get(entry.id, signal()), entry);
      await lease.release(undefined, signal());
      assert.deepEqual(ids(await registry.snapshot(signal())), []);
      assert.equal(await registry.get(entry.id, signal()), undefined);
      await lease.release(undefined, signal());
    },
  ),
  rule('takes the same start of an instance twice as one, with the newer value', async (registry, { ttlMs }) => {
    await registry.register(testEntry('a'), ttlMs, signal());
    const again = await registry.register(testEntry('a', { value: 'newer' }), ttlMs, signal());
    const { entries } = await registry.snapshot(signal());
    assert.deepEqual(entries, [testEntry('a', { value: 'newer' })]);
    assert.equal(await again.renew(signal()), 'ok');
  }),
  rule('shows what a lease updates, in its own entry alone', async (registry, { ttlMs }) => {
    const lease = await registry.register(testEntry('a'), ttlMs, signal());
    await registry.register(testEntry('b'), ttlMs, signal());
    assert.equal(await lease.update('updated', signal()), 'ok');
    assert.deepEqual(await registry.get('a', signal()), testEntry('a', { value: 'updated' }));
    assert.deepEqual(await registry.get('b', signal()), testEntry('b'));
  }),
  rule('keeps a renewed lease and lets the other one end, in its time', async (registry, { ttlMs, advance }) => {
    const kept = await registry.register(testEntry('kept'), ttlMs, signal());
    const left = await registry.register(testEntry('left'), ttlMs, signal());
    await advance(ttlMs * 0.75);
    assert.deepEqual(ids(await registry.snapshot(signal())), ['kept', 'left'], 'a lease ended before its time');
    for (let round = 0; round < 3; round++) {
      assert.equal(await kept.renew(signal()), 'ok');
      await advance(ttlMs / 2);
    }
    await advance(registry.capabilities.grainMs);
    assert.equal(await kept.renew(signal()), 'ok');
    assert.deepEqual(ids(await registry.snapshot(signal())), ['kept']);
    assert.equal(await left.renew(signal()), 'lost');
  }),
  rule('brings a lost lease back by registering alone', async (registry, { ttlMs, advance }) => {
    const lost = await registry.register(testEntry('a'), ttlMs, signal());
    await advance(ttlMs * 2 + registry.capabilities.grainMs);
    assert.equal(await lost.update('back?', signal()), 'lost');
    assert.deepEqual(ids(await registry.snapshot(signal())), []);
    const again = await registry.register(testEntry('a'), ttlMs, signal());
    assert.equal(await again.renew(signal()), 'ok');
    assert.deepEqual(ids(await registry.snapshot(signal())), ['a']);
  }),
  rule(
    'lets the higher epoch win, whoever comes first, and tells the lower one',
    async (registry, { ttlMs }, backend) => {
      const other = await backend.client();
      const old = await registry.register(testEntry('a'), ttlMs, signal());
      const newer = testEntry('a', { epoch: 2, value: 'second' });
      await other.register(newer, ttlMs, signal());
      assert.equal(await old.renew(signal()), 'superseded');
      assert.equal(await old.update('first', signal()), 'superseded');
      await rejectsWith('LEASE_LOST', registry.register(testEntry('a'), ttlMs, signal()));
      await old.release('gone', signal());
      assert.deepEqual(await registry.get('a', signal()), newer);
    },
  ),
  rule(
    'keeps the last value of a lease for two times its length, and lets nobody write under it',
    async (registry, { ttlMs, advance }) => {
      const lease = await registry.register(testEntry('a'), ttlMs, signal());
      await lease.release('tombstone', signal());
      assert.equal(await lease.renew(signal()), 'lost');
      assert.equal(await lease.update('alive', signal()), 'lost');
      await advance(ttlMs * 1.5);
      assert.deepEqual(await registry.get('a', signal()), testEntry('a', { value: 'tombstone' }));
      await advance(ttlMs * (TOMBSTONE_TTLS - 1.5) + registry.capabilities.grainMs);
      assert.equal(await registry.get('a', signal()), undefined);
    },
  ),
  rule(
    'refuses what the contract does not allow: ids, epochs, and values over its limit',
    async (registry, { ttlMs }) => {
      const tooLong = 'x'.repeat(registry.capabilities.recordLimitBytes + 1);
      const wrong = [
        testEntry(''),
        testEntry('a/b'),
        testEntry('x'.repeat(129)),
        testEntry('a', { epoch: 0 }),
        testEntry('a', { epoch: 1.5 }),
        testEntry('a', { value: tooLong }),
      ];
      for (const entry of wrong) await rejectsWith('INVALID_VALUE', registry.register(entry, ttlMs, signal()));
      const value = 'x'.repeat(registry.capabilities.recordLimitBytes);
      const lease = await registry.register(testEntry('a', { value }), ttlMs, signal());
      await rejectsWith('INVALID_VALUE', lease.update(tooLong, signal()));
      assert.equal((await registry.get('a', signal()))?.value.length, value.length);
    },
  ),
];

/** Rules about snapshots and watchers. */
const watchRules: readonly Rule<RegistrySubject>[] = [
  rule(
    'gives every watcher the present snapshot, then every change as a whole, in order',
    async (registry, { ttlMs, advance }, backend) => {
      const other = await backend.client();
      const seen: Snapshot[][] = [[], []];
      await registry.register(testEntry('a'), ttlMs, signal());
      const stops = [registry.watch((next) => seen[0]?.push(next)), other.watch((next) => seen[1]?.push(next))];
      const shows = async (...expected: string[]): Promise<void> => {
        await advance(COALESCE_MS);
        for (const each of seen) assert.deepEqual(ids(each.at(-1) as Snapshot), expected);
      };
      await shows('a');
      const lease = await registry.register(testEntry('b'), ttlMs, signal());
      await shows('a', 'b');
      await lease.release(undefined, signal());
      await shows('a');
      for (const each of seen) {
        const revisions = each.map(({ revision }) => revision);
        assert.deepEqual(
          revisions,
          [...revisions].sort((x, y) => x - y),
          'a revision went back',
        );
        assert.ok((revisions.at(-1) ?? 0) > (revisions[0] ?? 0), 'the revision did not grow with the changes');
        assert.equal(new Set(each.map(({ generation }) => generation)).size, 1, 'the generation changed');
      }
      for (const stop of stops) stop();
    },
  ),
  rule('never changes a snapshot that it has given away', async (registry, { ttlMs }) => {
    const lease = await registry.register(testEntry('a'), ttlMs, signal());
    const before = await registry.snapshot(signal());
    const copy = structuredClone(before);
    await lease.update('updated', signal());
    await registry.register(testEntry('b'), ttlMs, signal());
    await registry.snapshot(signal());
    assert.deepEqual(before, copy);
  }),
  rule('shows a tombstone to a watcher that begins only afterwards', async (registry, { ttlMs, advance }) => {
    const lease = await registry.register(testEntry('a'), ttlMs, signal());
    await lease.release('tombstone', signal());
    let last: Snapshot | undefined;
    const stop = registry.watch((next) => {
      last = next;
    });
    await advance(COALESCE_MS);
    assert.equal(last?.entries[0]?.value, 'tombstone');
    stop();
  }),
  rule('shows a tombstone to a watcher that is told of changes together', async (registry, { ttlMs, advance }) => {
    const seen: string[] = [];
    const stop = registry.watch(({ entries }) => seen.push(...entries.map(({ value }) => value)));
    const lease = await registry.register(testEntry('a'), ttlMs, signal());
    await lease.release('tombstone', signal());
    await advance(COALESCE_MS);
    assert.ok(seen.includes('tombstone'), `seen: ${seen.join()}`);
    stop();
  }),
  rule('tells watchers when a lease ends by itself', async (registry, { ttlMs, advance }) => {
    let last: Snapshot | undefined;
    const stop = registry.watch((next) => {
      last = next;
    });
    await registry.register(testEntry('a'), ttlMs, signal());
    await advance(ttlMs + registry.capabilities.grainMs + COALESCE_MS);
    await advance(COALESCE_MS);
    assert.deepEqual(ids(last as Snapshot), []);
    stop();
  }),
  rule('calls a watcher no more once it has stopped', async (registry, { ttlMs, advance }) => {
    let calls = 0;
    const stop = registry.watch(() => {
      calls++;
    });
    await advance(COALESCE_MS);
    stop();
    const before = calls;
    await registry.register(testEntry('a'), ttlMs, signal());
    await advance(COALESCE_MS);
    assert.equal(calls, before);
  }),
  rule('goes on when a watcher throws', async (registry, { ttlMs, advance }) => {
    let calls = 0;
    let badCalls = 0;
    const stops = [
      registry.watch(() => {
        if (badCalls++ > 0) throw new Error('a bad listener');
      }),
      registry.watch(() => {
        calls++;
      }),
    ];
    await advance(COALESCE_MS);
    const before = calls;
    await registry.register(testEntry('a'), ttlMs, signal());
    await advance(COALESCE_MS);
    assert.ok(calls > before, 'the listener beside it heard nothing');
    for (const stop of stops) stop();
  }),
  rule('does not show heartbeats as changes', async (registry, { ttlMs, advance }) => {
    const lease = await registry.register(testEntry('a'), ttlMs, signal());
    const { revision } = await registry.snapshot(signal());
    await advance(ttlMs / 3);
    await lease.renew(signal());
    assert.equal((await registry.snapshot(signal())).revision, revision);
  }),
  rule('refuses everything after close, which may be called twice', async (registry, { ttlMs }) => {
    await registry.close();
    await registry.close();
    await rejectsWith('CLOSED', registry.snapshot(signal()));
    await rejectsWith('CLOSED', registry.get('a', signal()));
    await rejectsWith('CLOSED', registry.register(testEntry('a'), ttlMs, signal()));
    await rejectsWith('CLOSED', (async () => registry.watch(() => undefined))());
  }),
];

/** The rules that need no fault. */
export const plainRegistryRules: readonly Rule<RegistrySubject>[] = [...leaseRules, ...watchRules];

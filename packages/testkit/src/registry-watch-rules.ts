import assert from 'node:assert/strict';
import type { Snapshot } from '@smmf/core';
import { leftOpen } from './open-handles.ts';
import {
  COALESCE_MS,
  NOTICE_MS,
  type RegistryRule,
  registryRule,
  rejectsWith,
  Stopwatch,
  signal,
  Watched,
} from './registry-rule.ts';
import { testEntry } from './registry-subject.ts';

/** How soon after `close()` nothing may be open any more, milliseconds. */
const CLOSED_MS = 1_000;

/** Holds that revisions only grow and the generation stays, over what one watcher was told. */
function checkOrder(seen: readonly Snapshot[]): void {
  const revisions = seen.map(({ revision }) => revision);
  const sorted = [...revisions].sort((x, y) => x - y);
  assert.deepEqual(revisions, sorted, 'a revision went back');
  assert.ok((revisions.at(-1) ?? 0) > (revisions[0] ?? 0), 'the revision did not grow with the changes');
  assert.equal(new Set(seen.map(({ generation }) => generation)).size, 1, 'the generation changed');
}

/** Rules about snapshots and watchers. */
export const registryWatchRules: readonly RegistryRule[] = [
  registryRule(
    ['C7'],
    'gives every watcher the present snapshot, then every change as a whole, in order',
    async (registry, subject, backend) => {
      const { ttlMs } = subject;
      const other = await backend.client();
      await registry.register(testEntry('a'), ttlMs, signal());
      const watchers = [new Watched(registry, subject), new Watched(other, subject)];
      const show = async (...expected: string[]): Promise<void> => {
        for (const watcher of watchers) await watcher.shows(expected);
      };
      await show('a');
      const lease = await registry.register(testEntry('b'), ttlMs, signal());
      await show('a', 'b');
      await lease.release(undefined, signal());
      await show('a');
      for (const { seen, stop } of watchers) {
        checkOrder(seen);
        stop();
      }
    },
  ),
  registryRule(
    ['C7'],
    'shows a watcher a join, a new value and a leave of another client, each within a second',
    async (registry, subject, backend) => {
      const { ttlMs } = subject;
      const other = await backend.client();
      const watcher = new Watched(registry, subject);
      await watcher.shows([]);
      const whole = new Stopwatch(subject);
      const lease = await other.register(testEntry('a'), ttlMs, signal());
      const joined = await watcher.shows(['a']);
      await lease.update('newer', signal());
      const updated = await watcher.shows(({ entries }) => entries[0]?.value === 'newer');
      await lease.release(undefined, signal());
      const latestMs = Math.round(Math.max(joined, updated, await watcher.shows([])));
      watcher.stop();
      subject.onMeasure?.({ what: 'notice', latestMs, isRealTime: whole.isRealTime });
    },
  ),
  registryRule([], 'never changes a snapshot that it has given away', async (registry, { ttlMs }) => {
    const lease = await registry.register(testEntry('a'), ttlMs, signal());
    const before = await registry.snapshot(signal());
    const copy = structuredClone(before);
    await lease.update('updated', signal());
    await registry.register(testEntry('b'), ttlMs, signal());
    await registry.snapshot(signal());
    assert.deepEqual(before, copy);
  }),
  registryRule([], 'shows a tombstone to a watcher that begins only afterwards', async (registry, subject) => {
    const lease = await registry.register(testEntry('a'), subject.ttlMs, signal());
    await lease.release('tombstone', signal());
    const watcher = new Watched(registry, subject);
    await watcher.shows(({ entries }) => entries[0]?.value === 'tombstone');
    watcher.stop();
  }),
  registryRule([], 'shows a tombstone to a watcher that is told of changes together', async (registry, subject) => {
    const watcher = new Watched(registry, subject);
    const lease = await registry.register(testEntry('a'), subject.ttlMs, signal());
    await lease.release('tombstone', signal());
    await watcher.shows(() => watcher.seen.some(({ entries }) => entries.some(({ value }) => value === 'tombstone')));
    watcher.stop();
  }),
  registryRule(['C2', 'C7'], 'tells watchers when a lease ends by itself', async (registry, subject) => {
    const watcher = new Watched(registry, subject);
    await registry.register(testEntry('a'), subject.ttlMs, signal());
    await watcher.shows(['a']);
    await subject.advance(subject.ttlMs * 0.9);
    await watcher.shows([], subject.ttlMs * 0.1 + registry.capabilities.grainMs + NOTICE_MS);
    watcher.stop();
  }),
  registryRule([], 'calls a watcher no more once it has stopped', async (registry, { ttlMs, advance }) => {
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
  registryRule([], 'goes on when a watcher throws', async (registry, subject) => {
    let badCalls = 0;
    const stop = registry.watch(() => {
      if (badCalls++ > 0) throw new Error('a bad listener');
    });
    const beside = new Watched(registry, subject);
    await beside.shows([]);
    await registry.register(testEntry('a'), subject.ttlMs, signal());
    await beside.shows(['a']);
    await registry.register(testEntry('b'), subject.ttlMs, signal());
    await beside.shows(['a', 'b']);
    stop();
    beside.stop();
  }),
  registryRule([], 'does not show heartbeats as changes', async (registry, { ttlMs, advance }) => {
    const lease = await registry.register(testEntry('a'), ttlMs, signal());
    const { revision } = await registry.snapshot(signal());
    await advance(ttlMs / 3);
    await lease.renew(signal());
    assert.equal((await registry.snapshot(signal())).revision, revision);
  }),
  registryRule(['C18'], 'refuses everything after close, which may be called twice', async (registry, { ttlMs }) => {
    await registry.close();
    await registry.close();
    await rejectsWith('CLOSED', registry.snapshot(signal()));
    await rejectsWith('CLOSED', registry.get('a', signal()));
    await rejectsWith('CLOSED', registry.register(testEntry('a'), ttlMs, signal()));
    await rejectsWith('CLOSED', (async () => registry.watch(() => undefined))());
  }),
  registryRule(
    ['C18'],
    'leaves no timer, socket, thread or process open after close',
    async (registry, { ttlMs }, backend) => {
      const stop = registry.watch(() => undefined);
      const lease = await registry.register(testEntry('a'), ttlMs, signal());
      await lease.renew(signal());
      stop();
      await registry.close();
      await backend.close();
      assert.equal(await leftOpen(CLOSED_MS), '', 'open after close()');
    },
  ),
];

import assert from 'node:assert/strict';
import { checkIdle, checkStranger, endsWithItsSignal, eventually, longMs } from './registry-fault-checks.ts';
import {
  faultRule,
  ids,
  NOTICE_MS,
  RECOVER_MS,
  type RegistryRule,
  rejectsWith,
  signal,
  Watched,
} from './registry-rule.ts';
import { testEntry } from './registry-subject.ts';

/** The rules about what happens to backends and clients. */
export const registryFaultRules: readonly RegistryRule[] = [
  faultRule(
    ['C4'],
    'lets the entry of a killed client end with its lease, for every other client',
    'kill',
    async (kill, registry, subject, backend) => {
      const { ttlMs, advance } = subject;
      const other = await backend.client();
      await registry.register(testEntry('killed'), ttlMs, signal());
      const kept = await other.register(testEntry('kept'), ttlMs, signal());
      await kill(registry);
      await advance(ttlMs * 0.75);
      assert.equal(await kept.renew(signal()), 'ok');
      assert.deepEqual(ids(await other.snapshot(signal())), ['kept', 'killed']);
      await advance(ttlMs * 0.5 + other.capabilities.grainMs);
      assert.deepEqual(ids(await other.snapshot(signal())), ['kept']);
    },
  ),
  faultRule(
    ['C8'],
    'goes on with a watch whose connections were cut, without loss',
    'reset',
    async (reset, registry, subject, backend) => {
      const other = await backend.client();
      const ttlMs = longMs(other, subject);
      const watcher = new Watched(registry, subject);
      const lease = await other.register(testEntry('a'), ttlMs, signal());
      await watcher.shows(['a']);
      await reset(registry);
      await other.register(testEntry('b'), ttlMs, signal());
      await lease.update('newer', signal());
      const list = await other.snapshot(signal());
      const sorted = (entries: typeof list.entries) =>
        JSON.stringify([...entries].sort((x, y) => (x.id < y.id ? -1 : 1)));
      await watcher.shows(({ entries }) => sorted(entries) === sorted(list.entries), RECOVER_MS);
      await lease.release(undefined, signal());
      await watcher.shows(['b']);
      assert.deepEqual(await eventually(subject, 'a list', (limit) => registry.snapshot(limit).then(ids)), ['b']);
      const revisions = watcher.seen.map(({ revision }) => revision);
      assert.deepEqual(
        revisions,
        [...revisions].sort((x, y) => x - y),
        'a revision went back',
      );
      watcher.stop();
    },
  ),
  faultRule(
    ['C9'],
    'loses nothing alive when its backend is killed and started again with its data',
    'restart',
    async (restart, registry, subject, backend) => {
      const other = await backend.client();
      const ttlMs = longMs(other, subject);
      const watcher = new Watched(registry, subject);
      const lease = await registry.register(testEntry('a'), ttlMs, signal());
      await other.register(testEntry('b'), ttlMs, signal());
      await watcher.shows(['a', 'b']);
      const before = await other.snapshot(signal());
      const known = watcher.seen.length;
      await restart();
      assert.equal(await eventually(subject, 'a renewal', (limit) => lease.renew(limit)), 'ok');
      const after = await eventually(subject, 'a list', (limit) => other.snapshot(limit));
      assert.deepEqual(ids(after), ['a', 'b']);
      assert.equal(after.generation, before.generation, 'the data are the same, and the generation is another one');
      assert.ok(after.revision >= before.revision, 'the revision went back');
      await other.register(testEntry('c'), ttlMs, signal());
      await watcher.shows(['a', 'b', 'c'], RECOVER_MS);
      for (const { complete, entries } of watcher.seen.slice(known)) {
        assert.ok(!complete || entries.length >= 2, 'a watcher was told that what is alive has gone');
      }
      watcher.stop();
    },
  ),
  faultRule(
    ['C10'],
    'begins another generation when its data are lost, and takes leases anew',
    'wipe',
    async (wipe, registry, subject) => {
      const { ttlMs } = subject;
      const watcher = new Watched(registry, subject);
      const lease = await registry.register(testEntry('a'), ttlMs, signal());
      const before = await registry.snapshot(signal());
      await wipe();
      const after = await eventually(subject, 'a list', (limit) => registry.snapshot(limit));
      assert.notEqual(after.generation, before.generation);
      assert.deepEqual(ids(after), []);
      assert.equal(await lease.renew(signal()), 'lost');
      await registry.register(testEntry('a'), ttlMs, signal());
      const isTold = ({ generation, entries }: typeof after): boolean =>
        generation === after.generation && entries.length === 1;
      await watcher.shows(isTold, RECOVER_MS);
      watcher.stop();
    },
  ),
  faultRule(
    ['C11'],
    'ends each call with its signal while the backend is silent, and goes on afterwards',
    'pause',
    async (pause, registry, subject) => {
      const ttlMs = longMs(registry, subject);
      const lease = await registry.register(testEntry('a'), ttlMs, signal());
      const goOn = await pause();
      await endsWithItsSignal('a snapshot', (limit) => registry.snapshot(limit));
      await endsWithItsSignal('get', (limit) => registry.get('a', limit));
      await endsWithItsSignal('a registration', (limit) => registry.register(testEntry('b'), ttlMs, limit));
      await endsWithItsSignal('a renewal', (limit) => lease.renew(limit));
      await goOn();
      assert.equal(await eventually(subject, 'a renewal', (limit) => lease.renew(limit)), 'ok');
      assert.ok(ids(await registry.snapshot(signal()))?.includes('a'));
    },
  ),
  faultRule(
    ['C11'],
    'does no work while the backend is silent, and follows it again afterwards',
    'pause',
    async (pause, registry, subject, backend) => {
      const other = await backend.client();
      const ttlMs = longMs(other, subject);
      const watcher = new Watched(registry, subject);
      await registry.register(testEntry('a'), ttlMs, signal());
      await watcher.shows(['a']);
      const goOn = await pause();
      await endsWithItsSignal('a snapshot', (limit) => registry.snapshot(limit));
      await checkIdle();
      await goOn();
      await eventually(subject, 'a registration', (limit) => other.register(testEntry('b'), ttlMs, limit));
      await watcher.shows(['a', 'b'], RECOVER_MS);
      watcher.stop();
    },
  ),
  faultRule(
    ['C12'],
    'shows the whole list when what a watch could resume from is forgotten',
    'compact',
    async (compact, registry, subject, backend) => {
      const other = await backend.client();
      const ttlMs = longMs(other, subject);
      const watcher = new Watched(registry, subject);
      const lease = await other.register(testEntry('a'), ttlMs, signal());
      await watcher.shows(['a']);
      await compact(registry, async () => {
        for (const id of ['b', 'c']) await other.register(testEntry(id), ttlMs, signal());
        await lease.release(undefined, signal());
      });
      await watcher.shows(['b', 'c'], RECOVER_MS);
      await other.register(testEntry('d'), ttlMs, signal());
      await watcher.shows(['b', 'c', 'd'], NOTICE_MS);
      watcher.stop();
    },
  ),
  faultRule(
    ['C15'],
    'says REGISTRY_AUTH to wrong credentials, at once and without asking again and again',
    'stranger',
    async (stranger, _registry, subject) => {
      const { client, attempts } = await stranger();
      await rejectsWith('REGISTRY_AUTH', client.snapshot(signal()));
      await rejectsWith('REGISTRY_AUTH', client.get('a', signal()));
      await rejectsWith('REGISTRY_AUTH', client.register(testEntry('a'), subject.ttlMs, signal()));
      await checkStranger(client, attempts, subject);
      await client.close();
    },
  ),
  faultRule([], 'takes a call again whose answer was lost', 'loseAnswer', async (loseAnswer, registry, { ttlMs }) => {
    await loseAnswer(registry);
    await endsWithItsSignal('a registration', (limit) => registry.register(testEntry('a'), ttlMs, limit));
    assert.deepEqual(ids(await registry.snapshot(signal())), ['a'], 'the registration had no effect');
    const lease = await registry.register(testEntry('a'), ttlMs, signal());
    await loseAnswer(registry);
    await endsWithItsSignal('an update', (limit) => lease.update('updated', limit));
    assert.equal(await lease.update('updated', signal()), 'ok');
    await loseAnswer(registry);
    await endsWithItsSignal('a release', (limit) => lease.release('tombstone', limit));
    await lease.release('tombstone', signal());
    assert.equal((await registry.get('a', signal()))?.value, 'tombstone');
  }),
];

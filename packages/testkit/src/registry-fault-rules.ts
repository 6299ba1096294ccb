import assert from 'node:assert/strict';
import type { Registry, Snapshot } from '@smmf/core';
import { COALESCE_MS, ids, rule, signal } from './registry-rules.ts';
import { type RegistryBackend, type RegistryFaults, type RegistrySubject, testEntry } from './registry-subject.ts';
import { type Rule, within } from './suite.ts';

/** Limit of a call that is not to be answered, milliseconds. */
const SHORT_MS = 300;

type Work<Fault extends keyof RegistryFaults> = (
  fault: RegistryFaults[Fault],
  registry: Registry,
  subject: RegistrySubject,
  backend: RegistryBackend,
) => Promise<void>;

/** A rule about one fault; where the backend cannot have it, the reason is printed and nothing is checked. */
function withFault<Fault extends keyof RegistryFaults>(
  name: string,
  fault: Fault,
  work: Work<Fault>,
): Rule<RegistrySubject> {
  return rule(name, async (registry, subject, backend) => {
    const given = backend.faults[fault];
    if (typeof given === 'string') console.log(`registry suite: "${name}" was not checked: ${given}`);
    else await work(given as RegistryFaults[Fault], registry, subject, backend);
  });
}

async function endsWithItsSignal(what: string, call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const outcome = call(AbortSignal.timeout(SHORT_MS)).then(
    () => 'was answered',
    () => 'ended with its signal',
  );
  assert.equal(await within(SHORT_MS * 5, what, outcome), 'ended with its signal');
}

/** The rules about what happens to backends and clients. */
export const registryFaultRules: readonly Rule<RegistrySubject>[] = [
  withFault(
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
  withFault(
    'begins another generation when its data are lost, and takes leases anew',
    'wipe',
    async (wipe, registry, { ttlMs, advance }) => {
      let last: Snapshot | undefined;
      const stop = registry.watch((next) => {
        last = next;
      });
      const lease = await registry.register(testEntry('a'), ttlMs, signal());
      const before = await registry.snapshot(signal());
      await wipe();
      await advance(COALESCE_MS);
      const after = await registry.snapshot(signal());
      assert.notEqual(after.generation, before.generation);
      assert.deepEqual(ids(after), []);
      assert.equal(await lease.renew(signal()), 'lost');
      await registry.register(testEntry('a'), ttlMs, signal());
      await advance(COALESCE_MS);
      assert.equal(last?.generation, after.generation, 'the watcher was not told of the new generation');
      assert.deepEqual(ids(last as Snapshot), ['a']);
      stop();
    },
  ),
  withFault(
    'ends each call with its signal while the backend is silent, and goes on afterwards',
    'pause',
    async (pause, registry, { ttlMs, advance }) => {
      const lease = await registry.register(testEntry('a'), ttlMs, signal());
      const goOn = await pause();
      await endsWithItsSignal('a snapshot', (limit) => registry.snapshot(limit));
      await endsWithItsSignal('get', (limit) => registry.get('a', limit));
      await endsWithItsSignal('a registration', (limit) => registry.register(testEntry('b'), ttlMs, limit));
      await endsWithItsSignal('a renewal', (limit) => lease.renew(limit));
      await goOn();
      await advance(COALESCE_MS);
      assert.equal(await lease.renew(signal()), 'ok');
      assert.ok(ids(await registry.snapshot(signal())).includes('a'));
    },
  ),
  withFault('takes a call again whose answer was lost', 'loseAnswer', async (loseAnswer, registry, { ttlMs }) => {
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

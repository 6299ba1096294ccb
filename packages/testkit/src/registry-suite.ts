import assert from 'node:assert/strict';
import { isSmmfError, type Registry, type Snapshot } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import { type RegisterTest, type Rule, registerRules } from './suite.ts';

/** A registry under test, and how time passes for it. */
export interface RegistrySubject {
  /** A fresh, empty registry; called for each rule. */
  create(): Promise<Registry>;
  /** Lets `ms` pass: a fake clock's `advance`, or a real wait. */
  advance(ms: number): Promise<void>;
  /** Length of the leases in the suite, milliseconds. */
  readonly ttlMs: number;
}

/** What {@link registrySuite} needs. */
export interface RegistrySuiteOptions extends RegistrySubject {
  readonly test: RegisterTest;
}

const signal = (): AbortSignal => AbortSignal.timeout(5_000);
/** Watchers may be told of changes together, this much later. */
const COALESCE_MS = 150;

/** A record for tests. */
export function testRecord(id: string, more: Partial<InstanceRecord> = {}): InstanceRecord {
  const models = [{ id: 'model', tasks: ['chat' as const] }];
  const base = { epoch: 1, engine: 'test', state: 'ready' as const, weight: 1, order: 0, labels: {}, startedAtMs: 0 };
  return { id, ...base, models, address: { url: 'http://127.0.0.1:1/v1' }, ...more };
}

const ids = ({ instances }: Snapshot): string[] => instances.map(({ id }) => id).sort();
const stateOf = ({ instances }: Snapshot, id: string): string | undefined =>
  instances.find((record) => record.id === id)?.state;

async function using(subject: RegistrySubject, work: (registry: Registry) => Promise<void>): Promise<void> {
  const registry = await subject.create();
  try {
    await work(registry);
  } finally {
    await registry.close();
  }
}

const rule = (
  name: string,
  work: (registry: Registry, subject: RegistrySubject) => Promise<void>,
): Rule<RegistrySubject> => ({
  name,
  check: (subject) => using(subject, (registry) => work(registry, subject)),
});

async function rejectsWith(code: string, work: Promise<unknown>): Promise<void> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.ok(isSmmfError(error) && error.code === code, `expected ${code}, got ${String(error)}`);
}

/** The rules of a registry; {@link registrySuite} runs them all. */
export const registryRules: readonly Rule<RegistrySubject>[] = [
  rule('shows a registered record, whole, until its lease is released', async (registry, { ttlMs }) => {
    const record = testRecord('a', { labels: { zone: 'z1' } });
    const lease = await registry.register(record, ttlMs);
    assert.deepEqual((await registry.snapshot()).instances, [record]);
    await lease.release(signal());
    assert.deepEqual(ids(await registry.snapshot()), []);
    await lease.release(signal());
  }),
  rule('takes the same start of an instance twice as one', async (registry, { ttlMs }) => {
    await registry.register(testRecord('a'), ttlMs);
    const again = await registry.register(testRecord('a'), ttlMs);
    assert.deepEqual(ids(await registry.snapshot()), ['a']);
    assert.equal(await again.renew(signal()), 'ok');
  }),
  rule('shows what a lease updates', async (registry, { ttlMs }) => {
    const lease = await registry.register(testRecord('a'), ttlMs);
    assert.equal(await lease.update(testRecord('a', { state: 'draining' }), signal()), 'ok');
    assert.equal(stateOf(await registry.snapshot(), 'a'), 'draining');
  }),
  rule('keeps a renewed lease and lets the other one end', async (registry, { ttlMs, advance }) => {
    const kept = await registry.register(testRecord('kept'), ttlMs);
    const left = await registry.register(testRecord('left'), ttlMs);
    for (let round = 0; round < 4; round++) {
      await advance(ttlMs / 2);
      assert.equal(await kept.renew(signal()), 'ok');
    }
    await advance(registry.capabilities.grainMs);
    assert.deepEqual(ids(await registry.snapshot()), ['kept']);
    assert.equal(await left.renew(signal()), 'lost');
  }),
  rule('takes an instance back after its lease was lost', async (registry, { ttlMs, advance }) => {
    await registry.register(testRecord('a'), ttlMs);
    await advance(ttlMs * 2 + registry.capabilities.grainMs);
    const again = await registry.register(testRecord('a'), ttlMs);
    assert.equal(await again.renew(signal()), 'ok');
    assert.deepEqual(ids(await registry.snapshot()), ['a']);
  }),
  rule('lets the higher epoch win, and tells the lower one', async (registry, { ttlMs }) => {
    const old = await registry.register(testRecord('a'), ttlMs);
    await registry.register(testRecord('a', { epoch: 2, state: 'starting' }), ttlMs);
    assert.equal(await old.renew(signal()), 'superseded');
    assert.equal(await old.update(testRecord('a', { state: 'failed' }), signal()), 'superseded');
    assert.equal(stateOf(await registry.snapshot(), 'a'), 'starting');
    await rejectsWith('LEASE_LOST', registry.register(testRecord('a'), ttlMs));
  }),
  rule('does not let an old start remove a newer one', async (registry, { ttlMs }) => {
    const old = await registry.register(testRecord('a'), ttlMs);
    await registry.register(testRecord('a', { epoch: 2 }), ttlMs);
    await old.release(signal());
    assert.deepEqual(ids(await registry.snapshot()), ['a']);
  }),
  rule(
    'gives a watcher the present snapshot, then every change as a whole, in order',
    async (registry, { ttlMs, advance }) => {
      const seen: Snapshot[] = [];
      await registry.register(testRecord('a'), ttlMs);
      const stop = registry.watch((snapshot) => seen.push(snapshot));
      await advance(COALESCE_MS);
      assert.deepEqual(ids(seen.at(-1) as Snapshot), ['a']);
      const lease = await registry.register(testRecord('b'), ttlMs);
      await advance(COALESCE_MS);
      assert.deepEqual(ids(seen.at(-1) as Snapshot), ['a', 'b']);
      await lease.release(signal());
      await advance(COALESCE_MS);
      assert.deepEqual(ids(seen.at(-1) as Snapshot), ['a']);
      const revisions = seen.map(({ revision }) => revision);
      assert.deepEqual(
        revisions,
        [...revisions].sort((x, y) => x - y),
        'a revision went back',
      );
      stop();
    },
  ),
  rule('tells watchers when a lease ends by itself', async (registry, { ttlMs, advance }) => {
    let last: Snapshot | undefined;
    const stop = registry.watch((snapshot) => {
      last = snapshot;
    });
    await registry.register(testRecord('a'), ttlMs);
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
    await registry.register(testRecord('a'), ttlMs);
    await advance(COALESCE_MS);
    assert.equal(calls, before);
  }),
  rule('does not show heartbeats as changes', async (registry, { ttlMs, advance }) => {
    const lease = await registry.register(testRecord('a'), ttlMs);
    const { revision } = await registry.snapshot();
    await advance(ttlMs / 3);
    await lease.renew(signal());
    assert.equal((await registry.snapshot()).revision, revision);
  }),
  {
    name: 'refuses everything after close, which may be called twice',
    async check(subject) {
      const registry = await subject.create();
      await registry.close();
      await registry.close();
      await rejectsWith('CLOSED', registry.snapshot());
      await rejectsWith('CLOSED', registry.register(testRecord('a'), subject.ttlMs));
    },
  },
];

/** Runs the contract of a registry: one test for each rule, and one that fails when a rule was left out. */
export function registrySuite({ test, ...subject }: RegistrySuiteOptions): void {
  registerRules({ kind: 'registry', rules: registryRules, subject, test, limitMs: 60_000 });
}

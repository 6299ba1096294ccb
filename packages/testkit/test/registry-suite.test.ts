import { type Lease, type Registry, SmmfError, type Snapshot } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import { describe, expect, it, test } from 'vitest';
import { createFakeClock, type FakeClock, registryRules, registrySuite } from '../src/index.ts';
import { brokenRules, expectEachRuleBroken } from './broken.ts';

/** Faults that a small registry can be given, one at a time. */
interface Faults {
  readonly dropsFields?: boolean;
  readonly doubles?: boolean;
  readonly ignoresUpdates?: boolean;
  readonly neverExpires?: boolean;
  readonly expiresAlways?: boolean;
  readonly staysLost?: boolean;
  readonly takesOldEpochs?: boolean;
  readonly releasesAnyEpoch?: boolean;
  readonly silentAtFirst?: boolean;
  readonly silentOnExpiry?: boolean;
  readonly cannotStop?: boolean;
  readonly countsHeartbeats?: boolean;
  readonly opensAfterClose?: boolean;
}

/** The least registry that follows the contract, and each way to break it. */
function smallRegistry(clock: FakeClock, faults: Faults): Registry {
  let records: { record: InstanceRecord; untilMs: number }[] = [];
  const lost = new Set<string>();
  let revision = 0;
  let isClosed = false;
  const watchers = new Set<(snapshot: Snapshot) => void>();
  const current = (): Snapshot => ({
    revision,
    complete: true,
    asOfMs: 0,
    instances: records.map(({ record }) => record),
  });
  const changed = (isExpiry = false): void => {
    revision++;
    if (faults.silentOnExpiry && isExpiry) return;
    for (const watcher of watchers) watcher(current());
  };
  const find = (id: string) => records.find(({ record }) => record.id === id);
  const expire = (): void => {
    if (faults.neverExpires) return;
    const ended = records.filter(({ untilMs }) => untilMs <= clock.now());
    for (const { record } of ended) lost.add(record.id);
    records = records.filter((entry) => !ended.includes(entry));
    if (ended.length > 0) changed(true);
  };
  const open = (): void => {
    if (isClosed && !faults.opensAfterClose) throw new SmmfError('CLOSED', 'closed');
  };
  const put = (record: InstanceRecord, ttlMs: number): void => {
    const untilMs = clock.now() + ttlMs;
    if (!faults.doubles) records = records.filter((entry) => entry.record.id !== record.id);
    records.push({ record: faults.dropsFields ? { ...record, labels: {} } : record, untilMs });
    clock.after(ttlMs, expire);
    changed();
  };
  const leaseOf = ({ id, epoch }: InstanceRecord, ttlMs: number): Lease => {
    const state = () => {
      const entry = find(id);
      if (!entry) return 'lost' as const;
      return entry.record.epoch === epoch ? entry : ('superseded' as const);
    };
    return {
      async renew() {
        const entry = state();
        if (typeof entry === 'string') return entry;
        entry.untilMs = faults.expiresAlways ? entry.untilMs : clock.now() + ttlMs;
        clock.after(ttlMs, expire);
        if (faults.countsHeartbeats) changed();
        return 'ok';
      },
      async update(record) {
        const entry = state();
        if (typeof entry === 'string') return entry;
        if (!faults.ignoresUpdates) entry.record = record;
        changed();
        return 'ok';
      },
      async release() {
        if (find(id)?.record.epoch !== epoch && !faults.releasesAnyEpoch) return;
        records = records.filter(({ record }) => record.id !== id);
        changed();
      },
    };
  };
  return {
    capabilities: {
      fence: 'backend',
      persistent: false,
      ttlMs: { min: 1, max: 1e9 },
      grainMs: 0,
      recordLimitBytes: 65_536,
    },
    async register(record, ttlMs) {
      open();
      if (faults.staysLost && lost.has(record.id)) throw new SmmfError('LEASE_LOST', 'gone for good');
      if ((find(record.id)?.record.epoch ?? 0) > record.epoch && !faults.takesOldEpochs)
        throw new SmmfError('LEASE_LOST', 'old');
      put(record, ttlMs);
      return leaseOf(record, ttlMs);
    },
    async snapshot() {
      open();
      return current();
    },
    watch(listener) {
      watchers.add(listener);
      if (!faults.silentAtFirst) listener(current());
      return () => void (faults.cannotStop || watchers.delete(listener));
    },
    async close() {
      isClosed = true;
    },
  };
}

function subject(faults: Faults = {}) {
  const clock = createFakeClock();
  return {
    create: async () => smallRegistry(clock, faults),
    advance: async (ms: number) => clock.advance(ms),
    ttlMs: 1_000,
  };
}

registrySuite({ test, ...subject() });

const FAULTS: readonly Faults[] = [
  { dropsFields: true },
  { doubles: true },
  { ignoresUpdates: true },
  { neverExpires: true },
  { expiresAlways: true },
  { staysLost: true },
  { takesOldEpochs: true },
  { releasesAnyEpoch: true },
  { silentAtFirst: true },
  { silentOnExpiry: true },
  { cannotStop: true },
  { countsHeartbeats: true },
  { opensAfterClose: true },
];

describe('registrySuite', () => {
  it('finds nothing wrong with a sound registry', async () => {
    expect(await brokenRules(registryRules, subject())).toEqual([]);
  });

  it('catches each fault, and every rule catches one', async () => {
    const seen: string[] = [];
    for (const faults of FAULTS) {
      const broken = await brokenRules(registryRules, subject(faults));
      expect(broken, JSON.stringify(faults)).not.toEqual([]);
      seen.push(...broken);
    }
    expectEachRuleBroken(registryRules, seen);
  });
});

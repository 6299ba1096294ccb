import { SmmfError } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import { Announcer } from '../src/index.ts';
import { createFakeRegistry, type LogLine, pass, recordingLogger, settle } from './fake-registry.ts';
import { sealed } from './test-cluster.ts';

const TIMINGS = { heartbeatMs: 5_000, ttlMs: 15_000, registryLimitMs: 2_000 };

function record(more: Partial<InstanceRecord> = {}): InstanceRecord {
  const base = { id: 'chat-1', epoch: 1, engine: 'demo', state: 'ready', models: [], weight: 1, order: 0 } as const;
  return { ...base, labels: {}, startedAtMs: 0, models: [], ...more };
}

const entry = (more: Partial<InstanceRecord> = {}) => sealed(record(more));

function setup(random = 0.5) {
  const registry = createFakeRegistry();
  const clock = createFakeClock();
  const lines: LogLine[] = [];
  const superseded: number[] = [];
  const announcer = new Announcer({
    registry,
    clock,
    logger: recordingLogger(lines),
    timings: TIMINGS,
    random: () => random,
    onSuperseded: (epoch) => void superseded.push(epoch),
  });
  const whats = () => registry.calls.map(({ what }) => what);
  return { registry, clock, lines, superseded, announcer, whats };
}

describe('heartbeats', () => {
  it.each([
    [0, 4_500],
    [0.5, 5_000],
    [1, 5_500],
  ])('come every 5 s give or take 10 % (chance %d: %d ms)', async (random, everyMs) => {
    const { announcer, clock, whats } = setup(random);
    announcer.announce(entry());
    await pass(clock, everyMs - 1, 500);
    expect(whats()).toEqual(['register']);
    await pass(clock, 1);
    expect(whats()).toEqual(['register', 'renew']);
    await pass(clock, everyMs, 500);
    expect(whats()).toEqual(['register', 'renew', 'renew']);
  });

  it('that fail are tried again after 0.5, 1 and 2 s, then at the usual pace, and warn once', async () => {
    const { announcer, clock, registry, lines } = setup();
    announcer.announce(entry());
    await settle();
    const failures: number[] = [];
    registry.answer = () => {
      failures.push(clock.now());
      return Promise.reject(new Error('down'));
    };
    await pass(clock, 14_000);
    expect(failures).toEqual([5_000, 5_500, 6_500, 8_500, 13_500]);
    expect(lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('that hang are given up after 2 s, with their signal', async () => {
    const { announcer, clock, registry, whats } = setup();
    announcer.announce(entry());
    await settle();
    registry.answer = () => new Promise(() => undefined);
    await pass(clock, 5_000);
    expect(whats()).toEqual(['register', 'renew']);
    await pass(clock, 2_000);
    registry.answer = undefined;
    await pass(clock, 500);
    expect(whats()).toEqual(['register', 'renew', 'renew']);
  });

  it('whose lease was lost register again at once, with the same id and epoch', async () => {
    const { announcer, clock, registry, whats } = setup();
    announcer.announce(entry());
    await settle();
    registry.records.clear();
    await pass(clock, 5_000);
    expect(whats()).toEqual(['register', 'renew', 'register']);
    expect(registry.records.get('chat-1')?.epoch).toBe(1);
  });
});

describe('a record', () => {
  it('is written in the very turn in which it is announced', async () => {
    const { announcer, registry } = setup();
    announcer.announce(entry());
    await settle();
    announcer.announce(entry({ state: 'starting' }));
    expect(registry.records.get('chat-1')?.state).toBe('starting');
  });

  it('that comes while a call is under way is written after it, and only the last of several', async () => {
    const { announcer, registry } = setup();
    const first = Promise.withResolvers<'ok'>();
    registry.answer = () => first.promise;
    announcer.announce(entry({ reason: 'a' }));
    announcer.announce(entry({ reason: 'b' }));
    announcer.announce(entry({ reason: 'c' }));
    registry.answer = undefined;
    first.resolve('ok');
    await settle();
    expect(registry.calls.map((call) => call.record?.reason)).toEqual(['a', 'c']);
  });

  it('that comes in the turn in which the call before it ends is not forgotten', async () => {
    const { announcer, registry } = setup();
    announcer.announce(entry({ reason: 'a' }));
    for (let turn = 0; turn < 12; turn++) {
      await Promise.resolve();
      announcer.announce(entry({ reason: `turn ${turn}` }));
    }
    await settle();
    expect(registry.records.get('chat-1')?.reason).toBe('turn 11');
  });

  it('of a new epoch takes a new lease', async () => {
    const { announcer, whats } = setup();
    announcer.announce(entry());
    await settle();
    announcer.announce(entry({ epoch: 2 }));
    await settle();
    expect(whats()).toEqual(['register', 'register']);
  });
});

describe('a higher epoch', () => {
  it.each(['register', 'update'])(
    'met at %s is reported, and nothing is written under the lower one',
    async (where) => {
      const { announcer, registry, superseded, clock } = setup();
      if (where === 'update') {
        announcer.announce(entry());
        await settle();
      }
      registry.records.set('chat-1', record({ epoch: 5 }));
      announcer.announce(entry({ reason: 'x' }));
      await settle();
      expect(superseded).toEqual([1]);
      const { length } = registry.calls;
      announcer.announce(entry({ reason: 'y' }));
      await pass(clock, 20_000, 1_000);
      expect(registry.calls).toHaveLength(length);
      announcer.announce(entry({ epoch: 6 }));
      await settle();
      expect(registry.records.get('chat-1')?.epoch).toBe(6);
    },
  );
});

describe('leaving', () => {
  it('releases the lease with the tombstone as its last value, and stops the heartbeat', async () => {
    const { announcer, registry, clock, whats } = setup();
    announcer.announce(entry());
    await settle();
    await announcer.leave(entry({ state: 'gone' }));
    expect(whats()).toEqual(['register', 'release']);
    expect(registry.states()).toEqual(['ready', 'gone']);
    expect(clock.pending).toBe(0);
    announcer.announce(entry());
    await pass(clock, 20_000, 1_000);
    expect(whats()).toEqual(['register', 'release']);
  });

  it('is bounded when the registry hangs', async () => {
    const { announcer, registry, clock } = setup();
    announcer.announce(entry());
    await settle();
    registry.answer = () => new Promise(() => undefined);
    const left = announcer.leave(entry({ state: 'gone' }));
    await pass(clock, 2_000);
    await left;
    expect(clock.pending).toBe(0);
  });
});

describe('the epoch that a registry shows', () => {
  it('is 0 for an unknown id, and unknown when the registry fails', async () => {
    const { announcer, registry } = setup();
    expect(await announcer.shownEpoch('chat-1')).toBe(0);
    registry.records.set('chat-1', record({ epoch: 4 }));
    expect(await announcer.shownEpoch('chat-1')).toBe(4);
    registry.answer = () => Promise.reject(new SmmfError('REGISTRY_UNAVAILABLE', 'down'));
    expect(await announcer.shownEpoch('chat-1')).toBeUndefined();
  });
});

describe('a call that was given up here and went through there', () => {
  function setupLate() {
    const parts = setup();
    const { registry } = parts;
    const late: (() => void)[] = [];
    const { register } = registry;
    registry.register = async (entry, ttlMs, signal) => {
      const lease = await register.call(registry, entry, ttlMs, signal);
      const { promise, resolve } = Promise.withResolvers<void>();
      late.push(resolve);
      await promise;
      return lease;
    };
    return { ...parts, late };
  }

  it('gives its lease to the entry that is still wanted: nothing registers twice', async () => {
    const { announcer, clock, late, whats } = setupLate();
    announcer.announce(entry());
    await pass(clock, 2_000);
    late[0]?.();
    await settle();
    await pass(clock, 1_000);
    expect(whats()).toEqual(['register', 'update']);
  });

  it('ends the lease of an entry that nobody wants any more', async () => {
    const { announcer, clock, late, registry } = setupLate();
    announcer.announce(entry());
    await pass(clock, 2_000);
    announcer.announce(entry({ epoch: 2 }));
    await pass(clock, 500);
    late[1]?.();
    await settle();
    late[0]?.();
    await settle();
    expect(registry.records.get('chat-1')?.epoch).toBe(2);
  });

  it('ends with the tombstone when the announcer has left meanwhile', async () => {
    const { announcer, clock, late, registry } = setupLate();
    announcer.announce(entry());
    const left = announcer.leave(entry({ state: 'gone' }));
    await pass(clock, 2_000);
    await left;
    expect(registry.records.get('chat-1')?.state).toBe('ready');
    late[0]?.();
    await settle();
    expect(registry.records.get('chat-1')?.state).toBe('gone');
  });
});

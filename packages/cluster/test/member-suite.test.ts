import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Lease, Registry, RegistryEntry, Snapshot } from '@smmf/core';
import { createFakeClock, type FakeClock, inProcessBackend, type RegistryBackend, uncheckedOf } from '@smmf/testkit';
import { describe, expect, it, test } from 'vitest';
import { createMemoryRegistry } from '../../controller/src/index.ts';
import { settle } from './fake-registry.ts';
import { type MemberParts, type MemberSubject, memberParts, memberRules, memberSuite } from './member-suite.ts';
import { carrierBackend } from './registry-carrier.ts';

const shifted = (clock: Clock, offsetMs = 0): Clock => ({
  now: clock.now,
  after: clock.after,
  wallMs: () => clock.wallMs() + offsetMs,
});

/** A subject in this process; `client` changes its n-th client. */
function inProcess(change: (client: Registry, clock: Clock) => Registry = (client) => client): MemberSubject {
  let clock: FakeClock = createFakeClock();
  return {
    ttlMs: 15_000,
    async create(offsetsMs = []) {
      clock = createFakeClock();
      const again = () => createMemoryRegistry({ clock: shifted(clock, offsetsMs[0]) });
      const backend = inProcessBackend(again(), { again });
      let count = 0;
      const client: RegistryBackend['client'] = async () =>
        change(await backend.client(), shifted(clock, offsetsMs[count++]));
      return { ...backend, client };
    },
    async advance(ms) {
      clock.advance(ms);
      await settle();
    },
    clock: () => clock,
  };
}

function overCarrier(): MemberSubject {
  let clock = createFakeClock();
  return {
    ttlMs: 15_000,
    create() {
      clock = createFakeClock();
      return carrierBackend(clock);
    },
    async advance(ms) {
      clock.advance(ms);
      await delay(20);
    },
    clock: () => clock,
  };
}

const report = (made: Parameters<typeof uncheckedOf>[0]): void => expect(uncheckedOf(made)).toEqual([]);

describe('over the memory registry', () => {
  memberSuite({ test, name: 'memory', version: 'in this process', report, ...inProcess() });
});

describe('over a carrier', () => {
  memberSuite({ test, report, ...overCarrier() });
});

/** A client whose leases answer `ok` to every renewal. */
function blind(client: Registry): Registry {
  const register: Registry['register'] = async (entry, ttlMs, signal) => {
    const lease: Lease = await client.register(entry, ttlMs, signal);
    return {
      async renew(by) {
        await lease.renew(by);
        return 'ok';
      },
      update: (value, by) => lease.update(value, by),
      release: (value, by) => lease.release(value, by),
    };
  };
  return withMethods(client, { register });
}

/** Clients that write when a lease ends by their own wall clock, and believe what the others wrote. */
function byWallClock(): (client: Registry, clock: Clock) => Registry {
  const endsMs = new Map<string, number>();
  return (client, clock) => {
    const alive = ({ id }: RegistryEntry): boolean => (endsMs.get(id) ?? 0) > clock.wallMs();
    const seen = (snapshot: Snapshot): Snapshot => ({ ...snapshot, entries: snapshot.entries.filter(alive) });
    return withMethods(client, {
      async register(entry, ttlMs, signal) {
        endsMs.set(entry.id, clock.wallMs() + ttlMs);
        return client.register(entry, ttlMs, signal);
      },
      watch: (listener) => client.watch((snapshot) => listener(seen(snapshot))),
    });
  };
}

function withMethods(client: Registry, methods: Partial<Registry>): Registry {
  return {
    capabilities: client.capabilities,
    register: (entry, ttlMs, signal) => client.register(entry, ttlMs, signal),
    get: (id, signal) => client.get(id, signal),
    snapshot: (signal) => client.snapshot(signal),
    watch: (listener) => client.watch(listener),
    close: () => client.close(),
    ...methods,
  };
}

/** A reader that takes what it is given. */
const trusting: MemberParts['follow'] = ({ registries: [registry] }, listener) => {
  const stop = registry?.watch(({ entries, ...head }) => {
    const instances = entries.flatMap(({ value }) => {
      try {
        return [JSON.parse(JSON.parse(value).payload)];
      } catch {
        return [];
      }
    });
    listener({ ...head, instances });
  });
  return { stats: () => ({ staleMs: 0, rejected: {}, errors: {} }), close: async () => stop?.() };
};

/** A reader that shows nothing where one entry is bad. */
const timid: MemberParts['follow'] = (context, listener) =>
  memberParts.follow(context, (feed) => listener(feed.complete ? feed : { ...feed, instances: [] }));

describe('the suite of members', () => {
  const broken: readonly (readonly [string, string, MemberSubject, Partial<MemberParts>, RegExp])[] = [
    [
      'does not notice that its lease was lost',
      'C10',
      inProcess(blind),
      {},
      /within 7500 ms: 12 members are back; listed are 0/,
    ],
    ['believes every text', 'C16', inProcess(), { follow: trusting }, /what is: .*"oversize"/],
    ['gives up at one bad text', 'C16', inProcess(), { follow: timid }, /"good".*what is: \[\]/],
    ['judges leases by its wall clock', 'C17', inProcess(byWallClock()), {}, /"off-2".*what is: \["off-0"\]/],
  ];

  it.each(broken)('catches what %s (%s)', async (_what, id, subject, parts, reason) => {
    const rules = memberRules(subject, { ...memberParts, ...parts });
    const rule = rules.find(({ contract }) => contract.some((each) => each === id));
    await expect(rule?.check(subject)).rejects.toThrow(reason);
  });
});

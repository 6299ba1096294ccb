import assert from 'node:assert/strict';
import type { Clock, Registry, RegistryEntry, Snapshot } from '@smmf/core';
import type { InstanceFeed, InstanceRecord } from '@smmf/protocol';
import {
  type RegistryBackend,
  type RegistryRule,
  type RegistrySubject,
  type RegistrySuiteOptions,
  registryRule,
  registrySuite,
  Stopwatch,
  testRecord,
} from '@smmf/testkit';
import {
  Announcer,
  type AnnouncerContext,
  type ClusterFollower,
  ENTRY_LIMIT_BYTES,
  type FollowContext,
  followCluster,
} from '../src/index.ts';
import { type LogLine, recordingLogger } from './fake-registry.ts';
import { rewritten, sealed, testCodec, testKeys } from './test-cluster.ts';

/** A registry under test and its time, as members use them. */
export interface MemberSubject extends RegistrySubject {
  /**
   * A fresh backend. The wall clock that its n-th client is given is off by the n-th of `offsetsMs`, where clients have a clock; it
   * is right without.
   */
  create(offsetsMs?: readonly number[]): Promise<RegistryBackend>;
  /** The clock that `advance` moves. */
  clock(): Clock;
}

/** What members are made of; a test of the suite puts broken ones in their place. */
export interface MemberParts {
  announcer(context: AnnouncerContext): Pick<Announcer, 'announce' | 'leave'>;
  /** The entry of an instance, as its host writes it. */
  seal(record: InstanceRecord): RegistryEntry;
  follow(context: FollowContext, listener: (feed: InstanceFeed) => void): Pick<ClusterFollower, 'stats' | 'close'>;
}

let seq = 0;

/** The members of this version. */
export const memberParts: MemberParts = {
  announcer: (context) => new Announcer(context),
  seal: (record) => sealed(record, ++seq),
  follow: (context, listener) => followCluster(context, listener),
};

const HOUR_MS = 3_600_000;
/** How much later than a heartbeat a member may be back, milliseconds. */
const BACK_MS = 2_000;
/** How soon a watcher follows again, and how long one list may take, milliseconds. */
const RECOVER_MS = 10_000;
const LIST_MS = 1_000;
/** A heartbeat comes up to this much later than its time. */
const JITTER = 1.1;
const STRANGERS = 200;

const timingsOf = ({ ttlMs }: RegistrySubject) => ({ heartbeatMs: ttlMs / 3, ttlMs, registryLimitMs: 2_000 });
const limit = (): AbortSignal => AbortSignal.timeout(5_000);
const idsOf = (feed: InstanceFeed | undefined): string => JSON.stringify(feed?.instances.map(({ id }) => id).sort());

/** Members over one subject: instances that are announced, and feeds that are followed. */
class Members {
  readonly lines: LogLine[] = [];
  /** Entries that the latest feed has left out, by reason. */
  rejected: () => Readonly<Record<string, number>> = () => ({});
  readonly #subject: MemberSubject;
  readonly #parts: MemberParts;
  readonly #ends: (() => unknown)[] = [];

  constructor(subject: MemberSubject, parts: MemberParts) {
    this.#subject = subject;
    this.#parts = parts;
  }

  announce(registry: Registry, id: string, offsetMs = 0): void {
    const record = testRecord(id);
    const announcer = this.#parts.announcer({
      registry,
      clock: this.#clock(offsetMs),
      logger: recordingLogger(this.lines),
      timings: timingsOf(this.#subject),
      onSuperseded: () => undefined,
    });
    announcer.announce(this.#parts.seal(record));
    this.#ends.push(() => announcer.leave(this.#parts.seal({ ...record, state: 'gone' })));
  }

  /** The latest feed of a registry. */
  follow(registry: Registry, offsetMs = 0): () => InstanceFeed | undefined {
    let last: InstanceFeed | undefined;
    const context = { registries: [registry], keys: testKeys, clock: this.#clock(offsetMs) };
    const follower = this.#parts.follow({ ...context, logger: recordingLogger(this.lines) }, (feed) => {
      last = feed;
    });
    this.#ends.push(() => follower.close());
    this.rejected = () => follower.stats().rejected;
    return () => last;
  }

  async end(): Promise<void> {
    for (const end of this.#ends.splice(0)) await end();
  }

  #clock(offsetMs: number): Clock {
    const { now, wallMs, after } = this.#subject.clock();
    return { now, after, wallMs: () => wallMs() + offsetMs };
  }
}

/** Waits until a feed shows these instances. */
const shows = (time: Stopwatch, limitMs: number, feed: () => InstanceFeed | undefined, ids: readonly string[]) => {
  const wanted = JSON.stringify([...ids].sort());
  return time.until(
    limitMs,
    () => `${wanted} are there; what is: ${idsOf(feed())}`,
    () => idsOf(feed()) === wanted,
  );
};

/** Texts in the registry that are no instance of ours, by what is wrong with them. */
function strangers(seal: MemberParts['seal']): readonly RegistryEntry[] {
  const at = (id: string, value: string): RegistryEntry => ({ id, epoch: 1, value });
  const around = (id: string, more: object): RegistryEntry => {
    const { value } = seal(testRecord(id));
    return at(id, JSON.stringify({ ...JSON.parse(value), ...more }));
  };
  const named = [
    at('empty', ''),
    at('no-json', '{'),
    at('null', 'null'),
    at('no-envelope', '{"hello":"world"}'),
    around('version-0', { v: 0 }),
    around('no-text', { payload: { id: 'no-text' } }),
    around('no-record', { payload: '[]' }),
    around('cut', { payload: '{"id":"cut"' }),
    at('another-id', seal(testRecord('somebody')).value),
    at('another-epoch', seal(testRecord('another-epoch', { epoch: 7 })).value),
    rewritten(seal(testRecord('of-somebody')), (record) => ({ ...record, id: 'somebody' })),
  ];
  const crowd = Array.from({ length: STRANGERS }, (_, index) => at(`stranger-${index}`, `hello ${index}`));
  return [...named, ...crowd];
}

/** What a feed needs of a client, with one entry more: larger than any that a reader takes, as a backend with a higher limit would show it. */
function withOversize(registry: Registry, seal: MemberParts['seal']): Registry {
  const { value } = seal(testRecord('oversize'));
  const oversize = { id: 'oversize', epoch: 1, value: value + ' '.repeat(ENTRY_LIMIT_BYTES) };
  const watch: Registry['watch'] = (listener) =>
    registry.watch((snapshot) => listener({ ...snapshot, entries: [oversize, ...snapshot.entries] }));
  return { ...registry, watch };
}

/** Waits until a list shows these ids, of other data than before; the backend may still be coming back. */
async function listed(
  registry: Registry,
  subject: MemberSubject,
  limitMs: number,
  before: string,
  ids: readonly string[],
) {
  let last: Snapshot | undefined;
  const isSo = async (): Promise<boolean> => {
    last = await registry.snapshot(AbortSignal.timeout(LIST_MS)).catch(() => undefined);
    const shown = new Set(last?.entries.map(({ id }) => id));
    return last !== undefined && last.generation !== before && ids.every((id) => shown.has(id));
  };
  const what = () =>
    `${ids.length} members are back; listed are ${last?.entries.length ?? 'none, for want of an answer'}`;
  await new Stopwatch(subject).until(limitMs, what, isSo);
}

async function comesBack(registry: Registry, members: Members, subject: MemberSubject, backend: RegistryBackend) {
  const { wipe } = backend.faults;
  if (typeof wipe === 'string') return wipe;
  const names = Array.from({ length: 12 }, (_, index) => `member-${index}`);
  const homes = [registry, await backend.client(), await backend.client()];
  names.forEach((name, index) => {
    members.announce(homes[index % homes.length] as Registry, name);
  });
  const reader = await backend.client();
  const feed = members.follow(reader);
  const { heartbeatMs } = timingsOf(subject);
  await shows(new Stopwatch(subject), BACK_MS, feed, names);
  const before = feed()?.generation ?? '';
  // In steps, so that what members have begun goes on in between; the loss then comes between two heartbeats.
  for (let step = 0; step < 10; step++) await subject.advance(heartbeatMs / 20);
  await wipe();
  await listed(reader, subject, heartbeatMs * JITTER + BACK_MS, before, names);
  const newer = (): InstanceFeed | undefined => (feed()?.generation === before ? undefined : feed());
  await shows(new Stopwatch(subject), RECOVER_MS, newer, names);
}

async function leavesOut(registry: Registry, members: Members, subject: MemberSubject, seal: MemberParts['seal']) {
  const { ttlMs } = subject;
  const longMs = Math.min(10 * ttlMs, registry.capabilities.ttlMs.max);
  const foreign = strangers(seal);
  for (const entry of foreign) await registry.register(entry, longMs, limit());
  await registry.register(testCodec.seal('controller', { id: 'controller', epoch: 1 }, 1), longMs, limit());
  members.announce(registry, 'good');
  const feed = members.follow(withOversize(registry, seal));
  await shows(new Stopwatch(subject), BACK_MS, feed, ['good']);
  assert.equal(
    feed()?.complete,
    false,
    'what a member signed and cannot be read may stand for something that is there',
  );
  const { unsigned = 0, malformed = 0, oversize = 0 } = members.rejected();
  assert.ok(unsigned + malformed >= foreign.length, 'an entry that was left out is not counted');
  assert.ok(oversize > 0, 'an entry that is too large is not counted');
  assert.ok(members.lines.length < STRANGERS, 'strangers get more than a line for each reason');
  for (const { fields } of members.lines) assert.ok(!String(fields.reason).includes('hello'), 'the log shows a value');
  members.announce(registry, 'later');
  await shows(new Stopwatch(subject), BACK_MS, feed, ['good', 'later']);
}

async function heedsNoWallClock(members: Members, subject: MemberSubject): Promise<void> {
  const offsets = [HOUR_MS, 0, -HOUR_MS];
  const backend = await subject.create(offsets);
  try {
    const clients: Registry[] = [];
    for (const _ of offsets) clients.push(await backend.client());
    const names = offsets.map((offset, index) => {
      members.announce(clients[index] as Registry, `off-${index}`, offset);
      return `off-${index}`;
    });
    const feeds = clients.map((client, index) => members.follow(client, offsets[index]));
    const everybodyShows = async (ids: readonly string[]): Promise<void> => {
      for (const feed of feeds) await shows(new Stopwatch(subject), BACK_MS, feed, ids);
    };
    await everybodyShows(names);
    const left = offsets.map((_, index) => memberParts.seal(testRecord(`left-${index}`)));
    for (const [index, entry] of left.entries()) await clients[index]?.register(entry, subject.ttlMs, limit());
    await everybodyShows([...names, ...left.map(({ id }) => id)]);
    const time = new Stopwatch(subject);
    const grainMs = clients[0]?.capabilities.grainMs ?? 0;
    while (time.ms < 3 * subject.ttlMs + grainMs) {
      await time.advance(Math.min(250, subject.ttlMs / 20));
      for (const feed of feeds) {
        const shown = idsOf(feed());
        assert.ok(
          names.every((name) => shown.includes(`"${name}"`)),
          `an instance that lives has gone: ${shown}`,
        );
        const isEarly = time.ms < subject.ttlMs / 2;
        assert.ok(!isEarly || shown.includes('"left-'), `a lease ended before its time: ${shown}`);
      }
    }
    await everybodyShows(names);
    await members.end();
  } finally {
    await backend.close();
  }
}

/** The rules of the contract that members hold, over any registry. */
export function memberRules(subject: MemberSubject, parts: MemberParts = memberParts): readonly RegistryRule[] {
  const rule = (
    id: 'C10' | 'C16' | 'C17',
    name: string,
    work: (members: Members, registry: Registry, backend: RegistryBackend) => Promise<string | undefined>,
  ): RegistryRule =>
    registryRule([id], name, async (registry, _subject, backend) => {
      const members = new Members(subject, parts);
      try {
        return await work(members, registry, backend);
      } finally {
        await members.end();
      }
    });
  return [
    rule(
      'C10',
      'every member is back within a heartbeat and 2 s after all data were lost',
      (members, registry, backend) => comesBack(registry, members, subject, backend),
    ),
    rule(
      'C16',
      'what is no entry of a member is left out and told once, and harms no other',
      async (members, registry) => {
        await leavesOut(registry, members, subject, parts.seal);
        return undefined;
      },
    ),
    rule('C17', 'a wall clock that is off by an hour changes nothing for whoever has it', async (members) => {
      await heedsNoWallClock(members, subject);
      return undefined;
    }),
  ];
}

/** Runs the rules of members over a registry: C10, C16 and C17. */
export function memberSuite(options: Omit<RegistrySuiteOptions, 'rules' | 'suite' | 'create'> & MemberSubject): void {
  registrySuite({ ...options, suite: 'member', rules: memberRules(options) });
}

import { type Lease, type Registry, type RegistryEntry, SmmfError, type Snapshot } from '@smmf/core';
import { describe, expect, it, test, vi } from 'vitest';
import {
  createFakeClock,
  type FakeClock,
  inProcessBackend,
  type RegistryBackend,
  registryRules,
  registrySuite,
} from '../src/index.ts';
import { brokenRules } from './broken.ts';

/** What a small registry can do wrong, one thing at a time, and the rule that is there for it. */
const WRONGS = {
  'does not find ids with dots':
    'shows an entry byte for byte, to get and in the snapshot, until its lease is released',
  'writes values in its own spelling':
    'shows an entry byte for byte, to get and in the snapshot, until its lease is released',
  'keeps the older value of a start': 'takes the same start of an instance twice as one, with the newer value',
  'keeps a start twice': 'takes the same start of an instance twice as one, with the newer value',
  'updates every entry': 'shows what a lease updates, in its own entry alone',
  'ignores updates': 'shows what a lease updates, in its own entry alone',
  'ends leases at 60 % of their time': 'keeps a renewed lease and lets the other one end, in its time',
  'renews nothing': 'keeps a renewed lease and lets the other one end, in its time',
  'never ends a lease': 'keeps a renewed lease and lets the other one end, in its time',
  'brings a lost lease back by an update': 'brings a lost lease back by registering alone',
  'never takes back what was lost': 'brings a lost lease back by registering alone',
  'takes old epochs': 'lets the higher epoch win, whoever comes first, and tells the lower one',
  'releases any epoch': 'lets the higher epoch win, whoever comes first, and tells the lower one',
  'forgets tombstones at once':
    'keeps the last value of a lease for two times its length, and lets nobody write under it',
  'keeps tombstones for ever':
    'keeps the last value of a lease for two times its length, and lets nobody write under it',
  'wakes the dead': 'keeps the last value of a lease for two times its length, and lets nobody write under it',
  'takes any id': 'refuses what the contract does not allow: ids, epochs, and values over its limit',
  'cuts long values': 'refuses what the contract does not allow: ids, epochs, and values over its limit',
  'has one watcher only': 'gives every watcher the present snapshot, then every change as a whole, in order',
  'is silent at first': 'gives every watcher the present snapshot, then every change as a whole, in order',
  'counts no revisions': 'gives every watcher the present snapshot, then every change as a whole, in order',
  'has a generation for each change':
    'gives every watcher the present snapshot, then every change as a whole, in order',
  'has one mutable snapshot': 'never changes a snapshot that it has given away',
  'hides tombstones from newcomers': 'shows a tombstone to a watcher that begins only afterwards',
  'tells watchers of leaves before tombstones': 'shows a tombstone to a watcher that is told of changes together',
  'is silent when a lease ends': 'tells watchers when a lease ends by itself',
  'cannot stop': 'calls a watcher no more once it has stopped',
  'stops at a listener that throws': 'goes on when a watcher throws',
  'counts heartbeats': 'does not show heartbeats as changes',
  'opens after close': 'refuses everything after close, which may be called twice',
  'watches after close': 'refuses everything after close, which may be called twice',
  'keeps what a killed client wrote': 'lets the entry of a killed client end with its lease, for every other client',
  'keeps its generation when it is wiped': 'begins another generation when its data are lost, and takes leases anew',
  'waits without its signal': 'ends each call with its signal while the backend is silent, and goes on afterwards',
  'refuses the same call again': 'takes a call again whose answer was lost',
} as const;
type Wrong = keyof typeof WRONGS;

interface Held {
  entry: RegistryEntry;
  untilMs: number;
  isTombstone: boolean;
}

/** The least registry that follows the contract, and each way to break it. */
class SmallRegistry implements Registry {
  readonly capabilities = {
    fence: 'backend',
    persistent: false,
    cas: true,
    auth: false,
    ttlMs: { min: 1, max: 1e9 },
    grainMs: 0,
    recordLimitBytes: 1_000,
  } as const;
  readonly #clock: FakeClock;
  readonly #wrong: Wrong | undefined;
  readonly #lost = new Set<string>();
  #held: Held[] = [];
  #watchers = new Set<(snapshot: Snapshot) => void>();
  #generation = 1;
  #revision = 0;
  #isClosed = false;
  readonly #shared = { generation: '1', revision: 0, complete: true, asOfMs: 0, entries: [] as RegistryEntry[] };

  constructor(clock: FakeClock, wrong: Wrong | undefined) {
    this.#clock = clock;
    this.#wrong = wrong;
  }

  async register(entry: RegistryEntry, ttlMs: number, _signal: AbortSignal): Promise<Lease> {
    this.#open();
    this.#check(entry);
    const { id, epoch } = entry;
    const held = this.#find(id);
    if (this.#is('never takes back what was lost') && this.#lost.has(id)) throw lost();
    if (held && held.entry.epoch > epoch && !this.#is('takes old epochs')) throw lost();
    if (held?.entry.epoch === epoch && this.#is('refuses the same call again')) throw lost();
    const keepsOld = held?.entry.epoch === epoch && this.#is('keeps the older value of a start');
    this.#put(keepsOld ? held.entry : entry, ttlMs, false, this.#is('keeps a start twice'));
    const write = async (value?: string): Promise<'ok' | 'lost' | 'superseded'> => {
      const now = this.#find(id);
      const revives = value !== undefined && !now && this.#is('brings a lost lease back by an update');
      if (!revives) {
        if (!now || (now.isTombstone && !this.#is('wakes the dead'))) return 'lost';
        if (now.entry.epoch !== epoch) return 'superseded';
      }
      if (value === undefined) this.#renew(now as Held, ttlMs);
      else this.#update({ id, epoch, value }, ttlMs);
      return 'ok';
    };
    return {
      renew: () => write(),
      update: (value) => write(value),
      release: async (last) => this.#release(id, epoch, last, ttlMs),
    };
  }

  async get(id: string): Promise<RegistryEntry | undefined> {
    this.#open();
    return this.#is('does not find ids with dots') && id.includes('.') ? undefined : this.#find(id)?.entry;
  }

  async snapshot(): Promise<Snapshot> {
    this.#open();
    return this.#now();
  }

  watch(listener: (snapshot: Snapshot) => void): () => void {
    if (!this.#is('watches after close')) this.#open();
    if (this.#is('has one watcher only')) this.#watchers.clear();
    this.#watchers.add(listener);
    if (!this.#is('is silent at first')) {
      const now = this.#now();
      const hides = this.#is('hides tombstones from newcomers');
      this.#tell(listener, hides ? { ...now, entries: this.#alive() } : now);
    }
    return () => void (this.#is('cannot stop') || this.#watchers.delete(listener));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  wipe(): void {
    this.#held = [];
    this.#revision = 0;
    if (!this.#is('keeps its generation when it is wiped')) this.#generation++;
    this.#changed();
  }

  #is(wrong: Wrong): boolean {
    return this.#wrong === wrong;
  }

  #open(): void {
    if (this.#isClosed && !this.#is('opens after close')) throw new SmmfError('CLOSED', 'closed');
  }

  #check({ id, epoch, value }: RegistryEntry): void {
    const isFine = /^[A-Za-z0-9._-]{1,128}$/.test(id) || this.#is('takes any id');
    const isLong = Buffer.byteLength(value) > this.capabilities.recordLimitBytes && !this.#is('cuts long values');
    if (!isFine || isLong || !Number.isInteger(epoch) || epoch < 1) throw new SmmfError('INVALID_VALUE', 'no');
  }

  #find(id: string): Held | undefined {
    return this.#held.find(({ entry }) => entry.id === id);
  }

  #alive(): RegistryEntry[] {
    return this.#held.filter(({ isTombstone }) => !isTombstone).map(({ entry }) => entry);
  }

  #now(): Snapshot {
    const isBusy = this.#is('has a generation for each change');
    const generation = String(isBusy ? this.#revision : this.#generation);
    const revision = this.#is('counts no revisions') ? 0 : this.#revision;
    const entries = this.#held.map(({ entry }) => entry);
    const fresh = { generation, revision, complete: true, asOfMs: 0, entries };
    return this.#is('has one mutable snapshot') ? Object.assign(this.#shared, fresh) : fresh;
  }

  #spelled(value: string): string {
    if (!this.#is('writes values in its own spelling') || !value.startsWith('{')) return value;
    return JSON.stringify(JSON.parse(value));
  }

  #put(entry: RegistryEntry, ttlMs: number, isTombstone: boolean, isDouble = false): void {
    const lifeMs = this.#is('ends leases at 60 % of their time') ? ttlMs * 0.6 : ttlMs;
    if (!isDouble) this.#held = this.#held.filter((held) => held.entry.id !== entry.id);
    const value = this.#spelled(entry.value).slice(0, this.capabilities.recordLimitBytes);
    this.#held.push({ entry: { ...entry, value }, untilMs: this.#clock.now() + lifeMs, isTombstone });
    this.#clock.after(lifeMs, () => this.#expire());
    this.#changed();
  }

  #renew(held: Held, ttlMs: number): void {
    if (!this.#is('renews nothing')) held.untilMs = this.#clock.now() + ttlMs;
    this.#clock.after(ttlMs, () => this.#expire());
    if (this.#is('counts heartbeats')) this.#changed();
  }

  #update(entry: RegistryEntry, ttlMs: number): void {
    this.#check(entry);
    if (this.#is('ignores updates')) return;
    if (this.#is('updates every entry')) {
      for (const held of this.#held) held.entry = { ...held.entry, value: entry.value };
    }
    this.#put(entry, ttlMs, false);
  }

  #release(id: string, epoch: number, last: string | undefined, ttlMs: number): void {
    const held = this.#find(id);
    if (!held || held.isTombstone) return;
    if (held.entry.epoch !== epoch && !this.#is('releases any epoch')) return;
    if (this.#is('tells watchers of leaves before tombstones') && last !== undefined) {
      // Nobody who listens is told of the last value.
      const { size } = this.#watchers;
      const listeners = [...this.#watchers];
      this.#watchers = new Set();
      this.#put({ id, epoch, value: last }, 2 * ttlMs, true);
      this.#watchers = new Set(size > 0 ? listeners : []);
    } else if (last === undefined || this.#is('forgets tombstones at once')) {
      this.#held = this.#held.filter(({ entry }) => entry.id !== id);
      this.#changed();
    } else this.#put({ id, epoch, value: last }, this.#is('keeps tombstones for ever') ? 1e9 : 2 * ttlMs, true);
  }

  #expire(): void {
    if (this.#is('never ends a lease') || this.#is('keeps what a killed client wrote')) return;
    const ended = this.#held.filter(({ untilMs }) => untilMs <= this.#clock.now());
    for (const { entry } of ended) this.#lost.add(entry.id);
    this.#held = this.#held.filter((held) => !ended.includes(held));
    if (ended.length > 0) this.#changed(true);
  }

  #changed(isExpiry = false): void {
    this.#revision++;
    if (isExpiry && this.#is('is silent when a lease ends')) return;
    for (const watcher of this.#watchers) this.#tell(watcher, this.#now());
  }

  #tell(watcher: (snapshot: Snapshot) => void, snapshot: Snapshot): void {
    try {
      watcher(snapshot);
    } catch {
      if (this.#is('stops at a listener that throws')) this.#watchers.clear();
    }
  }
}

const lost = (): SmmfError => new SmmfError('LEASE_LOST', 'held by another start');

function subject(wrong?: Wrong) {
  let clock = createFakeClock();
  return {
    async create(): Promise<RegistryBackend> {
      clock = createFakeClock();
      const registry = new SmallRegistry(clock, wrong);
      const backend = inProcessBackend(registry);
      if (wrong === 'waits without its signal') {
        const { client } = backend;
        Object.assign(backend, {
          async client() {
            const made = await client();
            const { get } = made;
            made.get = (id) => get.call(made, id, new AbortController().signal);
            return made;
          },
        });
      }
      return { ...backend, faults: { ...backend.faults, wipe: async () => registry.wipe() } };
    },
    advance: async (ms: number) => clock.advance(ms),
    ttlMs: 1_000,
  };
}

registrySuite({ test, ...subject() });

describe('registrySuite', () => {
  it('finds nothing wrong with a sound registry', async () => {
    expect(await brokenRules(registryRules, subject())).toEqual([]);
  });

  it.concurrent.each(Object.entries(WRONGS))('catches what %s', async (wrong, rule) => {
    expect(await brokenRules(registryRules, subject(wrong as Wrong))).toContain(rule);
  });

  it('has a wrong implementation for each of its rules', () => {
    const proved = new Set<string>(Object.values(WRONGS));
    expect(registryRules.map(({ name }) => name).filter((name) => !proved.has(name))).toEqual([]);
  });

  it('says why a fault was not tried, where the backend cannot have it', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const backend = await subject().create();
    const faults = { ...backend.faults, wipe: 'there is no disk' };
    expect(
      await brokenRules(registryRules, { ...subject(), create: async () => ({ ...backend, faults }) }),
    ).not.toEqual(registryRules);
    expect(log.mock.calls.flat().join()).toContain('was not checked: there is no disk');
    log.mockRestore();
  });
});

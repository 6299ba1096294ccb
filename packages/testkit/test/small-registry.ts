import { setTimeout as delay } from 'node:timers/promises';
import { type Lease, type Registry, type RegistryEntry, SmmfError, type Snapshot } from '@smmf/core';
import type { FakeClock } from '../src/index.ts';

/** What a small registry can do wrong, one thing at a time, and the rule that is there for it. */
export const WRONGS = {
  'does not find ids with dots':
    'shows an entry byte for byte, to get and in the snapshot, until its lease is released',
  'writes values in its own spelling':
    'shows an entry byte for byte, to get and in the snapshot, until its lease is released',
  'cuts values at 4 KiB': 'takes a value of 8 KiB with letters of every length',
  'keeps the older value of a start': 'takes the same start of an instance twice as one, with the newer value',
  'keeps a start twice': 'takes the same start of an instance twice as one, with the newer value',
  'updates every entry': 'shows what a lease updates, in its own entry alone',
  'ignores updates': 'shows what a lease updates, in its own entry alone',
  'ends leases at 60 % of their time': 'keeps a renewed lease and lets the other one end, in its time',
  'renews nothing': 'keeps a renewed lease and lets the other one end, in its time',
  'never ends a lease': 'keeps a renewed lease and lets the other one end, in its time',
  'ends leases a tenth early': 'lets a lease end after its time, and no later than its grain says',
  'ends leases a tenth late': 'lets a lease end after its time, and no later than its grain says',
  'renews nine times': 'keeps a lease that is renewed, for ten times its length',
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
  'tells of changes late': 'shows a watcher a join, a new value and a leave of another client, each within a second',
  'has one mutable snapshot': 'never changes a snapshot that it has given away',
  'hides tombstones from newcomers': 'shows a tombstone to a watcher that begins only afterwards',
  'tells watchers of leaves before tombstones': 'shows a tombstone to a watcher that is told of changes together',
  'is silent when a lease ends': 'tells watchers when a lease ends by itself',
  'cannot stop': 'calls a watcher no more once it has stopped',
  'stops at a listener that throws': 'goes on when a watcher throws',
  'counts heartbeats': 'does not show heartbeats as changes',
  'opens after close': 'refuses everything after close, which may be called twice',
  'keeps a timer after close': 'leaves no timer, socket, thread or process open after close',
  'watches after close': 'refuses everything after close, which may be called twice',
  'keeps what a killed client wrote': 'lets the entry of a killed client end with its lease, for every other client',
  'keeps its generation when it is wiped': 'begins another generation when its data are lost, and takes leases anew',
  'waits without its signal': 'ends each call with its signal while the backend is silent, and goes on afterwards',
  'works hard while the backend is silent': 'does no work while the backend is silent, and follows it again afterwards',
  'is deaf after a silence': 'does no work while the backend is silent, and follows it again afterwards',
  'loses what changes while it is cut off': 'goes on with a watch whose connections were cut, without loss',
  'loses an entry at a restart': 'loses nothing alive when its backend is killed and started again with its data',
  'takes its own data for new ones': 'loses nothing alive when its backend is killed and started again with its data',
  'shows nothing while it starts': 'loses nothing alive when its backend is killed and started again with its data',
  'is deaf once its past is forgotten': 'shows the whole list when what a watch could resume from is forgotten',
  'lets strangers in': 'says REGISTRY_AUTH to wrong credentials, at once and without asking again and again',
  'lets strangers wait': 'says REGISTRY_AUTH to wrong credentials, at once and without asking again and again',
  'asks again and again': 'says REGISTRY_AUTH to wrong credentials, at once and without asking again and again',
  'lists a crowd slowly':
    'lists a thousand entries within a second, and shows a watcher a thousand changes within five',
  'forgets changes of a crowd':
    'lists a thousand entries within a second, and shows a watcher a thousand changes within five',
  'mixes namespaces': 'keeps two namespaces of one backend apart',
  'keeps a trace of every lease': 'holds no more after many leases than before',
  'refuses the same call again': 'takes a call again whose answer was lost',
} as const;
/** One of them. */
export type Wrong = keyof typeof WRONGS;

/** More entries than these are a crowd. */
const CROWD = 500;

interface Held {
  entry: RegistryEntry;
  untilMs: number;
  isTombstone: boolean;
}

/** The least registry that follows the contract, and each way to break it. */
export class SmallRegistry implements Registry {
  readonly capabilities = {
    fence: 'backend',
    persistent: true,
    cas: true,
    auth: true,
    ttlMs: { min: 1, max: 1e9 },
    grainMs: 0,
    recordLimitBytes: 10_000,
  } as const;
  readonly #clock: FakeClock;
  readonly #wrong: Wrong | undefined;
  readonly #lost = new Set<string>();
  readonly #renewals = new Map<string, number>();
  #traces = 0;
  #held: Held[] = [];
  #watchers = new Set<(snapshot: Snapshot) => void>();
  #generation = 1;
  #revision = 0;
  #isClosed = false;
  readonly #shared = { generation: '1', revision: 0, complete: true, asOfMs: 0, entries: [] as RegistryEntry[] };

  constructor(clock: FakeClock, wrong: Wrong | undefined) {
    this.#clock = clock;
    this.#wrong = wrong;
    if (wrong === 'keeps a timer after close') setInterval(() => undefined, 60_000);
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
    if (this.#is('lists a crowd slowly') && this.#held.length > CROWD) await delay(1_100);
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

  /** What a kill of the backend and a start with its data do to it. */
  restart(): void {
    if (this.#is('loses an entry at a restart')) this.#held.pop();
    if (this.#is('takes its own data for new ones')) this.#generation++;
    if (this.#is('shows nothing while it starts')) {
      for (const watcher of this.#watchers) this.#tell(watcher, { ...this.#now(), entries: [] });
    }
    this.#changed();
  }

  get size(): number {
    return this.#held.length + this.#traces;
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
    if (!isFine || !Number.isInteger(epoch) || epoch < 1) throw new SmmfError('INVALID_VALUE', 'no');
    if (isLong) throw new SmmfError('RECORD_TOO_LARGE', 'no');
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
    const lifeMs = ttlMs * this.#stretch();
    if (!isDouble) this.#held = this.#held.filter((held) => held.entry.id !== entry.id);
    const limit = this.#is('cuts values at 4 KiB') ? 4_096 : this.capabilities.recordLimitBytes;
    const value = this.#spelled(entry.value).slice(0, limit);
    this.#held.push({ entry: { ...entry, value }, untilMs: this.#clock.now() + lifeMs, isTombstone });
    this.#clock.after(lifeMs, () => this.#expire());
    this.#changed();
  }

  #stretch(): number {
    if (this.#is('ends leases at 60 % of their time')) return 0.6;
    if (this.#is('ends leases a tenth early')) return 0.9;
    return this.#is('ends leases a tenth late') ? 1.1 : 1;
  }

  #renew(held: Held, ttlMs: number): void {
    const count = (this.#renewals.get(held.entry.id) ?? 0) + 1;
    this.#renewals.set(held.entry.id, count);
    const isTired = this.#is('renews nine times') && count > 9;
    if (!this.#is('renews nothing') && !isTired) held.untilMs = this.#clock.now() + ttlMs;
    this.#clock.after(ttlMs, () => this.#expire());
    if (this.#is('counts heartbeats')) this.#changed();
  }

  #update(entry: RegistryEntry, ttlMs: number): void {
    this.#check(entry);
    if (this.#is('ignores updates')) return;
    if (this.#is('forgets changes of a crowd') && this.#held.length > CROWD && entry.id.endsWith('7')) return;
    if (this.#is('updates every entry')) {
      for (const held of this.#held) held.entry = { ...held.entry, value: entry.value };
    }
    this.#put(entry, ttlMs, false);
  }

  #release(id: string, epoch: number, last: string | undefined, ttlMs: number): void {
    const held = this.#find(id);
    if (!held || held.isTombstone) return;
    if (held.entry.epoch !== epoch && !this.#is('releases any epoch')) return;
    if (this.#is('keeps a trace of every lease')) this.#traces++;
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
    if (this.#is('tells of changes late')) {
      this.#clock.after(1_500, () => this.#tellAll());
    } else this.#tellAll();
  }

  #tellAll(): void {
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

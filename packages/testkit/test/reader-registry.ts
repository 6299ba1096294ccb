import { type Lease, type LeaseResult, type Registry, type RegistryEntry, SmmfError, type Snapshot } from '@smmf/core';
import { entryFault, highestEpochs } from '@smmf/protocol';
import type { FakeClock } from '../src/index.ts';

/** What a registry that leaves epochs to its readers can do wrong. */
export type ReaderWrong = 'writes into the later start' | 'takes the later start with it' | 'reads the older start';

interface Held {
  readonly entry: RegistryEntry;
  readonly cancel: () => void;
  readonly isTombstone: boolean;
}

const LIMIT_BYTES = 10_000;

/** A registry whose backend compares nothing: each start has a key of its own, `id#epoch`, and readers drop the lower one. */
export class ReaderRegistry implements Registry {
  readonly capabilities = {
    fence: 'reader',
    persistent: false,
    cas: false,
    auth: false,
    ttlMs: { min: 1, max: 1e9 },
    grainMs: 0,
    recordLimitBytes: LIMIT_BYTES,
  } as const;
  readonly #clock: FakeClock;
  readonly #wrong: ReaderWrong | undefined;
  readonly #held = new Map<string, Held>();
  readonly #watchers = new Set<(snapshot: Snapshot) => void>();
  readonly #generation = crypto.randomUUID();
  #revision = 0;
  #isClosed = false;

  constructor(clock: FakeClock, wrong?: ReaderWrong) {
    this.#clock = clock;
    this.#wrong = wrong;
  }

  async register(entry: RegistryEntry, ttlMs: number): Promise<Lease> {
    this.#check(entry);
    this.#put(entry, ttlMs, false);
    const key = keyOf(entry);
    const write = async (value?: string): Promise<LeaseResult> => {
      const held = this.#held.get(key);
      if (!held || held.isTombstone) return 'lost';
      const next = value === undefined ? held.entry : { ...held.entry, value };
      this.#check(next);
      this.#put(next, ttlMs, false);
      if (value !== undefined && this.#wrong === 'writes into the later start') {
        for (const { entry: other } of [...this.#held.values()]) this.#put({ ...other, value }, ttlMs, false);
      }
      return 'ok';
    };
    return {
      renew: () => write(),
      update: (value) => write(value),
      release: async (value) => {
        const held = this.#held.get(key);
        if (!held || held.isTombstone) return;
        const keys = this.#wrong === 'takes the later start with it' ? [...this.#held.keys()] : [key];
        if (value === undefined) for (const each of keys) this.#drop(each);
        else {
          for (const each of keys) this.#drop(each);
          this.#put({ ...held.entry, value }, 2 * ttlMs, true);
        }
      },
    };
  }

  async get(id: string): Promise<RegistryEntry | undefined> {
    this.#open();
    const all = this.#entries().filter((entry) => entry.id === id);
    return this.#wrong === 'reads the older start' ? all[0] : highestEpochs(all)[0];
  }

  async snapshot(): Promise<Snapshot> {
    this.#open();
    const entries = this.#entries();
    return { generation: this.#generation, revision: this.#revision, complete: true, asOfMs: 0, entries };
  }

  watch(listener: (snapshot: Snapshot) => void): () => void {
    this.#open();
    this.#watchers.add(listener);
    void this.snapshot().then(listener);
    return () => void this.#watchers.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { cancel } of this.#held.values()) cancel();
    this.#watchers.clear();
  }

  #open(): void {
    if (this.#isClosed) throw new SmmfError('CLOSED', 'closed');
  }

  #check(entry: RegistryEntry): void {
    this.#open();
    const fault = entryFault(entry, LIMIT_BYTES);
    if (fault) throw new SmmfError(fault.code, fault.message);
  }

  #entries(): RegistryEntry[] {
    return [...this.#held.values()].map(({ entry }) => entry);
  }

  #put(entry: RegistryEntry, ttlMs: number, isTombstone: boolean): void {
    const key = keyOf(entry);
    const before = this.#held.get(key);
    before?.cancel();
    this.#held.set(key, { entry, isTombstone, cancel: this.#clock.after(ttlMs, () => this.#drop(key)) });
    if (before?.entry !== entry) this.#changed();
  }

  #drop(key: string): void {
    this.#held.get(key)?.cancel();
    if (this.#held.delete(key)) this.#changed();
  }

  #changed(): void {
    this.#revision++;
    for (const watcher of this.#watchers) {
      void this.snapshot()
        .then((snapshot) => this.#watchers.has(watcher) && watcher(snapshot))
        .catch(() => undefined);
    }
  }
}

const keyOf = ({ id, epoch }: RegistryEntry): string => `${id}#${epoch}`;

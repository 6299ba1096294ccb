import {
  type Clock,
  type Lease,
  type LeaseResult,
  type Registry,
  SmmfError,
  type Snapshot,
  systemClock,
} from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';

/** Watchers hear of changes together, this much after the first of them. */
const COALESCE_MS = 100;
const EMPTY: Snapshot = { revision: 0, complete: true, asOfMs: 0, instances: [] };

interface Entry {
  record: InstanceRecord;
  expiresMs: number;
}

/** What a memory registry is made with. */
export interface MemoryRegistryOptions {
  readonly clock?: Clock;
  /** Delay between a change and the watchers' call; default 100 ms, 0 for "in the same turn". */
  readonly coalesceMs?: number;
}

/** A registry inside this process; its leases end by its own clock. */
export function createMemoryRegistry({
  clock = systemClock,
  coalesceMs = COALESCE_MS,
}: MemoryRegistryOptions = {}): Registry {
  return new MemoryRegistry(clock, coalesceMs);
}

class MemoryRegistry implements Registry {
  readonly capabilities = {
    fence: 'backend',
    persistent: false,
    ttlMs: { min: 1, max: 86_400_000 },
    grainMs: 0,
    recordLimitBytes: 65_536,
  } as const;
  readonly #clock: Clock;
  readonly #coalesceMs: number;
  readonly #entries = new Map<string, Entry>();
  readonly #watchers = new Set<(snapshot: Snapshot) => void>();
  #snapshot = EMPTY;
  #cancelExpiry: (() => void) | undefined;
  #cancelNotice: (() => void) | undefined;
  #isClosed = false;

  constructor(clock: Clock, coalesceMs: number) {
    this.#clock = clock;
    this.#coalesceMs = coalesceMs;
    this.#snapshot = { ...EMPTY, asOfMs: clock.wallMs() };
  }

  async register(record: InstanceRecord, ttlMs: number): Promise<Lease> {
    this.#mustBeOpen();
    const held = this.#entries.get(record.id)?.record;
    if (held && held.epoch > record.epoch) {
      throw new SmmfError(
        'LEASE_LOST',
        `Instance "${record.id}" is held by a later start (epoch ${held.epoch} > ${record.epoch})`,
      );
    }
    this.#put(record, ttlMs);
    return this.#leaseOf(record.id, record.epoch, ttlMs);
  }

  async snapshot(): Promise<Snapshot> {
    this.#mustBeOpen();
    return this.#snapshot;
  }

  watch(listener: (snapshot: Snapshot) => void): () => void {
    this.#mustBeOpen();
    this.#watchers.add(listener);
    listener(this.#snapshot);
    return () => void this.#watchers.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelExpiry?.();
    this.#cancelNotice?.();
    this.#watchers.clear();
    this.#entries.clear();
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new SmmfError('CLOSED', 'The memory registry is closed');
  }

  #leaseOf(id: string, epoch: number, ttlMs: number): Lease {
    const write = async (record: InstanceRecord | undefined): Promise<LeaseResult> => {
      this.#mustBeOpen();
      if (record && (record.id !== id || record.epoch !== epoch)) {
        const other = `"${record.id}" (epoch ${record.epoch})`;
        throw new SmmfError('CONFLICT', `The lease of "${id}" (epoch ${epoch}) cannot write the record of ${other}`);
      }
      const entry = this.#entries.get(id);
      if (!entry) return 'lost';
      if (entry.record.epoch !== epoch) return 'superseded';
      this.#put(record ?? entry.record, ttlMs);
      return 'ok';
    };
    return {
      renew: () => write(undefined),
      update: (record) => write(record),
      release: async () => {
        if (this.#entries.get(id)?.record.epoch !== epoch) return;
        this.#entries.delete(id);
        this.#changed();
      },
    };
  }

  #put(record: InstanceRecord, ttlMs: number): void {
    const isSame = this.#entries.get(record.id)?.record === record;
    this.#entries.set(record.id, { record, expiresMs: this.#clock.now() + ttlMs });
    this.#scheduleExpiry();
    if (!isSame) this.#changed();
  }

  /** One timer for the lease that ends first. */
  #scheduleExpiry(): void {
    this.#cancelExpiry?.();
    const first = Math.min(...[...this.#entries.values()].map(({ expiresMs }) => expiresMs));
    if (!Number.isFinite(first)) return;
    this.#cancelExpiry = this.#clock.after(Math.max(0, first - this.#clock.now()), () => this.#expire());
  }

  #expire(): void {
    const before = this.#entries.size;
    for (const [id, { expiresMs }] of this.#entries) if (expiresMs <= this.#clock.now()) this.#entries.delete(id);
    if (this.#entries.size !== before) this.#changed();
    this.#scheduleExpiry();
  }

  #changed(): void {
    const instances = [...this.#entries.values()].map(({ record }) => record);
    this.#snapshot = { revision: this.#snapshot.revision + 1, complete: true, asOfMs: this.#clock.wallMs(), instances };
    if (this.#coalesceMs === 0) this.#notify();
    else this.#cancelNotice ??= this.#clock.after(this.#coalesceMs, () => this.#notify());
  }

  #notify(): void {
    this.#cancelNotice = undefined;
    for (const watcher of this.#watchers) watcher(this.#snapshot);
  }
}

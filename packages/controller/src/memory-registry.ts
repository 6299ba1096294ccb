import { randomUUID } from 'node:crypto';
import {
  type Clock,
  type Lease,
  type LeaseResult,
  type Registry,
  type RegistryEntry,
  SmmfError,
  type Snapshot,
  systemClock,
} from '@smmf/core';
import { entryFault } from '@smmf/protocol';

/** Watchers hear of changes together, this much after the first of them. */
const COALESCE_MS = 100;
/** A tombstone stays for so many times the length of its lease. */
const TOMBSTONE_TTLS = 2;
const RECORD_LIMIT_BYTES = 65_536;

interface Held {
  readonly entry: RegistryEntry;
  readonly expiresMs: number;
  /** It has left: nothing can be written under its lease any more. */
  readonly isTombstone: boolean;
}

/** What a memory registry is made with. */
export interface MemoryRegistryOptions {
  readonly clock?: Clock;
  /** Delay between a change and the watchers' call; default 100 ms, 0 for "in the same turn". */
  readonly coalesceMs?: number;
  /** Hears what a watcher throws. */
  readonly onWatcherError?: (cause: unknown) => void;
}

/** A registry inside this process. */
export interface MemoryRegistry extends Registry {
  /** The lease that a registration of `(id, epoch)` gave, for whoever cannot hold the object. */
  leaseOf(id: string, epoch: number, ttlMs: number): Lease;
}

/** A registry inside this process; its leases end by its own clock. */
export function createMemoryRegistry(options: MemoryRegistryOptions = {}): MemoryRegistry {
  return new LeasingMemory(options);
}

class LeasingMemory implements MemoryRegistry {
  readonly capabilities = {
    fence: 'backend',
    persistent: false,
    cas: true,
    auth: false,
    ttlMs: { min: 1, max: 86_400_000 },
    grainMs: 0,
    recordLimitBytes: RECORD_LIMIT_BYTES,
  } as const;
  readonly #clock: Clock;
  readonly #coalesceMs: number;
  readonly #onWatcherError: (cause: unknown) => void;
  readonly #held = new Map<string, Held>();
  readonly #watchers = new Set<(snapshot: Snapshot) => void>();
  #snapshot: Snapshot;
  #cancelExpiry: (() => void) | undefined;
  #cancelNotice: (() => void) | undefined;
  #isClosed = false;

  constructor({ clock = systemClock, coalesceMs = COALESCE_MS, onWatcherError }: MemoryRegistryOptions) {
    this.#clock = clock;
    this.#coalesceMs = coalesceMs;
    this.#onWatcherError = onWatcherError ?? (() => undefined);
    this.#snapshot = { generation: randomUUID(), revision: 0, complete: true, asOfMs: clock.wallMs(), entries: [] };
  }

  async register(entry: RegistryEntry, ttlMs: number, signal: AbortSignal): Promise<Lease> {
    this.#check(signal);
    checkEntry(entry);
    const held = this.#held.get(entry.id);
    if (held && held.entry.epoch > entry.epoch) {
      const epochs = `epoch ${held.entry.epoch} > ${entry.epoch}`;
      throw new SmmfError('LEASE_LOST', `"${entry.id}" is held by a later start (${epochs})`);
    }
    this.#put(entry, ttlMs, false);
    return this.leaseOf(entry.id, entry.epoch, ttlMs);
  }

  async get(id: string, signal: AbortSignal): Promise<RegistryEntry | undefined> {
    this.#check(signal);
    return this.#held.get(id)?.entry;
  }

  async snapshot(signal: AbortSignal): Promise<Snapshot> {
    this.#check(signal);
    return this.#snapshot;
  }

  watch(listener: (snapshot: Snapshot) => void): () => void {
    this.#mustBeOpen();
    this.#watchers.add(listener);
    this.#tell(listener);
    return () => void this.#watchers.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelExpiry?.();
    this.#cancelNotice?.();
    this.#watchers.clear();
    this.#held.clear();
  }

  #check(signal: AbortSignal): void {
    signal.throwIfAborted();
    this.#mustBeOpen();
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new SmmfError('CLOSED', 'The memory registry is closed');
  }

  leaseOf(id: string, epoch: number, ttlMs: number): Lease {
    const write = async (value: string | undefined, signal: AbortSignal): Promise<LeaseResult> => {
      this.#check(signal);
      const held = this.#held.get(id);
      if (held && held.entry.epoch > epoch) return 'superseded';
      if (!held || held.isTombstone || held.entry.epoch !== epoch) return 'lost';
      const entry = value === undefined ? held.entry : { id, epoch, value };
      checkEntry(entry);
      this.#put(entry, ttlMs, false);
      return 'ok';
    };
    return {
      renew: (signal) => write(undefined, signal),
      update: write,
      release: async (lastValue, signal) => {
        this.#check(signal);
        const held = this.#held.get(id);
        if (held?.entry.epoch !== epoch || held.isTombstone) return;
        if (lastValue === undefined) {
          this.#held.delete(id);
          this.#changed();
        } else {
          const entry = { id, epoch, value: lastValue };
          checkEntry(entry);
          this.#put(entry, TOMBSTONE_TTLS * ttlMs, true);
        }
      },
    };
  }

  #put(entry: RegistryEntry, ttlMs: number, isTombstone: boolean): void {
    const before = this.#held.get(entry.id)?.entry;
    this.#held.set(entry.id, { entry, expiresMs: this.#clock.now() + ttlMs, isTombstone });
    this.#scheduleExpiry();
    if (before?.epoch !== entry.epoch || before.value !== entry.value) this.#changed();
  }

  /** One timer for the lease that ends first. */
  #scheduleExpiry(): void {
    this.#cancelExpiry?.();
    const first = Math.min(...[...this.#held.values()].map(({ expiresMs }) => expiresMs));
    if (!Number.isFinite(first)) return;
    this.#cancelExpiry = this.#clock.after(Math.max(0, first - this.#clock.now()), () => this.#expire());
  }

  #expire(): void {
    const before = this.#held.size;
    for (const [id, { expiresMs }] of this.#held) if (expiresMs <= this.#clock.now()) this.#held.delete(id);
    if (this.#held.size !== before) this.#changed();
    this.#scheduleExpiry();
  }

  #changed(): void {
    const entries = [...this.#held.values()].map(({ entry }) => entry);
    const revision = this.#snapshot.revision + 1;
    this.#snapshot = { ...this.#snapshot, revision, asOfMs: this.#clock.wallMs(), entries };
    if (this.#coalesceMs === 0) this.#notify();
    else this.#cancelNotice ??= this.#clock.after(this.#coalesceMs, () => this.#notify());
  }

  #notify(): void {
    this.#cancelNotice = undefined;
    for (const watcher of this.#watchers) this.#tell(watcher);
  }

  #tell(watcher: (snapshot: Snapshot) => void): void {
    try {
      watcher(this.#snapshot);
    } catch (cause) {
      this.#onWatcherError(cause);
    }
  }
}

/** @throws INVALID_VALUE, RECORD_TOO_LARGE */
function checkEntry(entry: RegistryEntry): void {
  const fault = entryFault(entry, RECORD_LIMIT_BYTES);
  if (fault) throw new SmmfError(fault.code, fault.message);
}

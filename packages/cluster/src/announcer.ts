import {
  type Clock,
  isSmmfError,
  type Lease,
  type LeaseResult,
  type Logger,
  type Registry,
  type RegistryEntry,
} from '@smmf/core';
import { within } from './within.ts';

/** What registries tell the log of themselves. */
const AWAY: ReadonlySet<string> = new Set(['REGISTRY_UNAVAILABLE', 'REGISTRY_AUTH', 'TIMEOUT']);
/** Waits after failed calls in a row, all within one lease. */
const RETRIES_MS = [500, 1_000, 2_000];

/** Times of an announcer, milliseconds. */
export interface AnnouncerTimings {
  /** Between two heartbeats, ± 10 %. */
  readonly heartbeatMs: number;
  /** Life of the lease. */
  readonly ttlMs: number;
  /** Limit of one call of the registry. */
  readonly registryLimitMs: number;
}

/** What an announcer works with. */
export interface AnnouncerContext {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings: AnnouncerTimings;
  readonly random?: () => number;
  /** A higher epoch holds the id: `epoch` is written no more. */
  readonly onSuperseded: (epoch: number) => void;
}

/** Keeps one entry in the registry: the only heartbeat loop there is. A registry that fails or hangs delays nothing else. */
export class Announcer {
  readonly #context: AnnouncerContext;
  #wanted: RegistryEntry | undefined;
  #written: RegistryEntry | undefined;
  #lease: { readonly lease: Lease; readonly epoch: number } | undefined;
  #busy: Promise<void> | undefined;
  #failures = 0;
  #lostTo = 0;
  #isClosed = false;
  /** How often its lease had ended without its doing. */
  lost = 0;
  #tombstone: RegistryEntry | undefined;
  #cancelTimer: () => void = () => undefined;

  constructor(context: AnnouncerContext) {
    this.#context = context;
  }

  /** Writes `entry`, in this very turn unless a call is under way; a later one takes the place of one that waits. */
  announce(entry: RegistryEntry): void {
    if (this.#isClosed || entry.epoch <= this.#lostTo) return;
    this.#wanted = entry;
    this.#pump();
  }

  /** The epoch that the registry shows for `id`, 0 where it shows none; undefined when it cannot be read. */
  async shownEpoch(id: string): Promise<number | undefined> {
    try {
      const shown = await this.#limited('reading the registry', (signal) => this.#context.registry.get(id, signal));
      return shown?.epoch ?? 0;
    } catch (error) {
      this.#context.logger.warn({ entry: id, reason: String(error) }, 'registry cannot be read');
      return undefined;
    }
  }

  /** Leaves in order: the lease ends with `tombstone` as its last value. Bounded. */
  async leave(tombstone: RegistryEntry): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#tombstone = tombstone;
    this.#cancelTimer();
    await this.#busy;
    const held = this.#lease;
    if (held) await this.#release(held.lease, held.epoch);
  }

  async #release(lease: Lease, epoch: number): Promise<void> {
    const last = this.#tombstone?.epoch === epoch ? this.#tombstone.value : undefined;
    try {
      await this.#limited('leaving', (signal) => lease.release(last, signal));
    } catch (error) {
      const { logger } = this.#context;
      logger.warn({ entry: this.#tombstone?.id, epoch, reason: String(error) }, 'registry was not told of the end');
    }
  }

  #limited<T>(what: string, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, timings } = this.#context;
    return within(clock, timings.registryLimitMs, what, task);
  }

  #pump(): void {
    if (this.#busy || !this.#wanted || this.#isClosed) return;
    this.#cancelTimer();
    this.#busy = this.#write();
  }

  /** Writes until what is wanted stands there, then sets the timer for the next heartbeat or retry. */
  async #write(): Promise<void> {
    for (let entry = this.#wanted; entry && !this.#isClosed; ) {
      const result = await this.#try(entry);
      if (result === 'superseded') {
        this.#busy = undefined;
        this.#superseded(entry.epoch);
        return;
      }
      if (result === 'ok') {
        this.#failures = 0;
        this.#written = entry;
        if (entry === this.#wanted) break;
      } else if (result === 'lost') {
        this.#lease = undefined;
        this.lost++;
      } else break;
      entry = this.#wanted;
    }
    this.#busy = undefined;
    this.#schedule();
  }

  async #try(entry: RegistryEntry): Promise<LeaseResult | 'failed'> {
    try {
      return await this.#limited('the registry', (signal) => this.#call(entry, signal));
    } catch (error) {
      if (isSmmfError(error) && error.code === 'LEASE_LOST') return 'superseded';
      const { logger } = this.#context;
      // A registry that is away says so itself, once for all entries.
      const isAway = isSmmfError(error) && AWAY.has(error.code);
      const level = this.#failures === 0 && !isAway ? 'warn' : 'debug';
      logger[level]({ entry: entry.id, failures: ++this.#failures, reason: String(error) }, 'registry call failed');
      return 'failed';
    }
  }

  async #call(entry: RegistryEntry, signal: AbortSignal): Promise<LeaseResult> {
    const held = this.#lease;
    if (held?.epoch === entry.epoch) {
      return entry === this.#written ? held.lease.renew(signal) : held.lease.update(entry.value, signal);
    }
    const { registry, timings } = this.#context;
    const lease = await registry.register(entry, timings.ttlMs, signal);
    if (signal.aborted) this.#late(lease, entry.epoch);
    else this.#lease = { lease, epoch: entry.epoch };
    return 'ok';
  }

  /** The call had been given up here and went through there: the entry stands, and nobody else would ever take it away. */
  #late(lease: Lease, epoch: number): void {
    const isWanted = !this.#isClosed && this.#wanted?.epoch === epoch;
    if (isWanted) this.#lease ??= { lease, epoch };
    else if (this.#lease?.epoch !== epoch) void this.#release(lease, epoch);
  }

  #superseded(epoch: number): void {
    this.#lostTo = epoch;
    this.#lease = undefined;
    if (this.#wanted && this.#wanted.epoch <= epoch) this.#wanted = undefined;
    this.#context.onSuperseded(epoch);
  }

  #schedule(): void {
    if (this.#isClosed) return;
    const { clock, timings, random = Math.random } = this.#context;
    const heartbeatMs = timings.heartbeatMs * (0.9 + 0.2 * random());
    const waitMs = this.#failures === 0 ? heartbeatMs : (RETRIES_MS[this.#failures - 1] ?? heartbeatMs);
    this.#cancelTimer = clock.after(waitMs, () => this.#pump());
  }
}

import { type Clock, isSmmfError, type Lease, type LeaseResult, type Logger, type Registry } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import type { HostTimings } from './timings.ts';
import { within } from './within.ts';

/** Waits after failed calls in a row, all within one lease. */
const RETRIES_MS = [500, 1_000, 2_000];

/** What an announcer works with. */
export interface AnnouncerContext {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly timings: HostTimings;
  readonly random?: () => number;
  /** A higher epoch holds the id: `epoch` is written no more. */
  readonly onSuperseded: (epoch: number) => void;
}

/** Keeps one record in the registry: the only heartbeat loop there is. A registry that fails or hangs delays nothing else. */
export class Announcer {
  readonly #context: AnnouncerContext;
  #wanted: InstanceRecord | undefined;
  #written: InstanceRecord | undefined;
  #lease: { readonly lease: Lease; readonly epoch: number } | undefined;
  #busy: Promise<void> | undefined;
  #failures = 0;
  #lostTo = 0;
  #isClosed = false;
  #cancelTimer: () => void = () => undefined;

  constructor(context: AnnouncerContext) {
    this.#context = context;
  }

  /** Writes `record`, in this very turn unless a call is under way; a later record takes the place of one that waits. */
  announce(record: InstanceRecord): void {
    if (this.#isClosed || record.epoch <= this.#lostTo) return;
    this.#wanted = record;
    this.#pump();
  }

  /** Highest epoch that the registry shows for `id`; undefined when it cannot be read. */
  async shownEpoch(id: string): Promise<number | undefined> {
    try {
      const { instances, complete } = await this.#limited('reading the registry', () =>
        this.#context.registry.snapshot(),
      );
      const epoch = instances.find((record) => record.id === id)?.epoch;
      return epoch ?? (complete ? 0 : undefined);
    } catch (error) {
      this.#context.logger.warn({ instance: id, reason: String(error) }, 'registry cannot be read');
      return undefined;
    }
  }

  /** Leaves in order: `gone` as a tombstone, then the lease's end. Bounded. */
  async leave(gone: InstanceRecord): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#busy;
    const held = this.#lease;
    if (!held) return;
    try {
      if (gone.epoch === held.epoch) await this.#limited('leaving', (signal) => held.lease.update(gone, signal));
      await this.#limited('leaving', (signal) => held.lease.release(signal));
    } catch (error) {
      this.#context.logger.warn({ instance: gone.id, reason: String(error) }, 'registry was not told of the end');
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
    for (let record = this.#wanted; record && !this.#isClosed; ) {
      const result = await this.#try(record);
      if (result === 'superseded') {
        this.#busy = undefined;
        this.#giveUp(record.epoch);
        return;
      }
      if (result === 'ok') {
        this.#failures = 0;
        this.#written = record;
        if (record === this.#wanted) break;
      } else if (result === 'lost') this.#lease = undefined;
      else break;
      record = this.#wanted;
    }
    this.#busy = undefined;
    this.#schedule();
  }

  async #try(record: InstanceRecord): Promise<LeaseResult | 'failed'> {
    try {
      return await this.#limited('the registry', (signal) => this.#call(record, signal));
    } catch (error) {
      if (isSmmfError(error) && error.code === 'LEASE_LOST') return 'superseded';
      const { logger } = this.#context;
      const level = this.#failures === 0 ? 'warn' : 'debug';
      logger[level]({ instance: record.id, failures: ++this.#failures, reason: String(error) }, 'registry call failed');
      return 'failed';
    }
  }

  async #call(record: InstanceRecord, signal: AbortSignal): Promise<LeaseResult> {
    const held = this.#lease;
    if (held?.epoch === record.epoch) {
      return record === this.#written ? held.lease.renew(signal) : held.lease.update(record, signal);
    }
    const { registry, timings } = this.#context;
    const lease = await registry.register(record, timings.ttlMs);
    if (!signal.aborted) this.#lease = { lease, epoch: record.epoch };
    return 'ok';
  }

  #giveUp(epoch: number): void {
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

import { type Lease, type LeaseResult, type RegistryEntry, SmmfError } from '@smmf/core';
import { entryFault } from '@smmf/protocol';
import type { EntryStore, Operation } from './entry-store.ts';
import { RECORD_LIMIT_BYTES } from './keys.ts';

/** A tombstone stays for so many times the length of its lease. */
const TOMBSTONE_TTLS = 2;
/** So often a lease follows its entry to another etcd lease before it counts as lost. */
const ROUNDS = 3;

/** etcd counts leases in whole seconds. */
export const secondsOf = (ttlMs: number): number => Math.max(1, Math.ceil(ttlMs / 1_000));

/** @throws INVALID_VALUE, RECORD_TOO_LARGE */
export function checkEntry(entry: RegistryEntry): void {
  const fault = entryFault(entry, RECORD_LIMIT_BYTES);
  if (fault) throw new SmmfError(fault.code, fault.message);
}

/** The right of one start to its entry. */
export class EtcdLease implements Lease {
  readonly #store: EntryStore;
  readonly #id: string;
  readonly #epoch: number;
  readonly #ttlMs: number;
  #lease: string;

  constructor(store: EntryStore, { id, epoch }: RegistryEntry, ttlMs: number, lease: string) {
    this.#store = store;
    this.#id = id;
    this.#epoch = epoch;
    this.#ttlMs = ttlMs;
    this.#lease = lease;
  }

  /**
   * Two small calls: etcd keeps a lease alive for whoever names it, also when a later start has taken the key from it, and a
   * transaction cannot do it.
   */
  async renew(signal: AbortSignal): Promise<LeaseResult> {
    const result = await this.#fenced(() => undefined, signal);
    if (result !== 'ok') return result;
    return (await this.#store.keepAlive(this.#lease, signal)) > 0 ? 'ok' : 'lost';
  }

  async update(value: string, signal: AbortSignal): Promise<LeaseResult> {
    const entry = this.#entry(value);
    checkEntry(entry);
    return this.#fenced((lease) => this.#store.put(entry, lease), signal);
  }

  async release(lastValue: string | undefined, signal: AbortSignal): Promise<void> {
    if (lastValue !== undefined) return this.#leave(this.#entry(lastValue), signal);
    const result = await this.#fenced(() => this.#store.remove(this.#id), signal);
    if (result === 'ok') await this.#store.revoke(this.#lease, signal);
  }

  async #leave(tombstone: RegistryEntry, signal: AbortSignal): Promise<void> {
    checkEntry(tombstone);
    const own = await this.#store.grant(secondsOf(TOMBSTONE_TTLS * this.#ttlMs), signal);
    const result = await this.#fenced(() => this.#store.put(tombstone, own, true), signal);
    await this.#store.revoke(result === 'ok' ? this.#lease : own, signal);
  }

  #entry(value: string): RegistryEntry {
    return { id: this.#id, epoch: this.#epoch, value };
  }

  /** Does what `operation` gives for the etcd lease that holds the entry, as long as the entry is this start's. */
  async #fenced(operation: (lease: string) => Operation | undefined, signal: AbortSignal): Promise<LeaseResult> {
    for (let round = 0; round < ROUNDS; round++) {
      const outcome = await this.#store.fenced(this.#id, this.#lease, operation(this.#lease), signal);
      if (outcome.isDone) return 'ok';
      const { held } = outcome;
      if (held && held.entry.epoch > this.#epoch) return 'superseded';
      if (held?.entry.epoch !== this.#epoch || held.isTombstone) return 'lost';
      // The same start has registered again, under another etcd lease.
      this.#lease = held.lease;
    }
    return 'lost';
  }
}

import type { InstanceRecord } from '@smmf/protocol';

/** What a registry can and cannot do; the conformance suite holds it to its word. */
export interface RegistryCapabilities {
  /** Who judges that a lease has ended: the backend's own clock, or each reader's. */
  readonly fence: 'backend' | 'reader';
  /** Do records outlive the registry's restart. */
  readonly persistent: boolean;
  /** Shortest and longest lease, milliseconds. */
  readonly ttlMs: { readonly min: number; readonly max: number };
  /** How late an expiry may show, milliseconds. */
  readonly grainMs: number;
  /** Largest record, bytes of JSON. */
  readonly recordLimitBytes: number;
}

/** Every instance at one moment. Immutable; a later one replaces it whole. */
export interface Snapshot {
  /** Grows with every change; never goes back while a watcher lives. */
  readonly revision: number;
  /** False when the registry could not read everything. */
  readonly complete: boolean;
  /** When it was true, milliseconds of the Unix epoch. */
  readonly asOfMs: number;
  readonly instances: readonly InstanceRecord[];
}

/** Result of a write under a lease: it stands, it had ended, or a higher epoch has taken its place. */
export type LeaseResult = 'ok' | 'lost' | 'superseded';

/** The right of one start of a worker to its record. One I/O per call and no timers; the heartbeat loop is in `@smmf/worker`. */
export interface Lease {
  renew(signal: AbortSignal): Promise<LeaseResult>;
  update(record: InstanceRecord, signal: AbortSignal): Promise<LeaseResult>;
  /** Leaves; the record is gone for every reader. Idempotent, and harmless when the lease was lost. */
  release(signal: AbortSignal): Promise<void>;
}

/** Stores instance records under leases. */
export interface Registry {
  readonly capabilities: RegistryCapabilities;
  /**
   * Takes or renews the lease of `(record.id, record.epoch)`; the same pair again is the same lease.
   * @throws LEASE_LOST when a higher epoch holds the id
   * @throws REGISTRY_UNAVAILABLE when the backend cannot be reached
   */
  register(record: InstanceRecord, ttlMs: number): Promise<Lease>;
  /** @throws REGISTRY_UNAVAILABLE when the backend cannot be reached */
  snapshot(): Promise<Snapshot>;
  /** Calls `listener` with the present snapshot and after every change, whole and at most each 100 ms; returns its end. */
  watch(listener: (snapshot: Snapshot) => void): () => void;
  close(): Promise<void>;
}

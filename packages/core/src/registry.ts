/** What a registry can and cannot do; the conformance suite holds it to its word. */
export interface RegistryCapabilities {
  /** Who judges that a lease has ended: the backend's own clock, or each reader's. */
  readonly fence: 'backend' | 'reader';
  /** Do entries outlive the backend's restart. */
  readonly persistent: boolean;
  /** Does the backend compare before it sets: of two writers at once the higher epoch always wins. */
  readonly cas: boolean;
  /** Does the backend know who writes; without it only an entry's signature tells. */
  readonly auth: boolean;
  /** Shortest and longest lease, milliseconds. */
  readonly ttlMs: { readonly min: number; readonly max: number };
  /** How late an expiry may show, milliseconds. */
  readonly grainMs: number;
  /** Largest value, bytes of UTF-8. */
  readonly recordLimitBytes: number;
}

/** A record as a registry sees it. */
export interface RegistryEntry {
  /** 1 to 128 letters, digits, dots, dashes and underscores. */
  readonly id: string;
  /** Number of the start that wrote it; 1 or more. Of two with the same id the higher one counts. */
  readonly epoch: number;
  /** Text made by `@smmf/cluster`: opaque here, and handed on byte for byte, as it may be signed. */
  readonly value: string;
}

/** Every entry at one moment. Immutable; a later one replaces it whole. */
export interface Snapshot {
  /** Names the life of the backend's data; another one after it was wiped, or by another backend. Revisions compare within it only. */
  readonly generation: string;
  /** Grows with every change; never goes back within a generation. */
  readonly revision: number;
  /** False when the registry could not read everything: what is missing then may be there all the same. */
  readonly complete: boolean;
  /** When it was true, milliseconds of the Unix epoch. */
  readonly asOfMs: number;
  readonly entries: readonly RegistryEntry[];
}

/** Result of a write under a lease: it stands, the lease had ended, or a higher epoch has taken its place. */
export type LeaseResult = 'ok' | 'lost' | 'superseded';

/**
 * The right of one start to its entry; it can write no other. One I/O for each call and no timers of its own: the one heartbeat
 * loop is `@smmf/cluster`'s announcer.
 */
export interface Lease {
  renew(signal: AbortSignal): Promise<LeaseResult>;
  update(value: string, signal: AbortSignal): Promise<LeaseResult>;
  /**
   * Leaves. With a last value (a tombstone) the entry stays readable with it for two times the lease's length, so that every
   * reader sees an orderly leave; without one it is gone at once. Idempotent, and harmless when the lease was lost.
   */
  release(lastValue: string | undefined, signal: AbortSignal): Promise<void>;
}

/** Stores entries under leases. Every call that does I/O takes a signal and ends with it. */
export interface Registry {
  readonly capabilities: RegistryCapabilities;
  /**
   * Takes or renews the lease of `(entry.id, entry.epoch)`; the same pair again is the same lease, with the newer value.
   * @throws LEASE_LOST when a higher epoch holds the id
   * @throws INVALID_VALUE for an id or an epoch that the contract does not allow; RECORD_TOO_LARGE for a value over the limit
   * @throws REGISTRY_UNAVAILABLE when the backend cannot be reached; REGISTRY_AUTH when it refuses who asks
   */
  register(entry: RegistryEntry, ttlMs: number, signal: AbortSignal): Promise<Lease>;
  /** The entry of one id, tombstones included; undefined when there is none. @throws REGISTRY_UNAVAILABLE, REGISTRY_AUTH */
  get(id: string, signal: AbortSignal): Promise<RegistryEntry | undefined>;
  /** @throws REGISTRY_UNAVAILABLE, REGISTRY_AUTH */
  snapshot(signal: AbortSignal): Promise<Snapshot>;
  /**
   * Calls `listener` with the present snapshot and after every change, whole and at most each 100 ms; returns its end. While the
   * backend cannot be reached nothing is called. What `listener` throws harms neither the registry nor other listeners.
   */
  watch(listener: (snapshot: Snapshot) => void): () => void;
  /** Frees everything; idempotent. Other calls throw CLOSED from here on. */
  close(): Promise<void>;
}

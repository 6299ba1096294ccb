/** Starts and scales worker hosts on a platform that exists already. */
export interface Launcher {
  /** Brings the number of running hosts of `group` to `replicas`; idempotent. */
  scale(group: string, replicas: number, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** Keeps small documents under keys, each with a revision for compare-and-set. */
export interface Store {
  get(key: string): Promise<{ readonly value: string; readonly revision: number } | undefined>;
  /** The new revision; undefined when `ifRevision` (0 for "absent") no longer holds. */
  set(key: string, value: string, ifRevision?: number): Promise<number | undefined>;
  delete(key: string): Promise<void>;
  close(): Promise<void>;
}

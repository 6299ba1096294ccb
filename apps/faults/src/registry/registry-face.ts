/** The registry of a cluster, as the drill meets it with faults. */
export interface RegistryFace {
  /** Kills it, all of it. */
  kill(): Promise<void>;
  /** Starts what does not run, and waits until it answers. @throws NotInTime */
  start(): Promise<void>;
  /** It stands still, or goes on. */
  pause(isPaused: boolean): Promise<void>;
  /** Kills it, and starts it again with nothing on disk. */
  wipe(): Promise<void>;
  /** Does anything answer at its address. */
  answers(): Promise<boolean>;
  /** API servers see an empty registry, or the real one again. */
  empty(isEmpty: boolean): void;
  /** How often API servers have been told of an empty registry. */
  readonly emptyAnswers: number;
  /** Ids of the entries that it lists; undefined while it does not answer. */
  listed(): Promise<readonly string[] | undefined>;
  close(): Promise<void>;
}

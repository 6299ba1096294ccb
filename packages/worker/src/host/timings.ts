/** Times of a host, milliseconds. */
export interface HostTimings {
  /** Between two probes of a ready engine; default 5000. */
  readonly probeMs: number;
  /** Limit of one probe; default 1000. */
  readonly probeLimitMs: number;
  /** Probes without an answer in a row after which the engine's process is killed; default 10. */
  readonly silentProbes: number;
  /** A start without any progress for so long is given up; default 600 000. */
  readonly startLimitMs: number;
  /** First wait before a restart, doubled each time; default 250. */
  readonly backOffMs: number;
  /** Longest wait before a restart; default 30 000. */
  readonly backOffCapMs: number;
  /** Crashes within `crashWindowMs` that make a crash loop; default 5. */
  readonly crashLimit: number;
  /** First wait before a restart in a crash loop, doubled each time; default 10 000. */
  readonly loopBackOffMs: number;
  /** Longest wait before a restart in a crash loop; default 300 000. */
  readonly loopBackOffCapMs: number;
  /** Also how long an engine must have been ready for its crashes to be forgotten; default 60 000. */
  readonly crashWindowMs: number;
  /** Between two heartbeats, ± 10 %; default 5000. */
  readonly heartbeatMs: number;
  /** Life of the lease; default 15 000. */
  readonly ttlMs: number;
  /** Limit of one call of the registry; default 2000. */
  readonly registryLimitMs: number;
  /** What an engine's process gets to end after its drain, before it is killed; default 5000. */
  readonly stopLimitMs: number;
}

/** The times that hold where nothing else is said. */
export const DEFAULT_TIMINGS: HostTimings = {
  probeMs: 5_000,
  probeLimitMs: 1_000,
  silentProbes: 10,
  startLimitMs: 600_000,
  backOffMs: 250,
  backOffCapMs: 30_000,
  crashLimit: 5,
  loopBackOffMs: 10_000,
  loopBackOffCapMs: 300_000,
  crashWindowMs: 60_000,
  heartbeatMs: 5_000,
  ttlMs: 15_000,
  registryLimitMs: 2_000,
  stopLimitMs: 5_000,
};

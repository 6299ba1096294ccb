/** What a probe found. */
export interface Health {
  /** The engine answers at all. */
  readonly live: boolean;
  /** It can serve its models now. */
  readonly ready: boolean;
  /** Why it is not ready, in words for an operator. */
  readonly reason?: string;
}

/** Load as the engine reports it; an absent number is unknown, not zero. */
export interface LoadSample {
  readonly running?: number;
  readonly waiting?: number;
  /** Share of the KV cache in use, 0 to 1. */
  readonly cacheUse?: number;
  /** Share of prompt tokens found in the prefix cache, 0 to 1. */
  readonly prefixHitRate?: number;
  /** On the wall clock, milliseconds of the Unix epoch. */
  readonly sampledAtMs: number;
}

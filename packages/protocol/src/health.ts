import * as z from 'zod';

/** What a probe found. */
export interface Health {
  /** The engine answers at all. */
  readonly live: boolean;
  /** It can serve its models now. */
  readonly ready: boolean;
  /** Why it is not ready, in words for an operator. */
  readonly reason?: string;
  /** What an operator should know although it is ready. */
  readonly note?: string;
  /** Its list of models lacks the name that it is asked for; it may take that all the same, and its list tells nobody who it is. */
  readonly isUnlisted?: boolean;
  /** It was reached and said nothing in time, which a busy engine does, too: its state stays what it was. */
  readonly isUndecided?: boolean;
}

/** Load as the engine reports it; an absent number is unknown, not zero. */
export const loadSample = z.object({
  running: z.number().nonnegative().optional(),
  waiting: z.number().nonnegative().optional(),
  /** Share of the KV cache in use, 0 to 1. */
  cacheUse: z.number().min(0).max(1).optional(),
  /** Share of prompt tokens found in the prefix cache, 0 to 1. */
  prefixHitRate: z.number().min(0).max(1).optional(),
  /** On the wall clock, milliseconds of the Unix epoch. */
  sampledAtMs: z.number(),
});

/** Load as the engine reports it. */
export type LoadSample = z.infer<typeof loadSample>;

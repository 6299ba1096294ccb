/**
 * What became of a request, as its caller sees it. `failed`: a status of 400 or more, a reset, or no content in time, and never a byte of
 * content. `cut`: content, then an error event. `cut silently`: content, then an end that no event explains. `wrong`: another answer
 * than the right one.
 */
export type Outcome = 'ok' | 'failed' | 'cut' | 'cut silently' | 'wrong';

/** One request that has ended. Times are milliseconds of the Unix epoch. */
export interface Ended {
  /** As `x-request-id` names it. */
  readonly id: string | undefined;
  readonly target: string;
  readonly stream: boolean;
  readonly outcome: Outcome;
  /** Why it is not `ok`, in words for the report. */
  readonly reason?: string;
  readonly startedMs: number;
  /** When the first content came; for an answer that is not streamed, the whole of it. */
  readonly firstMs: number | undefined;
  readonly endedMs: number;
}

/** How many requests ended how. */
export type Tally = Readonly<Record<Outcome, number>>;

/** Counts outcomes. */
export function tallyOf(ended: readonly Pick<Ended, 'outcome'>[]): Tally {
  const tally: Record<Outcome, number> = { ok: 0, failed: 0, cut: 0, 'cut silently': 0, wrong: 0 };
  for (const { outcome } of ended) tally[outcome]++;
  return tally;
}

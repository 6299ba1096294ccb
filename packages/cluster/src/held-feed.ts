import type { Clock } from '@smmf/core';

/** A state with the name of its version. */
export interface Versioned<T> {
  readonly version: string;
  readonly state: T;
}

/** What {@link followHeld} works with. */
export interface HeldFeedContext<T> {
  readonly clock: Clock;
  /**
   * Asks once: answers with a state of another version than `version`, with undefined when the server held the request to its end and
   * nothing changed.
   */
  readonly ask: (version: string | undefined, signal: AbortSignal) => Promise<Versioned<T> | undefined>;
  readonly onState: (state: T) => void;
  /** A call has failed, or gone well after one that failed. */
  readonly onFailure?: (error: unknown) => void;
  readonly onSuccess?: () => void;
  readonly random?: () => number;
}

/** Waits after failures: at random between the first and twice as much each time, up to the second; milliseconds. */
const BACK_OFF_MS = [200, 10_000] as const;

/**
 * Follows a state by requests that the server holds until it changes: one at a time, tried again for ever with full jitter. Returns
 * its end, which aborts the request under way.
 */
export function followHeld<T>({ clock, random = Math.random, ...context }: HeldFeedContext<T>): () => void {
  const ending = new AbortController();
  let version: string | undefined;
  let failures = 0;
  let cancel = (): void => undefined;
  const ask = async (): Promise<void> => {
    let waitMs = 0;
    try {
      const next = await context.ask(version, ending.signal);
      if (ending.signal.aborted) return;
      failures = 0;
      context.onSuccess?.();
      if (next) {
        version = next.version;
        context.onState(next.state);
      }
    } catch (error) {
      if (ending.signal.aborted) return;
      const [firstMs, lastMs] = BACK_OFF_MS;
      waitMs = Math.max(firstMs, random() * Math.min(lastMs, firstMs * 2 ** ++failures));
      context.onFailure?.(error);
    }
    if (waitMs === 0) setImmediate(() => void ask());
    else cancel = clock.after(waitMs, () => void ask());
  };
  void ask();
  return () => {
    ending.abort();
    cancel();
  };
}

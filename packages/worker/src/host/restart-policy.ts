import type { ErrorCode } from '@smmf/protocol';
import type { HostTimings } from './timings.ts';

/** Faults that another start would meet again. */
export const PERMANENT_FAULTS: ReadonlySet<ErrorCode> = new Set([
  'CONFIG_INVALID',
  'PLUGIN_NOT_FOUND',
  'PLUGIN_INVALID',
  'SOURCE_CORRUPT',
  'MODEL_LOAD_FAILED',
]);

/** Decides when an engine that ended by itself is started again. */
export interface RestartPolicy {
  /** Notes a crash; returns the wait before the next start, undefined for a crash loop. */
  crashed(nowMs: number): number | undefined;
  /** Notes a start that failed without the engine's fault; returns the wait before the next one. */
  postponed(): number;
  /** Notes that the engine was ready for so long; enough of it makes earlier crashes forgotten. */
  wasReady(forMs: number): void;
  /** Forgets everything. */
  reset(): void;
}

/** Back-off that doubles, and a limit on crashes within a window; as long a time of health ends both. */
export function createRestartPolicy(timings: HostTimings): RestartPolicy {
  const { backOffMs, backOffCapMs, crashLimit, crashWindowMs } = timings;
  let crashes: number[] = [];
  let streak = 0;
  const reset = (): void => {
    crashes = [];
    streak = 0;
  };
  const nextWaitMs = (): number => Math.min(backOffCapMs, backOffMs * 2 ** Math.min(streak++, 30));
  return {
    crashed(nowMs) {
      crashes = [...crashes.filter((atMs) => nowMs - atMs < crashWindowMs), nowMs];
      return crashes.length >= crashLimit ? undefined : nextWaitMs();
    },
    postponed: nextWaitMs,
    wasReady(forMs) {
      if (forMs >= crashWindowMs) reset();
    },
    reset,
  };
}

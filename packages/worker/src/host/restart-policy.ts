import type { ErrorCode } from '@smmf/protocol';
import type { HostTimings } from './timings.ts';

/** Faults that another start would meet again. */
export const PERMANENT_FAULTS: ReadonlySet<ErrorCode> = new Set([
  'CONFIG_INVALID',
  'SECRET_MISSING',
  'PLUGIN_NOT_FOUND',
  'PLUGIN_INVALID',
  'SOURCE_CORRUPT',
  'MODEL_LOAD_FAILED',
]);

/** When an engine is started again. */
export interface Restart {
  readonly waitMs: number;
  /** It has crashed again and again. */
  readonly isLoop: boolean;
  /** So soon that requests may wait for it. */
  readonly isSoon: boolean;
}

/** Why an engine is not there until then. @param output its last lines, told of one that crashes again and again */
export function restartReason(
  { waitMs, isLoop, isSoon }: Restart,
  why: string,
  crashes: number,
  output: readonly string[],
): string {
  const again = `restarting in ${isSoon ? `${waitMs} ms` : `${Math.round(waitMs / 1000)} s`} after ${why}`;
  return isLoop ? [`it crashes again and again (${crashes} times by now): ${again}`, ...output].join('\n') : again;
}

/** Decides when an engine that ended by itself is started again. */
export interface RestartPolicy {
  /** Notes a crash; there is always another start. */
  crashed(nowMs: number): Restart;
  /** Notes a start that failed without the engine's fault. */
  postponed(): Restart;
  /** Notes that the engine was ready for so long; enough of it makes earlier crashes forgotten. */
  wasReady(forMs: number): void;
  /** Forgets everything. */
  reset(): void;
}

/** Back-off that doubles; a much slower one once there were too many crashes within a window. A time of health as long as that ends both. */
export function createRestartPolicy(timings: HostTimings): RestartPolicy {
  const { backOffMs, backOffCapMs, crashLimit, crashWindowMs, loopBackOffMs, loopBackOffCapMs } = timings;
  let crashes: number[] = [];
  let streak = 0;
  let isLoop = false;
  const reset = (): void => {
    crashes = [];
    streak = 0;
    isLoop = false;
  };
  const next = (): Restart => {
    const [firstMs, capMs] = isLoop ? [loopBackOffMs, loopBackOffCapMs] : [backOffMs, backOffCapMs];
    const waitMs = Math.min(capMs, firstMs * 2 ** Math.min(streak++, 30));
    return { waitMs, isLoop, isSoon: waitMs < loopBackOffMs };
  };
  return {
    crashed(nowMs) {
      crashes = [...crashes.filter((atMs) => nowMs - atMs < crashWindowMs), nowMs];
      if (!isLoop && crashes.length >= crashLimit) {
        isLoop = true;
        streak = 0;
      }
      return next();
    },
    postponed: next,
    wasReady(forMs) {
      if (forMs >= crashWindowMs) reset();
    },
    reset,
  };
}

import { within } from '@smmf/cluster';
import { type Clock, isSmmfError, type Worker } from '@smmf/core';
import type { EngineProbe, EngineRun } from './engine-run.ts';
import type { HostTimings } from './timings.ts';

/** Between two probes of an engine that answers but is not ready. */
const NOT_READY_MS = 1_000;
/** What a probe with a limit of its own gets beyond it. */
const SLACK_MS = 500;
/** Failures in a row that take a ready engine down. */
const FAILURES_DOWN = 2;

/** What a prober tells. */
export interface ProberListener {
  /** The engine is ready; told after every good probe. */
  onUp(probe: EngineProbe): void;
  /** It is not, or no longer. */
  onDown(reason: string): void;
  /** It was reached and did not answer in time: that says neither. */
  onUndecided(reason: string): void;
  /** It has not answered for too long and can be killed; the prober has stopped. */
  onDead(reason: string): void;
}

/**
 * Probes an engine at once and from then on: two failures in a row take it down, one success brings it up.
 * Returns its end.
 *
 * @param own the engine's own interval and limit, in place of the host's
 */
export function startProber(
  run: Pick<EngineRun, 'probe' | 'kill'>,
  timings: HostTimings,
  clock: Clock,
  listener: ProberListener,
  own?: Worker['probe'],
): () => void {
  const { silentProbes } = timings;
  const { intervalMs, timeoutMs } = own ?? { intervalMs: timings.probeMs, timeoutMs: timings.probeLimitMs };
  // An engine that bounds its probe itself may say more about it than that it was cut.
  const limitMs = own ? timeoutMs + SLACK_MS : timeoutMs;
  let isStopped = false;
  let isUp = false;
  let failures = 0;
  let silent = 0;
  let cancelTimer = (): void => undefined;

  const probe = async (): Promise<EngineProbe | string> => {
    try {
      return await within(clock, limitMs, 'the probe', (signal) => run.probe(signal));
    } catch (error) {
      const why = isSmmfError(error) || error instanceof Error ? error.message : String(error);
      return `does not answer: ${why}`;
    }
  };
  const fail = (reason: string): void => {
    failures++;
    if (isUp && failures < FAILURES_DOWN) return;
    isUp = false;
    listener.onDown(reason);
  };
  const tick = async (): Promise<void> => {
    const found = await probe();
    if (isStopped) return;
    silent = typeof found === 'string' ? silent + 1 : 0;
    if (typeof found === 'string') fail(found);
    else if (found.isUndecided) listener.onUndecided(found.reason ?? 'did not answer its probe in time');
    else if (!found.ready) fail(found.reason ?? 'not ready');
    else {
      failures = 0;
      isUp = true;
      listener.onUp(found);
    }
    if (silent >= silentProbes && run.kill && typeof found === 'string') {
      isStopped = true;
      listener.onDead(found);
    } else if (!isStopped) {
      // What is elsewhere may be away for long: it is asked less and less often, down to its usual time.
      const soonMs = own ? NOT_READY_MS * 2 ** Math.min(failures - 1, 10) : NOT_READY_MS;
      const waitMs = failures > 0 && silent === 0 ? Math.min(soonMs, intervalMs) : intervalMs;
      cancelTimer = clock.after(waitMs, () => void tick());
    }
  };
  void tick();
  return () => {
    isStopped = true;
    cancelTimer();
  };
}

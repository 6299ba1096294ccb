/** A second signal counts only after this: npm delivers one Ctrl-C twice within a millisecond. */
const SECOND_SIGNAL_MS = 1_000;
const PARENT_POLL_MS = 250;

/**
 * Calls `stop` at the first SIGINT, SIGTERM or SIGHUP, and when the parent that must be watched has gone; calls `stopNow`
 * at a second signal, from a second after the first one.
 */
export function onStopSignals(stop: () => void, stopNow: () => void): void {
  let firstMs: number | undefined;
  const onSignal = (): void => {
    const nowMs = performance.now();
    if (firstMs === undefined) {
      firstMs = nowMs;
      stop();
    } else if (nowMs - firstMs >= SECOND_SIGNAL_MS) stopNow();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  // npx dies of a signal and hands it to its shell alone: what it ran learns of it by the loss of its parent.
  const { SMMF_WATCH_PARENT, npm_command: npmCommand } = process.env;
  if (SMMF_WATCH_PARENT !== '1' && npmCommand !== 'exec') return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onSignal();
  }, PARENT_POLL_MS);
  timer.unref();
}

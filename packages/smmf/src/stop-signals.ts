import { createStopOrder } from '@smmf/runtime';

const PARENT_POLL_MS = 250;

/**
 * Calls `stop` at the first SIGINT, SIGTERM or SIGHUP, and when the parent that must be watched has gone; calls `stopNow`
 * at a second one.
 */
export function onStopSignals(stop: () => void, stopNow: () => void): void {
  const onSignal = createStopOrder(stop, stopNow);
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

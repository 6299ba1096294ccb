import { parentPort, workerData } from 'node:worker_threads';

/**
 * Tells its parent when each request is due. A timer of the event loop has steps of a millisecond, in which requests would
 * go out in pairs; a thread that sleeps can be woken at any time.
 */

/** When the first request is due, on the scale of `performance.timeOrigin + performance.now()`, and how many follow at what distance. */
export interface Pace {
  readonly startMs: number;
  readonly gapMs: number;
  readonly count: number;
}

const { startMs, gapMs, count } = workerData as Pace;
const nobodyWakesIt = new Int32Array(new SharedArrayBuffer(4));
for (let index = 0; index < count; index++) {
  const leftMs = startMs + index * gapMs - (performance.timeOrigin + performance.now());
  if (leftMs > 0) Atomics.wait(nobodyWakesIt, 0, 0, leftMs);
  parentPort?.postMessage(index);
}

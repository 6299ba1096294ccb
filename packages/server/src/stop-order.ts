/** A further signal counts from here on: npm delivers one Ctrl-C twice within a millisecond. */
const NEXT_SIGNAL_MS = 1_000;

/** Turns signals into orders: the first calls `stop`, and each that comes a second after the last one that counted, or later, calls `stopNow`. */
export function createStopOrder(stop: () => void, stopNow: () => void): () => void {
  let lastMs: number | undefined;
  return () => {
    const nowMs = performance.now();
    if (lastMs !== undefined && nowMs - lastMs < NEXT_SIGNAL_MS) return;
    const order = lastMs === undefined ? stop : stopNow;
    lastMs = nowMs;
    order();
  };
}

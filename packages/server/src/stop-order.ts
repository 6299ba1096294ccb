/** A second signal counts from here on: npm delivers one Ctrl-C twice within a millisecond. */
const SECOND_SIGNAL_MS = 1_000;

/** Turns signals into orders: the first calls `stop`, and one that comes a second after it, or later, calls `stopNow`. */
export function createStopOrder(stop: () => void, stopNow: () => void): () => void {
  let firstMs: number | undefined;
  return () => {
    const nowMs = performance.now();
    if (firstMs === undefined) {
      firstMs = nowMs;
      stop();
    } else if (nowMs - firstMs >= SECOND_SIGNAL_MS) stopNow();
  };
}

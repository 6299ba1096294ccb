/** Time as SMMF sees it; tests hand in a fake one. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean anything. */
  now(): number;
  /** Wall-clock milliseconds of the Unix epoch, for records and logs; never for measuring. */
  wallMs(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. The timer does not keep the process alive. */
  after(delayMs: number, task: () => void): () => void;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs).unref();
    return () => clearTimeout(timer);
  },
};

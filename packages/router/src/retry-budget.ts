const FULL = 10;
const FLOOR = FULL / 2;
const REFILL = 0.1;
const MIN_CONCURRENT = 3;
const SHARE = 0.2;

const BACKOFF_BASE_MS = 25;
const BACKOFF_CAP_MS = 250;

/** How long to wait before the attempt after `attempts` failed ones: full jitter, so that retries do not come in waves. */
export function backOffMs(attempts: number, random: () => number): number {
  return random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (attempts - 1));
}

/**
 * Keeps retries from multiplying a failure: a bucket of 10 tokens loses one per failure and gains 0.1 per success, 1 per retry that succeeds;
 * retries are allowed above 5; at most 20 % of what is in flight (3 at least) may be retries.
 * @see gRPC proposal A6 (retry throttling), read 2026-11
 */
export class RetryBudget {
  #tokens = FULL;
  /** Retries under way. */
  running = 0;

  /** @param isRetry a retry that helped gives back what the failure before it took: that one instance fails is no storm */
  succeeded(isRetry: boolean): void {
    this.#tokens = Math.min(FULL, this.#tokens + (isRetry ? 1 : REFILL));
  }

  failed(): void {
    this.#tokens = Math.max(0, this.#tokens - 1);
  }

  allows(inFlight: number): boolean {
    return this.#tokens > FLOOR && this.running < Math.max(MIN_CONCURRENT, SHARE * inFlight);
  }
}

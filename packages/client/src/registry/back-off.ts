const FIRST_MS = 200;
const LONGEST_MS = 10_000;

/** Waits between attempts to reach a registry's backend: full jitter (anything up to the limit), the limit doubling from 0.2 s to 10 s, without an end. */
export class BackOff {
  readonly #random: () => number;
  #failures = 0;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** The wait after one more failure, milliseconds. */
  nextMs(): number {
    const limitMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(this.#failures++, 16));
    return this.#random() * limitMs;
  }

  /** It went well. */
  reset(): void {
    this.#failures = 0;
  }
}

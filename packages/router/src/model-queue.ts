import { RetryBudget } from './retry-budget.ts';

/** Weight of the newest duration in the moving average. */
const DURATION_SHARE = 0.2;

/** Someone who waits for a slot. */
export interface Waiting {
  /** Some instances will not do, as they failed this request already: others in line need not wait behind it. */
  readonly hasTried: boolean;
  /** A slot may be free: takes it, or stays in line. True when it has left the line. */
  tryStart(): boolean;
  /** Nothing will come free: answers the client. */
  refuseWaiting(): void;
}

/** Counts and the line of one model; outlives every table. */
export class ModelQueue {
  readonly #line = new Set<Waiting>();
  /** Those who wait for an instance to come back before they try again. */
  readonly #pausing = new Set<Waiting>();
  #withTries = 0;
  readonly budget = new RetryBudget();
  inFlight = 0;
  /** Moving average of how long a request holds its slot, milliseconds; 0 before the first one ended. */
  #durationMs = 0;

  /** How many wait. */
  get length(): number {
    return this.#line.size;
  }

  /** Nobody waits in it, also not for a pause to end. */
  get isIdle(): boolean {
    return this.#line.size === 0 && this.#pausing.size === 0;
  }

  /** May a newcomer take a slot past those in line. */
  get isOpenToNewcomers(): boolean {
    return this.#line.size === this.#withTries;
  }

  join(waiting: Waiting): void {
    this.#line.add(waiting);
    if (waiting.hasTried) this.#withTries++;
  }

  /** False when it was not in line. */
  leave(waiting: Waiting): boolean {
    const was = this.#line.delete(waiting);
    if (was && waiting.hasTried) this.#withTries--;
    return was;
  }

  pause(waiting: Waiting): void {
    this.#pausing.add(waiting);
  }

  unpause(waiting: Waiting): void {
    this.#pausing.delete(waiting);
  }

  ended(durationMs: number): void {
    this.#durationMs += this.#durationMs === 0 ? durationMs : DURATION_SHARE * (durationMs - this.#durationMs);
  }

  /**
   * How long a newcomer would wait behind the line, milliseconds: the line and itself, over the rate at which `slots` come
   * free as the last requests went; 0 while unknown.
   */
  predictedWaitMs(slots: number): number {
    return slots === 0 ? 0 : ((this.#line.size + 1) * this.#durationMs) / slots;
  }

  /** Offers free slots to those in line, oldest first, until there are none. */
  pump(): void {
    for (const waiting of this.#line) {
      if (!waiting.tryStart() && !waiting.hasTried) return;
    }
  }

  /** Sends everybody away. */
  refuseWaiting(): void {
    for (const waiting of [...this.#line, ...this.#pausing]) waiting.refuseWaiting();
  }
}

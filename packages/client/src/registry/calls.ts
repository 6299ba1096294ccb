import { type Clock, SmmfError } from '@smmf/core';

/** What bounds the calls of one client of a registry's backend. */
export interface CallLimits {
  readonly clock: Clock;
  /** Limit of one call once its turn has come, milliseconds. */
  readonly limitMs: number;
  /** So many are under way at once; the others wait for their turn. */
  readonly width: number;
  /** What is said of a call that took too long. */
  readonly late: () => SmmfError;
}

/** A caller that has waited for this share of the limit gives up for the same reason as the limit: the backend is silent. */
const SILENT_SHARE = 0.9;

/** Calls of a registry's backend with a limit of time and of number; all of them end with `close`. */
export class BoundedCalls {
  readonly #limits: CallLimits;
  readonly #open = new Set<AbortController>();
  readonly #waiting: (() => void)[] = [];
  #free: number;
  #isClosed = false;

  constructor(limits: CallLimits) {
    this.#limits = limits;
    this.#free = limits.width;
  }

  /**
   * Runs `work` when its turn has come, with a signal that aborts at the limit, with the caller's own and at `close`; it is waited for
   * no longer than that. A caller's signal that aborts when nearly the whole limit is over means the same as the limit.
   * @throws CLOSED, what `late` gives, the signal's reason
   */
  async run<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    this.mustBeOpen();
    const controller = new AbortController();
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => undefined);
    controller.signal.addEventListener('abort', () => ended.reject(controller.signal.reason), { once: true });
    const { clock, limitMs, late } = this.#limits;
    let beganMs = Number.POSITIVE_INFINITY;
    const begun = (): void => {
      beganMs = clock.now();
    };
    const forward = (): void =>
      controller.abort(clock.now() - beganMs >= SILENT_SHARE * limitMs ? late() : signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    this.#open.add(controller);
    try {
      return await this.#inTurn(controller, ended.promise, (by) => {
        begun();
        return work(by);
      });
    } finally {
      this.#open.delete(controller);
      signal.removeEventListener('abort', forward);
    }
  }

  /** @throws CLOSED */
  mustBeOpen(): void {
    if (this.#isClosed) throw closed();
  }

  /** Ends those under way, those that wait, and all that come. */
  close(): void {
    this.#isClosed = true;
    for (const controller of this.#open) controller.abort(closed());
  }

  async #inTurn<T>(
    controller: AbortController,
    ended: Promise<never>,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    await this.#turn(ended);
    const { clock, limitMs, late } = this.#limits;
    const cancel = clock.after(limitMs, () => controller.abort(late()));
    try {
      return await Promise.race([work(controller.signal), ended]);
    } finally {
      cancel();
      this.#pass();
    }
  }

  async #turn(ended: Promise<never>): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    try {
      await Promise.race([promise, ended]);
    } catch (error) {
      const index = this.#waiting.indexOf(resolve);
      if (index >= 0) this.#waiting.splice(index, 1);
      // The turn had come in the very moment in which the call ended: it is the next one's.
      else this.#pass();
      throw error;
    }
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}

const closed = (): SmmfError => new SmmfError('CLOSED', 'The registry is closed');

import type { Clock, Logger } from '@smmf/core';

/** Code that is not the router's and that it calls. */
export const FOREIGN_PARTS = ['balancer', 'sink', 'observer', 'profile'] as const;

/** Code that is not the router's and that it calls. */
export type ForeignPart = (typeof FOREIGN_PARTS)[number];

/** One log line for each part and model in so long, milliseconds. */
const LOG_MS = 60_000;

/** Counts what foreign code throws, and logs the first of each minute. */
export class FaultBook {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #counts = new Map<ForeignPart, number>();
  readonly #loggedMs = new Map<string, number>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Faults since the start, by part. */
  get counts(): Readonly<Record<ForeignPart, number>> {
    const count = (part: ForeignPart): number => this.#counts.get(part) ?? 0;
    return { balancer: count('balancer'), sink: count('sink'), observer: count('observer'), profile: count('profile') };
  }

  /** @param model the public model whose request met it */
  note(part: ForeignPart, model: string, cause: unknown): void {
    const faults = (this.#counts.get(part) ?? 0) + 1;
    this.#counts.set(part, faults);
    const key = `${part} ${model}`;
    const nowMs = this.#clock.now();
    if (nowMs - (this.#loggedMs.get(key) ?? Number.NEGATIVE_INFINITY) < LOG_MS) return;
    this.#loggedMs.set(key, nowMs);
    this.#logger.error(
      { part, model, faults, cause: String(cause) },
      'foreign code failed; its request went on without it',
    );
  }
}

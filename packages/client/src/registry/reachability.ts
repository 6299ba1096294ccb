import type { Clock, Logger } from '@smmf/core';
import type { ErrorCode } from '@smmf/protocol';

/** How it stands with a registry's backend: it answers, it does not, or it answers that it will not serve us. */
export type Standing = 'reached' | 'unreachable' | 'refused';

/** While nothing changes, a line in so long says so; milliseconds. */
const REPEAT_MS = 60_000;
/** So many lines in that time, however often it changes: a backend that takes one call and refuses the next must not fill the log. */
const LINES = 3;

const TEXTS: Readonly<Record<Standing, string>> = {
  reached: 'registry is reached',
  unreachable: 'registry cannot be reached',
  refused: 'registry refuses this process',
};
/** The error that callers are given meanwhile. */
const CODES: Partial<Readonly<Record<Standing, ErrorCode>>> = {
  unreachable: 'REGISTRY_UNAVAILABLE',
  refused: 'REGISTRY_AUTH',
};

/** What this process knows of a registry's backend, and what the log says of it: one line for each change (three a minute at most), and one a minute while it is bad. */
export class Reachability {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #onReached: () => void;
  #standing: Standing | undefined;
  #sinceMs = 0;
  /** What the log says. */
  #logged: Standing | undefined;
  #loggedMs = 0;
  #lines = 0;
  #countedMs = Number.NEGATIVE_INFINITY;

  /** `onReached` is called when the backend answers again, in that very turn. */
  constructor(clock: Clock, logger: Logger, onReached: () => void) {
    this.#clock = clock;
    this.#logger = logger;
    this.#onReached = onReached;
  }

  /** Told after each exchange with the backend; `reason` says what was wrong, without secrets. */
  note(standing: Standing, reason?: string): void {
    const nowMs = this.#clock.now();
    const before = this.#standing;
    const forMs = Math.round(nowMs - this.#sinceMs);
    this.#standing = standing;
    if (standing !== before) this.#sinceMs = nowMs;
    const isDue = standing !== 'reached' && nowMs - this.#loggedMs >= REPEAT_MS;
    if ((standing !== this.#logged || isDue) && this.#mayLog(nowMs)) {
      const code = CODES[standing];
      const why = { ...(code === undefined ? {} : { code }), ...(reason === undefined ? {} : { reason }) };
      const fields = { ...why, ...(before === undefined ? {} : { forMs }) };
      this.#logger[standing === 'reached' ? 'info' : 'warn'](fields, TEXTS[standing]);
      this.#logged = standing;
      this.#loggedMs = nowMs;
    }
    if (standing === 'reached' && before !== 'reached') this.#onReached();
  }

  #mayLog(nowMs: number): boolean {
    if (nowMs - this.#countedMs >= REPEAT_MS) {
      this.#countedMs = nowMs;
      this.#lines = 0;
    }
    return this.#lines++ < LINES;
  }
}

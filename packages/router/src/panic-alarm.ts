import type { Clock, Logger } from '@smmf/core';

/**
 * So long may the registry's list be short before the log says so, milliseconds: one that has come back before its members is whole
 * again after a heartbeat (5 s ± 10 %) and 2 s, and the fault of that registry has a line of its own.
 */
const TELL_AFTER_MS = 7_500;

/** Says in the log that the registry's list is not believed, once that lasts, and when it is over. */
export class PanicAlarm {
  readonly #clock: Clock;
  readonly #logger: Logger;
  #isPanic = false;
  #isTold = false;
  #suspects = 0;
  #instances = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  /**
   * Told after each look at the list: how many of how many instances it shows no more. More than half is a panic.
   * @returns whether one begins
   */
  note(suspects: number, instances: number): boolean {
    this.#suspects = suspects;
    this.#instances = instances;
    const isPanic = 2 * suspects > instances;
    if (isPanic === this.#isPanic) return false;
    this.#isPanic = isPanic;
    if (isPanic) this.#cancel = this.#clock.after(TELL_AFTER_MS, () => this.#tell());
    else this.#end();
    return isPanic;
  }

  close(): void {
    this.#cancel?.();
  }

  get #fields() {
    return { suspects: this.#suspects, instances: this.#instances };
  }

  #tell(): void {
    this.#isTold = true;
    this.#logger.error(this.#fields, 'the registry shows less than half of what was there: it is not believed');
  }

  #end(): void {
    this.#cancel?.();
    if (this.#isTold) this.#logger.info(this.#fields, 'the registry is believed again');
    this.#isTold = false;
  }
}

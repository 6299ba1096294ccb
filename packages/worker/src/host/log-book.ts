import { type Clock, systemClock } from '@smmf/core';
import type { EngineLog, LogQuery } from '@smmf/protocol';
import { causeText } from '@smmf/server';

/** Lines that are kept of one instance. */
const KEPT = 1_000;
const DEFAULT_LIMIT = 100;

/** What engines wrote, and what became of them, over their restarts. */
export class LogBook {
  readonly #clock: Clock;
  readonly #logs = new Map<string, { lines: EngineLog['lines']; seq: number }>();

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  add(instance: string, text: string): void {
    const log = this.#logs.get(instance) ?? { lines: [], seq: 0 };
    this.#logs.set(instance, log);
    log.lines.push({ seq: ++log.seq, atMs: this.#clock.wallMs(), text });
    if (log.lines.length > 2 * KEPT) log.lines = log.lines.slice(-KEPT);
  }

  /** The newest lines, oldest first, credentials taken out. */
  read(instance: string, { after = 0, limit = DEFAULT_LIMIT }: LogQuery): EngineLog {
    const kept = (this.#logs.get(instance)?.lines ?? []).slice(-KEPT).filter(({ seq }) => seq > after);
    const lines = limit > 0 ? kept.slice(-limit) : [];
    return { lines: lines.map((line) => ({ ...line, text: causeText(line.text) ?? '' })) };
  }

  /** Lets go of an instance that is no more. */
  drop(instance: string): void {
    this.#logs.delete(instance);
  }
}

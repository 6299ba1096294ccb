import { Agent } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ask } from './ask.ts';
import type { Ended } from './outcome.ts';

/** A load at a fixed rate, whatever becomes of it. */
export interface LoadOrder {
  /** Origins that are asked in turn. */
  readonly targets: readonly string[];
  readonly model: string;
  /** Requests each second; every other one is streamed. */
  readonly rate: number;
  /** Longest wait of a client for content, milliseconds. */
  readonly limitMs: number;
}

/** What a load has come to. */
export interface LoadResult {
  readonly ended: readonly Ended[];
  /** How late the latest request was sent, milliseconds. */
  readonly lateMs: number;
}

/** Words that stand in every prompt of the drill, and nowhere else. */
export const MARK = 'prompt-of-the-drill';
/** Between two looks at what is due, milliseconds. */
const TICK_MS = 5;
const WORDS = 'one two three four five six seven';

/** Sends requests at a fixed rate until it is stopped, and keeps what became of each. */
export class LoadGenerator {
  readonly #order: LoadOrder;
  readonly #agents: readonly Agent[];
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;
  readonly #asked = new Set<Promise<void>>();
  readonly #ended: Ended[] = [];
  readonly #startMs = performance.now();
  readonly #timer: NodeJS.Timeout;
  #sent = 0;
  #lateMs = 0;

  constructor(order: LoadOrder) {
    this.#order = order;
    this.#agents = order.targets.map(() => new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }));
    this.#delay = monitorEventLoopDelay({ resolution: 10 });
    this.#delay.enable();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** p99 of the delay of this process's event loop since it was asked last, milliseconds. */
  delayMs(): number {
    const delayMs = this.#delay.percentile(99) / 1e6;
    this.#delay.reset();
    return delayMs;
  }

  /** Sends no more, and resolves once every request has ended. */
  async stop(): Promise<LoadResult> {
    clearInterval(this.#timer);
    await Promise.all(this.#asked);
    this.#delay.disable();
    for (const agent of this.#agents) agent.destroy();
    return { ended: this.#ended, lateMs: this.#lateMs };
  }

  #tick(): void {
    const gapMs = 1_000 / this.#order.rate;
    const nowMs = performance.now() - this.#startMs;
    for (; this.#sent * gapMs <= nowMs; this.#sent++) {
      this.#lateMs = Math.max(this.#lateMs, nowMs - this.#sent * gapMs);
      this.#send(this.#sent);
    }
  }

  #send(index: number): void {
    const { targets, model, limitMs } = this.#order;
    const turn = index % targets.length;
    const target = targets[turn];
    const agent = this.#agents[turn];
    if (target === undefined || !agent) return;
    // Streams change their target from one to the next, too.
    const stream = Math.floor(index / targets.length) % 2 === 0;
    const prompt = `${MARK} ${index} ${WORDS}`;
    const asked = ask({ target, model, prompt, answer: `echo: ${prompt}`, stream, limitMs }, agent).then((ended) => {
      this.#ended.push(ended);
      this.#asked.delete(asked);
    });
    this.#asked.add(asked);
  }
}

import type { ModelStatus } from '@smmf/runtime';

/** Steps on the way to news. */
const NO_NEWS = new Set(['not started', 'connecting', 'loading', 'loaded', 'its process has ended']);

/** News without what alone changes from one restart to the next: how long the wait is, and how many there were. */
const lasting = (news: string): string =>
  news.replaceAll(/\brestarting in \d+ m?s\b/g, 'restarting').replaceAll(/\(\d+ times by now\)/g, '');

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Tells people of their models: a line for each one that becomes ready, and one for each reason that keeps one from it. */
export class ModelLines {
  readonly #say: (line: string) => void;
  readonly #startedMs: number;
  readonly #told = new Map<string, string>();
  readonly #wasReady = new Set<string>();

  constructor(say: (line: string) => void, startedMs: number) {
    this.#say = say;
    this.#startedMs = startedMs;
  }

  /** Looks at all of them at this moment. */
  look(models: readonly ModelStatus[], nowMs: number): void {
    for (const { id, state, reason } of models) {
      const isUp = state === 'ready' || state === 'degraded';
      if (!isUp && NO_NEWS.has(reason ?? 'loading') && state === 'starting') continue;
      const news = isUp ? 'ready' : `${state}: ${reason ?? 'no reason given'}`;
      if (lasting(news) === this.#told.get(id)) continue;
      this.#told.set(id, lasting(news));
      const since = this.#wasReady.has(id) ? ' again' : ` after ${seconds(nowMs - this.#startedMs)}`;
      if (isUp) this.#wasReady.add(id);
      this.#say(`${id} is ${isUp ? `ready${since}` : news}`);
    }
  }
}

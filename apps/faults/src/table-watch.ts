import type { Member } from './cluster/layout.ts';
import { serverMetrics } from './cluster/server-metrics.ts';
import type { Finding } from './drill.ts';

/** Between two looks at a table, milliseconds. */
const LOOK_MS = 500;

/** Looks at the tables of API servers until it is stopped. */
export class TableWatch {
  readonly #servers: readonly Member[];
  readonly #size: number;
  readonly #sizes = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param size how many instances each table must have, all the time */
  constructor(servers: readonly Member[], size: number) {
    this.#servers = servers;
    this.#size = size;
    this.#timer = setInterval(() => void this.#look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Whether the tables had their size at every look. */
  finding(): Finding {
    const looks = [...this.#sizes].sort(([a], [b]) => a - b);
    const value = looks.map(([size, count]) => `${size} (${count} looks)`).join(', ');
    const ok = looks.length === 1 && looks[0]?.[0] === this.#size;
    return { what: 'instances in the tables', value: value || 'no look', ok };
  }

  async #look(): Promise<void> {
    const seen = await Promise.all(this.#servers.map(({ url }) => serverMetrics(url)));
    if (this.#timer === undefined) return;
    for (const metrics of seen) {
      if (metrics) this.#sizes.set(metrics.instances.size, (this.#sizes.get(metrics.instances.size) ?? 0) + 1);
    }
  }
}

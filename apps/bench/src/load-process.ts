import { closedLoop, type LoadResult, mockStats, openLoop, pacedStreams, vanish } from './load.ts';

/** What the bench asks the load's process to do. */
export type LoadOrder =
  | {
      readonly kind: 'closed';
      readonly port: number;
      readonly key: string;
      readonly connections: number;
      readonly durationMs: number;
      readonly paddingBytes: number;
    }
  | {
      readonly kind: 'open';
      readonly port: number;
      readonly key: string;
      readonly rate: number;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'streams';
      readonly port: number;
      readonly key: string;
      readonly streams: number;
      readonly count: number;
      readonly gapMs: number;
    }
  | {
      readonly kind: 'vanish';
      readonly port: number;
      readonly key: string;
      readonly streams: number;
      readonly mockPort: number;
    };

/** What it reports. */
export interface LoadReport {
  readonly answered: number;
  readonly wrong: number;
  readonly chunks: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly seconds: number;
}

const quantile = (sorted: readonly number[], share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;

function report(result: LoadResult): LoadReport {
  const { answered, wrong, chunks, latenciesUs, startedMs } = result;
  const seconds = (performance.now() - startedMs) / 1000;
  return { answered, wrong, chunks, p50Us: quantile(latenciesUs, 0.5), p99Us: quantile(latenciesUs, 0.99), seconds };
}

/** Vanished clients that the engine had not noticed 250 ms later. */
async function vanished(order: Extract<LoadOrder, { kind: 'vanish' }>): Promise<LoadResult> {
  const startedMs = performance.now();
  const before = await mockStats(order.mockPort);
  await vanish(order, order.streams);
  await new Promise((resolve) => setTimeout(resolve, 250));
  const { aborted } = await mockStats(order.mockPort);
  const noticed = aborted - before.aborted;
  return { startedMs, answered: order.streams, wrong: order.streams - noticed, chunks: 0, latenciesUs: [] };
}

async function run(order: LoadOrder): Promise<LoadResult> {
  switch (order.kind) {
    case 'closed':
      return closedLoop(order, order.connections, order.durationMs, 'x'.repeat(order.paddingBytes));
    case 'open':
      return openLoop(order, order.rate, order.durationMs);
    case 'streams':
      return pacedStreams(order, order.streams, order.count, order.gapMs);
    case 'vanish':
      return vanished(order);
  }
}

process.on('message', (order: LoadOrder) => {
  void run(order).then((result) => process.send?.(report(result)));
});
process.on('disconnect', () => process.exit(0));

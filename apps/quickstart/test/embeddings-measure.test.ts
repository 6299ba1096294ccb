import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { load } from '@smmf/embeddings/backend';
import { testContext } from '@smmf/testkit';
import { createPiscinaWorker } from '@smmf/worker';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { folder } from './embeddings-model.ts';
import { measure, quietRounds } from './measure-round.ts';

type Worker = Awaited<ReturnType<typeof createPiscinaWorker>>;

const BATCH = 16;
const COUNT = 640;
const TEXTS = Array.from(
  { length: COUNT },
  (_, at) => `text ${at}: the lighthouse at the end of the peninsula was built`,
);
const OPTIONS = {
  ...({ folder: folder ?? '', task: 'embeddings', truncate: 'end', dtype: 'fp32', intraOpThreads: 1 } as const),
  ...{ batchItems: BATCH, batchTokens: 2_048, batchWait: 2 },
} as const;

const scratch = mkdtempSync(join(tmpdir(), 'smmf-measure-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** Spins for `ms` in each batch; with `lock`, only one thread at a time. */
const SPINNING = `
  export function load({ ms, lock }, model) {
    const hold = () => { while (lock && Atomics.compareExchange(lock, 0, 0, 1) !== 0) Atomics.wait(lock, 0, 1); };
    const free = () => { if (lock) { Atomics.store(lock, 0, 0); Atomics.notify(lock, 0, 1); } };
    return {
      models: [{ id: model, tasks: ['embeddings'] }],
      limits: { items: ${BATCH} },
      read: () => ({ tokens: 16 }),
      embed(items) {
        hold();
        const endMs = performance.now() + ms;
        while (performance.now() < endMs);
        free();
        return items.map(() => new Float32Array(384));
      },
    };
  }`;

async function start(
  threads: number,
  options: object = OPTIONS,
  backendUrl = import.meta.resolve('@smmf/embeddings/backend'),
): Promise<Worker> {
  const worker = await createPiscinaWorker({ backendUrl, options, model: 'm', threads }, testContext());
  onTestFinished(() => worker.close());
  // Each thread is warm: its code is compiled, and the memory of its model is there.
  await embed(worker, TEXTS);
  return worker;
}

function startSpinning(threads: number, options: object): Promise<Worker> {
  const file = join(scratch, 'spinning.mjs');
  writeFileSync(file, SPINNING);
  return start(threads, options, pathToFileURL(file).href);
}

async function embed(worker: Worker, input: string[] | string): Promise<void> {
  const call = { id: 'm', signal: new AbortController().signal, deadlineMs: Number.POSITIVE_INFINITY };
  await worker.tasks.embeddings?.({ model: 'm', input }, call);
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const shown = (values: readonly number[]): string => values.map((value) => value.toFixed(2)).join(', ');

const canMeasure = process.platform === 'linux' && availableParallelism() > 1;
if (!canMeasure) console.warn('skipped: measuring needs Linux and two cores');

describe.skipIf(!folder || !canMeasure)('what embeddings cost', { timeout: 300_000 }, () => {
  it('two threads take the same CPU for a text as one, and half the time', async () => {
    const [one, two] = [await start(1), await start(2)];
    const rounds = await quietRounds(
      async () => [await measure(() => embed(one, TEXTS)), await measure(() => embed(two, TEXTS))] as const,
    );
    const wall = rounds.map(([first, second]) => first.wallMs / second.wallMs);
    const cpu = rounds.map(([first, second]) => second.cpuMs / first.cpuMs);
    console.log(
      `1 against 2 threads: wall ${shown(wall)}; CPU ${shown(cpu)}; ${shown(rounds.map(([{ cpuMs }]) => cpuMs / COUNT))} ms a text`,
    );
    expect(Math.min(...wall)).toBeGreaterThanOrEqual(1.6);
    expect(median(cpu)).toBeLessThanOrEqual(1.15);
  });

  it('which a backend with one lock for all threads does not reach, and one without it does', async () => {
    const ratiosOf = async (options: object): Promise<number[]> => {
      const [one, two] = [await startSpinning(1, options), await startSpinning(2, options)];
      const rounds = await quietRounds(
        async () => [await measure(() => embed(one, TEXTS)), await measure(() => embed(two, TEXTS))] as const,
      );
      return rounds.map(([first, second]) => first.wallMs / second.wallMs);
    };
    const free = await ratiosOf({ ms: 20 });
    const locked = await ratiosOf({ ms: 20, lock: new Int32Array(new SharedArrayBuffer(4)) });
    console.log(`1 against 2 threads that spin: wall ${shown(free)}; with one lock ${shown(locked)}`);
    expect(Math.min(...free)).toBeGreaterThanOrEqual(1.6);
    expect(Math.max(...locked)).toBeLessThan(1.6);
  });

  it('64 requests at once take less CPU for a text than one after another', async () => {
    const worker = await start(1);
    const some = TEXTS.slice(0, 64);
    const rounds = await quietRounds(
      async () =>
        [
          await measure(async () => {
            for (const text of some) await embed(worker, text);
          }),
          await measure(() => Promise.all(some.map((text) => embed(worker, text)))),
        ] as const,
    );
    const ratios = rounds.map(([alone, together]) => together.cpuMs / alone.cpuMs);
    console.log(`64 at once against one at a time: CPU ${shown(ratios)}`);
    expect(median(ratios)).toBeLessThanOrEqual(0.85);
  });

  it('the event loop runs on as beside a thread that spins, and would not with the backend in its own thread', async () => {
    const worker = await start(1);
    const warm = await measure(() => embed(worker, TEXTS));
    const batchMs = warm.wallMs / (COUNT / BATCH);
    const control = await startSpinning(1, { ms: batchMs });
    const rounds = await quietRounds(
      async () => [await measure(() => embed(worker, TEXTS)), await measure(() => embed(control, TEXTS))] as const,
    );
    const [delays, controls] = [rounds.map(([{ delayMs }]) => delayMs), rounds.map(([, { delayMs }]) => delayMs)];
    console.log(`event loop: ${shown(delays)} ms late, control ${shown(controls)}; batch ${batchMs.toFixed(1)} ms`);
    expect(median(delays)).toBeLessThan(batchMs / 4);
    // Below half a millisecond both are the timer's own.
    expect(median(delays)).toBeLessThanOrEqual(Math.max(3 * median(controls), 0.5));
    const here = load(OPTIONS, 'm');
    const items = TEXTS.map((text) => here.read({ task: 'embeddings', text, param: 'input', fields: {} }));
    const blocked = await measure(async () => {
      for (let at = 0; at < COUNT; at += BATCH) {
        here.embed?.(items.slice(at, at + BATCH));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    expect(blocked.delayMs).toBeGreaterThan(batchMs / 4);
  });
});

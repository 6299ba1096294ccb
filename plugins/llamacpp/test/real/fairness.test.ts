import { setTimeout as wait } from 'node:timers/promises';
import type { Worker } from '@smmf/core';
import type { GenerationEvent } from '@smmf/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadEngine } from '../../src/load.ts';
import { options } from '../../src/options.ts';
import { callWith, contextFor, modelPath, startWorker, user } from './engine.ts';
import { startWitness, witnessScript } from './witness.ts';

/** A running stream may have written so many tokens between a newcomer's arrival and its first token. */
const PATIENCE_TOKENS = 64;

/** One stream of a run: when it comes, and how many tokens it may write. */
interface Arrival {
  readonly atMs: number;
  readonly maxTokens: number;
}

/** What a newcomer saw until its first token. */
interface Seen {
  firstMs: number;
  /** Tokens that the busiest of the streams that ran at its arrival wrote meanwhile: many where it had to wait for one's end. */
  others: number;
}

type Pieces = (arrival: Arrival, index: number, signal: AbortSignal) => AsyncIterable<unknown>;

/** Lets streams arrive one after another and ends all once each has its first token. */
async function stagger(arrivals: readonly Arrival[], open: Pieces): Promise<Seen[]> {
  const controller = new AbortController();
  const counts = arrivals.map(() => 0);
  const states = arrivals.map(() => 'absent' as 'absent' | 'running' | 'ended');
  const seen: Seen[] = [];
  await Promise.all(
    arrivals.map(async (arrival, index) => {
      await wait(arrival.atMs);
      const begun = performance.now();
      const running = counts.flatMap((count, at) => (states[at] === 'running' && count > 0 ? [{ at, count }] : []));
      states[index] = 'running';
      try {
        for await (const _piece of open(arrival, index, controller.signal)) {
          counts[index] = (counts[index] ?? 0) + 1;
          if (counts[index] !== 1) continue;
          seen[index] = {
            firstMs: performance.now() - begun,
            others: Math.max(0, ...running.map(({ at, count }) => (counts[at] ?? 0) - count)),
          };
          if (Object.keys(seen).length === arrivals.length) controller.abort();
        }
      } catch (error) {
        if (!controller.signal.aborted) throw error;
      }
      states[index] = 'ended';
    }),
  );
  return seen;
}

/** Prompts whose beginnings no other stream has. */
const promptsOf =
  (name: string) =>
  (index: number): string =>
    `Story ${index * 7919 + 13} of ${name}: ${'The quick brown fox jumps over the lazy dog. '.repeat(2)}Tell me much more.`;

const eight = Array.from({ length: 8 }, (_, index): Arrival => ({ atMs: index * 100, maxTokens: 300 }));
const longAndShort = [400, 400, 12, 12, 12].map((maxTokens, index): Arrival => ({ atMs: index * 1_000, maxTokens }));

describe.skipIf(!modelPath)('streams that come one after another', () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await startWorker({ parallel: 8, contextLength: 1024 });
  });
  afterAll(() => worker.close());

  const ours = (prompt: (index: number) => string): Pieces =>
    async function* ({ maxTokens }, index, signal) {
      const chat = worker.tasks.chat as (request: unknown, call: unknown) => AsyncIterable<GenerationEvent>;
      const request = { model: 'smol', messages: [user(prompt(index))], max_tokens: maxTokens, seed: index };
      for await (const event of chat(request, callWith(signal))) if (event.type === 'text') yield event;
    };

  it.each([
    ['eight, 100 ms apart', eight],
    ['two long ones and three short ones, 1 s apart', longAndShort],
  ])('each have a first token soon, while the others write on: %s', async (name, arrivals) => {
    const seen = await stagger(arrivals, ours(promptsOf(name)));
    const first = seen.map(({ firstMs }) => firstMs);
    if (witnessScript) console.log(`first tokens, ${name}: ${compare(first, await witnessed(name, arrivals))}`);
    expect(Math.max(...seen.map(({ others }) => others))).toBeLessThanOrEqual(PATIENCE_TOKENS);
  });
});

describe.skipIf(!modelPath)('the context', () => {
  it('is free between two batches, however much is queued for it', async () => {
    const path = modelPath ?? '';
    const engine = await loadEngine(options.parse({ source: path, contextLength: 64 }), contextFor(path));
    const context = await engine.model.createContext({ contextSize: 1_024, batchSize: 32, sequences: 2, threads: 1 });
    const [busy, newcomer] = [context.getSequence(), context.getSequence()];
    const order: string[] = [];
    const tokens = engine.model.tokenize('word '.repeat(500));
    const reading = busy.evaluateWithoutGeneratingNewTokens(tokens).then(() => order.push('all is read'));
    await newcomer.evaluateWithoutGeneratingNewTokens(tokens.slice(0, 2));
    await newcomer.clearHistory();
    order.push('the newcomer had it');
    await reading;
    await engine.llama.dispose();
    expect(order).toEqual(['the newcomer had it', 'all is read']);
  });
});

/** Milliseconds to the first tokens of llama.cpp's own server, which runs only meanwhile: it works on for clients that left. */
async function witnessed(name: string, arrivals: readonly Arrival[]): Promise<number[]> {
  const witness = await startWitness(8);
  const seen = await stagger(arrivals, witness.stream(promptsOf(name))).finally(() => witness.stop());
  return seen.map(({ firstMs }) => firstMs);
}

function compare(ours: readonly number[], theirs: readonly number[]): string {
  const ratio = (Math.max(...ours) / Math.max(...theirs)).toFixed(2);
  return `${show(ours)} ms; the witness: ${show(theirs)} ms; ratio of the slowest: ${ratio}`;
}

const show = (values: readonly number[]): string => values.map((value) => Math.round(value)).join(', ');

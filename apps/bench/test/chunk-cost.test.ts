import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cpuMs, type LoadProcess, type Started, startLoad, startScript } from '../src/processes.ts';

/** The wire path as it is for vLLM, a vendor whose chunks pass as they are, and two kinds of hooks. */
const ENGINES = {
  vllm: '../../../plugins/vllm/src/index.ts',
  'as-is': '../../../plugins/proxy-openai/src/index.ts',
  'some chunks': '../test/vendors/some-chunks.ts',
  'every chunk': '../test/vendors/every-chunk.ts',
} as const;
type Name = keyof typeof ENGINES;

const ROUNDS = 7;
const STREAMS = 100;
/** A chunk of each stream every 10 ms: 20,000 in a round. */
const COUNT = 200;
const GAP_MS = 10;
const key = `bench-${randomBytes(16).toString('hex')}`;

const targets = new Map<Name, Started>();
let mock: Started;
let load: LoadProcess;

beforeAll(async () => {
  const core = availableParallelism() > 1 ? 1 : 0;
  mock = await startScript(0, 'mock-engine.ts', ['0']);
  load = startLoad(0);
  for (const [name, engine] of Object.entries(ENGINES) as [Name, string][]) {
    const args = [`http://127.0.0.1:${mock.port}`, '0', key, engine];
    targets.set(name, await startScript(core, 'smmf-target.ts', args));
  }
}, 60_000);
afterAll(async () => {
  load.stop();
  for (const target of [...targets.values(), mock]) await target.stop();
});

/** CPU time of the target's process for each chunk, microseconds. */
async function cost(name: Name): Promise<number> {
  const { pid, port } = targets.get(name) as Started;
  const beforeMs = cpuMs(pid);
  const { chunks, wrong } = await load.run({
    kind: 'streams',
    port,
    key,
    streams: STREAMS,
    count: COUNT,
    gapMs: GAP_MS,
  });
  expect(wrong).toBe(0);
  expect(chunks).toBeGreaterThanOrEqual(STREAMS * COUNT);
  return ((cpuMs(pid) - beforeMs) * 1000) / chunks;
}

const median = (numbers: readonly number[]): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0;

it('a chunk that passes as it is costs what one of vLLM costs, and one that is looked at or written anew at most twice that', async () => {
  const names = Object.keys(ENGINES) as Name[];
  for (const name of names) await cost(name);
  const ratios = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    const costs = new Map<Name, number>();
    for (const name of round % 2 === 0 ? names : [...names].reverse()) costs.set(name, await cost(name));
    for (const name of names) ratios.get(name)?.push((costs.get(name) ?? 0) / (costs.get('vllm') ?? 1));
  }
  const medians = Object.fromEntries([...ratios].map(([name, values]) => [name, Number(median(values).toFixed(2))]));
  console.log(`CPU per chunk, of vLLM's: ${JSON.stringify(medians)}`);
  expect(medians['as-is']).toBeLessThanOrEqual(1.1);
  expect(medians['some chunks']).toBeLessThanOrEqual(2);
  expect(medians['every chunk']).toBeLessThanOrEqual(2);
}, 300_000);

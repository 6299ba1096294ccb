import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Started, startCommand, startScript } from '../processes.ts';
import { shuffled } from '../turns.ts';
import { type Figures, measure, type Scenario } from './measure.ts';
import { type Row, render } from './report.ts';

const { values } = parseArgs({
  options: {
    /** The folder whose scripts `xllamacpp` and `model-smollm2` start llama.cpp's own server and bring the model. */
    real: { type: 'string', default: process.env.SMMF_REAL ?? '' },
    rounds: { type: 'string', default: '5' },
    tokens: { type: 'string', default: '64' },
    /** Words of the long prompt. */
    words: { type: 'string', default: '700' },
    threads: { type: 'string', default: '1,2' },
    /** How often a figure is taken again while others use the machine. */
    patience: { type: 'string', default: '2' },
    output: { type: 'string' },
  },
});
const PARALLEL = 8;
/** Cores that others may use before a figure counts as disturbed. */
const QUIET = 0.15;
if (values.real === '') throw new Error('Name the folder of xllamacpp and model-smollm2: --real FOLDER, or SMMF_REAL');
const script = (name: string): string => resolve(values.real, name);
const rounds = Number(values.rounds);
const tokens = Number(values.tokens);
const words = Number(values.words);
const scenarios: readonly Scenario[] = [
  ...[1, 2, 4, 8].map((streams) => ({ name: `${streams} streams`, streams, words: 12, tokens })),
  { name: 'prompt', streams: 1, words, tokens: 1 },
];

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return String(typeof address === 'object' ? address?.port : 0);
}

async function startTargets(model: string, threads: string): Promise<ReadonlyMap<string, Started>> {
  const args = [model, threads, String(PARALLEL)];
  return new Map([
    ['witness', await startCommand(script('xllamacpp'), [await freePort(), String(PARALLEL), threads])],
    ['bare', await startScript(undefined, 'llamacpp-bare.ts', args)],
    ['smmf', await startScript(undefined, 'llamacpp-target.ts', args)],
  ]);
}

/** A figure of a quiet machine, or, where it is never quiet, the one that was disturbed least. */
async function patiently(scenario: Scenario, target: Started, all: readonly Started[]): Promise<Figures> {
  let best = await measure(scenario, target, all);
  for (let again = 0; again < Number(values.patience) && best.others > QUIET; again++) {
    const next = await measure(scenario, target, all);
    if (next.others < best.others) best = next;
  }
  return best;
}

/** The page is written anew after each round, so that a run that is ended early is not lost. */
function publish(rows: readonly Row[]): string {
  const page = render(rows, about);
  if (values.output !== undefined) writeFileSync(values.output, page);
  return page;
}

async function measureAll(model: string, threads: string, rows: Row[]): Promise<void> {
  const targets = await startTargets(model, threads);
  const all = [...targets.values()];
  try {
    for (const target of all) await measure({ name: 'warm', streams: 2, words: 30, tokens: 16 }, target, all);
    for (let round = 1; round <= rounds; round++) {
      for (const scenario of scenarios) {
        for (const [name, target] of shuffled([...targets])) {
          const figures = await patiently(scenario, target, all);
          rows.push({ ...figures, threads: Number(threads), round, target: name, scenario: scenario.name });
        }
      }
      publish(rows);
      console.log(`threads ${threads}: round ${round} of ${rounds} done`);
    }
  } finally {
    for (const target of all) await target.stop();
  }
}

const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, Node ${process.version}`;
const about = { machine, tokens, words, quiet: QUIET, date: new Date().toISOString().slice(0, 10) };
const model = execFileSync(script('model-smollm2'), { encoding: 'utf8' }).trim();
const rows: Row[] = [];
for (const threads of values.threads.split(',')) await measureAll(model, threads, rows);
console.log(publish(rows));

import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { LoadOrder, LoadReport } from './load-process.ts';
import {
  cpuMs,
  hasNginx,
  hasTaskset,
  type LoadProcess,
  type Started,
  startLoad,
  startNginx,
  startScript,
} from './processes.ts';
import { comparisons, median, type Row, render, verdicts } from './report.ts';
import { shuffled } from './turns.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    output: { type: 'string' },
    /** Another checkout: its SMMF beside this one, in place of nginx and the bare relay. */
    against: { type: 'string' },
    /** One scenario alone. */
    only: { type: 'string' },
  },
});
const { against } = values;
const rounds = Number(values.rounds);
const durationMs = Number(values.seconds) * 1000;
const names = (): string[] => Object.keys(SCENARIOS).filter((name) => (values.only ?? name) === name);
const key = `bench-${randomBytes(16).toString('hex')}`;

interface Scenario {
  /** Turns that each target gets within a round. Latencies are small differences: what disturbs the machine must meet all alike. */
  readonly turns: number;
  order(port: number, ms: number): LoadOrder;
}

/** The figure that decides is CPU time per answer or per chunk, and for `rate-2000` the latency. */
const SCENARIOS: Readonly<Record<string, Scenario>> = {
  requests: {
    turns: 1,
    order: (port, ms) => ({ kind: 'closed', port, key, connections: 64, durationMs: ms, paddingBytes: 0 }),
  },
  'requests-10k': {
    turns: 1,
    order: (port, ms) => ({ kind: 'closed', port, key, connections: 64, durationMs: ms, paddingBytes: 10_000 }),
  },
  'rate-2000': { turns: 8, order: (port, ms) => ({ kind: 'open', port, key, rate: 2_000, durationMs: ms }) },
  'chunks-20k': {
    turns: 1,
    order: (port, ms) => ({ kind: 'streams', port, key, streams: 200, count: ms / 10, gapMs: 10 }),
  },
};

async function startTargets(mock: Started): Promise<Map<string, Started>> {
  const upstream = `http://127.0.0.1:${mock.port}`;
  const core = availableParallelism() > 1 ? 1 : 0;
  const targets = new Map<string, Started>([['direct', { pid: 0, port: mock.port, stop: async () => undefined }]]);
  if (against !== undefined) {
    const other = resolve(against, 'apps/bench/src/smmf-target.ts');
    targets.set('old', await startScript(core, other, [upstream, '0', key]));
  } else if (hasNginx) targets.set('nginx', await startNginx(core, 18_900, mock.port));
  else console.log('nginx is not installed: its rows and verdicts are left out');
  if (against === undefined) targets.set('relay', await startScript(core, 'bare-relay.ts', [upstream]));
  targets.set('smmf', await startScript(core, 'smmf-target.ts', [upstream, '0', key]));
  return targets;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** One target in one round: its turns added up, of their latencies the median. */
function rowOf(scenario: string, target: string, round: number, reports: readonly LoadReport[], usedMs: number): Row {
  const all = (figure: keyof LoadReport): number[] => reports.map((report) => report[figure]);
  const answered = sum(all('answered'));
  const chunks = sum(all('chunks'));
  const seconds = sum(all('seconds'));
  return {
    scenario,
    target,
    round,
    answered,
    chunks,
    seconds,
    wrong: sum(all('wrong')),
    p50Us: median(all('p50Us')),
    p99Us: median(all('p99Us')),
    cpuUs: (usedMs * 1000) / Math.max(1, chunks || answered),
    busy: usedMs / (seconds * 1000),
  };
}

/** All targets in one scenario, taking turns in random order. */
async function measureScenario(
  load: LoadProcess,
  targets: ReadonlyMap<string, Started>,
  name: string,
  round: number,
): Promise<Row[]> {
  const { turns, order } = SCENARIOS[name] as Scenario;
  const taken = new Map([...targets.keys()].map((target) => [target, { reports: [] as LoadReport[], usedMs: 0 }]));
  for (let turn = 0; turn < turns; turn++) {
    for (const [target, { pid, port }] of shuffled([...targets])) {
      const entry = taken.get(target);
      const beforeMs = cpuMs(pid);
      entry?.reports.push(await load.run(order(port, durationMs / turns)));
      if (entry) entry.usedMs += cpuMs(pid) - beforeMs;
    }
  }
  return [...taken].map(([target, { reports, usedMs }]) => rowOf(name, target, round, reports, usedMs));
}

async function warm(load: LoadProcess, targets: ReadonlyMap<string, Started>): Promise<void> {
  for (const { port } of targets.values()) {
    await load.run({ kind: 'closed', port, key, connections: 64, durationMs: 2_000, paddingBytes: 0 });
    await load.run({ kind: 'streams', port, key, streams: 50, count: 100, gapMs: 5 });
  }
}

async function stopAll(targets: ReadonlyMap<string, Started>): Promise<void> {
  for (const target of targets.values()) await target.stop();
}

/** Beside another checkout each round has new processes: what the compiler makes of one would else be in every round alike. */
async function measure(load: LoadProcess, mock: Started): Promise<Row[]> {
  const rows: Row[] = [];
  let targets = await startTargets(mock);
  try {
    await warm(load, targets);
    for (let round = 1; round <= rounds; round++) {
      for (const name of names()) rows.push(...(await measureScenario(load, targets, name, round)));
      for (const [name, { port }] of targets) {
        const report = await load.run({ kind: 'vanish', port, key, streams: 100, mockPort: mock.port });
        rows.push(rowOf('cancel', name, round, [report], 0));
      }
      console.log(`round ${round} of ${rounds} done`);
      if (against === undefined || round === rounds) continue;
      await stopAll(targets);
      targets = await startTargets(mock);
      await warm(load, targets);
    }
    return rows;
  } finally {
    await stopAll(targets);
  }
}

const mock = await startScript(0, 'mock-engine.ts', []);
const load = startLoad(0);
try {
  const rows = await measure(load, mock);
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, Node ${process.version}${hasTaskset ? '' : ', processes not pinned'}`;
  const checks = against === undefined ? verdicts(rows) : comparisons(rows);
  const text = render(rows, checks, { machine, rounds, date: new Date().toISOString().slice(0, 10) });
  console.log(text);
  if (values.output !== undefined) writeFileSync(values.output, text);
  process.exitCode = checks.every(({ ok }) => ok) ? 0 : 1;
} finally {
  load.stop();
  await mock.stop();
}

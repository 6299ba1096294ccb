import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
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
import { type Row, render, verdicts } from './report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    output: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const durationMs = Number(values.seconds) * 1000;
const key = `bench-${randomBytes(16).toString('hex')}`;

/** The scenarios, each an order for the load; the figure that decides is CPU time per answer or per chunk. */
const SCENARIOS = {
  requests: (port: number): LoadOrder => ({ kind: 'closed', port, key, connections: 64, durationMs, paddingBytes: 0 }),
  'requests-10k': (port: number): LoadOrder => ({
    kind: 'closed',
    port,
    key,
    connections: 64,
    durationMs,
    paddingBytes: 10_000,
  }),
  'rate-2000': (port: number): LoadOrder => ({ kind: 'open', port, key, rate: 2_000, durationMs }),
  'chunks-20k': (port: number): LoadOrder => ({
    kind: 'streams',
    port,
    key,
    streams: 200,
    count: durationMs / 10,
    gapMs: 10,
  }),
} as const;

async function startTargets(mock: Started): Promise<Map<string, Started>> {
  const upstream = `http://127.0.0.1:${mock.port}`;
  const core = availableParallelism() > 1 ? 1 : 0;
  const targets = new Map<string, Started>([['direct', { pid: 0, port: mock.port, stop: async () => undefined }]]);
  if (hasNginx) targets.set('nginx', await startNginx(core, 18_900, mock.port));
  else console.log('nginx is not installed: its rows and verdicts are left out');
  targets.set('relay', await startScript(core, 'bare-relay.ts', [upstream]));
  targets.set('smmf', await startScript(core, 'smmf-target.ts', [upstream, '0', key]));
  return targets;
}

function rowOf(scenario: string, target: string, round: number, report: LoadReport, usedMs: number): Row {
  const answers = report.chunks > 0 ? report.chunks : report.answered;
  return {
    scenario,
    target,
    round,
    ...report,
    cpuUs: (usedMs * 1000) / Math.max(1, answers),
    busy: usedMs / (report.seconds * 1000),
  };
}

const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, rank: Math.random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);

async function measure(load: LoadProcess, targets: ReadonlyMap<string, Started>, mock: Started): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, { port }] of targets) {
    console.log(`warming ${name}`);
    await load.run({ kind: 'closed', port, key, connections: 64, durationMs: 2_000, paddingBytes: 0 });
    await load.run({ kind: 'streams', port, key, streams: 50, count: 100, gapMs: 5 });
  }
  for (let round = 1; round <= rounds; round++) {
    for (const [scenario, order] of Object.entries(SCENARIOS)) {
      for (const [name, target] of shuffled([...targets])) {
        const before = cpuMs(target.pid);
        const report = await load.run(order(target.port));
        rows.push(rowOf(scenario, name, round, report, cpuMs(target.pid) - before));
      }
    }
    for (const [name, { port }] of targets) {
      const report = await load.run({ kind: 'vanish', port, key, streams: 100, mockPort: mock.port });
      rows.push(rowOf('cancel', name, round, report, 0));
    }
    console.log(`round ${round} of ${rounds} done`);
  }
  return rows;
}

const mock = await startScript(0, 'mock-engine.ts', []);
const targets = await startTargets(mock);
const load = startLoad(0);
try {
  const rows = await measure(load, targets, mock);
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${availableParallelism()} cores, Node ${process.version}${hasTaskset ? '' : ', processes not pinned'}`;
  const checks = verdicts(rows);
  const text = render(rows, checks, { machine, rounds, date: new Date().toISOString().slice(0, 10) });
  console.log(text);
  if (values.output !== undefined) writeFileSync(values.output, text);
  process.exitCode = checks.every(({ ok }) => ok) ? 0 : 1;
} finally {
  load.stop();
  for (const target of targets.values()) await target.stop();
  await mock.stop();
}

import { setTimeout as delay } from 'node:timers/promises';
import { type Cluster, TABLE_SIZE } from './cluster/cluster.ts';
import { MODEL } from './cluster/layout.ts';
import { readRequestLog } from './cluster/request-log.ts';
import { serverMetrics } from './cluster/server-metrics.ts';
import { type Aftermath, type Drill, type Finding, holds, type Row } from './drill.ts';
import type { LoadOrder } from './load/generator.ts';
import { Load } from './load/load.ts';
import { type Ended, type Tally, tallyOf } from './load/outcome.ts';
import { TableWatch } from './table-watch.ts';

/** Quiet time before each fault, milliseconds. */
const CALM_MS = 5_000;
/** A machine on which a loop is later than this in quiet times says nothing about faults; p99, milliseconds. */
const MAX_DELAY_MS = 300;
/** A row is begun again this often where the machine was too slow. */
const REPEATS = 2;
/** Longest time for the cluster to be whole before a row, milliseconds. */
const WHOLE_MS = 45_000;
const MAX_REASONS = 5;

/** What became of a row. */
export interface RowResult {
  readonly id: string;
  readonly fault: string;
  readonly verdict: 'passed' | 'failed' | 'not measured';
  readonly tally: Tally;
  readonly findings: readonly Finding[];
  /** Worst p99 of a loop's delay in the quiet time, and of the load's during the fault; milliseconds. */
  readonly calmMs: number;
  readonly faultMs: number;
  /** Why requests failed, a few of them; why it was not measured. */
  readonly notes: readonly string[];
  readonly seconds: number;
  /** The cluster did not come back: what follows needs another one. */
  readonly isBroken?: boolean;
}

/** How a row is run. */
export interface RowOptions {
  readonly faultMs: number;
  readonly rate: number;
  /** Longest wait of a client, milliseconds. */
  readonly limitMs: number;
}

type Judged = Omit<RowResult, 'id' | 'fault' | 'seconds' | 'calmMs' | 'isBroken'>;

interface Shot {
  readonly calmMs: number;
  readonly result?: Judged;
}

/** Runs one row, again where the machine was too slow for it. Afterwards the cluster is whole, or the row has failed. */
export async function runRow(row: Row, cluster: Cluster, options: RowOptions): Promise<RowResult> {
  const startMs = performance.now();
  let shot: Shot = { calmMs: Number.NaN };
  const hindrance = row.hindrance?.();
  if (hindrance !== undefined) {
    return { id: row.id, fault: row.fault, seconds: 0, calmMs: shot.calmMs, ...missed('not measured', hindrance) };
  }
  try {
    await row.prepare?.(cluster);
    for (let turn = 0; turn <= REPEATS && !shot.result; turn++) shot = await shoot(row, cluster, options);
  } catch (error) {
    shot = { calmMs: shot.calmMs, result: missed('failed', textOf(error)) };
  }
  const late = `a loop was ${Math.round(shot.calmMs)} ms late in quiet times`;
  const result = shot.result ?? missed('not measured', late);
  const healed = await heal(row, cluster);
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  const about = { id: row.id, fault: row.fault, seconds, calmMs: shot.calmMs };
  if (healed === undefined) return { ...about, ...result };
  return { ...about, ...result, verdict: 'failed', notes: [...result.notes, healed], isBroken: true };
}

/** Ends the fault, and waits until all is as it was: why it is not, where it is not. */
async function heal(row: Row, cluster: Cluster): Promise<string | undefined> {
  try {
    await row.heal?.(cluster);
    await cluster.isWhole(WHOLE_MS);
    return undefined;
  } catch (error) {
    return `afterwards: ${textOf(error)}`;
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const missed = (verdict: RowResult['verdict'], why: string): Judged => {
  return { verdict, tally: tallyOf([]), findings: [], faultMs: 0, notes: [why] };
};

/** The load, five quiet seconds, the fault. Without a result where the quiet seconds were not quiet. */
async function shoot(row: Row, cluster: Cluster, options: RowOptions): Promise<Shot> {
  const { rate, limitMs } = options;
  const targets = cluster.servers.map(({ url }) => url);
  const order: LoadOrder = { targets, model: MODEL, rate, limitMs, ...row.load?.(cluster) };
  const from = cluster.servers.map(({ program }) => program.logSize);
  const load = new Load(order);
  const struck = new Set<string>();
  let watch: TableWatch | undefined;
  try {
    const calmMs = await calm(load, cluster);
    if (!(calmMs <= MAX_DELAY_MS)) return { calmMs };
    const tables = new TableWatch(cluster.servers, TABLE_SIZE);
    watch = tables;
    const drill: Drill = {
      ...{ cluster, faultMs: options.faultMs },
      strike: (instance) => void struck.add(instance),
      tableSizes: () => tables.finding(),
    };
    const found = await row.run(drill).catch((error: unknown) => [holds(textOf(error), false)]);
    const faultMs = await load.delayMs();
    tables.stop();
    const { ended, lateMs } = await load.stop();
    const logs = cluster.servers.map(({ program }, index) => readRequestLog(program.logFrom(from[index] ?? 0)));
    const aftermath = { ended, logs };
    const findings = found.map((one) => (typeof one === 'function' ? one(aftermath) : one));
    return { calmMs, result: { ...judged(aftermath, findings, struck), faultMs: Math.max(faultMs, lateMs) } };
  } finally {
    watch?.stop();
    load.close();
  }
}

/** Waits for the quiet time, and tells the worst p99 of a loop's delay in it. */
async function calm(load: Load, { servers }: Cluster): Promise<number> {
  const delays = async (): Promise<readonly number[]> =>
    Promise.all([load.delayMs(), ...servers.map(async ({ url }) => (await serverMetrics(url))?.delayMs ?? Number.NaN)]);
  await delays();
  await delay(CALM_MS);
  return Math.max(...(await delays()));
}

function judged({ ended, logs }: Aftermath, findings: readonly Finding[], struck: ReadonlySet<string>) {
  const tally = tallyOf(ended);
  const instances = new Map(logs.flatMap(({ requests }) => requests.map(({ id, instance }) => [id, instance])));
  const isOwn = ({ id }: Ended): boolean => struck.has((id !== undefined && instances.get(id)) || '');
  const strangers = ended.filter((one) => one.outcome === 'cut' && !isOwn(one));
  const bad = ended.filter(({ outcome }) => outcome === 'failed' || outcome === 'cut silently' || outcome === 'wrong');
  const isGood = bad.length === 0 && strangers.length === 0 && findings.every(({ ok }) => ok) && tally.ok > 0;
  const verdict = isGood ? ('passed' as const) : ('failed' as const);
  return { verdict, tally, findings, notes: reasonsOf([...bad, ...strangers]) };
}

/** Each reason once, with how often it was told, and the first request that it was told of. */
function reasonsOf(bad: readonly Ended[]): readonly string[] {
  const groups = Map.groupBy(bad, ({ outcome, reason }) => `${outcome}: ${reason}`);
  const notes = [...groups].map(([why, [first, ...others]]) => {
    const at = new Date(first?.startedMs ?? 0).toISOString().slice(11, 23);
    const what = `${first?.stream ? 'a stream' : 'a reply'} of ${first?.target}, ${first?.id ?? 'no id'}, asked at ${at}`;
    return `${why} (${others.length + 1} times; ${what})`;
  });
  return notes.length > MAX_REASONS ? [...notes.slice(0, MAX_REASONS), `${notes.length - MAX_REASONS} more`] : notes;
}

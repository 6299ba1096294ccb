import { setTimeout as delay } from 'node:timers/promises';
import { answers } from '../cluster/http.ts';
import { isAlive } from '../cluster/program.ts';
import { type LoggedRequest, readRequestLog } from '../cluster/request-log.ts';
import { until } from '../cluster/until.ts';
import { type Aftermath, type Drill, type Finding, holds, hostOf, type Measure, type Row, within } from '../drill.ts';

/** Limits of the convergence on a hung engine, and of its return; milliseconds. */
const CONVERGED_MS = 3_000;
const BACK_MS = 15_000;

/** An instance, where it runs and where it is asked. */
interface Victim {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** Answers while its engine does. */
  readonly url: string;
}

/** The instance that is met by the fault. */
export async function victimOf({ cluster, strike }: Drill): Promise<Victim> {
  const [seen] = await cluster.instances();
  if (!seen?.address || seen.host === undefined) throw new Error('no instance is there to meet the fault');
  strike(seen.id);
  const pid = cluster.enginePid(hostOf(cluster, seen.host));
  return { id: seen.id, host: seen.host, pid, url: new URL('/healthz', seen.address.url).href };
}

/** Attempts at `instance` that began after `sinceMs` and failed: how many, and when the last one began. */
export function attemptsAfter(instance: string, sinceMs: number, until = Number.POSITIVE_INFINITY) {
  return ({ logs }: Aftermath): { readonly count: number; readonly lastMs: number } => {
    const failed = logs
      .flatMap((log) => log.failed)
      .filter((one) => one.instance === instance && one.startedMs > sinceMs && one.startedMs < until);
    return { count: failed.length, lastMs: Math.max(0, ...failed.map(({ startedMs }) => startedMs - sinceMs)) };
  };
}

/** At most three attempts at a dead instance, none later than a second after its death. */
export function convergedAfter(instance: string, sinceMs: number) {
  const attempts = attemptsAfter(instance, sinceMs);
  return [
    (aftermath: Aftermath): Finding => {
      const { count } = attempts(aftermath);
      return { what: 'attempts at it afterwards', value: `${count} (at most 3)`, ok: count <= 3 };
    },
    (aftermath: Aftermath): Finding => within('last of them after', attempts(aftermath).lastMs, 1_000),
  ];
}

/** Waits until every API server may send to every instance again. */
async function back({ cluster }: Drill, limitMs: number): Promise<Finding> {
  const startMs = performance.now();
  await cluster.isWhole(limitMs * 2);
  return within('whole again after', performance.now() - startMs, limitMs);
}

const engineKilled: Row = {
  id: 'engine-sigkill',
  fault: 'engine of a worker host: SIGKILL',
  async run(drill) {
    const victim = await victimOf(drill);
    const sinceMs = Date.now();
    process.kill(victim.pid, 'SIGKILL');
    await until('the engine is dead', 2_000, () => !isAlive(victim.pid));
    const isSilent = !(await answers(victim.url));
    const whole = await back(drill, 20_000);
    return [holds('its address fell silent', isSilent), ...convergedAfter(victim.id, sinceMs), whole];
  },
};

const hostKilled: Row = {
  id: 'host-sigkill',
  fault: 'worker host: SIGKILL; its engine drains and goes',
  async run(drill) {
    const victim = await victimOf(drill);
    const { program } = hostOf(drill.cluster, victim.host);
    program.signal('SIGKILL');
    const goneMs = await until('the engine of a dead host ends', 10_000, () => !isAlive(victim.pid));
    const sinceMs = Date.now();
    const isSilent = !(await answers(victim.url));
    await delay(2_000);
    program.start();
    const whole = await back(drill, 30_000);
    return [
      within('engine gone after', goneMs.tookMs, 5_000),
      holds('its address fell silent', isSilent),
      ...convergedAfter(victim.id, sinceMs),
      whole,
    ];
  },
  heal: async (cluster) => {
    for (const { program } of cluster.hosts) program.start();
  },
};

/** So long without an attempt, and a hung engine counts as left alone: what comes later asks whether it is back. Milliseconds. */
const ALONE_MS = 4_000;

const engineStopped: Row = {
  id: 'engine-sigstop',
  fault: 'engine of a worker host: SIGSTOP, then SIGCONT',
  async run(drill) {
    const { cluster, faultMs } = drill;
    const victim = await victimOf(drill);
    const stoppedMs = Date.now();
    process.kill(victim.pid, 'SIGSTOP');
    const isSilent = !(await answers(victim.url));
    await delay(faultMs - (Date.now() - stoppedMs));
    const goneOnMs = Date.now();
    const from = cluster.servers.map(({ program }) => program.logSize);
    // In a long fault its host has given it up, and has started it anew.
    if (isAlive(victim.pid)) process.kill(victim.pid, 'SIGCONT');
    await until('it answers at every server again', BACK_MS, () =>
      cluster.servers.every(({ program }, index) => {
        const { requests } = readRequestLog(program.logFrom(from[index] ?? 0));
        return firstGood(requests, victim.id, goneOnMs) !== undefined;
      }),
    ).catch(() => undefined);
    return [
      holds('its address fell silent', isSilent),
      (aftermath) =>
        within('left alone after', leftAloneAfter(victim.id, stoppedMs, goneOnMs, aftermath), CONVERGED_MS),
      ...cluster.servers.map((_, index) => firstAnswer(victim.id, goneOnMs, index)),
    ];
  },
};

/** When the last attempt at a hung instance began before it was left alone, milliseconds from `sinceMs`. */
function leftAloneAfter(instance: string, sinceMs: number, endMs: number, { logs }: Aftermath): number {
  const starts = logs
    .flatMap(({ failed }) => failed)
    .filter((one) => one.instance === instance && one.startedMs > sinceMs && one.startedMs < endMs)
    .map(({ startedMs }) => startedMs - sinceMs)
    .sort((a, b) => a - b);
  const end = starts.findIndex((startMs, index) => startMs - (starts[index - 1] ?? startMs) > ALONE_MS);
  return starts[(end < 0 ? starts.length : end) - 1] ?? 0;
}

/** How long after `sinceMs` the first request came that `instance` answered well; undefined while there is none. */
function firstGood(requests: readonly LoggedRequest[], instance: string, sinceMs: number): number | undefined {
  const good = requests.filter((one) => one.instance === instance && one.code === undefined && one.startedMs > sinceMs);
  return good.length === 0 ? undefined : Math.min(...good.map(({ startedMs }) => startedMs - sinceMs));
}

/** When API server `index` had the first good answer of `instance` to a request that came after `sinceMs`. */
function firstAnswer(instance: string, sinceMs: number, index: number): Measure {
  return ({ logs }) => {
    const firstMs = firstGood(logs[index]?.requests ?? [], instance, sinceMs) ?? Number.POSITIVE_INFINITY;
    return within(`answers server ${index + 1} again after`, firstMs, BACK_MS);
  };
}

/** Faults of worker hosts and their engines. */
export const engineRows: readonly Row[] = [engineKilled, hostKilled, engineStopped];

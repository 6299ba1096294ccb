import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a piece of work took. */
export interface Round {
  readonly wallMs: number;
  /** Of this process, all threads. */
  readonly cpuMs: number;
  /** Cores that other processes used meanwhile. */
  readonly otherCores: number;
  /** How late the event loop ran, 99th of a hundred. */
  readonly delayMs: number;
}

/** A round in which others used more says nothing. */
const OTHERS_LIMIT = 0.15;
const TICK_MS = 10;
const RESOLUTION_MS = 1;

/** CPU time of the whole machine, idle apart. */
function machineMs(): number {
  const [, ...fields] = (/^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[0] ?? '').split(/ +/);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = fields.map(Number);
  return (user + nice + system + irq + softIrq + steal) * TICK_MS;
}

const processMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** Does the work and measures it. */
export async function measure(work: () => Promise<unknown>): Promise<Round> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const [machine, own, start] = [machineMs(), processMs(), performance.now()];
  delay.enable();
  await work();
  delay.disable();
  const [wallMs, cpuMs] = [performance.now() - start, processMs() - own];
  const otherCores = Math.max(0, machineMs() - machine - cpuMs) / wallMs;
  return { wallMs, cpuMs, otherCores, delayMs: Math.max(0, delay.percentile(99) / 1e6 - RESOLUTION_MS) };
}

/** Did other processes leave the machine alone? */
export const isQuiet = (...rounds: readonly Round[]): boolean =>
  rounds.every(({ otherCores }) => otherCores < OTHERS_LIMIT);

/**
 * Repeats a comparison until `wanted` of at most `most` rounds were quiet.
 * @throws when the machine was too busy: nothing was measured
 */
export async function quietRounds<T extends readonly Round[]>(
  round: () => Promise<T>,
  { wanted = 3, most = 15 } = {},
): Promise<readonly T[]> {
  const counted: T[] = [];
  for (let at = 0; at < most && counted.length < wanted; at++) {
    const rounds = await round();
    if (isQuiet(...rounds)) counted.push(rounds);
    else
      console.log(
        `round ${at}: machine busy (others ${rounds.map((one) => one.otherCores.toFixed(2)).join(', ')} cores)`,
      );
  }
  if (counted.length < wanted)
    throw new Error(`not measured: ${counted.length} of ${most} rounds were quiet, needed ${wanted}`);
  return counted;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { until } from './until.ts';

/** How a program of the drill is started, each time anew. */
export interface ProgramOrder {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** File that gets its standard error, over all its starts. */
  readonly log: string;
}

/** A program that the drill starts, stops and starts again. */
export class Program {
  readonly order: ProgramOrder;
  #child: ChildProcess | undefined;
  #ended: Promise<number | NodeJS.Signals> | undefined;

  constructor(order: ProgramOrder) {
    this.order = order;
  }

  /** The pid of the server itself, not of a shell around it. */
  get pid(): number {
    const { pid } = this.#child ?? {};
    if (pid === undefined) throw new Error(`${this.order.name} does not run`);
    return pid;
  }

  get runs(): boolean {
    const { pid, exitCode, signalCode } = this.#child ?? {};
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** Bytes of its log so far. */
  get logSize(): number {
    return statSync(this.order.log, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Its log from byte `from` on. */
  logFrom(from: number): string {
    return readFileSync(this.order.log).subarray(from).toString();
  }

  start(): void {
    if (this.runs) return;
    const { command, args, env, log } = this.order;
    const file = openSync(log, 'a');
    this.#child = spawn(command, args, { stdio: ['ignore', file, file], env: { ...process.env, ...env } });
    closeSync(file);
    this.#ended = once(this.#child, 'exit').then(([code, signal]) => code ?? signal);
    // One that is not installed does not run; whoever waits for it says so.
    this.#ended.catch(() => undefined);
  }

  signal(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  /** The exit code, or the signal that it died of. @throws NotInTime */
  async ended(limitMs: number): Promise<number | NodeJS.Signals> {
    await until(`${this.order.name} ends`, limitMs, () => !this.runs);
    return (await this.#ended) ?? 0;
  }

  /** Ends it in order: with what it has started, which a kill would leave behind. @throws NotInTime */
  async stop(): Promise<void> {
    if (!this.runs) return;
    this.signal('SIGTERM');
    await this.ended(5_000);
  }

  /** Kills it; what it has started must end by itself. */
  async kill(): Promise<void> {
    if (!this.runs) return;
    // One that stands still takes no other signal until it goes on, but this one it does.
    this.signal('SIGKILL');
    await this.ended(5_000);
  }
}

/** The processes that `pid` has started and that still run. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => parentOf(child) === pid);
}

/** The parent of a process, undefined for one that has ended. */
function parentOf(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? undefined : Number(fields[1]);
  } catch {
    return undefined;
  }
}

/** Is there a process of that pid, and is it no corpse. */
export const isAlive = (pid: number): boolean => parentOf(pid) !== undefined;

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePorts } from '@smmf/testkit';

/** The folder of the scripts that start real servers; undefined, with the reason printed, where it is not named. */
export const realFolder = process.env.SMMF_REAL;
if (realFolder === undefined)
  console.log('skipped: the tests on a real Triton need SMMF_REAL, the folder of the scripts that start real servers');

/** A Triton on CPU, in a process group of its own. */
export interface RealTriton {
  readonly url: string;
  readonly metrics: string;
  /** What it has logged so far. */
  readonly log: string;
  stop(): Promise<void>;
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-(child.pid ?? 0), 'SIGTERM');
  const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

/** Starts the script, which installs Triton at its first run. */
export async function startTriton(): Promise<RealTriton> {
  const port = await freePorts(3); // HTTP, gRPC, metrics
  const child = spawn(join(realFolder ?? '', 'triton'), [String(port)], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (piece) => {
    log += piece;
  });
  for await (const piece of child.stdout) {
    const url = /ready (\S+)/.exec(String(piece))?.[1];
    if (url === undefined) continue;
    return {
      url,
      metrics: `http://127.0.0.1:${port + 2}/metrics`,
      get log() {
        return log;
      },
      stop: () => endGroup(child),
    };
  }
  throw new Error(`Triton did not start:\n${log.slice(-4_000)}`);
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';

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

async function listens(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

/** Three ports in a row that are free now: HTTP, gRPC, metrics. */
async function freePorts(): Promise<number> {
  for (let tries = 0; tries < 20; tries++) {
    const port = await listens(0);
    const next = [port + 1, port + 2].map(listens);
    if ((await Promise.allSettled(next)).every(({ status }) => status === 'fulfilled')) return port;
  }
  throw new Error('no three free ports in a row');
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
  const port = await freePorts();
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

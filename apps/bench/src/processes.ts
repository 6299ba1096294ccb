import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { LoadOrder, LoadReport } from './load-process.ts';

const SOURCE = ['--conditions=smmf-source'];
const here = (name: string): string => resolve(import.meta.dirname, name);

/** A process of the bench, pinned to one core. */
export interface Started {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

export const hasTaskset = spawnSync('taskset', ['-V']).status === 0;
export const hasNginx = spawnSync('nginx', ['-v']).status === 0;

function pin(core: number, command: string, args: readonly string[]): [string, string[]] {
  return hasTaskset ? ['taskset', ['-c', String(core), command, ...args]] : [command, [...args]];
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Starts a script of this folder on `core`, or on any; it says `ready PORT` once it listens. */
export function startScript(core: number | undefined, script: string, args: readonly string[]): Promise<Started> {
  const line = [...SOURCE, here(script), ...args];
  return core === undefined ? startCommand(process.execPath, line) : startCommand(...pin(core, process.execPath, line));
}

/** Starts a command that says `ready`, and its port or its address, once it listens. */
export async function startCommand(command: string, args: readonly string[]): Promise<Started> {
  const log = openSync(join(mkdtempSync(join(tmpdir(), 'smmf-bench-')), 'stderr.log'), 'w');
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', log] });
  let text = '';
  for await (const piece of child.stdout ?? []) {
    text += String(piece);
    const port = /ready (?:http:\/\/[\d.]+:)?(\d+)/.exec(text)?.[1];
    if (port !== undefined) return { pid: child.pid ?? 0, port: Number(port), stop: () => stopChild(child) };
  }
  throw new Error(`${command} ended before it was ready: ${text}`);
}

const nginxConfig = (folder: string, port: number, upstream: number): string => `
daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log; user root;
events { worker_connections 8192; }
http {
  access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s; client_max_body_size 16m; client_body_buffer_size 1m;
  upstream engine { server 127.0.0.1:${upstream}; keepalive 1024; keepalive_requests 1000000; }
  server { listen 127.0.0.1:${port}; keepalive_requests 1000000; tcp_nodelay on;
    location / { proxy_pass http://engine; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; } }
}`;

/** nginx with one worker as a plain proxy. */
export async function startNginx(core: number, port: number, upstream: number): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-nginx-'));
  writeFileSync(join(folder, 'nginx.conf'), nginxConfig(folder, port, upstream));
  const [command, args] = pin(core, 'nginx', ['-c', join(folder, 'nginx.conf')]);
  const child = spawn(command, args, { stdio: 'ignore' });
  for (let tries = 0; tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const isUp = await fetch(`http://127.0.0.1:${port}/v1/models`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return { pid: child.pid ?? 0, port, stop: () => stopChild(child) };
  }
  throw new Error('nginx did not start');
}

/** The process that makes the load; orders run one after another. */
export interface LoadProcess {
  run(order: LoadOrder): Promise<LoadReport>;
  stop(): void;
}

/** Starts the load on `core`. */
export function startLoad(core: number): LoadProcess {
  const execArgv = SOURCE;
  const child = fork(here('load-process.ts'), [], { execArgv });
  if (hasTaskset) spawnSync('taskset', ['-cp', String(core), String(child.pid)]);
  return {
    async run(order) {
      child.send(order);
      const [report] = await once(child, 'message');
      return report as LoadReport;
    },
    stop: () => void child.disconnect(),
  };
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]) === pid;
      } catch {
        return false;
      }
    })
    .map(Number);
}

const TICK_MS = 10;

/** CPU time that a process and its children have used, milliseconds (user and system, from the kernel's counters). */
export function cpuMs(pid: number): number {
  let ticks = 0;
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    ticks = Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
  return ticks * TICK_MS + childrenOf(pid).reduce((sum, child) => sum + cpuMs(child), 0);
}

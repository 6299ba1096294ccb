import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { buffer } from 'node:stream/consumers';
import { createClusterKeys } from '@smmf/cluster';
import { Secret } from '@smmf/core';
import type { Config, RoleName, RunningRole } from '../../src/index.ts';
import type { RoleOrder } from './role-program.ts';

/** One body that crossed between a member and the controller. */
export interface Crossed {
  readonly path: string;
  readonly text: string;
}

/** Controller, worker host and API server, each in a process of its own. */
export interface ThreeProcesses {
  /** Of the API server. */
  readonly url: string;
  readonly adminUrl: string;
  /** Every body that crossed between the controller and the members, in both directions. */
  readonly crossed: readonly Crossed[];
  /** What the worker host says to a controller that asks what runs there. */
  report(): Promise<string>;
  close(): Promise<void>;
}

/** An HTTP proxy that writes down every body that passes. */
async function recordingProxy(target: string, crossed: Crossed[]): Promise<Server> {
  const server = createServer(async (incoming, outgoing) => {
    const { url: path = '', method, headers } = incoming;
    const note = (bytes: Buffer): void => void crossed.push({ path, text: bytes.toString() });
    const sent = await buffer(incoming);
    note(sent);
    const asked = request(new URL(path, target), { method, headers }).end(sent);
    outgoing.once('close', () => asked.destroy());
    asked.on('error', () => outgoing.destroy());
    const [answer] = (await once(asked, 'response').catch(() => [])) as [IncomingMessage?];
    if (!answer) return;
    const got = await buffer(answer);
    note(got);
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(got);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/**
 * Starts the three. What `config` names is looked for from `baseDir`; `env` goes to all of them.
 */
export async function startThreeProcesses(
  config: Config,
  baseDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ThreeProcesses> {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-state-'));
  const crossed: Crossed[] = [];
  const children: ChildProcess[] = [];
  const secret = randomBytes(16).toString('hex');
  const shared = { version: 1 as const, cluster: { secrets: [secret] }, log: { level: 'debug' as const } };
  const start = async (role: RoleName, own: Config): Promise<RunningRole['listening']> => {
    const program = join(import.meta.dirname, 'role-program.ts');
    const order: RoleOrder = { role, baseDir, config: { ...shared, stateDir: join(folder, role), ...own } };
    const flags = ['--conditions=smmf-source', '--disable-warning=ExperimentalWarning'];
    const child = spawn(process.execPath, [...flags, program, JSON.stringify(order)], {
      stdio: ['pipe', 'pipe', process.env.SMMF_TEST_LOG === undefined ? 'ignore' : 'inherit'],
      env: { ...process.env, ...env },
    });
    children.push(child);
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the ${role} ended with exit code ${code}`);
    });
    ended.catch(() => undefined);
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [string];
    return JSON.parse(line) as RunningRole['listening'];
  };
  let proxy: Server | undefined;
  const close = async (): Promise<void> => {
    for (const child of children.reverse()) {
      const exited = child.exitCode === null ? once(child, 'exit') : undefined;
      child.stdin?.end();
      await exited;
    }
    proxy?.close();
    proxy?.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const controller = await start('controller', { ...config, controller: { port: 0 } });
    proxy = await recordingProxy(controller['registry and feeds']?.url ?? '', crossed);
    const joined = { version: 1 as const, join: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
    const worker = await start('worker', { ...joined, worker: { id: 'host-1', ports: '21001-21100' } });
    const server = await start('apiserver', { ...joined, server: { port: 0 } });
    const [key] = createClusterKeys([new Secret(secret)], 'default').joins;
    const report = async (): Promise<string> => {
      const headers = { authorization: `Bearer ${key?.reveal()}` };
      return (await fetch(`${worker['worker host']?.url}/member/v1/report`, { headers })).text();
    };
    const urls = { url: server['OpenAI API']?.url ?? '', adminUrl: controller['admin API']?.url ?? '' };
    return { ...urls, crossed, report, close };
  } catch (error) {
    await close();
    throw error;
  }
}

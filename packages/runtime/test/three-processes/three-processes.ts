import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Config } from '../../src/index.ts';
import type { RoleOrder } from './role-program.ts';

/** Controller, worker host and API server, each in a process of its own. */
export interface ThreeProcesses {
  /** Of the API server. */
  readonly url: string;
  readonly adminUrl: string;
  /** Every line that crossed between the controller and the members, in both directions. */
  readonly crossed: readonly string[];
  close(): Promise<void>;
}

/** A TCP proxy that writes down every line that passes. */
async function recordingProxy(
  port: number,
  crossed: string[],
): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port, noDelay: true });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      createInterface({ input: from })
        .on('line', (line) => crossed.push(line))
        .on('error', () => undefined);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

/**
 * Starts the three. What `config` names is looked for from `baseDir`; `env` goes to all of them.
 */
export async function startThreeProcesses(
  config: Config,
  baseDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ThreeProcesses> {
  const stateDir = mkdtempSync(join(tmpdir(), 'smmf-state-'));
  const crossed: string[] = [];
  const children: ChildProcess[] = [];
  const proxies: Server[] = [];
  const start = async (order: RoleOrder): Promise<Record<string, unknown>> => {
    const program = join(import.meta.dirname, 'role-program.ts');
    const flags = ['--conditions=smmf-source', '--disable-warning=ExperimentalWarning'];
    const child = spawn(process.execPath, [...flags, program, JSON.stringify(order)], {
      stdio: ['pipe', 'pipe', process.env.SMMF_TEST_LOG === undefined ? 'ignore' : 'inherit'],
      env: { ...process.env, ...env },
    });
    children.push(child);
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the ${order.role} ended with exit code ${code}`);
    });
    ended.catch(() => undefined);
    const [line] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [string];
    return JSON.parse(line) as Record<string, unknown>;
  };
  const proxied = async (port: unknown): Promise<number> => {
    const proxy = await recordingProxy(Number(port), crossed);
    proxies.push(proxy.server);
    return proxy.port;
  };
  const close = async (): Promise<void> => {
    for (const child of children.reverse()) {
      const exited = child.exitCode === null ? once(child, 'exit') : undefined;
      child.stdin?.end();
      await exited;
    }
    for (const proxy of proxies) proxy.close();
    rmSync(stateDir, { recursive: true, force: true });
  };
  try {
    const { adminUrl, ...ports } = await start({ role: 'controller', baseDir, stateDir, config });
    const dataSecret = randomBytes(16).toString('hex');
    const place = {
      dataSecret,
      registryPort: await proxied(ports.registryPort),
      linkPort: await proxied(ports.linkPort),
    };
    await start({ role: 'worker', baseDir, stateDir, ...place });
    const { url } = await start({ role: 'apiserver', baseDir, stateDir, ...place });
    return { url: String(url), adminUrl: String(adminUrl), crossed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

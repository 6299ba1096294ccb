import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { HttpClient } from '@smmf/core';
import { freePorts, testRegistryContext } from '@smmf/testkit';
import { createAuthority } from '../../../packages/net/test/test-authority.ts';
import type { ProxyTls } from './wire-proxy.ts';

const BINARY = '/usr/bin/etcd';
const INSTALL_MS = 240_000;
const START_MS = 20_000;

/** How a server is protected. */
export interface EtcdProtection {
  /** TLS with an authority made for this run. */
  readonly tls?: boolean;
  /** Authentication with the user {@link ETCD_USER}, who may read and write below `/smmf/v1/` alone. */
  readonly auth?: boolean;
}

/** The user of a server with `auth`, and its password. */
export const ETCD_USER = { username: 'smmf', password: 'a password of a test' } as const;

/** A real etcd of one member. */
export interface RealEtcd {
  readonly port: number;
  readonly url: string;
  /** The server's own, not a shell's; another one after each restart. */
  readonly pid: number;
  /** As it says itself, `etcd 3.4.23`. */
  readonly version: string;
  /** Must clients say who they are. */
  readonly hasUsers: boolean;
  /** PEM texts of a server with TLS, and the file of its authority. */
  readonly tls: (ProxyTls & { readonly caFile: string }) | undefined;
  /** A call of its JSON gateway, as root where it has users; gives the answer's JSON. */
  admin(path: string, body: object): Promise<Record<string, unknown>>;
  /** Ends it as a power cut does, and starts it again at the same port: with its data, or wiped; `awayMs` later, default at once. */
  restart(data: 'kept' | 'wiped', awayMs?: number): Promise<void>;
  /** It answers nothing (SIGSTOP) until the returned function is called. */
  pause(): () => void;
  stop(): Promise<void>;
}

const script = process.env.SMMF_REAL === undefined ? undefined : join(process.env.SMMF_REAL, 'etcd');

/** Why there is no real etcd here; undefined where there is one. */
export const etcdMissing: string | undefined =
  script && existsSync(script) ? undefined : 'no etcd: SMMF_REAL names no folder with a script that installs one';
if (etcdMissing !== undefined) console.log(`skipped: ${etcdMissing}`);

/** The script installs and starts one; we keep what it installed. Another package manager may hold the lock: then again. */
async function install(): Promise<void> {
  const until = Date.now() + INSTALL_MS;
  while (!existsSync(BINARY)) {
    if (Date.now() > until) throw new Error(`${script} did not install etcd within ${INSTALL_MS / 1_000} s`);
    const child = spawn(script ?? '', [String(await freePorts())], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.once('data', () => child.kill('SIGTERM'));
    await once(child, 'exit');
    if (!existsSync(BINARY)) await delay(2_000);
  }
}

class Server implements RealEtcd {
  readonly port: number;
  readonly #peerPort: number;
  readonly #folder: string;
  readonly hasUsers: boolean;
  readonly #http = testRegistryContext().http;
  readonly tls;
  version = '';
  #child: ChildProcess | undefined;
  #rootToken = '';
  readonly #endWithUs = (): void => void this.#child?.kill('SIGKILL');

  constructor(folder: string, ports: readonly [number, number], auth: boolean, tls: RealEtcd['tls']) {
    this.#folder = folder;
    [this.port, this.#peerPort] = ports;
    this.hasUsers = auth;
    this.tls = tls;
    process.once('exit', this.#endWithUs);
  }

  get url(): string {
    return `${this.tls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async start(isNew: boolean): Promise<void> {
    const peer = `http://127.0.0.1:${this.#peerPort}`;
    const tls = this.tls
      ? ['--cert-file', join(this.#folder, 'cert.pem'), '--key-file', join(this.#folder, 'key.pem')]
      : [];
    const urls = ['--listen-client-urls', this.url, '--advertise-client-urls', this.url, '--listen-peer-urls', peer];
    const cluster = ['--initial-advertise-peer-urls', peer, '--initial-cluster', `n1=${peer}`, '--name', 'n1'];
    const own = ['--data-dir', join(this.#folder, 'data'), '--logger', 'zap', '--log-level', 'error'];
    this.#child = spawn(BINARY, [...urls, ...cluster, ...own, ...tls], { stdio: 'ignore' });
    const until = Date.now() + START_MS;
    while (!(await this.#isHealthy())) {
      if (this.#child.exitCode !== null || Date.now() > until) throw new Error(`etcd did not start at ${this.url}`);
      await delay(25);
    }
    this.version = await this.#askVersion();
    this.#rootToken = '';
    if (this.hasUsers && isNew) await this.#addUsers();
    if (this.hasUsers)
      this.#rootToken = String((await this.admin('auth/authenticate', { name: 'root', password: 'r' })).token);
  }

  async admin(path: string, body: object): Promise<Record<string, unknown>> {
    const headers = this.#rootToken === '' ? {} : { authorization: this.#rootToken };
    const more = { headers, ...(this.tls && { tls: this.tls }) };
    const { status, json, text } = await this.#http.post(
      `${this.url}/v3/${path}`,
      body,
      AbortSignal.timeout(5_000),
      more,
    );
    if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
    return json as Record<string, unknown>;
  }

  async restart(data: 'kept' | 'wiped', awayMs = 0): Promise<void> {
    await this.#end();
    await delay(awayMs);
    if (data === 'wiped') await rm(join(this.#folder, 'data'), { recursive: true });
    await this.start(data === 'wiped');
  }

  pause(): () => void {
    const { pid } = this;
    process.kill(pid, 'SIGSTOP');
    return () => void process.kill(pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    await this.#end();
    process.off('exit', this.#endWithUs);
    await this.#http.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  async #isHealthy(): Promise<boolean> {
    return (await this.#get('health').catch(() => undefined))?.status === 200;
  }

  async #askVersion(): Promise<string> {
    const { json } = await this.#get('version');
    return `etcd ${String(Reflect.get(Object(json), 'etcdserver'))}`;
  }

  #get(path: string): ReturnType<HttpClient['get']> {
    return this.#http.get(`${this.url}/${path}`, AbortSignal.timeout(1_000), this.tls ? { tls: this.tls } : {});
  }

  async #addUsers(): Promise<void> {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const perm = { permType: 'READWRITE', key: base64('/smmf/v1/'), range_end: base64('/smmf/v10') };
    const { username: user, password } = ETCD_USER;
    await this.admin('auth/user/add', { name: 'root', password: 'r' });
    await this.admin('auth/user/grant', { user: 'root', role: 'root' });
    await this.admin('auth/role/add', { name: 'smmf' });
    await this.admin('auth/role/grant', { name: 'smmf', perm });
    await this.admin('auth/user/add', { name: user, password });
    await this.admin('auth/user/grant', { user, role: 'smmf' });
    await this.admin('auth/enable', {});
  }
}

/** Starts one on free ports of loopback, with data in memory where the machine has a file system for that. */
export async function startEtcd({ tls = false, auth = false }: EtcdProtection = {}): Promise<RealEtcd> {
  await install();
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'smmf-etcd-'));
  let certificates: RealEtcd['tls'];
  if (tls) {
    const authority = createAuthority();
    const issued = authority.issue({ names: ['127.0.0.1', 'localhost'] });
    const caFile = join(folder, 'ca.pem');
    certificates = { ...issued, ca: authority.cert, caFile };
    await writeFile(caFile, authority.cert);
    await writeFile(join(folder, 'cert.pem'), issued.cert);
    await writeFile(join(folder, 'key.pem'), issued.key, { mode: 0o600 });
  }
  const server = new Server(folder, [await freePorts(), await freePorts()], auth, certificates);
  await server.start(true);
  return server;
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '@smmf/testkit';
import { createClient } from 'redis';
import { createAuthority } from '../../../packages/net/test/test-authority.ts';
import type { ProxyTls } from '../../registry-etcd/test/wire-proxy.ts';

const BINARY = '/usr/bin/redis-server';
const INSTALL_MS = 240_000;
const START_MS = 20_000;

/** How a server is protected. */
export interface RedisProtection {
  /** TLS with an authority made for this run. */
  readonly tls?: boolean;
  /** Nobody but the user {@link REDIS_USER} with the rights of {@link REDIS_ACL}, and an administrator. */
  readonly auth?: boolean;
}

/** The user of a server with `auth`, and its password. */
export const REDIS_USER = { username: 'smmf', password: 'a-password-of-a-test' } as const;

/** What the plugin needs, and no more; its README shows the same. */
export const REDIS_ACL =
  '~{smmf:* resetchannels -@all +eval +evalsha +time +get +set +incr +hmget +hset +del +pexpireat +zadd +zrem +zrange +zrangebyscore +xadd +xread';

/** A real Redis. */
export interface RealRedis {
  readonly port: number;
  readonly url: string;
  /** As it says itself, `Redis 7.0.15`. */
  readonly version: string;
  /** Must clients say who they are. */
  readonly hasUsers: boolean;
  /** The server's own, not a shell's; another one after each restart. */
  readonly pid: number;
  /** PEM texts of a server with TLS, and the file of its authority. */
  readonly tls: (ProxyTls & { readonly caFile: string }) | undefined;
  /** A command as administrator. */
  admin(...command: readonly string[]): Promise<unknown>;
  /** Ends it as a power cut does, and starts it again at the same port: with its data, or wiped; `awayMs` later, default at once. */
  restart(data: 'kept' | 'wiped', awayMs?: number): Promise<void>;
  /** It answers nothing (SIGSTOP) until the returned function is called. */
  pause(): () => void;
  stop(): Promise<void>;
}

const script = process.env.SMMF_REAL === undefined ? undefined : join(process.env.SMMF_REAL, 'redis');

/** Why there is no real Redis here; undefined where there is one. */
export const redisMissing: string | undefined =
  script && existsSync(script) ? undefined : 'no Redis: SMMF_REAL names no folder with a script that installs one';
if (redisMissing !== undefined) console.log(`skipped: ${redisMissing}`);

/** The script installs and starts one; we keep what it installed. Another package manager may hold the lock: then again. */
async function install(): Promise<void> {
  const until = Date.now() + INSTALL_MS;
  while (!existsSync(BINARY)) {
    if (Date.now() > until) throw new Error(`${script} did not install Redis within ${INSTALL_MS / 1_000} s`);
    const child = spawn(script ?? '', [String(await freePorts())], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.once('data', () => child.kill('SIGTERM'));
    await once(child, 'exit');
    if (!existsSync(BINARY)) await delay(2_000);
  }
}

class Server implements RealRedis {
  readonly port: number;
  readonly hasUsers: boolean;
  readonly tls;
  version = '';
  readonly #folder: string;
  #child: ChildProcess | undefined;
  readonly #endWithUs = (): void => void this.#child?.kill('SIGKILL');

  constructor(folder: string, port: number, auth: boolean, tls: RealRedis['tls']) {
    this.#folder = folder;
    this.port = port;
    this.hasUsers = auth;
    this.tls = tls;
    process.once('exit', this.#endWithUs);
  }

  get url(): string {
    return `${this.tls ? 'rediss' : 'redis'}://127.0.0.1:${this.port}`;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async start(): Promise<void> {
    const file = (name: string): string => join(this.#folder, name);
    const { username, password } = REDIS_USER;
    const tls = [`tls-port ${this.port}`, 'port 0', 'tls-auth-clients no'];
    const files = [
      `tls-cert-file ${file('cert.pem')}`,
      `tls-key-file ${file('key.pem')}`,
      `tls-ca-cert-file ${file('ca.pem')}`,
    ];
    const users = ['user default off', 'user root on >r ~* &* +@all', `user ${username} on >${password} ${REDIS_ACL}`];
    const config = [
      ...(this.tls ? [...tls, ...files] : [`port ${this.port}`]),
      ...(this.hasUsers ? users : []),
      ...['bind 127.0.0.1', 'save ""', 'appendonly yes', 'appendfsync always', `dir ${this.#folder}`],
    ];
    await writeFile(file('redis.conf'), `${config.join('\n')}\n`, { mode: 0o600 });
    this.#child = spawn(BINARY, [file('redis.conf')], { stdio: 'ignore' });
    const until = Date.now() + START_MS;
    while ((await this.admin('PING').catch(() => undefined)) !== 'PONG') {
      if (this.#child.exitCode !== null || Date.now() > until) throw new Error(`Redis did not start at ${this.url}`);
      await delay(10);
    }
    const [, version] = /^redis_version:(\S+)/m.exec(String(await this.admin('INFO', 'server'))) ?? [];
    this.version = `Redis ${version}`;
  }

  async admin(...command: readonly string[]): Promise<unknown> {
    const user = this.hasUsers ? { username: 'root', password: 'r' } : {};
    const tls = this.tls ? { tls: true as const, ca: this.tls.ca } : {};
    const client = createClient({ url: this.url, ...user, RESP: 2, socket: { reconnectStrategy: false, ...tls } });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await client.sendCommand([...command]);
    } finally {
      client.destroy();
    }
  }

  async restart(data: 'kept' | 'wiped', awayMs = 0): Promise<void> {
    await this.#end();
    await delay(awayMs);
    if (data === 'wiped') await rm(join(this.#folder, 'appendonlydir'), { recursive: true });
    await this.start();
  }

  pause(): () => void {
    const { pid } = this;
    process.kill(pid, 'SIGSTOP');
    return () => void process.kill(pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    await this.#end();
    process.off('exit', this.#endWithUs);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #end(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}

/** Starts one on a free port of loopback that keeps its data over a restart, in memory where the machine has a file system for that. */
export async function startRedis({ tls = false, auth = false }: RedisProtection = {}): Promise<RealRedis> {
  await install();
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'smmf-redis-'));
  let certificates: RealRedis['tls'];
  if (tls) {
    const authority = createAuthority();
    const issued = authority.issue({ names: ['127.0.0.1', 'localhost'] });
    const caFile = join(folder, 'ca.pem');
    certificates = { ...issued, ca: authority.cert, caFile };
    await writeFile(caFile, authority.cert);
    await writeFile(join(folder, 'cert.pem'), issued.cert);
    await writeFile(join(folder, 'key.pem'), issued.key, { mode: 0o600 });
  }
  const server = new Server(folder, await freePorts(), auth, certificates);
  await server.start();
  return server;
}

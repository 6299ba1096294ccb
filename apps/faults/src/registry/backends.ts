import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { look } from '../cluster/http.ts';

/** How a registry outside of SMMF is started, named in a config and looked into. */
export interface Backend {
  /** The section `registry` of a config. */
  section(port: number): Readonly<Record<string, unknown>>;
  /** The server's own command: no shell stands between it and its signals. `spare` is a second port for itself. */
  command(port: number, spare: number, folder: string): readonly [string, ...string[]];
  answers(port: number): Promise<boolean>;
  /** Ids of the entries that it lists; undefined while it does not answer. */
  listed(port: number): Promise<readonly string[] | undefined>;
}

const run = promisify(execFile);
/** Longest wait for an answer to a look from outside, milliseconds. */
const LOOK_MS = 1_000;

const etcd: Backend = {
  section: (port) => ({ use: '@smmf/registry-etcd', endpoints: [`http://127.0.0.1:${port}`] }),
  command(port, spare, folder) {
    const [client, peer] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${spare}`];
    const clients = ['--listen-client-urls', client, '--advertise-client-urls', client];
    const peers = ['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer];
    const members = ['--name', 'n1', '--initial-cluster', `n1=${peer}`, '--log-level', 'error'];
    return ['etcd', '--data-dir', folder, ...clients, ...peers, ...members];
  },
  answers: async (port) => (await look(`http://127.0.0.1:${port}/health`)) !== undefined,
  async listed(port) {
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const range = { key: base64('/smmf/'), range_end: base64('/smmf0'), keys_only: true };
    try {
      const answer = await fetch(`http://127.0.0.1:${port}/v3/kv/range`, {
        method: 'POST',
        body: JSON.stringify(range),
        signal: AbortSignal.timeout(LOOK_MS),
      });
      const { kvs = [] } = (await answer.json()) as { readonly kvs?: readonly { readonly key: string }[] };
      return kvs.map(({ key }) => Buffer.from(key, 'base64').toString().split('/').at(-1) ?? '');
    } catch {
      return undefined;
    }
  },
};

/** What `redis-cli` prints; undefined where nothing answers. */
async function redisCli(port: number, ...args: string[]): Promise<string | undefined> {
  try {
    return (await run('redis-cli', ['-p', String(port), ...args], { timeout: LOOK_MS })).stdout;
  } catch {
    return undefined;
  }
}

const redis: Backend = {
  section: (port) => ({ use: '@smmf/registry-redis', url: `redis://127.0.0.1:${port}` }),
  command(port, _spare, folder) {
    const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
    return ['redis-server', ...place, '--save', '', '--appendonly', 'yes', '--loglevel', 'warning'];
  },
  answers: async (port) => (await redisCli(port, 'ping')) !== undefined,
  async listed(port) {
    const keys = await redisCli(port, '--scan', '--pattern', '*:entry:*');
    return keys?.split('\n').map((key) => key.split(':entry:').at(-1) ?? '');
  },
};

/** The registries outside of SMMF that the drill can be run over, by name. */
export const BACKENDS: Readonly<Record<string, Backend>> = { etcd, redis };

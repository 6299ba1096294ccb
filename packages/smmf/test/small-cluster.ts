import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, createRole, type RunningRole } from '../src/index.ts';

/** A controller, a worker host and an API server over loopback. */
export interface SmallCluster {
  /** Of the admin API. */
  readonly url: string;
  readonly controller: RunningRole;
  readonly worker: RunningRole;
  readonly apiServer: RunningRole;
  close(): Promise<void>;
}

/** Starts the three with `models`, the worker host as `host-1` in zone `a`. */
export async function startSmallCluster(models: NonNullable<Config['models']>): Promise<SmallCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-cluster-'));
  const cluster = { secrets: [randomBytes(24).toString('base64')] };
  const own = (role: string) =>
    ({ version: 1, cluster, stateDir: join(folder, role), log: { level: 'silent' } }) as const;
  const control = { ...own('controller'), controller: { id: 'main', port: 0 }, admin: { port: 0 }, models };
  // A controller that remembers nothing listens for two heartbeats to what may run already; the second start remembers.
  await (await createRole('controller', control)).close();
  const controller = await createRole('controller', control);
  const member = { join: controller.listening['registry and feeds']?.url ?? '' };
  const host = { id: 'host-1', ports: '23101-23199', labels: { zone: 'a' } };
  const worker = await createRole('worker', { ...own('worker'), ...member, worker: host });
  const apiServer = await createRole('apiserver', { ...own('apiserver'), ...member, server: { port: 0 } });
  const url = controller.listening['admin API']?.url ?? '';
  const close = async (): Promise<void> => {
    for (const role of [apiServer, worker, controller]) await role.close(0);
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, controller, worker, apiServer, close };
}

import { join } from 'node:path';
import { type Config, createRole, type RunningRole } from 'smmf';

/** A cluster whose roles run in this process; on several hosts each would have a process of its own, with the same configs. */
export interface Cluster {
  /** Of the OpenAI API. */
  readonly url: string;
  /** Of the admin API. */
  readonly adminUrl: string;
  /** What the config of a further member needs: the controller, and the secret that all members share. */
  readonly membership: Pick<Config, 'version' | 'join' | 'cluster'>;
  /** Ends it, what runs within `limitMs` (default 5 000). */
  close(limitMs?: number): Promise<void>;
}

/** What {@link startCluster} starts. */
export interface ClusterPlan {
  readonly models: NonNullable<Config['models']>;
  /** Shared by the members, at least 16 random bytes. */
  readonly secret: string;
  /** Each role keeps in a folder of its own below it what it must know again after a restart. */
  readonly stateDir: string;
}

/** Until a model is served: a first start listens for 6 s to what may run already, before it gives instances a host. */
const START_LIMIT_MS = 60_000;

/** Resolves once every model is served. @throws the reason of the time limit, with what the models wait for */
async function allServed(apiServer: RunningRole, signal: AbortSignal): Promise<void> {
  const served = Promise.withResolvers<void>();
  const look = (): void => {
    const models = apiServer.statuses();
    if (models.length > 0 && models.every(({ ready }) => ready > 0)) served.resolve();
  };
  const onAbort = (): void => {
    const told = apiServer.statuses().map(({ id, state, reason }) => `${id} is ${state} (${reason})`);
    served.reject(new Error(`Not served in time: ${told.join(', ') || 'no settings came'}`, { cause: signal.reason }));
  };
  signal.addEventListener('abort', onAbort);
  const unwatch = apiServer.watch(look);
  try {
    look();
    await served.promise;
  } finally {
    unwatch();
    signal.removeEventListener('abort', onAbort);
  }
}

/** Starts controller, worker host and API server at free ports of loopback, and waits until the models are served. */
export async function startCluster({ models, secret, stateDir }: ClusterPlan): Promise<Cluster> {
  const baseDir = import.meta.dirname;
  const roles: RunningRole[] = [];
  const start = async (role: RunningRole['role'], own: Omit<Config, 'version'>): Promise<RunningRole> => {
    const shared: Config = { version: 1, cluster: { secrets: [secret] }, log: { level: 'warn' } };
    const running = await createRole(role, { ...shared, stateDir: join(stateDir, role), ...own }, { baseDir });
    roles.unshift(running);
    return running;
  };
  const close = async (limitMs = 5_000): Promise<void> => {
    // The API server first, so that what runs can end.
    for (const role of roles) await role.close(limitMs);
  };
  try {
    const controller = await start('controller', { controller: { port: 0 }, admin: { port: 0 }, models });
    const { 'registry and feeds': members, 'admin API': admin } = controller.listening;
    const membership = { version: 1 as const, join: members?.url ?? '', cluster: { secrets: [secret] } };
    await start('worker', { join: membership.join, worker: { id: 'host-1', ports: '24101-24199' } });
    const apiServer = await start('apiserver', { join: membership.join, server: { port: 0 } });
    await allServed(apiServer, AbortSignal.timeout(START_LIMIT_MS));
    return { url: apiServer.listening['OpenAI API']?.url ?? '', adminUrl: admin?.url ?? '', membership, close };
  } catch (error) {
    await close(0);
    throw error;
  }
}

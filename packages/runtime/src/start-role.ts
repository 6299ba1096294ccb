import type { Logger } from '@smmf/core';
import type { Listening } from '@smmf/server';
import { controllersOf, type Roles } from './check-cluster.ts';
import { composeRoles, hasProcesses, type RoleParts } from './compose-roles.ts';
import { configSecrets } from './config-secrets.ts';
import type { SmmfOptions } from './create-smmf.ts';
import { loggerOf } from './from-config.ts';
import { createLifecycle } from './lifecycle.ts';
import { withListeners } from './listener-overrides.ts';
import { definitePort, ServerGroup } from './processes/server-group.ts';
import type { RawConfig } from './read-config.ts';
import { type ResolvedConfig, resolveConfig } from './resolve-config.ts';
import type { ModelStatus } from './roles/readiness.ts';
import { openSurroundings } from './surroundings.ts';

/** A role that runs in a process of its own. */
export type RoleName = Exclude<Roles, 'all'>;

/** One role of a cluster, running. */
export interface RunningRole extends AsyncDisposable {
  readonly role: RoleName;
  /** Where it listens, each by what it is for. */
  readonly listening: {
    readonly 'OpenAI API'?: Listening;
    readonly 'admin API'?: Listening;
    /** Its `url` is what members join: `controller.advertise`, where that is set. */
    readonly 'registry and feeds'?: Listening;
    readonly 'worker host'?: { readonly url: string };
  };
  /** Controllers that it follows. */
  readonly controllers: readonly string[];
  /** Listens beyond this machine without TLS, as the config allows. */
  readonly isPlain: boolean;
  /** Of an API server: the state of each model. */
  statuses(): readonly ModelStatus[];
  /** Of an API server: calls `listener` whenever the state of a model may have changed. Returns its end. */
  watch(listener: () => void): () => void;
  /** Drains up to `limitMs` (default the config's `server.drain`) and ends. A later call with a shorter limit holds for the first one, too. */
  close(limitMs?: number): Promise<void>;
}

/** Longest stop of a part: a drain, and some. */
const STOP_LIMIT_MS = 330_000;

/** What a group of processes is started from. */
interface Given {
  readonly resolved: ResolvedConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger & { close?(): void };
  readonly isLogged: boolean;
}

/** An API server of several processes. */
async function startGroup(raw: RawConfig, { resolved, ...given }: Given): Promise<RunningRole> {
  const { config } = resolved;
  const { host, port, processes, grace: graceMs, drain } = config.server;
  const definite = withListeners(raw, { port: await definitePort(host, port) });
  const group = new ServerGroup({ ...given, processes, graceMs, raw: definite, secrets: [], hasCopies: true });
  const listening = await group.start();
  let closed: Promise<void> | undefined;
  const close = (limitMs: number = drain): Promise<void> => {
    const ended = group.close(limitMs);
    closed ??= ended.then(() => given.logger.close?.());
    return closed;
  };
  return {
    ...{ role: 'apiserver', listening: { 'OpenAI API': listening }, controllers: controllersOf(config), close },
    isPlain: config.cluster.allowPlain,
    statuses: () => group.statuses(),
    watch: (listener) => group.watch(listener),
    [Symbol.asyncDispose]: () => close(),
  };
}

/** As `createRole`, of a config that was read; `more` is for one process of several. */
export async function startRole(
  role: RoleName,
  raw: RawConfig,
  options: Pick<SmmfOptions, 'env' | 'logger' | 'onProgress'>,
  more: Pick<RoleParts, 'group' | 'secrets'> = {},
): Promise<RunningRole> {
  const { env = process.env, onProgress } = options;
  const resolved = await resolveConfig(raw, env, { mayLackFiles: true, role });
  const hidden = configSecrets(raw, resolved, env);
  const logger = loggerOf(resolved, options.logger ?? 'config');
  if (role === 'apiserver' && hasProcesses(resolved) && !more.group)
    return startGroup(raw, { resolved, env, logger, isLogged: (options.logger ?? 'config') === 'config' });
  let drainMs: number = resolved.config.server.drain;
  const around = await openSurroundings(resolved, role, logger);
  const parts = { ...around, env, hidden, drainMs: () => drainMs, ...(onProgress ? { onProgress } : {}), ...more };
  const { controller, worker, apiServer, all } = composeRoles(resolved, parts);
  const lifecycle = createLifecycle({ stopLimitMs: STOP_LIMIT_MS });
  lifecycle.add({ name: 'connections and registries', stop: () => around.close() });
  for (const part of all) lifecycle.add(part);
  const end = async (limitMs: number): Promise<void> => {
    drainMs = limitMs;
    await apiServer?.drain(limitMs);
    for (const error of await lifecycle.stop()) logger.error({ error: String(error.cause) }, 'a part did not stop');
    logger.close?.();
  };
  const listen = async (): Promise<RunningRole['listening']> => ({
    ...(controller
      ? { 'registry and feeds': await controller.listenForMembers(), 'admin API': await controller.listen() }
      : {}),
    ...(apiServer ? { 'OpenAI API': await apiServer.listen() } : {}),
    ...(worker?.url === undefined ? {} : { 'worker host': { url: worker.url } }),
  });
  let closed: Promise<void> | undefined;
  const close = (limitMs: number = resolved.config.server.drain): Promise<void> => {
    if (closed !== undefined) void apiServer?.drain(limitMs);
    closed ??= end(limitMs);
    return closed;
  };
  try {
    await lifecycle.start();
    return {
      ...{ role, listening: await listen(), controllers: around.controllers, close },
      isPlain: resolved.config.cluster.allowPlain,
      statuses: () => apiServer?.statuses() ?? [],
      watch: (listener) => apiServer?.watch(listener) ?? (() => undefined),
      [Symbol.asyncDispose]: () => close(),
    };
  } catch (error) {
    await close(0);
    throw error;
  }
}

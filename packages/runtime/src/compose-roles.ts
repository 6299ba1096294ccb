import { hostname } from 'node:os';
import { type Container, createContainer, type Secret, systemClock, token } from '@smmf/core';
import type { FetchProgress } from '@smmf/sources';
import { desiredOf } from './desired.ts';
import { guardedProgress } from './guarded-progress.ts';
import type { GroupLink } from './processes/group-member.ts';
import type { ResolvedConfig } from './resolve-config.ts';
import type { ApiServerRole } from './roles/api-server-contract.ts';
import { createApiServerRole } from './roles/api-server-role.ts';
import { type ControllerRole, createControllerRole } from './roles/controller-role.ts';
import { keyPrintsOf } from './roles/member-listener.ts';
import type { Role } from './roles/role-context.ts';
import { createWorkerRole, type WorkerRole } from './roles/worker-role.ts';
import type { SecretBook } from './sealed-options.ts';
import { stateDirOf } from './state-dir.ts';
import type { Surroundings } from './surroundings.ts';

/** What roles are made with besides the config. */
export interface RoleParts extends Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Held for as long as the roles run: no text shows these. */
  readonly hidden: readonly Secret[];
  /** Longest wait for requests in flight at the stop, milliseconds. */
  readonly drainMs: () => number;
  /** Hears how model files come in. */
  readonly onProgress?: (instance: string, progress: FetchProgress) => void;
  /** The other processes that share the API server's port, where this one is one of them. */
  readonly group?: GroupLink | undefined;
  /** Secrets that stand in the config as they are, where another process has read it; those that this one finds come in. */
  readonly secrets?: SecretBook | undefined;
}

/** The ids of the members that run in one process with their controller. */
const LOCAL = { host: 'local', server: 'apiserver' } as const;

/** Where processes of this program call its controller. */
const LOOPBACK = { host: '127.0.0.1', port: 0 } as const;

/** Is the OpenAI API served by processes of their own. */
export const hasProcesses = ({ config }: ResolvedConfig): boolean => config.server.processes > 1;

const CONTROLLER = token<ControllerRole>('controller');
const WORKER = token<WorkerRole>('worker');
const API_SERVER = token<ApiServerRole>('api-server');

const machine = (): string =>
  hostname()
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .slice(0, 63) || 'host';

/** Says how each role is made; those that are not asked for are not made. */
function containerOf(resolved: ResolvedConfig, parts: RoleParts, secrets: SecretBook): Container {
  const { config, baseDir, serverKeys, adminKeys, authorities } = resolved;
  const { logger, env, onProgress, keys, registries, http, served, link, controllers } = parts;
  const { cacheDir, modelRoots, egress, server, admin } = config;
  const stateDir = stateDirOf(config.stateDir, baseDir, env);
  const isApart = parts.role !== 'all' || link !== undefined;
  const place = { baseDir, cacheDir, modelRoots, egress, authorities, stateDir };
  const common = { registries, keys, clock: systemClock, logger, http };
  const container = createContainer();
  container.provide(CONTROLLER, () => {
    const { id = `${machine()}-${config.controller.port}`, primary, ...listener } = config.controller;
    const local = hasProcesses(resolved) ? { listener: LOOPBACK } : {};
    const apart = isApart ? { listener, stateDir, primary, isApart } : local;
    return createControllerRole(
      { id, desired: desiredOf(resolved, secrets), admin, adminKeys, ...apart },
      { ...common, served },
    );
  });
  const memberOf = (services: Container) => ({
    ...common,
    ...{ env, secrets, hidden: parts.hidden, drainMs: parts.drainMs },
    controller: link ?? services.get(CONTROLLER).controller,
  });
  container.provide(WORKER, (services) => {
    const progress = onProgress ? { onProgress: guardedProgress(onProgress, logger) } : {};
    const { id = machine(), labels, ...listener } = config.worker;
    const apart = isApart ? { id, labels, listener, controllers } : { id: LOCAL.host };
    return createWorkerRole({ ...place, ...apart }, { ...memberOf(services), ...progress });
  });
  container.provide(API_SERVER, (services) => {
    const engines = isApart ? {} : { engines: () => services.get(WORKER).reports() };
    const { group } = parts;
    const isEmbedded = parts.role === 'all' && link !== undefined;
    const keyPrints = keyPrintsOf(
      server.keys.map((entry) => ('key' in entry ? entry.key : entry)),
      keys,
    );
    const apart = isApart
      ? { id: `${machine()}-${process.pid}-${startOf()}`, keyPrints, isApart, isEmbedded, controllers }
      : { id: LOCAL.server, isUncounted: hasProcesses(resolved) };
    // Applications on one machine would share the folder of the user.
    const kept = isEmbedded && config.stateDir === undefined ? { stateDir: undefined } : {};
    const context = { ...memberOf(services), dialer: parts.dialer, group, ...engines };
    return createApiServerRole({ ...place, ...kept, ...apart, server, serverKeys }, context);
  });
  return container;
}

/** The roles of one process; absent ones run elsewhere. */
export interface ComposedRoles {
  readonly controller: ControllerRole | undefined;
  readonly worker: WorkerRole | undefined;
  readonly apiServer: ApiServerRole | undefined;
  /** In the order in which they start. */
  readonly all: readonly Role[];
  /** Secrets that stand in the config as they are. */
  readonly secrets: SecretBook;
}

/** Makes the roles that the process is for: all of them, one, or for an embedded member the router alone. */
export function composeRoles(resolved: ResolvedConfig, parts: RoleParts): ComposedRoles {
  const { role, link, secrets = new Map() } = parts;
  const container = containerOf(resolved, parts, secrets);
  const has = (one: typeof role): boolean => role === one || (role === 'all' && link === undefined);
  const controller = has('controller') ? container.get(CONTROLLER) : undefined;
  const worker = has('worker') ? container.get(WORKER) : undefined;
  const apiServer = has('apiserver') || role === 'all' ? container.get(API_SERVER) : undefined;
  const all = [controller, worker, apiServer].filter((one) => one !== undefined);
  return { controller, worker, apiServer, all, secrets };
}

/** Tells two API servers of one machine apart, also when the system gives the second one the first one's process id. */
const startOf = (): string => Date.now().toString(36).slice(-6);

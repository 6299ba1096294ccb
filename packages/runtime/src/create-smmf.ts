import { randomBytes } from 'node:crypto';
import { createEngineKeys, type EngineKeys } from '@smmf/cluster';
import { createMemoryRegistry } from '@smmf/controller';
import {
  type Container,
  type Controller,
  createContainer,
  type Dialer,
  type HttpClient,
  type Logger,
  type Registry,
  Secret,
  systemClock,
  token,
} from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import type { RouterStats } from '@smmf/protocol';
import type { Listening } from '@smmf/server';
import type { FetchProgress } from '@smmf/sources';
import type { Config } from './config.ts';
import { configNotes } from './config-notes.ts';
import { configSecrets } from './config-secrets.ts';
import { desiredOf } from './desired.ts';
import { type EmbeddedApi, type EmbeddedRouter, embeddedApi, embeddedController, embeddedRouter } from './embedded.ts';
import { limitsOf, loggerOf } from './from-config.ts';
import { guardedProgress } from './guarded-progress.ts';
import { createInProcessFetch } from './in-process-fetch.ts';
import { createLifecycle } from './lifecycle.ts';
import { readConfig } from './read-config.ts';
import { type ResolvedConfig, rawFromObject, resolveConfig } from './resolve-config.ts';
import { type ApiServerRole, createApiServerRole } from './roles/api-server-role.ts';
import { type ControllerRole, createControllerRole } from './roles/controller-role.ts';
import type { Role } from './roles/role-context.ts';
import { createWorkerRole } from './roles/worker-role.ts';
import type { SecretBook } from './sealed-options.ts';
import { stateDirOf } from './state-dir.ts';

/** What {@link createSmmf} may be given besides the config. */
export interface SmmfOptions {
  /** Where plugins and relative paths are looked for when the config is an object; default the working directory. */
  readonly baseDir?: string;
  /** Default: as the config's `log` says, to standard error, where the config has one; else nothing is logged. `config`: in any case. */
  readonly logger?: Logger | 'config';
  /** Hears how model files come in. */
  readonly onProgress?: (instance: string, progress: FetchProgress) => void;
  /** For `${env:NAME}`; default the process' own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Where a running SMMF listens. */
export interface SmmfListening {
  readonly server: Listening;
  readonly admin: Listening;
}

/** A running SMMF: its operations as functions, and its HTTP servers on demand. */
export interface Smmf extends EmbeddedApi, AsyncDisposable {
  /** For routes of one's own: `openAiPlugin({}, { router: smmf.router })`. */
  readonly router: EmbeddedRouter;
  readonly controller: Controller;
  /** Models and instances as the router sees them at this moment, and what it has counted since the start. */
  inspect(): RouterStats;
  /**
   * The OpenAI API as a `fetch`, for SDKs in this process: `new OpenAI({ fetch: smmf.fetch, apiKey: 'none' })`. Whatever host a URL
   * names, this SMMF answers, by the path; no port is opened and no key needed.
   * @throws TypeError with `cause` CLOSED after {@link Smmf.close}
   */
  readonly fetch: typeof globalThis.fetch;
  /** Resolves when every model has a ready instance. @throws MODEL_UNAVAILABLE when one has failed for good; the signal's reason */
  ready(signal?: AbortSignal): Promise<void>;
  /** Opens the OpenAI API and the admin API as the config says. @throws PORT_IN_USE */
  listen(): Promise<SmmfListening>;
  /** Drains: no new work, up to `limitMs` (default the config's `server.drain`) for what runs, then everything ends. Idempotent. */
  close(limitMs?: number): Promise<void>;
}

/** The id of the worker host and of the API server that run in one process with their controller. */
const LOCAL = { host: 'local', server: 'apiserver' } as const;
/** Longest stop of a part: the drain of the API server, and some. */
const STOP_LIMIT_MS = 330_000;

const DIALER = token<Dialer>('dialer');
const HTTP_CLIENT = token<HttpClient>('http-client');
const ENGINE_KEYS = token<EngineKeys>('engine-keys');
const REGISTRY = token<Registry>('registry');
const CONTROLLER = token<ControllerRole>('controller');
const WORKER = token<Role>('worker');
const API_SERVER = token<ApiServerRole>('api-server');

/** What the program is made of besides its config. */
interface Surroundings extends Pick<SmmfOptions, 'onProgress'> {
  readonly logger: Logger;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hidden: readonly Secret[];
  readonly drainMs: () => number;
}

/** The three roles over a memory registry, for one process. */
function composition(resolved: ResolvedConfig, around: Surroundings): Container {
  const { config, baseDir, serverKeys, adminKeys, authorities } = resolved;
  const { logger, env, onProgress } = around;
  const { cacheDir, modelRoots, egress, server, admin } = config;
  const secrets: SecretBook = new Map();
  const place = { baseDir, cacheDir, modelRoots, egress, authorities };
  const roleOf = (container: Container) => ({ registry: container.get(REGISTRY), clock: systemClock, logger });
  const memberOf = (container: Container) => ({
    ...around,
    ...roleOf(container),
    secrets,
    keyOf: container.get(ENGINE_KEYS),
    controller: container.get(CONTROLLER).controller,
    http: container.get(HTTP_CLIENT),
  });
  const container = createContainer();
  container.provide(DIALER, () => createDialer({ egress, tls: { ca: authorities } }));
  container.provide(HTTP_CLIENT, (services) => createHttpClient(services.get(DIALER)));
  container.provide(ENGINE_KEYS, () => createEngineKeys(new Secret(randomBytes(32).toString('base64url'))));
  container.provide(REGISTRY, () => createMemoryRegistry({ coalesceMs: 0 }));
  container.provide(CONTROLLER, (services) =>
    createControllerRole({ desired: desiredOf(resolved, secrets), admin, adminKeys }, roleOf(services)),
  );
  container.provide(WORKER, (services) => {
    const { onProgress: _, ...member } = memberOf(services);
    const progress = onProgress ? { onProgress: guardedProgress(onProgress, logger) } : {};
    const stateDir = stateDirOf(config.stateDir, baseDir, env);
    return createWorkerRole({ ...place, id: LOCAL.host, stateDir }, { ...member, ...progress });
  });
  container.provide(API_SERVER, (services) => {
    const member = { ...memberOf(services), dialer: services.get(DIALER) };
    return createApiServerRole({ ...place, id: LOCAL.server, server, serverKeys }, member);
  });
  return container;
}

/**
 * Composes and starts SMMF in this process: no global state, no signal handlers; two may live side by side.
 *
 * @param config a config object, or the path of a config file
 * @throws CONFIG_INVALID with every fault at once
 */
export async function createSmmf(config: Config | string, options: SmmfOptions = {}): Promise<Smmf> {
  const raw =
    typeof config === 'string' ? await readConfig(config) : rawFromObject(config, options.baseDir ?? process.cwd());
  const resolved = await resolveConfig(raw, options.env);
  const hidden = configSecrets(raw, resolved, options.env ?? process.env);
  const hasLog = Object.hasOwn(Object(raw.value), 'log');
  const logger = loggerOf(resolved, options.logger ?? (hasLog ? 'config' : undefined));
  for (const note of configNotes(resolved)) logger.info({ note }, 'note on the config');
  let drainMs: number = resolved.config.server.drain;
  const { env = process.env, onProgress } = options;
  const more = onProgress ? { onProgress } : {};
  const services = composition(resolved, { logger, env, hidden, drainMs: () => drainMs, ...more });
  const control = services.get(CONTROLLER);
  const server = services.get(API_SERVER);
  const { router, metrics } = server;
  const limits = limitsOf(resolved.config.server);
  const inProcess = createInProcessFetch({ router, metrics, logger, dialer: services.get(DIALER), limits });
  const lifecycle = createLifecycle({ stopLimitMs: STOP_LIMIT_MS });
  lifecycle.add({ name: 'HTTP client', stop: () => services.get(HTTP_CLIENT).close() });
  lifecycle.add({ name: 'registry', stop: () => services.get(REGISTRY).close() });
  for (const role of [control, services.get(WORKER), server]) lifecycle.add(role);
  const end = async (limitMs: number): Promise<void> => {
    drainMs = limitMs;
    await Promise.all([server.drain(limitMs), inProcess.drain(limitMs)]);
    for (const error of await lifecycle.stop()) logger.error({ error: String(error.cause) }, 'a part did not stop');
    logger.close?.();
  };
  let closed: Promise<void> | undefined;
  let listening: Promise<SmmfListening> | undefined;
  try {
    await lifecycle.start();
  } catch (error) {
    await end(0);
    throw error;
  }
  const listen = async (): Promise<SmmfListening> => {
    const admin = await control.listen();
    return { server: await server.listen(), admin };
  };
  const smmf = {
    ...embeddedApi(router),
    router: embeddedRouter(router),
    inspect: () => router.stats(),
    controller: embeddedController(control.controller),
    ready: (signal?: AbortSignal) => server.ready(signal),
    fetch: inProcess.fetch,
    listen() {
      listening ??= listen();
      return listening;
    },
    close(limitMs: number = resolved.config.server.drain) {
      closed ??= end(limitMs);
      return closed;
    },
    [Symbol.asyncDispose]: () => smmf.close(),
  };
  return smmf;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { followInstances } from '@smmf/cluster';
import { adminRoutes, type ControllerHandle, createController, createMemoryRegistry } from '@smmf/controller';
import {
  type Controller,
  createContainer,
  createLifecycle,
  type Dialer,
  type HttpClient,
  type Logger,
  type Registry,
  systemClock,
  token,
} from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import type { RequestRecord } from '@smmf/protocol';
import { createRouter, type RouterHandle, type RouterStats } from '@smmf/router';
import {
  createHttpBase,
  createMetrics,
  type HttpBase,
  healthRoutes,
  type Listening,
  type Metrics,
  openAiRoutes,
  requestLog,
} from '@smmf/server';
import { createModelStore, type FetchProgress } from '@smmf/sources';
import type { HostContext } from '@smmf/worker';
import type { Config } from './config.ts';
import { configSecrets } from './config-secrets.ts';
import { desiredOf } from './desired.ts';
import { type EmbeddedApi, type EmbeddedRouter, embeddedApi, embeddedRouter } from './embedded.ts';
import { limitsOf, loggerOf } from './from-config.ts';
import { guardedProgress } from './guarded-progress.ts';
import { createInProcessFetch, type InProcessFetch } from './in-process-fetch.ts';
import { readConfig } from './read-config.ts';
import { announced, safeReadiness, whenReady } from './readiness.ts';
import { type ResolvedConfig, rawFromObject, resolveConfig } from './resolve-config.ts';
import { Upstreams } from './upstreams/upstreams.ts';

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
  readonly registry: Registry;
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

const REGISTRY = token<Registry>('registry');
const ROUTER = token<RouterHandle>('router');
const CONTROLLER = token<ControllerHandle>('controller');
const METRICS = token<Metrics>('metrics');

class RunningSmmf {
  readonly #resolved: ResolvedConfig;
  readonly #logger: Logger;
  readonly #container = createContainer();
  readonly #lifecycle = createLifecycle({ stopLimitMs: 330_000 });
  readonly #socketDir = mkdtempSync(join(tmpdir(), 'smmf-'));
  readonly #net: { readonly dialer: Dialer; readonly http: HttpClient };
  readonly #servers: HttpBase[] = [];
  readonly #onClosed = Promise.withResolvers<void>();
  #listening: Promise<SmmfListening> | undefined;
  #closed: Promise<void> | undefined;

  /** Held for as long as this runs: nothing that is secret in the config shows in any text. */
  readonly secrets: readonly unknown[];
  readonly inProcess: InProcessFetch;

  constructor(resolved: ResolvedConfig, secrets: readonly unknown[], options: SmmfOptions, hasLog: boolean) {
    this.#resolved = resolved;
    this.secrets = secrets;
    this.#logger = loggerOf(resolved, options.logger ?? (hasLog ? 'config' : undefined));
    const dialer = createDialer({ egress: resolved.config.egress });
    this.#net = { dialer, http: createHttpClient(dialer) };
    this.#provide();
    this.#addParts();
    this.inProcess = createInProcessFetch({
      router: this.router,
      metrics: this.#container.get(METRICS),
      logger: this.#logger,
      dialer,
      socketDir: this.#socketDir,
      limits: limitsOf(resolved.config.server),
    });
  }

  get router(): RouterHandle {
    return this.#container.get(ROUTER);
  }

  get controller(): ControllerHandle {
    return this.#container.get(CONTROLLER);
  }

  get registry(): Registry {
    return this.#container.get(REGISTRY);
  }

  get #models(): string[] {
    return this.#resolved.models.map(({ id }) => id);
  }

  async start(options: SmmfOptions): Promise<void> {
    const { models, config, baseDir } = this.#resolved;
    this.router.configure({ models, administrative: new Map() });
    await this.#lifecycle.start();
    const cacheDir = config.cacheDir === undefined ? {} : { cacheDir: resolve(baseDir, config.cacheDir) };
    const roots =
      config.modelRoots === undefined ? {} : { roots: config.modelRoots.map((root) => resolve(baseDir, root)) };
    const store = createModelStore({ baseDir, logger: this.#logger, ...cacheDir, ...roots });
    const context: HostContext = {
      registry: this.registry,
      clock: systemClock,
      logger: this.#logger,
      store,
      socketDir: this.#socketDir,
      egress: config.egress,
      onChange: () => this.controller.changed(),
      ...(options.onProgress ? { onProgress: guardedProgress(options.onProgress, this.#logger) } : {}),
    };
    const { router } = this;
    const { dialer, http } = this.#net;
    const shared = {
      router,
      dialer,
      http,
      clock: systemClock,
      logger: this.#logger,
      store,
      onChange: () => this.controller.changed(),
    };
    const desired = desiredOf(this.#resolved, context, new Upstreams(shared));
    this.controller.reconcile(desired.instances);
    await announced(this.registry, desired.announced);
  }

  /** What is started in this order and stopped in reverse. */
  #addParts(): void {
    let stopWatching = (): void => undefined;
    this.#lifecycle.add({
      name: 'sockets',
      stop: async () => rmSync(this.#socketDir, { recursive: true, force: true }),
    });
    this.#lifecycle.add({ name: 'HTTP client', stop: () => this.#net.http.close() });
    this.#lifecycle.add({ name: 'metrics', stop: async () => this.#container.get(METRICS).close() });
    this.#lifecycle.add({ name: 'registry', stop: () => this.registry.close() });
    this.#lifecycle.add({
      name: 'feed of instances',
      start: async () => {
        const feed = { registry: this.registry, clock: systemClock, logger: this.#logger };
        stopWatching = followInstances(feed, (next) => this.router.update(next));
      },
      stop: async () => stopWatching(),
    });
  }

  ready(signal?: AbortSignal): Promise<void> {
    return whenReady(this.controller, this.#models, this.#onClosed.promise, signal);
  }

  listen(): Promise<SmmfListening> {
    this.#listening ??= this.#listen();
    return this.#listening;
  }

  close(limitMs = this.#resolved.config.server.drain): Promise<void> {
    this.#closed ??= this.#close(limitMs);
    return this.#closed;
  }

  #provide(): void {
    const logger = this.#logger;
    this.#container.provide(REGISTRY, () => createMemoryRegistry({ coalesceMs: 0 }));
    this.#container.provide(ROUTER, (container) => {
      let metrics: Metrics | undefined;
      const count = (record: RequestRecord): void => {
        metrics ??= container.get(METRICS);
        metrics.record(record);
      };
      const observers = [requestLog(logger), count];
      return createRouter({ logger, observers, dialer: this.#net.dialer });
    });
    this.#container.provide(METRICS, (container) => createMetrics({ observe: () => container.get(ROUTER).stats() }));
    this.#container.provide(CONTROLLER, (container) => {
      const onAdministrative = (administrative: Parameters<RouterHandle['configure']>[0]['administrative']): void =>
        container.get(ROUTER).configure({ models: this.#resolved.models, administrative });
      return createController({ logger, onAdministrative });
    });
  }

  async #listen(): Promise<SmmfListening> {
    const { config, serverKeys, adminKeys } = this.#resolved;
    const logger = this.#logger;
    const { host, port, tls, cors, allowOpen, trustedProxies } = config.server;
    const limits = limitsOf(config.server);
    const server = createHttpBase(
      { keys: serverKeys, allowOpen, tls, corsOrigins: cors, trustedProxies, limits },
      { logger },
    );
    const metrics = this.#container.get(METRICS);
    healthRoutes(server, {
      metrics,
      warnings: server.warnings,
      readiness: () => safeReadiness(this.controller.instances(), this.#models),
    });
    openAiRoutes(server, {}, { router: this.router, logger, metrics });
    const admin = createHttpBase({ keys: adminKeys, tls: config.admin.tls, hosts: config.admin.hosts }, { logger });
    healthRoutes(admin);
    adminRoutes(admin, { controller: this.controller, models: () => this.router.models() });
    this.#servers.push(server, admin);
    const adminListening = await admin.listen({ host: config.admin.host, port: config.admin.port });
    return { server: await server.listen({ host, port }), admin: adminListening };
  }

  async #close(limitMs: number): Promise<void> {
    const [server, admin] = this.#servers;
    const drained = this.router.drain(limitMs);
    await Promise.all([drained, server?.drain(limitMs), this.inProcess.drain(limitMs)]);
    await this.controller.close(Math.min(limitMs, 5_000));
    await admin?.close();
    for (const error of await this.#lifecycle.stop())
      this.#logger.error({ error: String(error.cause) }, 'a part did not stop');
    this.#onClosed.resolve();
  }
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
  const secrets = configSecrets(raw, resolved, options.env ?? process.env);
  const hasLog = Object.hasOwn(Object(raw.value), 'log');
  const running = new RunningSmmf(resolved, secrets, options, hasLog);
  try {
    await running.start(options);
  } catch (error) {
    await running.close(0);
    throw error;
  }
  return {
    ...embeddedApi(running.router),
    router: embeddedRouter(running.router),
    inspect: () => running.router.stats(),
    controller: running.controller,
    registry: running.registry,
    ready: (signal) => running.ready(signal),
    fetch: running.inProcess.fetch,
    listen: () => running.listen(),
    close: (limitMs) => running.close(limitMs),
    [Symbol.asyncDispose]: () => running.close(),
  };
}

import { followInstances, openMessage, sealMessage } from '@smmf/cluster';
import { type Balancer, type Dialer, SmmfError } from '@smmf/core';
import type { InstanceRecord, ModelSpec, RequestRecord, Settings } from '@smmf/protocol';
import {
  BUILT_IN_BALANCERS,
  createRouter,
  DEFAULT_TIMEOUTS,
  DEFAULT_WAIT_AT_MOST_MS,
  type ModelSettings,
  type RouterHandle,
} from '@smmf/router';
import {
  createHttpBase,
  createMetrics,
  type HttpBase,
  healthRoutes,
  type KeyRing,
  type Listening,
  type Metrics,
  openAiRoutes,
  requestLog,
} from '@smmf/server';
import type { ParsedConfig } from '../config.ts';
import { limitsOf } from '../from-config.ts';
import { locateEngine, type PlaceContext } from '../locate-engine.ts';
import { BalancerBook } from './balancer-book.ts';
import { storeOf } from './model-store.ts';
import { readiness, type Seen, safeReadiness } from './readiness.ts';
import type { MemberConfig, MemberContext, Role } from './role-context.ts';
import { Upstreams } from './upstreams/upstreams.ts';

/** What an API server is told by its config. */
export interface ApiServerConfig extends MemberConfig {
  readonly server: ParsedConfig['server'];
  readonly serverKeys: KeyRing;
}

/** What an API server is given besides. */
export interface ApiServerContext extends MemberContext {
  readonly dialer: Dialer;
  /** Longest wait for requests in flight when the role is stopped, milliseconds. */
  readonly drainMs: () => number;
}

/** The data plane as a part of a program: a router over the two feeds, and the OpenAI API over the router. */
export interface ApiServerRole extends Role {
  readonly router: RouterHandle;
  readonly metrics: Metrics;
  /** Opens the OpenAI API. @throws PORT_IN_USE */
  listen(): Promise<Listening>;
  /** Refuses new requests and waits up to `limitMs` for those under way; idempotent. */
  drain(limitMs: number): Promise<void>;
  /** Resolves when every model has a ready instance. @throws MODEL_UNAVAILABLE when one has failed for good; CLOSED; the signal's reason */
  ready(signal?: AbortSignal): Promise<void>;
}

/** What an upstream gets to end, once the router has nothing running any more, milliseconds. */
const CLOSE_LIMIT_MS = 5_000;

/** An API server that serves what the settings of `context.controller` name, on the instances of `context.registry`. */
export function createApiServerRole(config: ApiServerConfig, context: ApiServerContext): ApiServerRole {
  return new FollowingApiServer(config, context);
}

class FollowingApiServer implements ApiServerRole {
  readonly name = 'API server';
  readonly router: RouterHandle;
  readonly metrics: Metrics;
  readonly #config: ApiServerConfig;
  readonly #context: ApiServerContext;
  readonly #balancers: BalancerBook;
  readonly #upstreams: Upstreams;
  readonly #ends: (() => void)[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #closed = Promise.withResolvers<never>();
  #server: HttpBase | undefined;
  #announced: readonly InstanceRecord[] = [];
  /** The newest ones. */
  #settings: Settings | undefined;
  #inForce: Settings | undefined;
  /** Brings the newest settings into force. */
  #applying: Promise<void> | undefined;
  #drained: Promise<unknown> | undefined;

  constructor(config: ApiServerConfig, context: ApiServerContext) {
    this.#config = config;
    this.#context = context;
    const { logger, dialer, http, clock, env, secrets, keyOf } = context;
    const place: PlaceContext = { env, secrets, baseDir: config.baseDir };
    const count = (record: RequestRecord): void => this.metrics.record(record);
    this.router = createRouter({ logger, dialer, keyOf, observers: [requestLog(logger), count] });
    this.metrics = createMetrics({ observe: () => this.router.stats(), logger });
    this.#balancers = new BalancerBook({ ...place, clock, logger });
    this.#upstreams = new Upstreams({
      router: this.router,
      ...{ dialer, http, clock, logger },
      store: storeOf(config, context),
      locate: (spec) => locateEngine(spec, place),
      onChange: () => this.#changed(),
    });
    this.#closed.promise.catch(() => undefined);
  }

  /** Resolves once what the controller says by now is in force; a controller that says nothing is not waited for. */
  async start(): Promise<void> {
    const { controller, clock, logger } = this.#context;
    const { id } = this.#config;
    const report = async (): Promise<string> => sealMessage('report', { instances: [...this.#upstreams.reports()] });
    this.#ends.push(controller.join({ id, report }));
    this.#ends.push(controller.followSettings((text) => this.#take(text)));
    await this.#applying;
    const feed = { registry: this.#context.registry, clock, logger };
    this.#ends.push(
      followInstances(feed, (next) => {
        this.#announced = next.instances;
        this.router.update(next);
        this.#changed();
      }),
    );
  }

  listen(): Promise<Listening> {
    const { host, port, tls, cors, allowOpen, trustedProxies } = this.#config.server;
    const { logger } = this.#context;
    const { router, metrics } = this;
    const limits = limitsOf(this.#config.server);
    const keys = this.#config.serverKeys;
    const server = createHttpBase({ keys, allowOpen, tls, corsOrigins: cors, trustedProxies, limits }, { logger });
    healthRoutes(server, {
      metrics,
      warnings: server.warnings,
      readiness: () => safeReadiness(this.#seen, this.#models),
    });
    openAiRoutes(server, {}, { router, logger, metrics });
    this.#server = server;
    return server.listen({ host, port });
  }

  async ready(signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(signal?.reason);
    const look = (): void => {
      try {
        if (this.#settings && readiness(this.#seen, this.#models).ready) resolve();
      } catch (error) {
        reject(error);
      }
    };
    signal?.throwIfAborted();
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#watchers.add(look);
    look();
    try {
      await Promise.race([promise, this.#closed.promise]);
    } finally {
      this.#watchers.delete(look);
      signal?.removeEventListener('abort', onAbort);
    }
  }

  async drain(limitMs: number): Promise<void> {
    this.#drained ??= Promise.all([this.router.drain(limitMs), this.#server?.drain(limitMs)]);
    await this.#drained;
  }

  async stop(): Promise<void> {
    const limitMs = this.#context.drainMs();
    await this.drain(limitMs);
    for (const end of this.#ends.splice(0)) end();
    await this.#upstreams.close(Math.min(limitMs, CLOSE_LIMIT_MS));
    this.#balancers.use(new Map());
    this.metrics.close();
    this.#closed.reject(new SmmfError('CLOSED', 'SMMF was closed before every model was ready'));
  }

  get #models(): readonly string[] {
    return this.#settings?.models.map(({ id }) => id) ?? [];
  }

  get #seen(): readonly Seen[] {
    return [...this.#announced.filter(({ state }) => state !== 'gone'), ...this.#upstreams.reports()];
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }

  /** Takes the next settings in; the latest wins. One that cannot be read, or is older, changes nothing. */
  #take(text: string): void {
    try {
      const next = openMessage('settings', text);
      const before = this.#settings;
      if (next.storeId === before?.storeId && next.generation <= before.generation) return;
      this.#settings = next;
    } catch (error) {
      this.#context.logger.error({ reason: String(error) }, 'settings were not taken: those before stay in force');
    }
    this.#applying ??= this.#applyNewest().finally(() => {
      this.#applying = undefined;
    });
  }

  async #applyNewest(): Promise<void> {
    while (this.#settings !== undefined && this.#settings !== this.#inForce) {
      this.#inForce = this.#settings;
      await this.#apply(this.#inForce);
    }
  }

  async #apply({ models, administrative, upstreams }: Settings): Promise<void> {
    const making = this.#balancers.make(models);
    const made = making instanceof Promise ? await making : making;
    const fresh = models.map((model) => settingsOf(model, made.get(model.id)?.balancer));
    this.router.configure({ models: fresh, administrative: new Map(Object.entries(administrative)) });
    this.#balancers.use(made);
    this.#upstreams.apply(upstreams);
  }
}

/** What the router is told of a model: limits that the settings leave out are its defaults. */
function settingsOf(model: ModelSpec, balancer: Balancer | undefined): ModelSettings {
  const { id, aliases, fallbacks, timeouts, waitAtMostMs = DEFAULT_WAIT_AT_MOST_MS } = model;
  const limits = Object.entries(timeouts).filter(([, limitMs]) => limitMs !== undefined);
  return {
    ...{ id, aliases, fallbacks, waitAtMostMs },
    balancer: balancer ?? BUILT_IN_BALANCERS['least-outstanding'](),
    timeouts: { ...DEFAULT_TIMEOUTS, ...Object.fromEntries(limits) },
  };
}

import { hostname } from 'node:os';
import { join } from 'node:path';
import { type ClusterFollower, followCluster, type KeptCopy, sealMessage } from '@smmf/cluster';
import { SmmfError } from '@smmf/core';
import type { InstanceRecord, ModelCard, RequestRecord, Settings } from '@smmf/protocol';
import { createRouter, type RouterHandle } from '@smmf/router';
import {
  createHttpBase,
  createMetrics,
  type HttpBase,
  healthRoutes,
  type Listening,
  type Metrics,
  openAiRoutes,
  type Readiness,
  requestLog,
} from '@smmf/server';
import { limitsOf } from '../from-config.ts';
import { serverAddress } from '../listeners.ts';
import { locateEngine, type PlaceContext } from '../locate-engine.ts';
import { copyFor } from '../processes/group-member.ts';
import { VERSION } from '../version.ts';
import type { ApiServerConfig, ApiServerContext, ApiServerRole } from './api-server-contract.ts';
import { BalancerBook } from './balancer-book.ts';
import { createDeparture } from './departure.ts';
import { joinRing, memberRoutes, whereabouts } from './member-listener.ts';
import { modelSettings } from './model-settings.ts';
import { storeOf } from './model-store.ts';
import { Presence } from './presence.ts';
import { seenFrom } from './reachable.ts';
import { areAllReady, canServe, createReadiness, type ModelStatus, modelStatuses, type Seen } from './readiness.ts';
import { SettingsFeed } from './settings-feed.ts';
import { Upstreams } from './upstreams/upstreams.ts';

/** When to ask again a server that knows no models yet, milliseconds. */
const NO_SETTINGS_MS = 1_000;
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
  readonly #settings: SettingsFeed;
  readonly #presence: Presence;
  readonly #ends: (() => void)[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #closed = Promise.withResolvers<never>();
  readonly #leave: (limitMs: number) => Promise<void>;
  readonly #isReady = createReadiness();
  #server: HttpBase | undefined;
  #follower: ClusterFollower | undefined;
  #announced: readonly InstanceRecord[] = [];
  #hasInstances = false;

  constructor(config: ApiServerConfig, context: ApiServerContext) {
    this.#config = config;
    this.#context = context;
    const { logger, dialer, http, clock, env, secrets, keys, controller } = context;
    const place: PlaceContext = { env, secrets, baseDir: config.baseDir };
    const count = (record: RequestRecord): void => this.metrics.record(record);
    this.router = createRouter({
      ...{ logger, dialer, keyOf: (keyId) => keys.engineKey(keyId) },
      observers: [requestLog(logger), count],
    });
    this.metrics = createMetrics({
      observe: () => this.router.stats(),
      engines: () => [...(context.engines?.() ?? []), ...this.#upstreams.reports()],
      registries: () => this.#follower && { ...this.#follower.stats(), lost: this.#presence.lost },
      ...{ logger, version: VERSION },
    });
    context.group?.measure(this.metrics);
    this.#balancers = new BalancerBook({ ...place, clock, logger });
    this.#upstreams = new Upstreams({
      router: this.router,
      ...{ dialer, http, clock, logger },
      store: storeOf(config, context),
      locate: (spec) => locateEngine(spec, place),
      onChange: () => this.#changed(),
    });
    const copy = this.#copyOf('settings');
    this.#settings = new SettingsFeed({ controller, logger, copy, apply: (settings) => this.#apply(settings) });
    this.#presence = new Presence({ kind: 'apiserver', id: config.id }, context);
    const server = (): HttpBase | undefined => this.#server;
    this.#leave = createDeparture({ router: this.router, clock, server, graceMs: config.server.grace });
    this.#closed.promise.catch(() => undefined);
  }

  /** Resolves once what the controller says by now is in force; a controller that says nothing is not waited for. */
  async start(): Promise<void> {
    const { controller } = this.#context;
    const { id } = this.#config;
    this.#ends.push(controller.join({ id, report: async () => this.#report() }));
    await this.#settings.start();
    const context = { ...this.#context, copy: this.#copyOf('instances') };
    const here = { node: hostname(), keys: this.#context.keys };
    let taken: PromiseWithResolvers<void> | undefined;
    this.#follower = followCluster(context, (feed) => {
      const instances = feed.instances.map((record) => seenFrom(here, record));
      const apiServers = feed.members.filter(({ kind, state }) => kind === 'apiserver' && state === 'up').length;
      taken = Promise.withResolvers<void>();
      const { resolve } = taken;
      this.router.update({ ...feed, instances, apiServers }, () => {
        this.#took(instances);
        resolve();
      });
    });
    // What was known before counts from the first request on.
    await this.#follower.restored;
    await taken?.promise;
    const { isApart = false, isEmbedded = false, isUncounted = false } = this.#config;
    if ((!isApart || isEmbedded) && !isUncounted) await this.#presence.begin({});
  }

  async listen(): Promise<Listening> {
    const { host, port, tls, cors, allowOpen, trustedProxies, grace, advertise } = this.#config.server;
    const { logger, keys: clusterKeys } = this.#context;
    const { router, metrics } = this;
    const limits = limitsOf(this.#config.server);
    const { serverKeys: keys, isApart = false, keyPrints = [] } = this.#config;
    const joinKeys = joinRing(clusterKeys);
    const more = { allowOpen, tls, corsOrigins: cors, trustedProxies, limits, drainGraceMs: grace };
    const server = createHttpBase({ keys, joinKeys, ...more }, { logger });
    const { group } = this.#context;
    const readiness = (): Readiness => {
      const own = this.readiness();
      return own.ready ? (group?.others ?? own) : own;
    };
    const shown = group ? { ...metrics, text: () => group.text() } : metrics;
    const resolve = (name: string): string | undefined => router.resolve(name)?.id;
    healthRoutes(server, { metrics: shown, warnings: server.warnings, readiness, resolve });
    openAiRoutes(server, {}, { router: { ...router, resolve: (name) => this.#resolve(name) }, logger, metrics });
    memberRoutes(server, { report: async () => this.#report() });
    this.#server = server;
    const listening = await server.listen(serverAddress({ host, port }));
    if (isApart) {
      const place = await whereabouts({ host, port, tls, advertise }, listening, this.#config.controllers?.[0]);
      await this.#presence.begin({ ...place, keyPrints: [...keyPrints] });
    }
    return listening;
  }

  async ready(signal?: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(signal?.reason);
    const look = (): void => {
      try {
        if (this.#settings.newest && areAllReady(this.statuses())) resolve();
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

  statuses(): readonly ModelStatus[] {
    return modelStatuses(this.#models, this.#seen, this.#settings.newest?.administrative ?? {});
  }

  watch(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => void this.#watchers.delete(listener);
  }

  drain(limitMs: number): Promise<void> {
    this.#presence.leaving();
    return this.#leave(limitMs);
  }

  async stop(): Promise<void> {
    const limitMs = this.#context.drainMs();
    await this.drain(limitMs);
    for (const end of this.#ends.splice(0)) end();
    await Promise.all([this.#settings.close(), this.#follower?.close(), this.#presence.leave()]);
    await this.#upstreams.close(Math.min(limitMs, CLOSE_LIMIT_MS));
    this.#balancers.use(new Map());
    this.metrics.close();
    this.#closed.reject(new SmmfError('CLOSED', 'SMMF was closed before every model was ready'));
  }

  get #models(): readonly string[] {
    return this.#settings.newest?.models.map(({ id }) => id) ?? [];
  }

  get #seen(): readonly Seen[] {
    return [...this.#announced.filter(({ state }) => state !== 'gone'), ...this.#upstreams.reports()];
  }

  #took(instances: readonly InstanceRecord[]): void {
    this.#hasInstances = true;
    this.#announced = instances;
    this.#changed();
  }

  #changed(): void {
    // A model that came up between two probes has come up.
    this.#isReady(this.statuses());
    this.#context.group?.tell({ readiness: this.readiness(), statuses: this.statuses() });
    for (const watcher of this.#watchers) watcher();
  }

  readiness(): Readiness {
    const { isApart = false } = this.#config;
    if (!this.#settings.newest)
      return { ready: false, reasons: ['no settings yet: no controller was heard, and no copy is kept'] };
    if (!isApart) return this.#isReady(this.statuses());
    if (!this.#hasInstances)
      return { ready: false, reasons: ['no instances yet: no registry was heard, and no copy is kept'] };
    return canServe(this.statuses());
  }

  /** @throws MODEL_UNAVAILABLE while it is not known which models there are */
  #resolve(name: string): ModelCard | undefined {
    const card = this.router.resolve(name);
    if (card || this.#settings.newest) return card;
    throw new SmmfError('MODEL_UNAVAILABLE', 'This server does not know its models yet: no controller was heard', {
      retryAfterMs: NO_SETTINGS_MS,
    });
  }

  async #report(): Promise<string> {
    return sealMessage('report', { instances: [...this.#upstreams.reports()] });
  }

  #copyOf(name: string): KeptCopy | undefined {
    const { stateDir, isApart = false } = this.#config;
    const { group, logger } = this.#context;
    return isApart && stateDir !== undefined
      ? copyFor(join(stateDir, 'apiserver', `${name}.json`), logger, group)
      : undefined;
  }

  async #apply({ models, administrative, upstreams }: Settings): Promise<void> {
    const making = this.#balancers.make(models);
    const made = making instanceof Promise ? await making : making;
    const fresh = models.map((model) => modelSettings(model, made.get(model.id)?.balancer));
    this.router.configure({ models: fresh, administrative: new Map(Object.entries(administrative)) });
    this.#balancers.use(made);
    this.#upstreams.apply(upstreams);
  }
}

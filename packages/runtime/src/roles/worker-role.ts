import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createKeptCopy, type KeptCopy, openMessage, sealMessage } from '@smmf/cluster';
import type { InstanceReport } from '@smmf/protocol';
import { createHttpBase, type HttpBase, healthRoutes } from '@smmf/server';
import type { FetchProgress } from '@smmf/sources';
import {
  createEpochStore,
  createPortRange,
  createWorkerHost,
  type EnginePorts,
  type HostContext,
  type WorkerHost,
} from '@smmf/worker';
import { installedEngines } from '../find-plugin.ts';
import { workerAddress } from '../listeners.ts';
import { locateEngine } from '../locate-engine.ts';
import { advertisedOrigin, joinRing, memberRoutes, whereabouts } from './member-listener.ts';
import { storeOf } from './model-store.ts';
import { type MemberFacts, Presence } from './presence.ts';
import type { MemberConfig, MemberContext, MemberListener, Role } from './role-context.ts';

/** Where a worker host and its engines listen for other machines. */
export interface WorkerListener extends Omit<MemberListener, 'port'> {
  readonly ports: { readonly first: number; readonly last: number };
}

/** What a worker host is told by its config. */
export interface WorkerRoleConfig extends MemberConfig {
  /** Folder of what outlives this process: the epochs of its instances, its last assignment. */
  readonly stateDir: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Absent in one process with its controller. */
  readonly listener?: WorkerListener | undefined;
  /** Origins of the controllers it follows, where they are elsewhere. */
  readonly controllers?: readonly string[] | undefined;
}

/** What a worker host is given besides. */
export interface WorkerRoleContext extends MemberContext {
  /** Longest wait for what runs when the role is stopped, milliseconds. */
  readonly drainMs: () => number;
  /** Hears how model files come in. */
  readonly onProgress?: (instance: string, progress: FetchProgress) => void;
}

/** What engines get to end their work when the host is stopped and routers have drained before, milliseconds. */
const CLOSE_LIMIT_MS = 5_000;

/** A worker host as a part of a program. */
export interface WorkerRole extends Role {
  /** Where it answers other members; undefined in one process with its controller. */
  readonly url: string | undefined;
  /** What runs here at this moment. */
  reports(): readonly InstanceReport[];
}

/** A worker host as a part of a program: it runs what its controller assigns to it, and announces that in the registries. */
export function createWorkerRole(config: WorkerRoleConfig, context: WorkerRoleContext): WorkerRole {
  return new FollowingWorker(config, context);
}

class FollowingWorker implements WorkerRole {
  readonly name = 'worker host';
  readonly #config: WorkerRoleConfig;
  readonly #context: WorkerRoleContext;
  readonly #presence: Presence;
  readonly #copy: KeptCopy | undefined;
  readonly #ends: (() => unknown)[] = [];
  #host: WorkerHost | undefined;
  #applied: Promise<void> | undefined;
  #url: string | undefined;

  constructor(config: WorkerRoleConfig, context: WorkerRoleContext) {
    this.#config = config;
    this.#context = context;
    const { id, stateDir, listener } = config;
    const epochs = createEpochStore(join(stateDir, 'worker', 'host-epoch'), context.logger);
    this.#presence = new Presence({ kind: 'worker', id, epochs }, context);
    const file = join(stateDir, 'worker', 'assignment.json');
    this.#copy = listener ? createKeptCopy(file, context.logger) : undefined;
  }

  get url(): string | undefined {
    return this.#url;
  }

  reports(): readonly InstanceReport[] {
    return this.#host?.reports() ?? [];
  }

  /** Resolves once what the controller already wants has begun; a controller that says nothing is not waited for. */
  async start(): Promise<void> {
    const { id, listener } = this.#config;
    const { controller } = this.#context;
    const facts = listener ? await this.#listen(listener) : {};
    this.#ends.push(() => this.#presence.leave());
    const host = createWorkerHost(await this.#hostContext(listener));
    this.#host = host;
    this.#ends.push(() => host.close(this.#closeLimitMs));
    this.#ends.push(controller.join({ id, ...this.#answers }));
    const kept = await this.#copy?.load();
    if (kept) await this.#apply(kept.text);
    const engines = installedEngines(this.#config.baseDir);
    await this.#presence.begin({ ...facts, engines, labels: { ...this.#config.labels } });
    const unfollow = controller.followAssignment(id, (text) => {
      this.#copy?.save(text);
      this.#applied = this.#apply(text);
    });
    this.#ends.push(unfollow);
    await this.#applied;
  }

  async stop(): Promise<void> {
    this.#presence.leaving();
    for (const end of this.#ends.splice(0).reverse()) await end();
    await this.#copy?.settled();
  }

  /** In one process routers have drained before; elsewhere requests go on here until they end. */
  get #closeLimitMs(): number {
    const limitMs = this.#context.drainMs();
    return this.#config.listener ? limitMs : Math.min(limitMs, CLOSE_LIMIT_MS);
  }

  get #answers() {
    return {
      report: async (): Promise<string> => sealMessage('report', { instances: [...this.reports()] }),
      logs: async (instance: string, query: Parameters<WorkerHost['logs']>[1]): Promise<string> =>
        sealMessage('log', this.#host?.logs(instance, query) ?? { lines: [] }),
    };
  }

  async #apply(text: string): Promise<void> {
    try {
      await this.#host?.apply(openMessage('assignment', text));
    } catch (error) {
      this.#context.logger.error({ reason: String(error) }, 'the assignment was not taken: what runs goes on');
    }
  }

  /** Opens the listener for controllers at the first free port of the range. */
  async #listen(listener: WorkerListener): Promise<MemberFacts> {
    const { logger, keys } = this.#context;
    const { host, ports, tls } = listener;
    const base: HttpBase = createHttpBase({ keys: joinRing(keys), tls }, { logger });
    healthRoutes(base);
    memberRoutes(base, this.#answers);
    const { port } = await createPortRange(host, ports.first, ports.last).take();
    const listening = await base.listen(workerAddress({ host, port }));
    this.#ends.push(() => base.close());
    const place = await whereabouts({ ...listener, port }, listening, this.#config.controllers?.[0]);
    this.#url = place.url;
    return place;
  }

  async #hostContext(listener: WorkerListener | undefined): Promise<HostContext> {
    const { id, baseDir, egress, authorities, stateDir } = this.#config;
    const { registries, keys, clock, logger, env, secrets, onProgress, http } = this.#context;
    const socketDir = mkdtempSync(join(tmpdir(), 'smmf-'));
    this.#ends.push(() => rmSync(socketDir, { recursive: true, force: true }));
    return {
      ...{ host: id, registries, keys, clock, logger, http, socketDir, egress },
      store: storeOf(listener ? underRoots(this.#config) : this.#config, this.#context),
      locate: (spec) => locateEngine(spec, { env, baseDir, secrets }),
      epochs: createEpochStore(join(stateDir, 'worker', 'epochs'), logger),
      ...(listener ? { listen: await this.#enginePorts(listener) } : {}),
      ...(authorities ? { authorities } : {}),
      ...(onProgress ? { onProgress } : {}),
    };
  }

  async #enginePorts(listener: WorkerListener): Promise<EnginePorts> {
    const { host, tls, ports } = listener;
    const origin = await advertisedOrigin(listener, this.#config.controllers?.[0]);
    const range = createPortRange(host, ports.first, ports.last);
    const advertise = origin.replace(/:\d+$/, '');
    return { host, tls, advertise, take: () => range.take() };
  }
}

/** Where sources that the controller wrote are looked for: relative ones below the first of this host's model roots. */
function underRoots(config: WorkerRoleConfig): WorkerRoleConfig {
  const { baseDir, cacheDir, modelRoots } = config;
  const [first, ...more] = (modelRoots ?? []).map((root) => resolve(baseDir, root));
  if (first === undefined) return config;
  const cache = cacheDir === undefined ? {} : { cacheDir: resolve(baseDir, cacheDir) };
  return { ...config, ...cache, baseDir: first, modelRoots: [first, ...more] };
}

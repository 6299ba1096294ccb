import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ControllerRegistry } from '../registry/controller-registry.ts';
import { OutsideRegistry } from '../registry/outside-registry.ts';
import type { RegistryFace } from '../registry/registry-face.ts';
import { RegistryProxy } from '../registry/registry-proxy.ts';
import { look } from './http.ts';
import { type ClusterOrder, HOSTS, Layout, type Member, MODEL, PORTS, ROOT } from './layout.ts';
import { nginxBefore } from './nginx.ts';
import { freePorts } from './ports.ts';
import { childrenOf, type Program } from './program.ts';
import { serverMetrics } from './server-metrics.ts';
import { until } from './until.ts';
import { UPSTREAMS, upstreamAt } from './upstreams.ts';

const START_LIMIT_MS = 90_000;
/** What each API server has in its table when all is well. */
export const TABLE_SIZE = HOSTS + UPSTREAMS;

/** An instance as the controller sees it. */
interface SeenInstance {
  readonly id: string;
  readonly state: string;
  readonly host?: string;
  readonly epoch?: number;
  readonly address?: { readonly url: string };
}

/** A whole cluster on loopback, each role in a process of its own. */
export class Cluster {
  readonly controllers: readonly Member[];
  readonly hosts: readonly Member[];
  readonly servers: readonly Member[];
  /** One more API server, which does not run. */
  readonly spare: Member;
  /** Servers that look like vLLM. */
  readonly upstreams: readonly { readonly program: Program; readonly url: string }[];
  readonly registry: RegistryFace;
  /** Before the API servers; does not run. */
  readonly nginx: Program;
  readonly nginxUrl: string;
  /** Holds the configs, the logs and what the members keep. */
  readonly folder: string;
  readonly #adminUrl: string;

  readonly #proxies: readonly RegistryProxy[];

  private constructor(layout: Layout, folder: string, proxies: readonly RegistryProxy[], outside?: OutsideRegistry) {
    this.folder = folder;
    this.#proxies = proxies;
    this.controllers = layout.controllers;
    this.registry = outside ?? new ControllerRegistry(this.controllers, proxies);
    this.hosts = layout.hosts;
    this.servers = layout.servers;
    this.spare = layout.spare;
    this.upstreams = layout.upstreamPorts.map((port, index) => {
      return { program: upstreamAt(port, `upstream-${index + 1}`, folder), url: `http://127.0.0.1:${port}` };
    });
    const urls = this.servers.map(({ url }) => url);
    this.nginx = nginxBefore(urls, layout.nginxPort, folder);
    this.nginxUrl = `http://127.0.0.1:${layout.nginxPort}`;
    this.#adminUrl = layout.adminUrl;
  }

  /** Starts a cluster and waits until every API server has all instances in its table. @throws NotInTime */
  static async start(order: ClusterOrder): Promise<Cluster> {
    // In the workspace, since that is where the configs find their plugins from.
    const caches = join(ROOT, '.cache');
    mkdirSync(caches, { recursive: true });
    const folder = mkdtempSync(join(caches, 'faults-'));
    const first = await freePorts(PORTS);
    const layout = new Layout(first, folder, randomBytes(24).toString('base64url'), order);
    const targets = layout.controllerUrls;
    const proxies = await Promise.all(
      layout.proxyPorts.map((port, index) => RegistryProxy.listen(port, targets[index] ?? '')),
    );
    const { backend } = order;
    const outside = backend && (await OutsideRegistry.start(backend, layout.registryPort, folder));
    const cluster = new Cluster(layout, folder, proxies, outside);
    try {
      for (const { program } of cluster.#members) program.start();
      await cluster.isWhole(START_LIMIT_MS);
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** Waits until each worker host runs an instance, and every API server may send to every one of them. @throws NotInTime */
  async isWhole(limitMs: number): Promise<void> {
    await until('the cluster is whole', limitMs, async () => {
      const instances = await this.instances();
      const ready = instances.filter(({ state }) => state === 'ready');
      // Nothing moves on its own: two on one host are not whole.
      if (ready.length !== HOSTS || new Set(ready.map(({ host }) => host)).size !== HOSTS) return false;
      const seen = await Promise.all(this.servers.map(({ url }) => serverMetrics(url)));
      return seen.every((metrics) => metrics && areAllReady(metrics.instances));
    });
  }

  /** The instances of the worker hosts as the controller sees them; none where it does not answer. */
  async instances(): Promise<readonly SeenInstance[]> {
    const answer = await look(`${this.#adminUrl}/admin/v1/instances`);
    if (answer?.status !== 200) return [];
    const { data } = JSON.parse(answer.text) as { readonly data: readonly SeenInstance[] };
    return data.filter(({ id }) => id.startsWith(`${MODEL}-`));
  }

  /** The process of the engine that a worker host runs. */
  enginePid(host: Member): number {
    const [pid, ...others] = childrenOf(host.program.pid);
    if (pid === undefined || others.length > 0) throw new Error(`${host.program.order.name} has not one engine`);
    return pid;
  }

  /** Ends everything. The folder stays where `keep` says so. */
  async close({ keep = false } = {}): Promise<void> {
    const engines = this.hosts.filter(({ program }) => program.runs).flatMap(({ program }) => childrenOf(program.pid));
    for (const { program } of [this.spare, ...this.#members]) await program.kill();
    await this.nginx.stop();
    for (const pid of engines) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    await this.registry.close();
    for (const proxy of this.#proxies) proxy.close();
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }

  get #members(): readonly { readonly program: Program }[] {
    return [...this.controllers, ...this.upstreams, ...this.hosts, ...this.servers];
  }
}

const areAllReady = (instances: ReadonlyMap<string, string>): boolean =>
  instances.size === TABLE_SIZE && [...instances.values()].every((state) => state === 'ready');

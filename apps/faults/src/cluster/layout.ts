import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Backend } from '../registry/backends.ts';
import { REGISTRY_PORTS } from '../registry/outside-registry.ts';
import { Program } from './program.ts';
import { UPSTREAM_MODEL, UPSTREAMS, upstreamModel } from './upstreams.ts';

/** The workspace. */
export const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const SMMF = join(ROOT, 'packages', 'smmf', 'src', 'main.ts');
const ENGINE = join(ROOT, 'packages', 'testkit', 'src', 'demo', 'demo-engine.ts');
const FLAGS = ['--conditions=smmf-source', '--disable-warning=ExperimentalWarning'];

/** The model that all worker hosts run. */
export const MODEL = 'demo';
/** How many worker hosts there are, with an instance each. */
export const HOSTS = 4;
/** How many API servers. */
export const SERVERS = 2;
/** How many controllers: the first one owns the models. */
const CONTROLLERS = 2;
/** Ports of a worker host and its engines. */
const PORTS_EACH = 8;
const AT = {
  controller: 0,
  admin: 4,
  proxy: 8,
  server: 12,
  spare: 15,
  nginx: 16,
  upstream: 17,
  registry: 20,
  host: 28,
} as const;
/** Ports of a cluster in a row. */
export const PORTS = AT.host + HOSTS * PORTS_EACH;

const TIMEOUTS = { firstToken: '2s', interToken: '2s' };

/** What may differ from one cluster of the drill to the next. */
export interface ClusterOrder {
  /** A registry outside; absent: that of the controllers. */
  readonly backend?: Backend | undefined;
  /** For the API servers: which of their safeguards a test switches off. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A role as a program, and where it is asked for its health. */
export interface Member {
  readonly program: Program;
  readonly url: string;
  readonly stateDir: string;
}

const url = (port: number): string => `http://127.0.0.1:${port}`;
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Writes the configs of one cluster, and makes its programs. */
export class Layout {
  readonly adminUrl: string;
  readonly nginxPort: number;
  readonly upstreamPorts: readonly number[];
  readonly controllerUrls: readonly string[];
  /** The first of those of a registry outside. */
  readonly registryPort: number;
  /** One for each controller. */
  readonly proxyPorts: readonly number[];
  readonly #first: number;
  readonly #folder: string;
  readonly #order: ClusterOrder;
  readonly #secret: string;

  constructor(first: number, folder: string, secret: string, order: ClusterOrder) {
    this.#first = first;
    this.#folder = folder;
    this.#secret = secret;
    this.#order = order;
    this.adminUrl = url(first + AT.admin);
    this.registryPort = first + AT.registry;
    this.nginxPort = first + AT.nginx;
    this.upstreamPorts = numbers(UPSTREAMS).map((index) => first + AT.upstream + index);
    this.controllerUrls = numbers(CONTROLLERS).map((index) => url(first + AT.controller + index));
    this.proxyPorts = numbers(CONTROLLERS).map((index) => first + AT.proxy + index);
  }

  get controllers(): readonly Member[] {
    const primary = this.controllerUrls[0];
    return numbers(CONTROLLERS).map((index) => {
      const id = `controller-${index + 1}`;
      const port = this.#first + AT.controller + index;
      const admin = { port: this.#first + AT.admin + index };
      const own = index === 0 ? { models: this.#models } : {};
      const controller = { id, port, ...(index === 0 ? {} : { primary }) };
      return this.#member('controller', id, port, { controller, admin, ...own });
    });
  }

  get hosts(): readonly Member[] {
    const join = this.controllerUrls;
    return numbers(HOSTS).map((index) => {
      const id = `host-${index + 1}`;
      const port = this.#first + AT.host + PORTS_EACH * index;
      const worker = { id, ports: `${port}-${port + PORTS_EACH - 1}` };
      return this.#member('worker', id, port, { join, worker, server: { drain: '10s' } });
    });
  }

  get servers(): readonly Member[] {
    return numbers(SERVERS).map((index) => this.#server(`server-${index + 1}`, this.#first + AT.server + index));
  }

  /** One more API server, for rows that start it. */
  get spare(): Member {
    return this.#server('server-spare', this.#first + AT.spare);
  }

  #server(name: string, port: number): Member {
    const join = this.proxyPorts.map(url);
    return this.#member('apiserver', name, port, { join, server: { port, drain: '10s' } });
  }

  get #models(): object {
    const demo = { engine: ENGINE, replicas: HOSTS, tokenMs: 40, slots: 64, timeouts: TIMEOUTS };
    return { [MODEL]: demo, [UPSTREAM_MODEL]: upstreamModel(this.upstreamPorts.map(url), TIMEOUTS) };
  }

  #member(role: string, name: string, port: number, own: object): Member {
    const stateDir = join(this.#folder, name);
    mkdirSync(stateDir);
    const file = join(this.#folder, `${name}.json`);
    const { backend, env } = this.#order;
    // API servers reach it past a switch, which can lead them to an empty one.
    const registryPort = this.registryPort + (role === 'apiserver' ? REGISTRY_PORTS - 1 : 0);
    const registry = backend ? { registry: backend.section(registryPort) } : {};
    const shared = { version: 1, stateDir, cluster: { secrets: [`\${env:FAULTS_SECRET}`] }, ...registry };
    writeFileSync(file, JSON.stringify({ ...shared, ...own }, null, 2));
    const program = new Program({
      name,
      command: process.execPath,
      args: [...FLAGS, SMMF, 'start', role, '-c', file],
      env: { FAULTS_SECRET: this.#secret, ...(role === 'apiserver' ? env : {}) },
      log: join(this.#folder, `${name}.log`),
    });
    return { program, stateDir, url: url(port) };
  }
}

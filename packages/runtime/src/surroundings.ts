import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  type ClusterKeys,
  type ControllerLink,
  createClusterKeys,
  createHttpLink,
  createHttpRegistry,
  createPeerCheck,
} from '@smmf/cluster';
import { createMemoryRegistry, type MemoryRegistry } from '@smmf/controller';
import { type Dialer, type HttpClient, type Logger, type Registry, Secret, systemClock } from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import { controllersOf, type Roles } from './check-cluster.ts';
import type { ResolvedConfig } from './resolve-config.ts';

/** What the roles of one process share. */
export interface Surroundings {
  readonly role: Roles;
  readonly logger: Logger;
  readonly dialer: Dialer;
  readonly http: HttpClient;
  readonly keys: ClusterKeys;
  readonly registries: readonly Registry[];
  /** The registry that lives here, where a controller serves it to others. */
  readonly served: MemoryRegistry | undefined;
  /** Controllers elsewhere; undefined where the controller is in this process. */
  readonly link: ControllerLink | undefined;
  /** Origins of the controllers elsewhere. */
  readonly controllers: readonly string[];
  /** Closes registries and connections. */
  close(): Promise<void>;
}

/** Watchers of a registry that others read hear of changes together, this much later, milliseconds. */
const COALESCE_MS = 100;

/** Without secrets there is one process, which makes one for itself. */
function keysOf({ cluster }: ResolvedConfig['config']): ClusterKeys {
  const secrets = cluster.secrets ?? [new Secret(randomBytes(32).toString('base64url'))];
  return createClusterKeys(secrets, cluster.namespace);
}

/** The certificate with which a role calls others that ask for one: that of its listener. */
function certificateOf({ controller, worker, server }: ResolvedConfig['config'], role: Roles) {
  const { tls } = { controller, worker, apiserver: server, all: { tls: undefined } }[role];
  if (!tls) return {};
  return { cert: readFileSync(tls.certFile, 'utf8'), key: new Secret(readFileSync(tls.keyFile, 'utf8')) };
}

/**
 * Opens what the roles of one process share: connections, keys, registries.
 * @throws REGISTRY_UNAVAILABLE, REGISTRY_AUTH from a registry plugin that needs its server at once
 */
export async function openSurroundings(resolved: ResolvedConfig, role: Roles, logger: Logger): Promise<Surroundings> {
  const { config, authorities, registry } = resolved;
  const controllers = controllersOf(config);
  const keys = keysOf(config);
  const tls = { ca: authorities, ...certificateOf(config, role) };
  const dialer = createDialer({ egress: config.egress, tls, checkPeer: createPeerCheck(keys) });
  const http = createHttpClient(dialer);
  const isLocal = role === 'controller' || (role === 'all' && controllers.length === 0);
  const client = { http, keys, clock: systemClock, logger };
  const registries: Registry[] = [];
  let served: MemoryRegistry | undefined;
  if (registry) {
    const { signal } = new AbortController();
    const context = { http, dialer, logger, clock: systemClock, signal, namespace: keys.namespace };
    const made = await registry.plugin.create?.(registry.options, context);
    if (made) registries.push(made);
  } else if (isLocal) {
    served = createMemoryRegistry({ coalesceMs: role === 'controller' ? COALESCE_MS : 0 });
    registries.push(served);
  } else registries.push(...controllers.map((origin) => createHttpRegistry(origin, client)));
  const link = isLocal ? undefined : createHttpLink(controllers, client);
  return {
    ...{ role, logger, dialer, http, keys, registries, served, link, controllers },
    async close() {
      await Promise.all(registries.map((one) => one.close()));
      await http.close();
    },
  };
}

import { randomBytes } from 'node:crypto';
import { Secret, SmmfError } from '@smmf/core';
import type { Listening } from '@smmf/server';
import { type ComposedRoles, hasProcesses } from '../compose-roles.ts';
import { withListeners } from '../listener-overrides.ts';
import type { RawConfig } from '../read-config.ts';
import type { ResolvedConfig } from '../resolve-config.ts';
import { definitePort, ServerGroup, type ServerGroupOptions } from './server-group.ts';

/** Where a running SMMF listens. */
export interface SmmfListening {
  readonly server: Listening;
  readonly admin: Listening;
}

/** What the listeners of a program with all roles are made from. */
export interface FrontContext extends Pick<ServerGroupOptions, 'raw' | 'env' | 'logger' | 'isLogged'> {
  readonly resolved: ResolvedConfig;
}

/** The listeners of a program with all roles: its OpenAI API in this process, or in several of their own. */
export interface Front {
  /** @throws PORT_IN_USE; CONFIG_INVALID for an embedded member of a cluster, which has no listener */
  listen(): Promise<SmmfListening>;
  /** No new work, and up to `limitMs` for what runs. A later call with a shorter limit holds for the first one, too. */
  drain(limitMs: number): Promise<void>;
}

/** With a secret for the processes that serve the port and follow the controller in this one, where the config has none. */
export function withSecretOfProcesses(resolved: ResolvedConfig): ResolvedConfig {
  const { cluster } = resolved.config;
  if (!hasProcesses(resolved) || cluster.secrets !== undefined) return resolved;
  const secrets = [new Secret(randomBytes(32).toString('base64url'))];
  return { ...resolved, config: { ...resolved.config, cluster: { ...cluster, secrets } } };
}

/** What is not for an API server. */
const OTHERS: ReadonlySet<string> = new Set(['models', 'admin', 'controller', 'worker']);

/** The config of the processes: those parts of this one's that are an API server's. */
async function memberConfig({ raw, resolved: { config } }: FrontContext, controller: string): Promise<RawConfig> {
  const { host, port } = config.server;
  const parts = Object.entries(Object(raw.value)).filter(([section]) => !OTHERS.has(section));
  const secrets = config.cluster.secrets?.map((secret) => secret.reveal());
  const value = { ...Object.fromEntries(parts), cluster: { ...config.cluster, secrets }, join: controller };
  return withListeners({ ...raw, value }, { port: await definitePort(host, port) });
}

/** Makes the listeners of `roles`; nothing listens yet. */
export function createFront(context: FrontContext, { controller, apiServer, secrets }: ComposedRoles): Front {
  const { resolved, env, logger, isLogged } = context;
  let group: ServerGroup | undefined;
  return {
    async listen() {
      if (!controller || !apiServer)
        throw new SmmfError('CONFIG_INVALID', 'An embedded member has no listener; for one that listens: createRole');
      const admin = await controller.listen();
      if (!hasProcesses(resolved)) return { server: await apiServer.listen(), admin };
      const { url } = await controller.listenForMembers();
      const own = { readiness: () => apiServer.readiness(), values: () => apiServer.metrics.values() };
      const { processes, grace: graceMs } = resolved.config.server;
      const raw = await memberConfig(context, url);
      group = new ServerGroup({
        processes,
        graceMs,
        raw,
        env,
        secrets: [...secrets],
        hasCopies: false,
        isLogged,
        logger,
        own,
      });
      apiServer.watch(() => group?.look());
      return { server: await group.start(), admin };
    },
    async drain(limitMs) {
      await Promise.all([group?.close(limitMs), apiServer?.drain(limitMs)]);
    },
  };
}

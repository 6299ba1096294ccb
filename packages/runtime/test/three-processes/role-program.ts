// One role in a process of its own: prints where it listens as a line of JSON, and ends with its standard input.
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { createEngineKeys } from '@smmf/cluster';
import { createMemoryRegistry } from '@smmf/controller';
import { Secret, systemClock } from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import { createKeyRing, createLogger } from '@smmf/server';
import { CarrierClient, CarrierServer } from '../../../cluster/test/registry-carrier.ts';
import {
  type Config,
  configSchema,
  createApiServerRole,
  createControllerRole,
  createLifecycle,
  createWorkerRole,
  desiredOf,
  resolveConfig,
} from '../../src/index.ts';
import { connectLink, serveLink } from './link-carrier.ts';

/** What the program is told by its argument. */
export interface RoleOrder {
  readonly role: 'controller' | 'worker' | 'apiserver';
  readonly baseDir: string;
  readonly stateDir: string;
  /** Of the controller. */
  readonly config?: Config;
  /** Of the members: where the controller's registry and link are. */
  readonly registryPort?: number;
  readonly linkPort?: number;
  /** The secret of the data plane. */
  readonly dataSecret?: string;
}

const order = JSON.parse(process.argv[2] ?? '') as RoleOrder;
const { role, baseDir, stateDir } = order;
const lifecycle = createLifecycle();
const shared = { clock: systemClock, logger: createLogger({ destination: 2, pretty: false }).child({ role }) };
const egress = { allow: [], deny: [] };

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function controller(): Promise<object> {
  const resolved = await resolveConfig({ value: order.config, file: 'the config', baseDir });
  const registry = createMemoryRegistry({ coalesceMs: 0 });
  const config = {
    desired: desiredOf(resolved, new Map()),
    admin: resolved.config.admin,
    adminKeys: resolved.adminKeys,
  };
  const part = createControllerRole(config, { registry, ...shared });
  lifecycle.add(part);
  await lifecycle.start();
  const registryPort = await portOf(new CarrierServer(systemClock, registry).server);
  const linkPort = await portOf(serveLink(part.controller));
  return { registryPort, linkPort, adminUrl: (await part.listen()).url };
}

async function member(): Promise<object> {
  const registry = new CarrierClient(order.registryPort ?? 0);
  const link = connectLink(order.linkPort ?? 0);
  const drainMs = (): number => 1_000;
  const keyOf = createEngineKeys(new Secret(order.dataSecret ?? ''));
  const dialer = createDialer();
  const http = createHttpClient(dialer);
  const context = {
    ...{ registry, ...shared, controller: link, env: process.env, secrets: new Map() },
    ...{ hidden: [], drainMs, keyOf, http },
  };
  if (role === 'worker') {
    lifecycle.add(createWorkerRole({ id: 'host-1', baseDir, stateDir, egress }, context));
    await lifecycle.start();
    return {};
  }
  const server = configSchema.shape.server.parse({ port: 0 });
  const part = createApiServerRole(
    { id: 'api-1', baseDir, egress, server, serverKeys: createKeyRing([]) },
    { ...context, dialer },
  );
  lifecycle.add(part);
  await lifecycle.start();
  const { url } = await part.listen();
  return { url };
}

const place = await (role === 'controller' ? controller() : member());
process.stdout.write(`${JSON.stringify(place)}\n`);
process.stdin.resume().once('end', async () => {
  await lifecycle.stop();
  process.exit(0);
});

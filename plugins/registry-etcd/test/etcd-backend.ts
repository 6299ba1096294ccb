import { randomUUID } from 'node:crypto';
import { type Clock, type Registry, type RegistryContext, systemClock } from '@smmf/core';
import { type RegistryBackend, testRegistryContext } from '@smmf/testkit';
import plugin from '../src/index.ts';
import type { RegistryEtcdOptions } from '../src/options.ts';
import { ETCD_USER, type RealEtcd } from './real-etcd.ts';
import { createWireProxy, type WireProxy } from './wire-proxy.ts';

/** Limit of a client's first call, milliseconds. */
const WARM_UP_MS = 10_000;

/** What a client on a real etcd is made with, where that differs. */
export interface EtcdClientOptions {
  readonly options?: Partial<RegistryEtcdOptions>;
  readonly context?: Partial<RegistryContext>;
}

/** A client of etcd, and the wire that it is reached by. */
export interface EtcdTestClient {
  readonly registry: Registry;
  readonly wire: WireProxy;
  close(): Promise<void>;
}

/** A registry on `etcd`, over a wire of its own. */
export async function etcdClient(
  etcd: RealEtcd,
  namespace: string,
  { options, context }: EtcdClientOptions = {},
): Promise<EtcdTestClient> {
  const wire = await createWireProxy(etcd.port, etcd.tls);
  const own = testRegistryContext({ namespace, ...context });
  const given = {
    endpoints: [etcd.url.replace(String(etcd.port), String(wire.port))],
    ...(etcd.hasUsers && ETCD_USER),
    ...(etcd.tls && { tls: { caFile: etcd.tls.caFile } }),
    ...options,
  };
  const registry = await plugin.create?.(plugin.options.parse(given), own);
  if (!registry) throw new Error('the plugin has no create');
  const close = async (): Promise<void> => {
    await registry.close();
    await own.http.close();
    await wire.close();
  };
  return { registry, wire, close };
}

/** The clock of a process whose wall clock is off. */
export const wallOff = (offsetMs = 0): Clock => ({ ...systemClock, wallMs: () => systemClock.wallMs() + offsetMs });

/** Keys below the backend's own namespaces, and all leases: what is released leaves neither. */
async function sizeOf(etcd: RealEtcd, own: string): Promise<number> {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  const prefix = `/smmf/v1/${own}`;
  const range = { key: base64(prefix), range_end: base64(`${prefix}~`), count_only: true };
  const { count = 0 } = await etcd.admin('kv/range', range);
  const { leases = [] } = await etcd.admin('lease/leases', {});
  return Number(count) + (leases as unknown[]).length;
}

async function compact(etcd: RealEtcd): Promise<void> {
  const { header } = await etcd.admin('kv/range', { key: 'eA==' });
  await etcd.admin('kv/compaction', { revision: Reflect.get(Object(header), 'revision') });
}

/**
 * A backend for the suites: namespaces of its own in one etcd, which only `wipe` starts anew. The wall clock of its n-th client is off by
 * the n-th of `offsetsMs`.
 */
export function etcdBackend(etcd: RealEtcd, offsetsMs: readonly number[] = []): RegistryBackend {
  const own = `suite-${randomUUID().slice(0, 8)}`;
  const clients: EtcdTestClient[] = [];
  const wireOf = (registry: Registry): WireProxy => {
    const found = clients.find((one) => one.registry === registry);
    if (!found) throw new Error('this client is not of this backend');
    return found.wire;
  };
  const connect = async (namespace: string, options: EtcdClientOptions['options'] = {}): Promise<EtcdTestClient> => {
    const client = await etcdClient(etcd, namespace, {
      options,
      context: { clock: wallOff(offsetsMs[clients.length]) },
    });
    clients.push(client);
    return client;
  };
  return {
    async client(namespace) {
      const { registry } = await connect(namespace === undefined ? own : `${own}-${namespace}`);
      // Rules have short limits: connecting and logging in are over before they begin.
      await registry.get('nobody', AbortSignal.timeout(WARM_UP_MS));
      return registry;
    },
    faults: {
      kill: async (client) => wireOf(client).cut(),
      async wipe() {
        // Nobody gets through before its users are back.
        for (const { wire } of clients) wire.cut();
        await etcd.restart('wiped');
        for (const { wire } of clients) wire.mend();
      },
      async pause() {
        const goOn = etcd.pause();
        return async () => goOn();
      },
      loseAnswer: async (client) => wireOf(client).loseAnswerTo('POST /v3/kv/txn'),
      reset: async (client) => wireOf(client).reset(),
      restart: () => etcd.restart('kept'),
      async compact(client, meanwhile) {
        wireOf(client).cut();
        await meanwhile();
        await compact(etcd);
        wireOf(client).mend();
      },
      async stranger() {
        const { registry, wire } = await connect(own, { password: 'the password of a stranger' });
        return { client: registry, attempts: async () => wire.requests };
      },
    },
    size: () => sizeOf(etcd, own),
    async close() {
      for (const client of clients) await client.close();
    },
  };
}

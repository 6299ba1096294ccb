import { randomUUID } from 'node:crypto';
import type { Registry, RegistryContext } from '@smmf/core';
import { type RegistryBackend, testRegistryContext } from '@smmf/testkit';
import { wallOff } from '../../registry-etcd/test/etcd-backend.ts';
import { createWireProxy, type WireProxy } from '../../registry-etcd/test/wire-proxy.ts';
import plugin from '../src/index.ts';
import type { RegistryRedisOptions } from '../src/options.ts';
import { HOLD, REGISTER, RELEASE } from '../src/scripts.ts';
import { REDIS_USER, type RealRedis } from './real-redis.ts';

/** Limit of a client's first call, milliseconds. */
const WARM_UP_MS = 10_000;

/** What a client on a real Redis is made with, where that differs. */
export interface RedisClientOptions {
  readonly options?: Partial<RegistryRedisOptions>;
  readonly context?: Partial<RegistryContext>;
}

/** A client of Redis, and the wire that it is reached by. */
export interface RedisTestClient {
  readonly registry: Registry;
  readonly wire: WireProxy;
  close(): Promise<void>;
}

/** A registry on `redis`, over a wire of its own. */
export async function redisClient(
  redis: RealRedis,
  namespace: string,
  { options, context }: RedisClientOptions = {},
): Promise<RedisTestClient> {
  const wire = await createWireProxy(redis.port, redis.tls);
  const own = testRegistryContext({ namespace, ...context });
  const given = {
    url: redis.url.replace(String(redis.port), String(wire.port)),
    ...(redis.hasUsers && REDIS_USER),
    ...(redis.tls && { tls: { caFile: redis.tls.caFile } }),
    ...options,
  };
  const registry = await plugin.create?.(plugin.options.parse(given), own);
  if (!registry) throw new Error('the plugin has no create');
  const close = async (): Promise<void> => {
    await registry.close();
    await wire.close();
  };
  return { registry, wire, close };
}

/**
 * A backend for the suites: namespaces of its own in one Redis, which only `wipe` starts anew. The wall clock of its n-th client is off
 * by the n-th of `offsetsMs`.
 */
export function redisBackend(redis: RealRedis, offsetsMs: readonly number[] = []): RegistryBackend {
  const own = `suite-${randomUUID().slice(0, 8)}`;
  const clients: RedisTestClient[] = [];
  const wireOf = (registry: Registry): WireProxy => {
    const found = clients.find((one) => one.registry === registry);
    if (!found) throw new Error('this client is not of this backend');
    return found.wire;
  };
  const connect = async (namespace: string, options: RedisClientOptions['options'] = {}): Promise<RedisTestClient> => {
    const context = { clock: wallOff(offsetsMs[clients.length]) };
    const client = await redisClient(redis, namespace, { options, context });
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
      wipe: () => redis.restart('wiped'),
      async pause() {
        const goOn = redis.pause();
        return async () => goOn();
      },
      async loseAnswer(client) {
        // A script that Redis does not know yet would take no effect at the first call.
        for (const { text } of [REGISTER, HOLD, RELEASE]) await redis.admin('SCRIPT', 'LOAD', text);
        wireOf(client).loseAnswerTo('EVALSHA');
      },
      reset: async (client) => wireOf(client).reset(),
      async compact(client, meanwhile) {
        wireOf(client).cut();
        await meanwhile();
        await redis.admin('XTRIM', `{smmf:${own}}:events`, 'MAXLEN', '0');
        wireOf(client).mend();
      },
      async stranger() {
        const { registry, wire } = await connect(own, { password: 'the-password-of-a-stranger' });
        return { client: registry, attempts: async () => wire.taken };
      },
    },
    size: async () => ((await redis.admin('KEYS', `{smmf:${own}*`)) as readonly string[]).length,
    async close() {
      for (const client of clients) await client.close();
    },
  };
}

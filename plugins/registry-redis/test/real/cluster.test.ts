import { setTimeout as delay } from 'node:timers/promises';
import { describe } from 'vitest';
import { clusterOverRegistry } from '../../../../packages/runtime/test/cluster-over-registry.ts';
import { createWireProxy } from '../../../registry-etcd/test/wire-proxy.ts';
import { REDIS_USER, redisMissing, startRedis } from '../real-redis.ts';
import { redisClient } from '../redis-backend.ts';

describe.skipIf(redisMissing !== undefined)('a cluster over a real Redis with TLS and users', () => {
  clusterOverRegistry({
    namespace: 'drill',
    ports: '22521-22540',
    async open(namespace) {
      const redis = await startRedis({ tls: true, auth: true });
      const wire = await createWireProxy(redis.port, redis.tls);
      const { registry, close } = await redisClient(redis, namespace);
      return {
        section: (password = REDIS_USER.password) => ({
          ...{ use: 'redis', url: `rediss://127.0.0.1:${wire.port}` },
          ...{ username: REDIS_USER.username, password, tls: { caFile: redis.tls?.caFile } },
        }),
        kill: (awayMs) => redis.restart('kept', awayMs),
        async pause(awayMs) {
          const goOn = redis.pause();
          await delay(awayMs);
          goOn();
        },
        async wipe() {
          // Nobody gets through before its users are back.
          wire.cut();
          await redis.restart('wiped');
          wire.mend();
        },
        async listed() {
          const { entries } = await registry.snapshot(AbortSignal.timeout(2_000));
          return entries.map(({ id }) => id).sort();
        },
        async close() {
          await close();
          await wire.close();
          await redis.stop();
        },
      };
    },
  });
});

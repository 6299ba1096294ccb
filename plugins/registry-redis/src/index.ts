import { definePlugin } from '@smmf/core';
import { options } from './options.ts';

export type { RegistryRedisOptions } from './options.ts';

/** The registry plugin `registry-redis`: entries in Redis (6.2 or newer) or Valkey, under leases by its clock. */
export default definePlugin({
  kind: 'registry',
  name: 'registry-redis',
  options,
  async create(settings, context) {
    const [{ createClient }, { RedisRegistry }] = await Promise.all([import('redis'), import('./redis-registry.ts')]);
    return new RedisRegistry(settings, context, createClient);
  },
});

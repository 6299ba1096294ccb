import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { type Logger, silentLogger } from '@smmf/core';
import { testEntry } from '@smmf/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { REDIS_ACL, type RealRedis, redisMissing, startRedis } from '../real-redis.ts';
import { type RedisTestClient, redisClient } from '../redis-backend.ts';

const soon = (): AbortSignal => AbortSignal.timeout(5_000);
const TTL_MS = 60_000;

/** A logger that keeps its lines. */
function keepingLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (fields: object, text: string): void => void lines.push(`${text} ${JSON.stringify(fields)}`);
  return { logger: { ...silentLogger, info: keep, warn: keep, error: keep }, lines };
}

describe.skipIf(redisMissing !== undefined)('registry-redis on a real Redis with TLS and users', () => {
  let redis: RealRedis;
  const clients: RedisTestClient[] = [];
  const connect = async (...of: Parameters<typeof redisClient> extends [unknown, ...infer Rest] ? Rest : never) => {
    const client = await redisClient(redis, ...of);
    clients.push(client);
    return client.registry;
  };

  beforeAll(async () => {
    redis = await startRedis({ tls: true, auth: true });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });
  afterAll(() => redis?.stop());

  it('says REGISTRY_AUTH for a wrong password, and asks Redis once in a while only', async () => {
    const { logger, lines } = keepingLogger();
    const registry = await connect('wrong', { options: { password: 'wrong-password' }, context: { logger } });
    let told = 0;
    registry.watch(() => told++);
    for (let round = 0; round < 50; round++) {
      const error: unknown = await registry.snapshot(soon()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'REGISTRY_AUTH' });
      expect(String(error)).toMatch(/refuses user "smmf" or its password; check username and password/);
      expect(inspect(error, { depth: 9 })).not.toContain('wrong-password');
    }
    await expect(registry.register(testEntry('a'), TTL_MS, soon())).rejects.toMatchObject({ code: 'REGISTRY_AUTH' });
    const log = (await redis.admin('ACL', 'LOG')) as unknown[][];
    const counts = log.filter((line) => line.includes('auth')).map((line) => Number(line[line.indexOf('count') + 1]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2);
    expect(told).toBe(0);
    expect(lines).toHaveLength(1);
    expect(lines.join()).toMatch(/registry refuses this process/);
    expect(lines.join()).not.toContain('wrong-password');
  });

  it('says REGISTRY_AUTH without credentials, and for a user who may not write there', async () => {
    const nobody = await connect('nobody', { options: { username: undefined, password: undefined } });
    await expect(nobody.snapshot(soon())).rejects.toThrow(/asks who is calling; give username and password/);
    await redis.admin('ACL', 'SETUSER', 'guest', 'on', '>g', '~other:*', '+@all');
    const guest = await connect('guest', { options: { username: 'guest', password: 'g' } });
    const error: unknown = await guest.register(testEntry('a'), TTL_MS, soon()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'REGISTRY_AUTH' });
    expect(String(error)).toMatch(/gives user "guest" no access .*the README of @smmf\/registry-redis has the ACL/);
  });

  it('says REGISTRY_UNAVAILABLE, and why, when the authority of the certificate is not known', async () => {
    const registry = await connect('stranger', { options: { tls: undefined } });
    const error: unknown = await registry.snapshot(soon()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(String(error)).toMatch(/its authority is not known: name the file in tls\.caFile/);
  });

  it('is content with the rights that its README names', () => {
    const readme = readFileSync(join(import.meta.dirname, '../../README.md'), 'utf8');
    expect(readme).toContain(REDIS_ACL);
  });
});

import { systemClock } from '@smmf/core';
import { registrySuite, uncheckedOf } from '@smmf/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memberSuite } from '../../../../packages/cluster/test/member-suite.ts';
import { advance, type Suite, suitesTogether } from '../../../registry-etcd/test/suites-together.ts';
import { type RealRedis, redisMissing, startRedis } from '../real-redis.ts';
import { redisBackend } from '../redis-backend.ts';

describe.skipIf(redisMissing !== undefined)('a real Redis, as it comes and with TLS and users', () => {
  let plain: RealRedis;
  let secured: RealRedis;
  beforeAll(async () => {
    [plain, secured] = await Promise.all([startRedis(), startRedis({ tls: true, auth: true })]);
  });
  afterAll(async () => {
    await plain?.stop();
    await secured?.stop();
  });

  const subjectOf = (server: () => RealRedis, name?: string) => ({
    // The shortest lease that the plugin takes.
    ttlMs: 2_000,
    limitMs: 30_000,
    create: async (offsetsMs?: readonly number[]) => redisBackend(server(), offsetsMs),
    advance,
    clock: () => systemClock,
    report: (report: Parameters<typeof uncheckedOf>[0]) => expect(uncheckedOf(report)).toEqual([]),
    ...(name === undefined ? {} : { name, version: () => server().version }),
  });
  const suiteOf =
    (subject: ReturnType<typeof subjectOf>): Suite =>
    (register) => {
      registrySuite({ test: register, ...subject });
      memberSuite({ test: register, ...subject });
    };
  suitesTogether(test, {
    'as it comes': suiteOf(subjectOf(() => plain)),
    'with TLS and users': suiteOf(subjectOf(() => secured, 'redis')),
  });
});

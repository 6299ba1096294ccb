import { systemClock } from '@smmf/core';
import { registrySuite, uncheckedOf } from '@smmf/testkit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memberSuite } from '../../../../packages/cluster/test/member-suite.ts';
import { etcdBackend } from '../etcd-backend.ts';
import { etcdMissing, type RealEtcd, startEtcd } from '../real-etcd.ts';
import { advance, type Suite, suitesTogether } from '../suites-together.ts';

describe.skipIf(etcdMissing !== undefined)('a real etcd, as it comes and with TLS and users', () => {
  let plain: RealEtcd;
  let secured: RealEtcd;
  beforeAll(async () => {
    [plain, secured] = await Promise.all([startEtcd(), startEtcd({ tls: true, auth: true })]);
  });
  afterAll(async () => {
    await plain?.stop();
    await secured?.stop();
  });

  const subjectOf = (server: () => RealEtcd, name?: string) => ({
    // The shortest lease that etcd grants.
    ttlMs: 2_000,
    limitMs: 30_000,
    create: async (offsetsMs?: readonly number[]) => etcdBackend(server(), offsetsMs),
    advance,
    clock: () => systemClock,
    report: (report: Parameters<typeof uncheckedOf>[0]) => expect(uncheckedOf(report)).toEqual([]),
    // Leaving nothing behind takes long here, and is looked for at length once.
    ...(name === undefined ? { cycles: 200 } : { name, version: () => server().version }),
  });
  const suiteOf =
    (subject: ReturnType<typeof subjectOf>): Suite =>
    (register) => {
      registrySuite({ test: register, ...subject });
      memberSuite({ test: register, ...subject });
    };
  suitesTogether(test, {
    'as it comes': suiteOf(subjectOf(() => plain)),
    'with TLS and users': suiteOf(subjectOf(() => secured, 'etcd')),
  });
});

import type { HttpClient, Snapshot } from '@smmf/core';
import { testEntry, testRegistryContext } from '@smmf/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type EtcdTestClient, etcdClient } from '../etcd-backend.ts';
import { etcdMissing, type RealEtcd, startEtcd } from '../real-etcd.ts';

const soon = (): AbortSignal => AbortSignal.timeout(5_000);
const idsOf = ({ entries }: Snapshot): string[] => entries.map(({ id }) => id).sort();
/** Long enough that no lease ends by itself in a test. */
const TTL_MS = 60_000;

describe.skipIf(etcdMissing !== undefined)('registry-etcd on a real etcd that has faults', () => {
  let etcd: RealEtcd;
  let namespaces = 0;
  const clients: EtcdTestClient[] = [];
  const fresh = (): string => `faults-${++namespaces}`;
  const connect = async (...of: Parameters<typeof etcdClient> extends [unknown, ...infer Rest] ? Rest : never) => {
    const client = await etcdClient(etcd, ...of);
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    etcd = await startEtcd();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });
  afterAll(() => etcd?.stop());

  it('lists again when the place where its watch would begin has been compacted', async () => {
    const namespace = fresh();
    const other = await connect(namespace);
    const lease = await other.registry.register(testEntry('a'), TTL_MS, soon());
    const { http } = testRegistryContext();
    let watches = 0;
    const late: HttpClient = {
      ...http,
      async request(request, signal) {
        if (request.url.endsWith('/v3/watch') && ++watches === 1) {
          await lease.update('changed', soon());
          await other.registry.register(testEntry('b'), TTL_MS, soon());
          const { header } = (await etcd.admin('kv/range', { key: 'eA==' })) as { header: { revision: string } };
          await etcd.admin('kv/compaction', { revision: header.revision });
        }
        return http.request(request, signal);
      },
    };
    const { registry } = await connect(namespace, { context: { http: late } });
    let last: Snapshot | undefined;
    registry.watch((snapshot) => {
      last = snapshot;
    });
    await expect.poll(() => last && idsOf(last), { timeout: 3_000 }).toEqual(['a', 'b']);
    expect(last?.entries.find(({ id }) => id === 'a')?.value).toBe('changed');
    await other.registry.register(testEntry('c'), TTL_MS, soon());
    await expect.poll(() => last && idsOf(last)).toEqual(['a', 'b', 'c']);
    expect(watches).toBe(2);
    await http.close();
  });

  it('misses nothing when its connections are reset over and over', async () => {
    const namespace = fresh();
    const [watching, writing] = [await connect(namespace), await connect(namespace)];
    const seen: Snapshot[] = [];
    watching.registry.watch((snapshot) => seen.push(snapshot));
    const lease = await writing.registry.register(testEntry('counted'), TTL_MS, soon());
    for (let round = 0; round < 100; round++) {
      if (round % 10 === 0) watching.wire.reset();
      await lease.update(`round ${round}`, soon());
      if (round % 25 === 0) await writing.registry.register(testEntry(`more-${round}`), TTL_MS, soon());
    }
    const listed = await writing.registry.snapshot(soon());
    const byId = ({ entries }: Snapshot) => new Map(entries.map((entry) => [entry.id, entry]));
    await expect.poll(() => byId(seen.at(-1) as Snapshot), { timeout: 5_000 }).toEqual(byId(listed));
    const revisions = seen.map(({ revision }) => revision);
    expect(revisions).toEqual([...revisions].sort((one, other) => one - other));
    expect(new Set(seen.map(({ generation }) => generation)).size).toBe(1);
  });

  it('gives a call up after 2 s while etcd is stopped, and goes on afterwards', async () => {
    const { registry } = await connect(fresh());
    const lease = await registry.register(testEntry('a'), TTL_MS, soon());
    const goOn = etcd.pause();
    const startMs = performance.now();
    await expect(lease.renew(soon())).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(performance.now() - startMs).toBeGreaterThan(1_900);
    expect(performance.now() - startMs).toBeLessThan(3_000);
    goOn();
    expect(await lease.update('after', soon())).toBe('ok');
  });

  it('never shows one namespace what is in another', async () => {
    const names = ['team', 'team0', 'team-a', 'team.', 'Team'];
    const all = await Promise.all(names.map((name) => connect(name)));
    await Promise.all(all.map(({ registry }, i) => registry.register(testEntry(`of-${i}`), TTL_MS, soon())));
    for (const [i, { registry }] of all.entries()) {
      expect(idsOf(await registry.snapshot(soon()))).toEqual([`of-${i}`]);
      expect(await registry.get(`of-${(i + 1) % names.length}`, soon())).toBeUndefined();
    }
  });

  it('leaves keys out that are none of its own, and says so once', async () => {
    const namespace = fresh();
    const put = (key: string, value: string): Promise<unknown> => {
      const base64 = (text: string): string => Buffer.from(text).toString('base64');
      return etcd.admin('kv/put', { key: base64(`/smmf/v1/${namespace}/${key}`), value: base64(value) });
    };
    for (const [key, value] of [
      ['entries/a/b', '1 live\nx'],
      ['entries/no-head', 'anything'],
      ['entries/epoch', '0 live\nx'],
      ['entries/long', `1 live\n${'x'.repeat(65_537)}`],
      ['elsewhere', '1 live\nx'],
    ] as const) {
      await put(key, value);
    }
    const lines: unknown[] = [];
    const { logger } = testRegistryContext();
    const log = { ...logger, warn: (fields: object) => void lines.push(fields) };
    const { registry } = await connect(namespace, { context: { logger: log } });
    await registry.register(testEntry('a'), TTL_MS, soon());
    expect(idsOf(await registry.snapshot(soon()))).toEqual(['a']);
    expect(await registry.snapshot(soon())).toMatchObject({ complete: true });
    expect(await registry.get('no-head', soon())).toBeUndefined();
    expect(lines).toEqual([{ count: 5 }]);
  });

  it('needs a few connections, however many calls come together', async () => {
    const { registry, wire } = await connect(fresh());
    const ids = Array.from({ length: 100 }, (_, index) => `at-once-${index}`);
    await Promise.all(ids.map((id) => registry.register(testEntry(id), TTL_MS, soon())));
    // Four calls at a time; a connection whose answer has just been read may still count as busy.
    expect(wire.open).toBeLessThanOrEqual(12);
  });
});

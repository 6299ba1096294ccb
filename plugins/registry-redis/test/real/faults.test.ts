import type { Snapshot } from '@smmf/core';
import { testEntry } from '@smmf/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RealRedis, redisMissing, startRedis } from '../real-redis.ts';
import { type RedisTestClient, redisClient } from '../redis-backend.ts';

const soon = (): AbortSignal => AbortSignal.timeout(5_000);
const idsOf = ({ entries }: Snapshot): string[] => entries.map(({ id }) => id).sort();
/** Long enough that no lease ends by itself in a test. */
const TTL_MS = 60_000;

describe.skipIf(redisMissing !== undefined)('registry-redis on a real Redis that has faults', () => {
  let redis: RealRedis;
  let namespaces = 0;
  const clients: RedisTestClient[] = [];
  const fresh = (): string => `faults-${++namespaces}`;
  const connect = async (...of: Parameters<typeof redisClient> extends [unknown, ...infer Rest] ? Rest : never) => {
    const client = await redisClient(redis, ...of);
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });
  afterAll(() => redis?.stop());

  it('loses nothing that is alive when Redis is killed and starts again with its data', async () => {
    const { registry } = await connect(fresh());
    const seen: Snapshot[] = [];
    registry.watch((snapshot) => seen.push(snapshot));
    const leases = await Promise.all(['a', 'b', 'c'].map((id) => registry.register(testEntry(id), TTL_MS, soon())));
    const before = await registry.snapshot(soon());
    await expect.poll(() => idsOf(seen.at(-1) as Snapshot)).toEqual(['a', 'b', 'c']);
    const told = seen.length;
    await redis.restart('kept');
    for (const lease of leases) expect(await lease.renew(soon())).toBe('ok');
    expect(await registry.snapshot(soon())).toMatchObject({ generation: before.generation, entries: before.entries });
    await leases[0]?.update('after', soon());
    await expect.poll(() => seen.at(-1)?.entries.find(({ id }) => id === 'a')?.value).toBe('after');
    for (const snapshot of seen.slice(told)) expect(idsOf(snapshot)).toEqual(['a', 'b', 'c']);
  });

  it('lists again when events that it has not seen have been cut off, or the data were flushed', async () => {
    const namespace = fresh();
    const [watching, writing] = [await connect(namespace), await connect(namespace)];
    let last: Snapshot | undefined;
    watching.registry.watch((snapshot) => {
      last = snapshot;
    });
    await expect.poll(() => last).toBeDefined();
    watching.wire.cut();
    for (const id of ['a', 'b', 'c']) await writing.registry.register(testEntry(id), TTL_MS, soon());
    await redis.admin('XTRIM', `{smmf:${namespace}}:events`, 'MAXLEN', '1');
    await writing.registry.register(testEntry('d'), TTL_MS, soon());
    watching.wire.mend();
    await expect.poll(() => last && idsOf(last), { timeout: 15_000 }).toEqual(['a', 'b', 'c', 'd']);
    const { generation } = await writing.registry.snapshot(soon());
    // Connections stay, and the stream begins at 1 again.
    await redis.admin('FLUSHALL');
    await writing.registry.register(testEntry('new'), TTL_MS, soon());
    await expect.poll(() => last && idsOf(last), { timeout: 15_000 }).toEqual(['new']);
    expect(last?.generation).not.toBe(generation);
    await writing.registry.register(testEntry('newer'), TTL_MS, soon());
    await expect.poll(() => last && idsOf(last), { timeout: 10_000 }).toEqual(['new', 'newer']);
  });

  it('begins another generation when an older copy of the data was put back', async () => {
    const namespace = fresh();
    const { registry } = await connect(namespace);
    await registry.register(testEntry('a'), TTL_MS, soon());
    await registry.register(testEntry('b'), TTL_MS, soon());
    const before = await registry.snapshot(soon());
    await redis.admin('SET', `{smmf:${namespace}}:revision`, '1');
    const after = await registry.snapshot(soon());
    expect(after.generation).not.toBe(before.generation);
    expect(after).toMatchObject({ revision: 1, entries: before.entries });
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

  it('gives a call up after 2 s while Redis is stopped, and goes on afterwards', async () => {
    const { registry } = await connect(fresh());
    const lease = await registry.register(testEntry('a'), TTL_MS, soon());
    const update = (): Promise<string> => lease.update('after', soon()).catch(String);
    const goOn = redis.pause();
    const startMs = performance.now();
    await expect(lease.renew(soon())).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(performance.now() - startMs).toBeGreaterThan(1_900);
    expect(performance.now() - startMs).toBeLessThan(3_000);
    // It goes out on the connection that is given up in that very moment.
    expect(await update()).toMatch(/did not answer/);
    goOn();
    await expect.poll(update, { timeout: 5_000 }).toBe('ok');
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

  it('leaves out what is none of its own, and what was deleted by hand', async () => {
    const namespace = fresh();
    const { registry } = await connect(namespace);
    const key = (name: string): string => `{smmf:${namespace}}:${name}`;
    for (const id of ['a', 'deleted']) await registry.register(testEntry(id), TTL_MS, soon());
    await redis.admin('DEL', key('entry:deleted'));
    for (const [id, epoch, value] of [
      ['with space', '1', 'x'],
      ['epoch', 'many', 'x'],
      ['long', '1', 'x'.repeat(65_537)],
    ] as const) {
      await redis.admin('HSET', key(`entry:${id}`), 'epoch', epoch, 'value', value);
      await redis.admin('ZADD', key('index'), String(Date.now() + TTL_MS), id);
    }
    expect(idsOf(await registry.snapshot(soon()))).toEqual(['a']);
    expect(await registry.get('epoch', soon())).toBeUndefined();
  });

  it('loads its scripts again when Redis has forgotten them', async () => {
    const { registry } = await connect(fresh());
    const lease = await registry.register(testEntry('a'), TTL_MS, soon());
    await redis.admin('SCRIPT', 'FLUSH');
    expect(await lease.renew(soon())).toBe('ok');
    expect(await lease.update('after', soon())).toBe('ok');
  });

  it('needs one connection, and another one while somebody watches', async () => {
    const { registry, wire } = await connect(fresh());
    await Promise.all(['a', 'b', 'c', 'd'].map((id) => registry.register(testEntry(id), TTL_MS, soon())));
    expect(wire.open).toBe(1);
    const stop = registry.watch(() => undefined);
    await expect.poll(() => wire.open).toBe(2);
    stop();
    await expect.poll(() => wire.open).toBe(1);
  });
});

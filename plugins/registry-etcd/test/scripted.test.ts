import { type Registry, type RegistryContext, systemClock } from '@smmf/core';
import { testRegistryContext } from '@smmf/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import plugin from '../src/index.ts';
import type { RegistryEtcdOptions } from '../src/options.ts';
import { createScriptedEtcd, type EtcdCall, listOf, refusal, type ScriptedEtcd } from './scripted-etcd.ts';

const soon = (): AbortSignal => AbortSignal.timeout(5_000);
const opened: { close(): Promise<void> }[] = [];

async function scripted(answer: ScriptedEtcd['answer']): Promise<ScriptedEtcd> {
  const server = await createScriptedEtcd(answer);
  opened.push(server);
  return server;
}

async function registryOn(options: RegistryEtcdOptions, more: Partial<RegistryContext> = {}): Promise<Registry> {
  const context = testRegistryContext(more);
  const registry = await plugin.create?.(plugin.options.parse(options), context);
  if (!registry) throw new Error('the plugin has no create');
  opened.unshift(registry, context.http);
  return registry;
}

afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

describe('registry-etcd with several members', () => {
  const good = () => listOf(5, { a: '1 live\nx' });

  it('goes to the next member when one cannot be reached, and stays there', async () => {
    const [gone, there] = [await scripted(good), await scripted(good)];
    await gone.close();
    opened.splice(opened.indexOf(gone), 1);
    const registry = await registryOn({ endpoints: [gone.url, there.url] });
    for (let round = 0; round < 3; round++) expect((await registry.snapshot(soon())).entries).toHaveLength(1);
    expect(there.calls).toHaveLength(3);
  });

  it('goes to the next member when one has no leader', async () => {
    const lost = await scripted(() => refusal(14, 'etcdserver: no leader', 503));
    const there = await scripted(good);
    const registry = await registryOn({ endpoints: [lost.url, there.url] });
    expect((await registry.snapshot(soon())).entries).toHaveLength(1);
    expect([lost.calls.length, there.calls.length]).toEqual([1, 1]);
  });

  it('gives up on a silent member at the limit, and asks another one the next time', async () => {
    const [silent, there] = [await scripted(() => 'silence'), await scripted(good)];
    const registry = await registryOn({ endpoints: [silent.url, there.url], requestTimeout: '200ms' });
    const startMs = performance.now();
    await expect(registry.snapshot(soon())).rejects.toThrow(/did not answer within 0.2 s/);
    expect(performance.now() - startMs).toBeLessThan(1_000);
    expect((await registry.snapshot(soon())).entries).toHaveLength(1);
  });
});

describe('registry-etcd and a token of a store that was wiped', () => {
  /** A server that answers nothing to the tokens before the one it gives now; `tokens` counts those. */
  async function wipeable() {
    const of = { tokens: 0, isWiped: false };
    const server = await scripted(({ path, token }) => {
      if (path === 'auth/authenticate') {
        of.isWiped = false;
        return { json: { token: `token-${++of.tokens}` } };
      }
      return of.isWiped || token !== `token-${of.tokens}` ? 'silence' : listOf(5, { a: '1 live\nx' });
    });
    let passedMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + passedMs };
    const user = { username: 'smmf', password: 'x' };
    const registry = await registryOn({ endpoints: [server.url], requestTimeout: '800ms', ...user }, { clock });
    const snapshot = (): Promise<unknown> => registry.snapshot(soon()).catch((error: unknown) => error);
    const later = (ms: number): void => {
      passedMs += ms;
    };
    return { of, server, snapshot, later };
  }

  it('takes another one within the same call', async () => {
    const { of, snapshot, later } = await wipeable();
    expect(await snapshot()).toMatchObject({ complete: true });
    of.isWiped = true;
    later(1_000);
    expect(await Promise.all([snapshot(), snapshot(), snapshot()])).toMatchObject(Array(3).fill({ complete: true }));
    expect(of.tokens).toBe(2);
  });

  it('does so now and then only: a slow etcd does not get each call twice', async () => {
    const { of, server, snapshot, later } = await wipeable();
    await snapshot();
    server.answer = ({ path }) =>
      path === 'auth/authenticate' ? { json: { token: `slow-${++of.tokens}` } } : 'silence';
    for (let round = 0; round < 3; round++) {
      later(1_000);
      expect(await snapshot()).toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    }
    expect(server.calls.filter(({ path }) => path === 'kv/range')).toHaveLength(1 + 2 + 1 + 1);
  });
});

describe('registry-etcd and what it reads', () => {
  it('says what is wrong when the address is no etcd', async () => {
    const { url } = await scripted(() => ({ text: '404 page not found' }));
    const registry = await registryOn({ endpoints: [url] });
    const wanted = {
      code: 'REGISTRY_UNAVAILABLE',
      message: expect.stringMatching(/status 404\) is no etcd from 3.4 on/),
    };
    await expect(registry.snapshot(soon())).rejects.toMatchObject(wanted);
  });

  it('says what is wrong when etcd takes no writes', async () => {
    const { url } = await scripted(() => refusal(8, 'etcdserver: mvcc: database space exceeded', 429));
    const registry = await registryOn({ endpoints: [url] });
    await expect(registry.register({ id: 'a', epoch: 1, value: '' }, 2_000, soon())).rejects.toThrow(/space exceeded/);
  });

  it('reads every page at the revision of the first, and begins anew when that was compacted', async () => {
    const page = (revision: number, id: string, more: boolean) => {
      const { json } = listOf(revision, { [id]: '1 live\nx' }) as { json: { kvs: object[] } };
      return { json: { ...json, kvs: more ? json.kvs.slice(0, 1) : json.kvs, more } };
    };
    const answers = [
      page(5, 'a', true),
      refusal(11, 'etcdserver: mvcc: required revision has been compacted'),
      page(9, 'a', true),
      page(12, 'b', false),
    ];
    const etcd = await scripted(() => answers.shift() ?? 'silence');
    const registry = await registryOn({ endpoints: [etcd.url] });
    const snapshot = await registry.snapshot(soon());
    expect(snapshot.entries.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(snapshot.revision).toBe(9);
    expect(etcd.calls.map(({ body }) => body.revision)).toEqual([undefined, '5', undefined, '9']);
  });

  it('begins another generation when an older copy of the data was put back', async () => {
    let generation = 'first';
    let head = 50;
    const begun: unknown[] = [];
    const etcd = await scripted(({ path, body }) => {
      if (path === 'kv/range') return listOf(head, { a: '1 live\nx' }, generation);
      begun.push(body.compare);
      generation = 'second';
      head++;
      return { json: { header: { revision: String(head) }, succeeded: true } };
    });
    const registry = await registryOn({ endpoints: [etcd.url] });
    const before = await registry.snapshot(soon());
    expect(before).toMatchObject({ generation: '7-first', revision: 50 });
    head = 20;
    expect(await registry.snapshot(soon())).toMatchObject({ generation: '7-second', revision: 21 });
    expect(begun).toHaveLength(1);
    expect(begun[0]).toMatchObject([{ target: 'VALUE', value: Buffer.from('first').toString('base64') }]);
  });

  it('keeps its revision while others write elsewhere in the same etcd, and raises it for an entry that is gone', async () => {
    let answer = listOf(10, { a: '1 live\nx', b: '1 live\ny' });
    const registry = await registryOn({ endpoints: [(await scripted(() => answer)).url] });
    const revisions: number[] = [];
    const look = async (): Promise<void> => void revisions.push((await registry.snapshot(soon())).revision);
    await look();
    answer = listOf(99, { a: '1 live\nx', b: '1 live\ny' });
    await look();
    answer = listOf(100, { a: '1 live\nx' });
    await look();
    expect(revisions).toEqual([10, 10, 100]);
  });
});

describe('registry-etcd and its user', () => {
  const credentials = { username: 'smmf', password: 'secret' };

  it('hands on its token, and takes another one when it is refused', async () => {
    let valid = 1;
    const etcd = await scripted(({ path, token }: EtcdCall) => {
      if (path === 'auth/authenticate') return { json: { token: `token-${valid}` } };
      return token === `token-${valid}` ? listOf(5, {}) : refusal(16, 'etcdserver: invalid auth token', 401);
    });
    const registry = await registryOn({ endpoints: [etcd.url], ...credentials });
    await Promise.all([registry.snapshot(soon()), registry.snapshot(soon())]);
    valid = 2;
    await registry.snapshot(soon());
    expect(etcd.calls.filter(({ path }) => path === 'auth/authenticate')).toHaveLength(2);
  });

  it('says REGISTRY_AUTH when a token that was just given is refused', async () => {
    const etcd = await scripted(({ path }) =>
      path === 'auth/authenticate' ? { json: { token: 't' } } : refusal(16, 'etcdserver: invalid auth token', 401),
    );
    const registry = await registryOn({ endpoints: [etcd.url], ...credentials });
    await expect(registry.snapshot(soon())).rejects.toMatchObject({ code: 'REGISTRY_AUTH' });
    expect(etcd.calls).toHaveLength(4);
  });
});

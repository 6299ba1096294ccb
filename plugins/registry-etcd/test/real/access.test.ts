import { inspect } from 'node:util';
import { type HttpClient, type Logger, silentLogger } from '@smmf/core';
import { testEntry, testRegistryContext } from '@smmf/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type EtcdTestClient, etcdClient } from '../etcd-backend.ts';
import { ETCD_USER, etcdMissing, type RealEtcd, startEtcd } from '../real-etcd.ts';

const soon = (): AbortSignal => AbortSignal.timeout(5_000);
const TTL_MS = 60_000;

/** A logger that keeps its lines. */
function keepingLogger(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const keep = (fields: object, text: string): void => void lines.push(`${text} ${JSON.stringify(fields)}`);
  return { logger: { ...silentLogger, info: keep, warn: keep, error: keep }, lines };
}

/** An HTTP client that counts its calls by the end of their address. */
function countingHttp(): { readonly http: HttpClient; readonly count: (end: string) => number } {
  const { http } = testRegistryContext();
  const urls: string[] = [];
  const post: HttpClient['post'] = (url, ...rest) => {
    urls.push(url);
    return http.post(url, ...rest);
  };
  return { http: { ...http, post }, count: (end) => urls.filter((url) => url.endsWith(end)).length };
}

describe.skipIf(etcdMissing !== undefined)('registry-etcd on a real etcd with TLS and users', () => {
  let etcd: RealEtcd;
  const clients: EtcdTestClient[] = [];
  const connect = async (...of: Parameters<typeof etcdClient> extends [unknown, ...infer Rest] ? Rest : never) => {
    const client = await etcdClient(etcd, ...of);
    clients.push(client);
    return client.registry;
  };

  beforeAll(async () => {
    etcd = await startEtcd({ tls: true, auth: true });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
  });
  afterAll(() => etcd?.stop());

  it('says REGISTRY_AUTH for a wrong password, and asks etcd once in a while only', async () => {
    const { http, count } = countingHttp();
    const { logger, lines } = keepingLogger();
    const options = { password: 'wrong-password' };
    const registry = await connect('wrong', { options, context: { http, logger } });
    let told = 0;
    registry.watch(() => told++);
    for (let round = 0; round < 50; round++) {
      const error: unknown = await registry.snapshot(soon()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'REGISTRY_AUTH' });
      expect(String(error)).toMatch(/refuses user "smmf" or its password; check username and password/);
      expect(inspect(error, { depth: 9 })).not.toContain('wrong-password');
    }
    await expect(registry.register(testEntry('a'), TTL_MS, soon())).rejects.toMatchObject({ code: 'REGISTRY_AUTH' });
    expect(count('/v3/auth/authenticate')).toBeLessThanOrEqual(2);
    expect(told).toBe(0);
    expect(lines).toHaveLength(1);
    expect(lines.join()).toMatch(/registry refuses this process/);
    expect(lines.join()).not.toContain('wrong-password');
    await http.close();
  });

  it('says REGISTRY_AUTH without credentials, and for a user who may not write there', async () => {
    const nobody = await connect('nobody', { options: { username: undefined, password: undefined } });
    await expect(nobody.snapshot(soon())).rejects.toThrow(/asks who is calling; give username and password/);
    await etcd.admin('auth/user/add', { name: 'guest', password: 'g' });
    const guest = await connect('guest', { options: { username: 'guest', password: 'g' } });
    const error: unknown = await guest.register(testEntry('a'), TTL_MS, soon()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'REGISTRY_AUTH' });
    expect(String(error)).toMatch(/gives user "guest" no access; its role needs readwrite on the prefix \/smmf\/v1\//);
  });

  it('says REGISTRY_UNAVAILABLE, and why, when the authority of the certificate is not known', async () => {
    const registry = await connect('stranger', { options: { tls: undefined } });
    const error: unknown = await registry.snapshot(soon()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(String(error)).toMatch(/its authority is not known/);
  });

  it('logs in again when its token is not known any more, once for all calls', async () => {
    const { http, count } = countingHttp();
    const registry = await connect('again', { context: { http } });
    const leases = await Promise.all(
      ['a', 'b', 'c', 'd'].map((id) => registry.register(testEntry(id), TTL_MS, soon())),
    );
    expect(count('/v3/auth/authenticate')).toBe(1);
    // Simple tokens are in etcd's memory alone.
    await etcd.restart('kept');
    expect(await Promise.all(leases.map((lease) => lease.renew(soon())))).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(count('/v3/auth/authenticate')).toBeLessThanOrEqual(3);
    // A change of rights makes every token old.
    await etcd.admin('auth/user/add', { name: 'another', password: 'x' });
    expect(await leases[0]?.update('after', soon())).toBe('ok');
    await http.close();
  });

  it('refuses an etcd whose authentication is disabled when it was given a user', async () => {
    await etcd.admin('auth/disable', {});
    const registry = await connect('open', { options: ETCD_USER });
    await expect(registry.snapshot(soon())).rejects.toThrow(/has authentication disabled; enable it/);
  });
});

import type { LookupFunction } from 'node:net';
import { Secret } from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import { testCall, testEngineContext } from '@smmf/testkit';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { closeServers, collects, fakeDns, listen, proxy, text } from '../../../net/test/servers.ts';
import { createVendorWorker, type VendorProfile, vendorOptions } from '../../src/index.ts';
import { addressOf, zoneOf } from '../../src/vendor/hosts.ts';

afterEach(closeServers);

const acme = { vendor: 'Acme', url: 'https://api.acme.test/v1', hosts: ['api.acme.test', '*.apps.acme.test'] };

describe('the hosts of a vendor', () => {
  it.each([
    ['https://api.acme.test/v1', 'vendor'],
    ['https://API.acme.test.:8443/', 'vendor'],
    ['https://mine.apps.acme.test', 'vendor'],
    ['https://a.b.apps.acme.test', 'vendor'],
    ['https://apps.acme.test', 'configured'],
    ['https://evilapps.acme.test', 'configured'],
    ['https://api.acme.test.evil.test', 'configured'],
    ['https://api.acme.test@evil.test', 'configured'],
    ['https://evil.test/api.acme.test', 'configured'],
    ['http://127.0.0.1:8000', 'configured'],
  ])('%s is dialled in zone %s', (url, zone) => {
    expect(zoneOf(url, acme)).toBe(zone);
  });

  it('are all that its own address may have; the operator may write another one', () => {
    expect(addressOf(acme, undefined)).toBe(acme.url);
    expect(addressOf(acme, 'https://gateway.test/v1')).toBe('https://gateway.test/v1');
    const made = { ...acme, url: 'https://evil.test/.apps.acme.test/v1' };
    expect(() => addressOf(made, undefined)).toThrow(/^evil\.test is no host of Acme; correct the options/);
    expect(addressOf(made, 'https://gateway.test/v1')).toBe('https://gateway.test/v1');
  });
});

/** A worker over a vendor whose names all lead to this machine. */
async function workerOf(
  profile: Partial<VendorProfile>,
  allow: readonly string[] = [],
  more: { env?: Record<string, string> } = {},
) {
  const { lookup } = fakeDns({ 'api.acme.test': ['127.0.0.1'], 'token.acme.test': ['127.0.0.1'] });
  const dialer = createDialer({ lookup: lookup satisfies LookupFunction, egress: { allow }, env: {}, ...more });
  const http = createHttpClient(dialer);
  const settings = vendorOptions({}).parse({ model: 'large', apiKey: 'key', tasks: ['embeddings'] });
  const vendor: VendorProfile = {
    ...acme,
    auth: { kind: 'bearer' },
    chunks: 'as-is',
    embeddings: { batch: 1 },
    ...profile,
  };
  const worker = await createVendorWorker(vendor, settings, testEngineContext({ dialer, http }));
  onTestFinished(async () => {
    await worker.close();
    await http.close();
  });
  return worker;
}

const VECTOR = JSON.stringify({
  object: 'list',
  data: [{ index: 0, embedding: [1] }],
  usage: { prompt_tokens: 1, total_tokens: 1 },
});
const json = (body: string): string => text('200 OK', body, 'content-type: application/json\r\n');

describe('a host that a profile names and that leads to this machine', () => {
  it('gets no probe, no request of a handler, and no token', async () => {
    const canary = await listen(collects(json(VECTOR)));
    const url = `http://api.acme.test:${canary.port}/v1`;
    const worker = await workerOf({ url });
    expect(worker.endpoint).toMatchObject({ url, egress: 'vendor' });
    const health = await worker.health(AbortSignal.timeout(3_000));
    expect(health).toMatchObject({ ready: false, reason: expect.stringContaining('where no vendor serves') });
    const embedding = worker.tasks.embeddings?.({ model: 'm', input: 'a' }, testCall());
    await expect(embedding).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
      cause: { details: { reason: 'egress' } },
    });
    const tokenUrl = `http://token.acme.test:${canary.port}/token`;
    const auth = { kind: 'client-credentials', tokenUrl, form: {}, secrets: { secret: new Secret('canary') } } as const;
    const other = await workerOf({ url, auth, hosts: [...acme.hosts, 'token.acme.test'] });
    const { reason } = await other.health(AbortSignal.timeout(3_000));
    expect(reason).toMatch(/no token: .*where no vendor serves/);
    expect(reason).not.toContain('canary');
    expect(canary.sockets).toEqual([]);
  });

  it('gets them where egress.allow opens it', async () => {
    const server = await listen(collects(json(VECTOR)));
    const worker = await workerOf({ url: `http://api.acme.test:${server.port}/v1` }, ['127.0.0.1']);
    expect(await worker.tasks.embeddings?.({ model: 'm', input: 'a' }, testCall())).toMatchObject({ vectors: [[1]] });
  });
});

it('a token is fetched through the proxy of the environment, as requests are', async () => {
  const way = await proxy();
  const host = await listen(collects(json('{"access_token":"token","expires_in":3600}')));
  const tokenUrl = `http://token.acme.test:${host.port}/token`;
  const auth = { kind: 'client-credentials', tokenUrl, form: {}, secrets: {} } as const;
  const worker = await workerOf({ auth }, [], { env: { HTTP_PROXY: `http://127.0.0.1:${way.port}` } });
  await worker.health(AbortSignal.timeout(3_000));
  expect(way.heard[0]).toContain(`CONNECT token.acme.test:${host.port} `);
});

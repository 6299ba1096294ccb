import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createClientAddresses, isAddressRange } from '../src/client-address.ts';
import { chatBody, createServer, jsonHeaders, KEY, rawClient, rawPost, startServer } from './harness.ts';

const PROXIES = ['10.0.0.0/8', '127.0.0.1', '2001:db8:1::/48', '::1'];

function callerOf(remoteAddress: string | undefined, forwarded?: string, proxies = PROXIES): string | undefined {
  const headers = forwarded === undefined ? {} : { 'x-forwarded-for': forwarded };
  return createClientAddresses(proxies).of({ socket: { remoteAddress }, headers } as unknown as IncomingMessage);
}

describe('C12: the address of a caller', () => {
  it.each<[string | undefined, string | undefined, string | undefined, string]>([
    ['203.0.113.7', undefined, '203.0.113.7', 'no proxy'],
    ['203.0.113.7', '198.51.100.1', '203.0.113.7', 'no trusted proxy: its header is its own word'],
    ['::ffff:203.0.113.7', undefined, '203.0.113.7', 'IPv4 in IPv6 form'],
    ['10.1.2.3', '198.51.100.1', '198.51.100.1', 'one proxy'],
    ['::ffff:10.1.2.3', '198.51.100.1', '198.51.100.1', 'a proxy in IPv6 form'],
    ['10.1.2.3', '6.6.6.6, 198.51.100.1, 10.9.9.9', '198.51.100.1', 'the rightmost hop that is no proxy'],
    ['10.1.2.3', '127.0.0.1, 198.51.100.1', '198.51.100.1', 'whatever the caller wrote before it'],
    ['2001:db8:1::5', '2001:db8:2::1', '2001:db8:2::1', 'IPv6'],
    ['::1', '[2001:db8:2::1]:4711', '2001:db8:2::1', 'IPv6 with a port'],
    ['10.1.2.3', '198.51.100.1:4711', '198.51.100.1', 'IPv4 with a port'],
    ['10.1.2.3', '10.4.4.4', '10.4.4.4', 'proxies all the way'],
    ['10.1.2.3', 'unknown', '10.1.2.3', 'a hop that is no address'],
    ['10.1.2.3', '198.51.100.1, unknown', '10.1.2.3', 'no address at the end: what stands before it is not proved'],
    ['10.1.2.3', '', '10.1.2.3', 'an empty header'],
    ['10.1.2.3', undefined, '10.1.2.3', 'a proxy that adds no header'],
    [undefined, '198.51.100.1', undefined, 'a unix socket'],
  ])('from %s with %j is %s (%s)', (peer, forwarded, wanted, _why) => {
    expect(callerOf(peer, forwarded)).toBe(wanted);
  });

  it("is the socket's without trusted proxies", () => {
    expect(callerOf('127.0.0.1', '198.51.100.1', [])).toBe('127.0.0.1');
  });

  it.each(['10.0.0.0/8', '192.0.2.7', '::1', '2001:db8::/32', '0.0.0.0/0'])('takes %s as a proxy', (text) => {
    expect(isAddressRange(text)).toBe(true);
  });

  it.each(['10.0.0.0/33', '10.0.0', 'proxy.example', '', '*', '::/129', '10.0.0.0/8 ', '10.0.0.0/-1', 'fe80::1%eth0'])(
    'refuses %j as a proxy, with words',
    (text) => {
      expect(isAddressRange(text)).toBe(false);
      expect(() => createClientAddresses([text])).toThrow(/no IP address and no range; write .*10\.0\.0\.0\/8/);
    },
  );

  it('stands in the log: that of the socket, or the one that a trusted proxy hands on', async () => {
    const headers = { ...jsonHeaders, 'x-forwarded-for': '198.51.100.1' };
    for (const [base, client] of [
      [{ trustedProxies: ['127.0.0.1'] }, '198.51.100.1'],
      [{}, '127.0.0.1'],
    ] as const) {
      const { base: server, lines } = createServer({ keys: [{ key: KEY }], base });
      for (const payload of [chatBody(), '{'])
        await server.inject({ method: 'POST', url: '/v1/chat/completions', headers, payload });
      await server.inject({ url: '/nowhere', headers });
      expect(lines.map(({ text, fields }) => [text, fields.client])).toEqual([
        ['request', client],
        ['request', client],
        ['request refused', client],
      ]);
    }
  });

  it.each([
    ['x-forwarded-for', '127.0.0.1'],
    ['forwarded', 'for=127.0.0.1'],
    ['x-real-ip', '::1'],
  ])('never makes a caller local: with %s a keyless server refuses, and tells nothing', async (name, value) => {
    const { base } = createServer({ base: { trustedProxies: ['127.0.0.1', '203.0.113.7'] } });
    const ask = (url: string, headers: Record<string, string>, remoteAddress = '127.0.0.1') =>
      base.inject({ url, headers: { host: 'localhost', ...headers }, remoteAddress });
    expect((await ask('/v1/models', {})).statusCode).toBe(200);
    const refused = await ask('/v1/models', { [name]: value });
    expect([refused.statusCode, refused.json().error.message]).toEqual([403, expect.stringContaining('a proxy')]);
    expect((await ask('/v1/models', { [name]: value }, '203.0.113.7')).statusCode).toBe(403);
    expect((await ask('/metrics', { [name]: value })).statusCode).toBe(401);
    expect((await ask('/readyz', { [name]: value })).json()).toEqual({ status: 'ready' });
  });
});

describe('C12: the limit on connections of one address', () => {
  it('behind a trusted proxy holds for the requests of each caller, not for the proxy', async () => {
    const limits = { connectionsPerAddress: 2 };
    const base = { limits, trustedProxies: ['127.0.0.1'] };
    const { port, router, lines } = await startServer({ keys: [{ key: KEY }], base, script: () => undefined });
    const ask = async (client: string): Promise<Awaited<ReturnType<typeof rawClient>>> => {
      const each = await rawClient(port);
      each.socket.write(rawPost(chatBody(), `x-forwarded-for: ${client}\r\n`));
      return each;
    };
    const first = await ask('198.51.100.1');
    for (const client of ['198.51.100.1', '198.51.100.2', '198.51.100.2']) await ask(client);
    await expect.poll(() => router.played.length).toBe(4);
    const tooMany = await ask('198.51.100.1');
    expect(await tooMany.until(/\{"error"/)).toMatch(/^HTTP\/1\.1 429 .*retry-after: 1\r\n/is);
    expect(lines.find(({ text }) => text === 'connection refused')?.fields).toMatchObject({ client: '198.51.100.1' });
    first.socket.destroy();
    await expect.poll(() => router.played[0]?.cancels).toBe(1);
    await ask('198.51.100.1');
    await expect.poll(() => router.played.length).toBe(5);
  });

  it('behind a trusted proxy does not hold for what the proxy asks itself', async () => {
    const base = { limits: { connectionsPerAddress: 1 }, trustedProxies: ['127.0.0.1'] };
    const { port, router } = await startServer({ keys: [{ key: KEY }], base, script: () => undefined });
    for (const headers of ['', 'x-forwarded-for: 127.0.0.1\r\n', ''])
      (await rawClient(port)).socket.write(rawPost(chatBody(), headers));
    await expect.poll(() => router.played.length).toBe(3);
  });
});

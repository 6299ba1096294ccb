import type { HttpRequest } from '@smmf/core';
import { afterEach, describe, expect, it } from 'vitest';
import { createDialer, createHttpClient, dialReason } from '../src/index.ts';
import { redirected } from '../src/redirect.ts';
import { closeServers, failureOf, fakeDns, listen, says, soon, text } from './servers.ts';

afterEach(closeServers);

const moved = (to: string, status = '302 Found'): string => text(status, '', `location: ${to}\r\n`);

async function ask(request: HttpRequest, names: Readonly<Record<string, readonly string[]>> = {}) {
  const client = createHttpClient(createDialer({ lookup: fakeDns(names).lookup }));
  try {
    const response = await client.request(request, soon());
    return { status: response.status, url: response.url, text: await response.text() };
  } finally {
    await client.close();
  }
}

describe('a redirect', () => {
  it('is an answer like any other where nobody asks for more', async () => {
    const end = await listen(says(text('200 OK', 'end')));
    const { port } = await listen(says(moved(`http://127.0.0.1:${end.port}/`)));
    expect((await ask({ url: `http://127.0.0.1:${port}` })).status).toBe(302);
    expect(end.sockets).toEqual([]);
  });

  it('is followed where asked for, as often as asked for', async () => {
    const server = await listen((socket, heard) => {
      const number = Number(/GET \/(\d+) HTTP\/1\.1\r\n(?![\s\S]*GET)/.exec(heard)?.[1]);
      if (heard.endsWith('\r\n\r\n')) socket.write(number === 3 ? text('200 OK', 'end') : moved(`/${number + 1}`));
    });
    const url = `http://127.0.0.1:${server.port}/0`;
    expect(await ask({ url, redirects: 3 })).toEqual({ status: 200, url: url.replace('/0', '/3'), text: 'end' });
    const error = await failureOf(ask({ url, redirects: 2 }));
    expect(error).toMatchObject({ message: expect.stringContaining('redirects more than 2 times') });
    expect(dialReason(error)).toBe('redirect');
  });

  it('carries nothing that could be a credential to another origin', async () => {
    const end = await listen(says(text('200 OK', 'end')));
    const { port, heard } = await listen(says(moved(`http://127.0.0.1:${end.port}/`)));
    const headers = {
      authorization: 'canary',
      'x-api-key': 'canary',
      cookie: 'canary',
      'x-own': 'canary',
      accept: 'a/b',
      range: 'bytes=1-',
    };
    expect((await ask({ url: `http://127.0.0.1:${port}`, headers, redirects: 1 })).text).toBe('end');
    expect(heard[0]?.match(/canary/g)).toHaveLength(4);
    expect(end.heard[0]).not.toContain('canary');
    expect(end.heard[0]).toMatch(/accept: a\/b\r\n[\s\S]*range: bytes=1-/);
  });

  it('to another host does not reach what is not public', async () => {
    const inside = await listen(says(text('200 OK', 'secrets')));
    const { port } = await listen(says(moved(`http://inside.test:${inside.port}/`)));
    const names = { 'hub.test': ['127.0.0.1'], 'inside.test': ['127.0.0.1'] };
    const request = { url: `http://hub.test:${port}`, redirects: 3 };
    const error = await failureOf(ask(request, names));
    expect(dialReason(error)).toBe('egress');
    expect(inside.sockets).toEqual([]);
    // The caller answers for it by naming the zone.
    expect((await ask({ ...request, egress: 'configured' }, names)).text).toBe('secrets');
  });

  it.each([
    ['something that is no address', 'http://[', /no http address/],
    ['another protocol', 'file:///etc/passwd', /no http address/],
  ])('to %s is refused', async (_name, location, message) => {
    const { port } = await listen(says(moved(location)));
    await expect(ask({ url: `http://127.0.0.1:${port}`, redirects: 1 })).rejects.toThrow(message);
  });
});

describe('the request that follows', () => {
  const from: HttpRequest = {
    url: 'https://a.test/x',
    redirects: 2,
    headers: { authorization: 'k' },
    tls: { ca: 'c', cert: 'd', key: 'e' },
  };

  it('keeps all of it on the same origin', () => {
    expect(redirected({ ...from, socketPath: '/s' }, 302, '/y')).toEqual({
      ...from,
      socketPath: '/s',
      url: 'https://a.test/y',
      redirects: 1,
      method: 'GET',
    });
  });

  it('loses client certificate, socket and name of the server elsewhere, and keeps the authorities', () => {
    const next = redirected({ ...from, socketPath: '/s', serverName: 'n' }, 302, 'https://a.test:8443/');
    expect(next).toEqual({
      url: 'https://a.test:8443/',
      redirects: 1,
      method: 'GET',
      headers: {},
      egress: undefined,
      tls: { ca: 'c' },
    });
    expect(redirected(from, 302, 'https://b.test/').egress).toBe('public');
    expect(redirected({ ...from, egress: 'configured' }, 302, 'https://b.test/').egress).toBe('configured');
  });

  it('never goes from https to http', () => {
    expect(() => redirected(from, 302, 'http://a.test/x')).toThrow(/from https to http:\/\/a\.test/);
  });

  it.each([
    [301, 'POST', 'GET', false],
    [302, 'POST', 'GET', false],
    [303, 'POST', 'GET', false],
    [303, 'PUT', 'GET', false],
    [303, 'HEAD', 'HEAD', true],
    [301, 'PUT', 'PUT', true],
    [307, 'POST', 'POST', true],
    [308, 'POST', 'POST', true],
  ])('after %i of %s is a %s', (status, method, next, keepsBody) => {
    const headers = { 'Content-Type': 'text/plain', accept: '*/*' };
    const result = redirected({ url: 'http://a.test', method, body: 'b', headers }, status, '/y');
    expect(result.method).toBe(next);
    expect(result.body).toBe(keepsBody ? 'b' : undefined);
    expect(result.headers).toEqual(keepsBody ? headers : { accept: '*/*' });
  });

  it('cannot send a stream twice', () => {
    const body = (async function* () {
      yield Buffer.from('x');
    })();
    expect(() => redirected({ url: 'http://a.test', body }, 307, '/y')).toThrow(/cannot be sent twice/);
  });
});

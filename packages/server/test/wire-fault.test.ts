import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { hostName, pathOf, type RoutePath, wireFault } from '../src/wire-check.ts';

interface Wire {
  readonly url?: string;
  readonly method?: string;
  readonly version?: number;
  readonly raw?: readonly string[];
  readonly headers?: Record<string, string>;
}

/** What the check reads of a request; by itself a clean one. */
function fault({ url = '/v1/models', method = 'GET', version = 1, raw = [], headers = {} }: Wire, route?: RoutePath) {
  const all = { host: '127.0.0.1', ...headers };
  const request = { headers: all, rawHeaders: raw, url, httpVersionMinor: version, method };
  return wireFault(request as unknown as IncomingMessage, route);
}

describe('a header', () => {
  it.each(['Host', 'AUTHORIZATION', 'content-length', 'Transfer-Encoding'])('%s stands there once', (name) => {
    const lower = name.toLowerCase();
    expect(fault({ raw: [name, '1', 'x', '2'] })).toBeUndefined();
    expect(fault({ raw: [name, '1', 'x', '2', lower, '1'] })).toBe(`Header ${lower} is given more than once`);
  });

  it('of another name may stand there twice, also one of the same length, and a value that is a name', () => {
    for (const name of ['date', 'x-same-length', 'x-same-length1', 'x-same-length1234', 'a'])
      expect(fault({ raw: [name, 'host', name, 'host'] })).toBeUndefined();
    expect(fault({ raw: ['host', 'a', 'authorization', 'b', 'content-length', '0', 'transfer-encoding', 'c'] })).toBe(
      undefined,
    );
  });
});

describe('the host', () => {
  it.each(['a', 'A-b_c.0', 'a:1', 'a:65535', '[::1]', '[2001:DB8::1]:80', 'x'.repeat(253)])('may be %.40s', (host) => {
    expect(fault({ headers: { host } })).toBeUndefined();
  });

  it.each([
    '',
    ':80',
    'a:',
    'a:123456',
    'a:x',
    'a:1x',
    'x'.repeat(254),
    '[:]',
    '[::1',
    '::1]',
    '[::g]',
    `[${':'.repeat(46)}]`,
    'a b',
    ' a',
    'a ',
    'x[::1]',
  ])('may not be %.60j', (host) => {
    expect(fault({ headers: { host } })).toBe('Header host is missing or malformed');
  });

  it('may be missing in HTTP/1.0 alone', () => {
    const without = (httpVersionMinor: number, url = '/') =>
      wireFault(
        { headers: {}, rawHeaders: [], url, httpVersionMinor, method: 'GET' } as unknown as IncomingMessage,
        undefined,
      );
    expect(without(0)).toBeUndefined();
    expect(without(1)).toBe('Header host is missing or malformed');
    expect(without(0, 'http://a/')).toBe('The request target disagrees with header host');
  });

  it('has its name before its port', () => {
    expect(['a:80', 'a', '[::1]:80', '[::1]', 'a:x', 'a:123456'].map(hostName)).toEqual([
      'a',
      'a',
      '[::1]',
      '[::1]',
      'a:x',
      'a:123456',
    ]);
  });
});

describe('a body', () => {
  it('has no coding but chunks', () => {
    for (const coding of ['chunked', 'Chunked'])
      expect(fault({ method: 'POST', headers: { 'transfer-encoding': coding } })).toBeUndefined();
    for (const coding of ['gzip', 'gzip, chunked', ''])
      expect(fault({ method: 'POST', headers: { 'transfer-encoding': coding } })).toBe(
        'Only the transfer coding "chunked" is accepted',
      );
  });

  it.each(['GET', 'HEAD'])('does not come with %s', (method) => {
    expect(fault({ method, headers: { 'content-length': '0' } })).toBeUndefined();
    for (const headers of [{ 'content-length': '1' }, { 'transfer-encoding': 'chunked' }] as Record<string, string>[])
      expect(fault({ method, headers })).toBe(`${method} does not take a body`);
    expect(fault({ method: 'POST', headers: { 'content-length': '1' } })).toBeUndefined();
  });
});

describe('the target', () => {
  const TRICKY = 'The path holds a doubled slash, a dot segment, a backslash or NUL';

  it.each(['/', '/a/b', '*', '/a?x=//', '/a#/../', '/.a', '/..a', '/a.', '/a..', '/...', '/a%2'])(
    'may be %s',
    (url) => {
      expect(fault({ url })).toBeUndefined();
    },
  );

  it.each([
    '//a',
    '/a//b',
    '/a\\b',
    '/a%5cb',
    '/a%5Cb',
    '/a%00',
    '/.',
    '/./a',
    '/a/.',
    '/a/..',
    '/a/../b',
    '/a/.;x',
    '/%2e/a',
    '/%2E.',
    '/.%2e',
    '/a/..?x',
  ])('may not be %s', (url) => {
    expect(fault({ url })).toBe(TRICKY);
  });

  it('may hold an encoded slash where the route says so', () => {
    const route = { url: '/v1/models/*', encodedSlash: true };
    for (const url of ['/v1/models/a%2fb', '/v1/models/a%2Fb']) {
      expect(fault({ url }, route)).toBeUndefined();
      for (const none of [undefined, { ...route, encodedSlash: false }])
        expect(fault({ url }, none)).toBe('The path holds an encoded slash');
    }
    expect(fault({ url: '/v1/models?a=%2f' })).toBeUndefined();
    expect(fault({ url: '/a/../b' }, route)).toBe(TRICKY);
  });

  it('is clean where it is the very text of the route', () => {
    expect(fault({ url: '/a//b' }, { url: '/a//b', encodedSlash: false })).toBeUndefined();
    expect(fault({ url: '/a//b' }, { url: '/a', encodedSlash: false })).toBe(TRICKY);
  });

  it('may be absolute where it agrees with the host, and is then held to the same rules', () => {
    for (const url of ['http://127.0.0.1', 'HTTPS://127.0.0.1/a?x', 'http://127.0.0.1?//'])
      expect(fault({ url })).toBeUndefined();
    expect(fault({ url: 'http://My.Box:80/a', headers: { host: 'mY.bOX:80' } })).toBeUndefined();
    expect(fault({ url: 'http://127.0.0.1/a/../b' })).toBe(TRICKY);
    expect(fault({ url: 'http://127.0.0.1/a%2fb' })).toBe('The path holds an encoded slash');
    for (const url of ['http://other/a', 'http://127.0.0.1:80/a', 'http://u@127.0.0.1/', 'http:///a'])
      expect(fault({ url })).toBe('The request target disagrees with header host');
    for (const url of ['a', 'ftp://127.0.0.1/', 'xhttp://127.0.0.1/', 'http:/127.0.0.1/', '**', ''])
      expect(fault({ url })).toBe('The request target is malformed');
  });

  it('has its path before the query and the fragment', () => {
    expect(['/a', '/a?b#c', '/a#b?c', '?', ''].map(pathOf)).toEqual(['/a', '/a', '/a', '', '']);
  });
});

import { describe, expect, it } from 'vitest';
import { chatBody, KEY, rawClient, rawExchange, rawPost, startServer } from './harness.ts';

const keys = [{ key: KEY }];

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);

/** 200 and more spellings of a path that should not get past the key check. */
function pathMutations(path: string): string[] {
  const [, first = '', ...rest] = path.split('/');
  const tail = rest.join('/');
  const joints = [
    '//',
    '/./',
    '/../',
    '/%2e/',
    '/%2E%2e/',
    '%2f',
    '%2F',
    '/%2f',
    '\\',
    '%5c',
    '/%5C',
    '%00/',
    '/;/',
    '/.;/',
    '/..;/',
    '/%2e%2e;/',
    '%252f',
    '/%252e%252e/',
    '/ /',
    '/%20/',
    '/\t/',
    '/..%2f',
    '/.%2e/',
    '%c0%af',
    '/%ef%bc%8f',
    '/x/../',
    '/%',
    '/%zz/',
    '/%u002f',
    '?/',
    '#/',
    ';/',
    '/~/',
    '/*/',
    '/:x/',
    '/%3f/',
    '/%23/',
  ];
  const mutations = joints.map((joint) => `/${first}${joint}${tail}`);
  const starts = [
    '/',
    '//',
    '///',
    '/./',
    '/../',
    '/%2e/',
    '/%2f',
    '/healthz/../',
    '/healthz/..%2f',
    '/healthz;/',
    '/healthz%2f..%2f',
    '/healthz?/../',
    '/readyz/../',
    '/metrics/../',
    '/public/',
    '*',
    '\\',
    '/%00',
    '%2f',
    'http:',
    'http:/',
    'http://',
    'https://127.0.0.1',
    'ftp://127.0.0.1',
    'file://',
    'javascript:',
  ];
  for (const start of starts) mutations.push(`${start}${path}`);
  const ends = [
    '/',
    '//',
    '/.',
    '/..',
    '/../x',
    '%2f',
    '%00',
    '%20',
    ';',
    ';x=1',
    '?',
    '?a',
    '?key=1',
    '#',
    '#/healthz',
    '/healthz',
    '/../healthz',
    '%0a',
    '%0d%0a',
    '.json',
    '~',
    '\\',
    '/%2e%2e/%2e%2e/healthz',
    '?/../healthz',
    ';/../healthz',
    '%3f',
    '*',
  ];
  for (const end of ends) mutations.push(`${path}${end}`);
  mutations.push(
    path.toUpperCase(),
    path.replace('v1', 'V1'),
    path.replace('v1', '%76%31'),
    path.replace('chat', 'ch%61t'),
  );
  return mutations;
}

const HOSTS = [
  'a b',
  'a/b',
  'a\\b',
  'a?b',
  'a#b',
  'a@b',
  'user:pass@127.0.0.1',
  'a:b',
  'a:99999999',
  '[::1',
  '::1',
  '[x]',
  'a,b',
  '127.0.0.1, 127.0.0.1',
  '127.0.0.1/healthz',
  '127.0.0.1:80/healthz?',
  'http://127.0.0.1',
  "'",
  '"',
  '{}',
  '<x>',
  'ä',
  ' ',
  '%31',
  '127.0.0.1%2fhealthz',
  '..\\..',
  'a;b',
  '$(x)',
  '`x`',
  '|',
  '*',
];

describe('S3: paths and hosts', () => {
  it('in 200 and more spellings never reach a handler without a key', async () => {
    const { port, router } = await startServer({ keys });
    let tried = 0;
    const paths = ['/v1/chat/completions', '/api/v1/embeddings', '/v1/models'].flatMap(pathMutations);
    for (const path of paths) {
      const post = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}`;
      const status = statusOf(await rawExchange(port, post));
      if (![400, 401, 404, 405].includes(status)) expect([path, status]).toEqual([path, 'a refusal']);
      tried++;
    }
    for (const host of HOSTS) {
      const get = `GET /v1/models HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`;
      expect([host, statusOf(await rawExchange(port, get))]).toEqual([host, 400]);
      tried++;
    }
    expect(tried).toBeGreaterThan(200);
    expect(router.played).toHaveLength(0);
  });

  it.each([
    ['a doubled slash', '/v1//models'],
    ['a dot segment', '/v1/../v1/models'],
    ['an encoded dot segment', '/v1/%2E%2e/models'],
    ['an encoded slash', '/v1%2fmodels'],
    ['NUL', '/v1/models/%00'],
    ['a backslash', '/v1/models/a%5cb'],
    ['a host that disagrees', 'http://other.example/v1/models'],
  ])('with %s get 400 and the end of the connection, also with a key', async (_what, path) => {
    const { port } = await startServer({ keys });
    const answer = await rawExchange(
      port,
      `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${KEY}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 .*connection: close/is);
    expect(answer).toContain('"code":"invalid_request"');
  });

  it('takes an absolute target that agrees with Host', async () => {
    const { port } = await startServer({ keys });
    const head = `host: 127.0.0.1\r\nconnection: close\r\nauthorization: Bearer ${KEY}\r\n\r\n`;
    expect(await rawExchange(port, `GET http://127.0.0.1/v1/models HTTP/1.1\r\n${head}`)).toMatch(/^HTTP\/1\.1 200/);
  });

  it('takes HTTP/1.0 without Host and refuses HTTP/1.1 without it', async () => {
    const { port } = await startServer({ keys });
    const head = `authorization: Bearer ${KEY}\r\n\r\n`;
    expect(await rawExchange(port, `GET /v1/models HTTP/1.0\r\n${head}`)).toMatch(/^HTTP\/1\.1 200/);
    expect(await rawExchange(port, `GET /v1/models HTTP/1.1\r\n${head}`)).toMatch(/^HTTP\/1\.1 400/);
  });
});

describe('S17: ambiguous requests', () => {
  const body = chatBody();
  const length = Buffer.byteLength(body);
  const post = (headers: string, payload = body): string =>
    `POST /v1/chat/completions HTTP/1.1\r\ncontent-type: application/json\r\n${headers}\r\n${payload}`;
  const base = `host: 127.0.0.1\r\nauthorization: Bearer ${KEY}\r\n`;
  const chunked = `${length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  const smuggled = 'GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n';

  it.each([
    ['two hosts', post(`${base}host: evil.example\r\ncontent-length: ${length}\r\n`)],
    ['two keys', post(`${base}Authorization: Bearer other\r\ncontent-length: ${length}\r\n`)],
    ['two lengths', post(`${base}content-length: ${length}\r\ncontent-length: ${length}\r\n`)],
    ['two lengths in two cases', post(`${base}content-length: ${length}\r\nContent-Length: 5\r\n`)],
    ['a list of lengths', post(`${base}content-length: ${length}, ${length}\r\n`)],
    ['a signed length', post(`${base}content-length: +${length}\r\n`)],
    ['a length and chunks', post(`${base}content-length: ${length}\r\ntransfer-encoding: chunked\r\n`, chunked)],
    ['chunks and a length', post(`${base}transfer-encoding: chunked\r\ncontent-length: ${length}\r\n`, chunked)],
    ['two codings', post(`${base}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n`, chunked)],
    ['a coding beside chunked', post(`${base}transfer-encoding: gzip, chunked\r\n`, chunked)],
    ['an unknown coding', post(`${base}transfer-encoding: xchunked\r\n`, chunked)],
    ['a space before the colon', post(`${base}content-length : ${length}\r\n`)],
    ['a folded header', post(`${base}x-a: 1\r\n 2\r\ncontent-length: ${length}\r\n`)],
    ['a NUL in a header', post(`${base}x-a: a\0b\r\ncontent-length: ${length}\r\n`)],
    ['a bare CR in a header', post(`${base}x-a: a\rb\r\ncontent-length: ${length}\r\n`)],
    ['a name that is no token', post(`${base}x(a): 1\r\ncontent-length: ${length}\r\n`)],
    ['bare line feeds', post(`${base}content-length: ${length}\r\n`).replaceAll('\r\n', '\n')],
    ['a body on GET', `GET /v1/models HTTP/1.1\r\n${base}content-length: 5\r\n\r\nhello`],
    ['a bad chunk size', post(`${base}transfer-encoding: chunked\r\n`, `zz\r\n${body}\r\n0\r\n\r\n`)],
    ['a chunk size with a minus', post(`${base}transfer-encoding: chunked\r\n`, `-1\r\n${body}\r\n0\r\n\r\n`)],
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/9.9', 'GET /v1/models HTTP/9.9\r\nhost: a\r\n\r\n'],
  ])('with %s get one 400 and the end of the connection', async (_what, bytes) => {
    const { port, router } = await startServer({ keys });
    const answer = await rawExchange(port, bytes + smuggled);
    expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 400']);
    expect(answer).toMatch(/connection: close/i);
    expect(answer).toContain('{"error":{"message":');
    expect(router.played).toHaveLength(0);
  });

  it('does not write a refusal into an answer that has begun', async () => {
    const { port, router } = await startServer({
      keys,
      script: ({ sink }) => {
        sink.start({ status: 200, contentType: 'text/event-stream', headers: {} });
        sink.write('data: 1\n\n');
      },
    });
    const client = await rawClient(port);
    client.socket.write(rawPost(chatBody({ stream: true })));
    await client.until(/data: 1/);
    client.socket.write('garbage\r\n\r\n');
    await client.closed;
    expect(client.text()).not.toContain('HTTP/1.1 400');
    expect(router.played[0]?.cancels).toBe(1);
  });
});

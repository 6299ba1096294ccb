import { METHODS } from 'node:http';
import { SmmfError } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { failWith } from './fake-router.ts';
import { chatBody, jsonHeaders, KEY, rawClient, rawExchange, rawPost, startServer } from './harness.ts';

const keys = [{ key: KEY }];
const HOST = 'host: 127.0.0.1\r\n';

/** Real Time Streaming Protocol, which Node's parser takes too. */
const RTSP = [
  ...['DESCRIBE', 'ANNOUNCE', 'SETUP', 'PLAY', 'PAUSE', 'TEARDOWN'],
  ...['GET_PARAMETER', 'SET_PARAMETER', 'REDIRECT', 'RECORD', 'FLUSH'],
];
const OTHERS = METHODS.filter((method) => !['GET', 'HEAD', 'POST', 'OPTIONS', 'CONNECT'].includes(method));

describe('E19: a method', () => {
  it.each([
    ...OTHERS.map((method) => [method, 'HTTP/1.1'] as const),
    ...RTSP.map((method) => [method, 'RTSP/1.0'] as const),
    ['SOURCE', 'ICE/1.0'] as const,
    ['CONNECT', 'HTTP/1.1'] as const,
  ])('%s of %s is a 405 with Allow on a path there is, else a 404, and no defect of ours', async (method, protocol) => {
    const { port, lines } = await startServer({ keys });
    const ask = (path: string): Promise<string> =>
      rawExchange(port, `${method} ${path} ${protocol}\r\n${HOST}connection: close\r\n\r\n`);
    const known = await ask('/v1/models');
    expect(known).toMatch(/^HTTP\/1\.1 405 .*\r\nallow: GET, HEAD, OPTIONS\r\n.*"code":"method_not_allowed"/is);
    expect(known).toMatch(/\r\nx-request-id: \S+\r\n/i);
    expect(await ask('/nowhere')).toMatch(/^HTTP\/1\.1 404 .*"code":"not_found"/is);
    expect(lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('that our routes do not know is held to the same rules of what is ambiguous', async () => {
    const { port } = await startServer({ keys });
    for (const [method, protocol] of [
      ['PURGE', 'HTTP/1.1'],
      ['DESCRIBE', 'RTSP/1.0'],
    ]) {
      const answer = await rawExchange(port, `${method} /v1/models ${protocol}\r\n${HOST}${HOST}\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 400 .*connection: close.*Header host is given more than once/is);
    }
  });

  it('that no protocol knows, and RTSP in the clothes of HTTP, are bad requests', async () => {
    const { port } = await startServer({ keys });
    for (const method of ['BREW', 'DESCRIBE', 'get'])
      expect(await rawExchange(port, `${method} /v1/models HTTP/1.1\r\n${HOST}\r\n`)).toMatch(/^HTTP\/1\.1 400/);
  });

  it('CONNECT to another host is refused, not tunnelled and not dropped', async () => {
    const { port } = await startServer({ keys });
    const answer = await rawExchange(port, 'CONNECT evil.example:443 HTTP/1.1\r\nhost: evil.example:443\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 40[045] .*connection: close/is);
  });
});

describe('E19: x-request-id', () => {
  const small = { limits: { bodyLimitBytes: 1_000 } };
  const get = (path: string): string => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`;

  it.each([
    ['of the parser', 'nonsense\r\n\r\n', 400],
    ['of too many headers', `GET / HTTP/1.1\r\n${HOST}x: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ['of an expectation', `GET / HTTP/1.1\r\n${HOST}expect: tea\r\n\r\n`, 400],
    ['of a path', get('/nowhere'), 404],
    ['of a path that is no URL', get('/%zz'), 400],
    ['of an ambiguous request', `GET /v1/models HTTP/1.1\r\n${HOST}${HOST}\r\n`, 400],
    ['of a method', `PUT /healthz HTTP/1.1\r\n${HOST}\r\n`, 405],
    ['of a missing key', get('/v1/models'), 401],
    ['of a body', rawPost('x'.repeat(1_001)), 413],
    ['of health', get('/healthz'), 200],
    ['of readiness', get('/readyz'), 200],
    ['of metrics', `GET /metrics HTTP/1.1\r\n${HOST}authorization: Bearer ${KEY}\r\n\r\n`, 403],
    ['of OPTIONS', `OPTIONS /v1/models HTTP/1.1\r\n${HOST}\r\n`, 204],
  ])('stands on the answer %s', async (_what, bytes, status) => {
    const { port } = await startServer({ keys, base: small });
    const client = await rawClient(port);
    client.socket.write(bytes);
    const answer = await client.until(/\r\n\r\n/);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toMatch(/\r\nx-request-id: [\w.-]{8,}\r\n/i);
  });

  it('stands on a request that never came to its end', async () => {
    const { port } = await startServer({ base: { limits: { headersTimeoutMs: 100 } } });
    expect(await rawExchange(port, 'GET / HTTP/1.1\r\nx')).toMatch(/^HTTP\/1\.1 408 .*x-request-id: /is);
  });
});

it('E19: Retry-After stands there in milliseconds too, for SDKs', async () => {
  const error = new SmmfError('OVERLOADED', 'x', { retryAfterMs: 1_250 });
  const { url } = await startServer({ keys, script: (played) => failWith(played, error) });
  const { headers } = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: jsonHeaders,
    body: chatBody(),
  });
  expect([headers.get('retry-after'), headers.get('retry-after-ms')]).toEqual(['2', '1250']);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createHttpBase, type KeyScope } from '../src/index.ts';
import { chatBody, createServer, rawClient, startServer } from './harness.ts';

const KEYS = {
  inference: 'sk-inference-0123456789',
  metrics: 'sk-metrics-0123456789',
  'admin:read': 'sk-read-0123456789abc',
  'admin:write': 'sk-write-0123456789abc',
  join: 'sk-join-0123456789abcd',
} as const satisfies Record<KeyScope, string>;

const ENTRIES = Object.entries(KEYS).map(([scope, key]) => ({ key, scopes: [scope as KeyScope] }));
const STRANGER = { remoteAddress: '203.0.113.7' };

/** A server with a route for each admin scope beside its own. */
function serverWithAdmin(): ReturnType<typeof createServer> {
  const server = createServer({ keys: ENTRIES });
  const answer = (_request: unknown, reply: { send(body: object): unknown }): void => void reply.send({});
  server.base.app.get('/admin/read', { config: { scope: 'admin:read' } }, answer);
  server.base.app.post('/admin/write', { config: { scope: 'admin:write' } }, answer);
  return server;
}

describe('S2: access', () => {
  it('cannot be forgotten: a route without a scope is not registered', () => {
    const { app } = createHttpBase();
    expect(() => app.get('/open', (_request, reply) => void reply.send({}))).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        message: 'Route GET /open declares no scope; give it config.scope',
      }),
    );
  });

  it('README lists every route', async () => {
    const { base, routes } = createServer({ keys: ENTRIES });
    await base.app.ready();
    const readme = readFileSync(join(import.meta.dirname, '../../../README.md'), 'utf8');
    const own = routes.map(({ url }) => url.replace('*', '{id}')).filter((url) => !url.startsWith('/api/'));
    expect(new Set(own).size).toBeGreaterThan(8);
    const shown = [...readme.matchAll(/`(?:GET |POST )?(\/[^`\s]*)`/g)].map(([, url]) => url);
    expect(own.filter((url) => !shown.includes(url))).toEqual([]);
  });

  it('is decided for every route of the table, every method and every kind of key', async () => {
    const { base, router, routes } = serverWithAdmin();
    await base.app.ready();
    expect(new Set(routes.map(({ url }) => url)).size).toBe(23);
    expect(routes.filter(({ scope }) => scope === 'public').map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /healthz',
      'HEAD /healthz',
      'GET /health',
      'HEAD /health',
      'GET /readyz',
      'HEAD /readyz',
    ]);
    for (const url of new Set(routes.map((route) => route.url))) {
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
        const route = routes.find((each) => each.url === url && each.method === method);
        const tries: Record<string, number> = {};
        for (const authorization of [
          '',
          'Bearer',
          'Bearer wrong',
          `Basic ${KEYS.inference}`,
          `Bearer ${KEYS.inference}x`,
        ]) {
          const path = url.replace('*', 'chat');
          const response = await base.inject({ method, url: path, headers: { authorization }, ...STRANGER });
          tries[authorization] = response.statusCode;
        }
        const refusal = method === 'OPTIONS' ? 204 : 405;
        const wanted = route === undefined ? refusal : route.scope === 'public' ? 200 : 401;
        expect([method, url, ...Object.values(tries)]).toEqual([
          method,
          url,
          ...Array.from({ length: 5 }, () => wanted),
        ]);
        for (const [scope, key] of Object.entries(KEYS)) {
          if (route === undefined || route.scope === 'public' || route.scope === scope) continue;
          const headers = { authorization: `Bearer ${key}` };
          const response = await base.inject({ method, url: url.replace('*', 'chat'), headers, ...STRANGER });
          expect([method, url, scope, response.statusCode]).toEqual([method, url, scope, 403]);
        }
      }
    }
    expect(router.played).toHaveLength(0);
  });

  it('S5: lets each key do what its scope says', async () => {
    const { base } = serverWithAdmin();
    const status = async (method: 'GET' | 'POST', url: string, key: string): Promise<number> =>
      (await base.inject({ method, url, headers: { authorization: `Bearer ${key}` }, ...STRANGER })).statusCode;
    expect(await status('GET', '/admin/read', KEYS['admin:read'])).toBe(200);
    expect(await status('POST', '/admin/write', KEYS['admin:write'])).toBe(200);
    expect(await status('GET', '/v1/models', KEYS.inference)).toBe(200);
    expect(await status('GET', '/metrics', KEYS.metrics)).toBe(200);
  });
});

describe('without keys', () => {
  const call = (headers: Record<string, string>, remoteAddress = '127.0.0.1', base = {}) =>
    createServer({ base }).base.inject({ url: '/v1/models', headers, remoteAddress });

  it.each(['127.0.0.1:8100', 'localhost', '[::1]:8100', 'smmf.localhost'])(
    'serves this machine by name %s',
    async (host) => {
      expect((await call({ host })).statusCode).toBe(200);
    },
  );

  it.each(['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:8100'])(
    'refuses the foreign host %s (DNS rebinding)',
    async (host) => {
      expect((await call({ host })).statusCode).toBe(403);
    },
  );

  it('refuses other machines and pages of other origins, unless told otherwise', async () => {
    const host = 'localhost';
    expect((await call({ host }, '203.0.113.7')).statusCode).toBe(403);
    expect((await call({ host, origin: 'https://evil.example' })).statusCode).toBe(403);
    expect((await call({ host, origin: 'null' })).statusCode).toBe(403);
    expect((await call({ host, origin: 'http://localhost:3000' })).statusCode).toBe(200);
    expect(
      (await call({ host, origin: 'https://app.example' }, '127.0.0.1', { corsOrigins: ['https://app.example'] }))
        .statusCode,
    ).toBe(200);
    expect((await call({ host: 'smmf.example' }, '203.0.113.7', { allowOpen: true })).statusCode).toBe(200);
  });
});

describe('an origin that is not quite the listed one', () => {
  it.each(['https://app.example.evil', 'https://app.example:444', 'https://APP.example', 'http://app.example'])(
    'S17: is refused without keys: %s',
    async (origin) => {
      const { base } = createServer({ base: { corsOrigins: ['https://app.example'] } });
      const headers = { host: 'localhost', origin };
      expect((await base.inject({ url: '/v1/models', headers, remoteAddress: '127.0.0.1' })).statusCode).toBe(403);
    },
  );
});

describe('methods', () => {
  it('answers OPTIONS, HEAD, 405 with Allow, and 404', async () => {
    const { base } = createServer();
    const options = await base.inject({ method: 'OPTIONS', url: '/v1/models' });
    expect([options.statusCode, options.headers.allow]).toEqual([204, 'GET, HEAD, OPTIONS']);
    const head = await base.inject({ method: 'HEAD', url: '/v1/models' });
    expect([head.statusCode, head.body]).toEqual([200, '']);
    const wrong = await base.inject({ method: 'DELETE', url: '/v1/models/org/embed' });
    expect([wrong.statusCode, wrong.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
    const lost = await base.inject({ method: 'OPTIONS', url: '/v2/models' });
    expect([lost.statusCode, lost.json().error.code]).toEqual([404, 'not_found']);
  });
});

describe('a refusal', () => {
  it('keeps the connection for the next request, also after a body that was read', async () => {
    const { port } = await startServer({ keys: ENTRIES });
    const client = await rawClient(port);
    const head = 'HTTP/1.1\r\nhost: 127.0.0.1\r\n';
    const broken = `authorization: Bearer ${KEYS.inference}\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n{`;
    client.socket.write(`GET /v1/models ${head}\r\n`);
    await client.until(/"code":"invalid_api_key"/);
    client.socket.write(`POST /v1/chat/completions ${head}${broken}`);
    await client.until(/"code":"invalid_json"/);
    client.socket.write(`GET /nowhere ${head}\r\n`);
    const answers = await client.until(/"code":"not_found"/);
    expect(answers.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 401', 'HTTP/1.1 400', 'HTTP/1.1 404']);
    expect(answers).not.toMatch(/connection: close/i);
  });

  it('is logged for the operator alone, with its route, and not as a defect of ours', async () => {
    const { base, lines } = createServer({ keys: ENTRIES });
    await base.inject({ url: '/metrics', ...STRANGER });
    expect(lines).toEqual([
      {
        level: 'debug',
        text: 'request refused',
        fields: expect.objectContaining({ method: 'GET', route: '/metrics', status: 401, code: 'invalid_api_key' }),
      },
    ]);
  });
});

describe('request ids', () => {
  const idOf = async (given: string): Promise<string> => {
    const response = await createServer().base.inject({ url: '/v1/models', headers: { 'x-request-id': given } });
    return String(response.headers['x-request-id']);
  };

  it.each(['abc', 'A.b_c-9', 'x'.repeat(128)])('S18: keeps the harmless id %s', async (given) => {
    expect(await idOf(given)).toBe(given);
  });

  it.each(['', 'x'.repeat(129), 'a b', 'a\u001b[31m', 'ä', 'a/b', 'a"b', '{}'])(
    'S18: replaces the id %j',
    async (given) => {
      expect(await idOf(given)).toMatch(/^[\w-]{12}\.1$/);
    },
  );
});

describe('S21: compressed bodies', () => {
  it('are refused unread, within 50 ms and without memory', async () => {
    const { base, router } = createServer();
    await base.app.ready();
    const payload = brotliCompressSync(Buffer.alloc(16 * 1024 * 1024), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 5 },
    });
    expect(payload.length).toBeLessThan(1_000);
    const headers = { 'content-type': 'application/json', 'content-encoding': 'br' };
    await base.inject({ method: 'POST', url: '/v1/chat/completions', headers, payload });
    const before = process.memoryUsage().rss;
    const startedMs = performance.now();
    const response = await base.inject({ method: 'POST', url: '/v1/chat/completions', headers, payload });
    expect(performance.now() - startedMs).toBeLessThan(50);
    expect(response.statusCode).toBe(415);
    expect(process.memoryUsage().rss - before).toBeLessThan(20 * 1024 * 1024);
    expect(router.played).toHaveLength(0);
  });

  it.each(['gzip', 'br', 'identity, gzip', ''])('are refused whatever the coding: "%s"', async (coding) => {
    const { base, router } = createServer();
    const headers = { 'content-type': 'application/json', 'content-encoding': coding };
    const response = await base.inject({ method: 'POST', url: '/v1/chat/completions', headers, payload: chatBody() });
    expect(response.statusCode).toBe(415);
    expect(response.json().error).toMatchObject({
      code: 'unsupported_media_type',
      message: 'A compressed body is not accepted; send it as it is',
    });
    expect(router.played).toHaveLength(0);
  });

  it('takes "identity" for no coding', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'identity' };
    const response = await createServer().base.inject({
      method: 'POST',
      url: '/v1/chat/completions',
      headers,
      payload: chatBody(),
    });
    expect(response.statusCode).toBe(200);
  });
});

it('hides what broke inside and logs it', async () => {
  const { base, lines } = createServer();
  base.app.get('/broken', { config: { scope: 'public' } }, () => {
    throw new Error('secret detail');
  });
  const response = await base.inject({ url: '/broken' });
  expect([response.statusCode, response.json().error.code]).toEqual([500, 'internal']);
  expect(response.body).not.toContain('secret detail');
  expect(lines.find(({ level }) => level === 'error')).toMatchObject({
    text: 'request failed',
    fields: { route: '/broken', status: 500, code: 'internal', err: expect.any(Error) },
  });
});

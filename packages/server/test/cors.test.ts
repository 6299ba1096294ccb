import { SmmfError } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { corsOrigin, createHttpBase } from '../src/index.ts';
import { events, failWith, json, type Script } from './fake-router.ts';
import { chatBody, createServer, jsonHeaders, KEY, type TestServer } from './harness.ts';

const keys = [{ key: KEY }];
const origin = 'https://app.example';

const serve = (script: Script = json({ ok: true }), corsOrigins: readonly string[] = [origin]): TestServer =>
  createServer({ keys, base: { corsOrigins, limits: { bodyLimitBytes: 10_000 } }, script });

const preflight = async (
  from: string,
  headers: string,
  corsOrigins?: readonly string[],
  url = '/v1/chat/completions',
) =>
  serve(undefined, corsOrigins).base.inject({
    method: 'OPTIONS',
    url,
    headers: { origin: from, 'access-control-request-method': 'POST', 'access-control-request-headers': headers },
  });

const allowed = (headers: Record<string, unknown>): string[] =>
  Object.keys(headers).filter((name) => name.startsWith('access-control'));

describe('E17: CORS', () => {
  it('is off by default', async () => {
    const headers = { ...jsonHeaders, origin };
    const response = await createServer({ keys }).base.inject({ url: '/v1/models', headers });
    expect([allowed(response.headers), response.headers.vary]).toEqual([[], undefined]);
  });

  it('names a listed origin only, never with credentials, also on routed answers', async () => {
    const { base } = serve();
    const listed = await base.inject({
      method: 'POST',
      url: '/v1/chat/completions',
      headers: { ...jsonHeaders, origin },
      payload: chatBody(),
    });
    expect(listed.headers).toMatchObject({
      'access-control-allow-origin': origin,
      vary: expect.stringMatching(/^origin$/i),
    });
    expect(listed.headers).not.toHaveProperty('access-control-allow-credentials');
    const other = await base.inject({ url: '/v1/models', headers: { ...jsonHeaders, origin: 'https://evil.example' } });
    expect(allowed(other.headers)).toEqual([]);
  });

  it('answers a preflight without a key, and allows whatever headers it asks for', async () => {
    const wanted = 'authorization, content-type, x-stainless-lang, openai-beta, anthropic-version, x-my-own';
    const response = await preflight(origin, wanted);
    expect(response.statusCode).toBe(204);
    expect(response.headers).toMatchObject({
      allow: 'POST, OPTIONS',
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': wanted,
      'access-control-max-age': '600',
      'x-request-id': expect.any(String),
    });
  });

  it('answers OPTIONS of a path to anybody, and 404 where there is none', async () => {
    const { base } = serve();
    const plain = await base.inject({ method: 'OPTIONS', url: '/v1/models' });
    expect([plain.statusCode, plain.headers.allow, allowed(plain.headers)]).toEqual([204, 'GET, HEAD, OPTIONS', []]);
    const lost = await base.inject({ method: 'OPTIONS', url: '/v2/models', headers: { origin } });
    expect([lost.statusCode, lost.headers['access-control-allow-origin']]).toEqual([404, origin]);
  });

  it.each([
    'https://evil.example',
    'https://app.example.evil',
    'https://app.example:444',
    'http://app.example',
    'null',
    '',
  ])('allows %j nothing, in a preflight and in an answer', async (from) => {
    expect(allowed((await preflight(from, 'authorization')).headers)).toEqual([]);
    const headers = { ...jsonHeaders, origin: from };
    expect(allowed((await serve().base.inject({ url: '/v1/models', headers })).headers)).toEqual([]);
  });

  const fail: Script = (played) => failWith(played, new SmmfError('OVERLOADED', 'x', { retryAfterMs: 1_500 }));
  it.each<[string, number, object, Script?]>([
    ['of a missing key', 401, { url: '/v1/models', headers: { origin } }],
    ['of an unknown path', 404, { url: '/nowhere', headers: { origin } }],
    ['of an unknown model', 404, { method: 'POST', payload: chatBody({ model: 'nope' }) }],
    ['of another method', 405, { method: 'PUT' }],
    ['of a body that is too large', 413, { method: 'POST', payload: 'x'.repeat(10_001) }],
    [
      'of a body of another type',
      415,
      {
        method: 'POST',
        payload: 'x',
        headers: { origin, 'content-type': 'text/plain', authorization: jsonHeaders.authorization },
      },
    ],
    ['of the router', 503, { method: 'POST', payload: chatBody() }, fail],
  ])('lets a page read the refusal %s', async (_what, status, more, script) => {
    const { base } = serve(script);
    const response = await base.inject({ url: '/v1/chat/completions', headers: { ...jsonHeaders, origin }, ...more });
    expect([response.statusCode, response.headers['access-control-allow-origin']]).toEqual([status, origin]);
    expect(response.headers['access-control-expose-headers']).toContain('x-request-id');
  });

  it.each([
    ['a stream', events('data: [DONE]\n\n')],
    ['a whole answer', json({})],
  ])('lets a page read the headers of %s', async (_what, script) => {
    const { headers } = await serve(script).base.inject({
      method: 'POST',
      url: '/v1/chat/completions',
      headers: { ...jsonHeaders, origin },
      payload: chatBody(),
    });
    expect(headers['access-control-allow-origin']).toBe(origin);
    const exposed = String(headers['access-control-expose-headers']).split(', ');
    for (const name of [
      'x-request-id',
      'x-smmf-instance',
      'x-smmf-attempts',
      'x-smmf-model',
      'retry-after',
      'retry-after-ms',
    ])
      expect(exposed).toContain(name);
  });
});

describe('E17: an origin in the config', () => {
  const OPAQUE = [
    'app://obsidian.md',
    'tauri://localhost',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://0f9a3c2e-1111-4222-8333-abcdefabcdef',
    'vscode-webview://0abc',
    'capacitor://localhost',
    'null',
  ];

  it.each(OPAQUE)('may be %s, which is compared as text', async (text) => {
    expect(corsOrigin(text)).toBe(text);
    expect((await preflight(text, 'authorization', [text])).headers['access-control-allow-origin']).toBe(text);
    for (const near of [`${text}x`, text.toUpperCase(), `${text}/`])
      expect(allowed((await preflight(near, 'authorization', [text])).headers)).toEqual([]);
  });

  it('is not meant by another one that is opaque, too', async () => {
    expect(allowed((await preflight('null', 'authorization', ['app://obsidian.md'])).headers)).toEqual([]);
    expect(allowed((await preflight('app://other', 'authorization', ['null', 'app://obsidian.md'])).headers)).toEqual(
      [],
    );
  });

  it.each([
    ['https://App.example:443/', 'https://app.example'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://[::1]:3000', 'http://[::1]:3000'],
  ])('%s is taken as people write it', (text, wanted) => {
    expect(corsOrigin(text)).toBe(wanted);
  });

  it.each([
    '*',
    'app.example',
    'file:///x',
    '',
    'https://app.example/path',
    'https://u@app.example',
    'app://obsidian.md/',
    'app://',
    'data:x',
    'https://*.example',
  ])('is not %j', (text) => {
    expect(() => createHttpBase({ corsOrigins: [text] })).toThrow(/list origins such as/);
  });
});

import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { inspect } from 'node:util';
import { isSmmfError, Secret } from '@smmf/core';
import { createDialer } from '@smmf/net';
import { createFakeClock, testCall, testEngineContext } from '@smmf/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createVendorWorker, type VendorProfile, vendorOptions } from '../../src/index.ts';

type Answer = (request: IncomingMessage, body: string, response: ServerResponse) => void;

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A server whose requests are kept, with what each carried. */
async function serve(answer: Answer) {
  const seen: { url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    seen.push({ url: request.url ?? '', headers: request.headers, body });
    answer(request, body, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen };
}

const json = (response: ServerResponse, status: number, value: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));

const PROFILE: VendorProfile = {
  vendor: 'Acme',
  url: 'https://acme.invalid/v1',
  hosts: ['acme.invalid'],
  auth: { kind: 'bearer' },
  chunks: 'as-is',
};

async function workerOf(profile: Partial<VendorProfile>, options: object = {}, context = {}) {
  const settings = vendorOptions({}).parse({ model: 'large', probe: { timeout: '300ms' }, ...options });
  const worker = await createVendorWorker({ ...PROFILE, ...profile }, settings, testEngineContext(context));
  closers.push(() => worker.close());
  return worker;
}

const health = (worker: Awaited<ReturnType<typeof workerOf>>) => worker.health(AbortSignal.timeout(3_000));

describe('the readiness of a vendor', () => {
  it.each<[string, Answer, string]>([
    ['no list of models', (_, __, response) => json(response, 404, {}), 'no models list'],
    ['a list that is refused', (_, __, response) => json(response, 401, {}), 'HTTP 401'],
    [
      'a list without the model',
      (_, __, response) => json(response, 200, { object: 'list', data: [{ id: 'x' }] }),
      'does not list "large"',
    ],
    ['a list that never comes', () => undefined, 'no list of models within'],
    ['a page', (_, __, response) => void response.end('<html>'), 'no list of models'],
  ])('is there with %s, which is told beside it', async (_, answer, note) => {
    const { url } = await serve(answer);
    expect(await health(await workerOf({}, { url }))).toMatchObject({
      ready: true,
      note: expect.stringContaining(note),
    });
  });

  it('asks nothing where the vendor has no list, and is gone where nothing listens', async () => {
    const { url, seen } = await serve(() => undefined);
    expect(await health(await workerOf({ models: false }, { url }))).toEqual({ live: true, ready: true });
    expect(seen).toEqual([]);
    expect(await health(await workerOf({}, { url: 'http://127.0.0.1:9/v1' }))).toMatchObject({
      live: false,
      ready: false,
    });
  });

  it('is there from the start behind a proxy, whose own fault is told beside it; straight to it, the same fault counts', async () => {
    const dialer = createDialer({ env: { HTTP_PROXY: 'http://127.0.0.1:9' } });
    const options = { url: 'http://acme.invalid/v1' };
    const found = await health(await workerOf({}, options, { dialer }));
    expect(found).toMatchObject({ ready: true, note: expect.stringContaining('proxy') });
    const straight = await health(await workerOf({}, { ...options, proxy: 'none' }, { dialer }));
    expect(straight).toMatchObject({ live: false, ready: false });
  });

  it('asks once a minute unless told otherwise, and within five seconds', async () => {
    const settings = vendorOptions({}).parse({});
    expect(settings.probe).toEqual({ intervalMs: 60_000, timeoutMs: 5_000 });
  });
});

describe('the keys of a vendor', () => {
  it('one stands among the fixed headers, as the vendor wants it; several are lanes with weights and groups', async () => {
    const one = await workerOf({}, { apiKey: 'sk-canary-1' });
    expect(Object(one.endpoint?.headers).authorization.reveal()).toBe('Bearer sk-canary-1');
    expect(one.endpoint?.profile?.headers).toBeUndefined();
    const other = await workerOf({ auth: { kind: 'header', name: 'api-key' } }, { apiKey: 'sk-canary-1' });
    expect(Object(other.endpoint?.headers)['api-key'].reveal()).toBe('sk-canary-1');
    const keys = [
      { key: 'sk-canary-1', weight: 3 },
      { key: 'sk-canary-2', name: 'team', group: 'org' },
    ];
    const several = await workerOf({}, { keys });
    expect(several.endpoint?.lanes).toEqual([
      { id: 'key-1', weight: 3 },
      { id: 'team', group: 'org' },
    ]);
    expect(several.endpoint?.profile?.headers?.('team')).toEqual(['authorization', 'Bearer sk-canary-2']);
    expect(inspect(several, { depth: 9 }) + JSON.stringify(several)).not.toContain('canary');
  });

  it.each([
    [{ apiKey: 'a', keys: [{ key: 'b' }] }, 'keep one'],
    [
      {
        keys: [
          { key: 'a', name: 'x' },
          { key: 'b', name: 'x' },
        ],
      },
      'one name',
    ],
    [{ keys: [] }, 'keys'],
    [{ keys: [{ key: 'a' }], headers: { Authorization: 'b' } }, 'authorization'],
  ])('are refused as %j', (options, why) => {
    const { error } = vendorOptions({}).safeParse(options);
    expect(JSON.stringify(error?.issues)).toContain(why);
  });

  it('of the form id.secret are signed as a token whose fields are data, anew at four fifths of its life', async () => {
    const clock = createFakeClock();
    const claims = { api_key: 'id', exp: 'expiresMs', timestamp: 'issuedMs' } as const;
    const auth = { kind: 'jwt', header: { alg: 'HS256', sign_type: 'SIGN' }, claims, lifeMs: 600_000 } as const;
    const worker = await workerOf({ auth }, { apiKey: 'me.s3cret' }, { clock });
    const tokenOf = () => worker.endpoint?.profile?.headers?.('default')[1]?.replace('Bearer ', '') ?? '';
    const token = tokenOf();
    const [head = '', payload = '', signature] = token.split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(read(head)).toEqual({ alg: 'HS256', sign_type: 'SIGN' });
    const issuedMs = read(payload).timestamp;
    expect(read(payload)).toEqual({ api_key: 'me', timestamp: issuedMs, exp: issuedMs + 600_000 });
    expect(signature).toBe(createHmac('sha256', 's3cret').update(`${head}.${payload}`).digest('base64url'));
    clock.advance(479_000);
    expect(tokenOf()).toBe(token);
    clock.advance(2_000);
    expect(tokenOf()).not.toBe(token);
    const bad = await workerOf({ auth }, { apiKey: 'no-dot' });
    expect(() => bad.endpoint?.profile?.headers?.('default')).toThrow(/id\.secret/);
  });
});

describe('tokens by client credentials', () => {
  const auth = (tokenUrl: string) =>
    ({
      kind: 'client-credentials',
      tokenUrl,
      form: { client_id: 'me', scope: 'all' },
      secrets: { client_secret: new Secret('canary-secret') },
    }) as const;

  it('are fetched once for all who ask, before the instance is ready, and again at four fifths of their life', async () => {
    let count = 0;
    const tokens = await serve((_, __, response) =>
      json(response, 200, { access_token: `token-${++count}`, expires_in: 1_000 }),
    );
    const { url } = await serve((_, __, response) => json(response, 200, { object: 'list', data: [{ id: 'large' }] }));
    const clock = createFakeClock();
    const worker = await workerOf({ auth: auth(tokens.url) }, { url }, { clock });
    const shown = () => worker.endpoint?.profile?.headers?.('default');
    expect(shown).toThrow(/no token/);
    expect(await Promise.all([health(worker), health(worker)])).toEqual([
      { live: true, ready: true },
      { live: true, ready: true },
    ]);
    expect(shown()).toEqual(['authorization', 'Bearer token-1']);
    expect(Object.fromEntries(new URLSearchParams(tokens.seen[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'me',
      scope: 'all',
      client_secret: 'canary-secret',
    });
    clock.advance(800_001);
    await expect.poll(shown).toEqual(['authorization', 'Bearer token-2']);
    expect(count).toBe(2);
  });

  it('that are refused keep the instance from being ready, with the reason of the host and nothing secret', async () => {
    const tokens = await serve((_, body, response) =>
      json(response, 401, { error: 'invalid_client', error_description: body }),
    );
    const worker = await workerOf({ auth: auth(tokens.url) });
    const { ready, reason } = await health(worker);
    expect([ready, reason]).toEqual([false, expect.stringMatching(/HTTP 401, invalid_client.*expired/)]);
    expect(reason).not.toContain('canary');
  });
});

describe('embeddings in parts', () => {
  const vectors = (inputs: unknown[], first = 0) =>
    inputs.map((_, place) => ({ object: 'embedding', index: place, embedding: [first, place] }));

  it('keep the order, sum the usage, ask for floats, and go with the key of their lane', async () => {
    let call = 0;
    const { url, seen } = await serve((_, body, response) => {
      const data = vectors(JSON.parse(body).input, call++).reverse();
      json(response, 200, { data, usage: { prompt_tokens: 3, total_tokens: 3 } });
    });
    const keys = [{ key: 'sk-1' }, { key: 'sk-2' }];
    const worker = await workerOf(
      { embeddings: { batch: 2 }, parameters: [{ drop: ['user'] }] },
      { url, keys, tasks: ['embeddings'] },
    );
    const input = ['a', 'b', 'c', 'd', 'e'];
    const request = { model: 'm', input, user: 'x', dimensions: 2, encoding_format: 'base64' as const };
    const result = await worker.tasks.embeddings?.(request, { ...testCall(), lane: 'key-2' });
    expect(result).toEqual({
      vectors: [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
        [2, 0],
      ],
      usage: { prompt_tokens: 9, total_tokens: 9 },
      headers: { 'x-smmf-adjusted': 'user' },
    });
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer sk-2'));
    expect(JSON.parse(seen[2]?.body ?? '')).toEqual({
      model: 'large',
      input: ['e'],
      dimensions: 2,
      encoding_format: 'float',
    });
  });

  it('take one text and one list of tokens as one input; a vendor of floats only is not asked for a format', async () => {
    const { url, seen } = await serve((_, body, response) =>
      json(response, 200, { data: vectors(JSON.parse(body).input) }),
    );
    const worker = await workerOf({ embeddings: { floatsOnly: true } }, { url, tasks: ['embeddings'] });
    for (const input of ['a', [1, 2, 3]]) await worker.tasks.embeddings?.({ model: 'm', input }, testCall());
    expect(seen.map(({ body }) => JSON.parse(body))).toEqual([
      { model: 'large', input: ['a'] },
      { model: 'large', input: [[1, 2, 3]] },
    ]);
  });

  it.each<[string, Answer, object]>([
    [
      'a refused key',
      (_, __, response) => json(response, 401, { error: { message: 'x' } }),
      { code: 'CREDENTIALS_UNUSABLE', pauseMs: 300_000 },
    ],
    [
      'a fault of the request',
      (_, __, response) => json(response, 400, { error: { message: 'too many, see http://x/y' } }),
      { code: 'INVALID_REQUEST', message: 'too many, see [url]' },
    ],
    ['a failure', (_, __, response) => json(response, 500, {}), { code: 'ENGINE_FAILED' }],
    ['too few vectors', (_, __, response) => json(response, 200, { data: [] }), { code: 'ENGINE_FAILED' }],
    ['no JSON', (_, __, response) => void response.end('<html>'), { code: 'ENGINE_FAILED' }],
    ['a broken connection', (_, __, response) => void response.destroy(), { code: 'ENGINE_UNREACHABLE' }],
  ])('fail whole with %s', async (_, answer, expected) => {
    const { url } = await serve(answer);
    const worker = await workerOf({ embeddings: { batch: 2 } }, { url, tasks: ['embeddings'] });
    const error = await worker.tasks.embeddings?.({ model: 'm', input: ['a'] }, testCall()).catch((caught) => caught);
    expect(isSmmfError(error)).toBe(true);
    expect(error).toMatchObject(expected);
  });

  it("end with the call's deadline, on the clock that the worker is given", async () => {
    const { url } = await serve(() => undefined);
    const clock = createFakeClock();
    clock.advance(1_000_000_000);
    const worker = await workerOf({ embeddings: { batch: 2 } }, { url, tasks: ['embeddings'] }, { clock });
    const startMs = performance.now();
    const call = { ...testCall(), deadlineMs: clock.now() + 200 };
    await expect(worker.tasks.embeddings?.({ model: 'm', input: ['a'] }, call)).rejects.toMatchObject({
      code: 'ENGINE_UNREACHABLE',
    });
    expect(performance.now() - startMs).toBeLessThan(3_000);
  });

  it('go over the wire where the vendor has no limit', async () => {
    expect((await workerOf({}, { tasks: ['embeddings'] })).tasks.embeddings).toBeUndefined();
  });
});

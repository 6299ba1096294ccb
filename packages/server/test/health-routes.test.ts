import { describe, expect, it } from 'vitest';
import {
  createHttpBase,
  createKeyRing,
  createMetrics,
  healthRoutes,
  type KeyEntry,
  type Readiness,
} from '../src/index.ts';

const STRANGER = { remoteAddress: '203.0.113.7' };
const METRICS_KEY = 'sk-metrics-0123456789';

const INFERENCE_KEY = 'sk-inference-0123456789';
const ENTRIES: readonly KeyEntry[] = [
  { key: METRICS_KEY, scopes: ['metrics'] },
  { key: INFERENCE_KEY, scopes: ['inference'] },
];

function base(readiness?: () => Readiness, entries = ENTRIES): ReturnType<typeof createHttpBase> {
  const made = createHttpBase({ keys: createKeyRing(entries) });
  const metrics = createMetrics();
  metrics.close();
  healthRoutes(made, { metrics, warnings: ['open'], ...(readiness ? { readiness } : {}) });
  return made;
}

describe('health', () => {
  it('is 200 for anyone while the process answers', async () => {
    const { inject } = base(() => ({ ready: false }));
    expect((await inject({ url: '/healthz', ...STRANGER })).json()).toEqual({ status: 'ok' });
    expect((await inject({ method: 'HEAD', url: '/healthz', ...STRANGER })).statusCode).toBe(200);
  });
});

describe('readiness', () => {
  it('follows the callback and shows reasons on this machine', async () => {
    const state: { ready: boolean; reasons: string[] } = { ready: false, reasons: ['model chat has no instance'] };
    const { inject } = base(() => state);
    const before = await inject({ url: '/readyz' });
    expect([before.statusCode, before.json()]).toEqual([
      503,
      { status: 'not ready', reasons: ['model chat has no instance'], warnings: ['open'] },
    ]);
    state.ready = true;
    state.reasons = [];
    expect((await inject({ url: '/readyz' })).statusCode).toBe(200);
  });

  it('hides reasons from strangers and shows them to any key', async () => {
    const { inject } = base(() => ({ ready: false, reasons: ['inner'] }));
    expect((await inject({ url: '/readyz', ...STRANGER })).json()).toEqual({ status: 'not ready' });
    const headers = { authorization: `Bearer ${METRICS_KEY}` };
    expect((await inject({ url: '/readyz', headers, ...STRANGER })).json()).toMatchObject({ reasons: ['inner'] });
  });
});

describe('one model of several', () => {
  const models = [
    { id: 'chat', state: 'ready' },
    { id: 'big', state: 'down', reason: 'connection refused; https://user:hunter22@gpu1/' },
  ];
  const several = () => {
    const made = createHttpBase({ keys: createKeyRing(ENTRIES) });
    const resolve = (name: string) => (name === 'alias' ? 'chat' : undefined);
    healthRoutes(made, { readiness: () => ({ ready: true, reasons: ['model "big": down'], models }), resolve });
    return made;
  };

  it('does not take a server that can serve out of the balancer, and shows with the others', async () => {
    const answer = await several().inject({ url: '/readyz' });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({
      status: 'ready',
      reasons: ['model "big": down'],
      models: [{ id: 'chat' }, { id: 'big' }],
    });
    expect(answer.body).not.toContain('hunter22');
  });

  it.each([
    ['chat', 200, { status: 'ready', models: [{ id: 'chat', state: 'ready' }] }],
    ['alias', 200, { status: 'ready', models: [{ id: 'chat', state: 'ready' }] }],
    ['big', 503, { status: 'not ready', models: [{ id: 'big', state: 'down' }] }],
    ['nope', 404, { error: { code: 'not_found', message: 'There is no model "nope"' } }],
  ])('is asked for by name: %s', async (name, status, body) => {
    const answer = await several().inject({ url: `/readyz?model=${name}` });
    expect([answer.statusCode, answer.json()]).toMatchObject([status, body]);
  });

  it('tells a stranger nothing but whether it is ready, and not which names there are', async () => {
    const { inject } = several();
    const of = async (name: string) => {
      const answer = await inject({ url: `/readyz?model=${name}`, ...STRANGER });
      return [answer.statusCode, answer.json()];
    };
    expect(await of('chat')).toEqual([200, { status: 'ready' }]);
    expect(await of('big')).toEqual(await of('nope'));
  });

  it('is not ready when the server leaves', async () => {
    const made = several();
    const left = made.drain(1_000);
    expect((await made.inject({ url: '/readyz?model=chat' })).json()).toMatchObject({
      status: 'not ready',
      reasons: ['draining'],
    });
    await left;
  });
});

it('/health answers as vLLM and llama.cpp do: 200 when there is something to ask, else 503', async () => {
  const state = { ready: true };
  const { inject } = base(() => state);
  const well = await inject({ url: '/health', ...STRANGER });
  expect([well.statusCode, well.json()]).toEqual([200, { status: 'ok' }]);
  state.ready = false;
  const ill = await inject({ url: '/health', ...STRANGER });
  expect([ill.statusCode, ill.json()]).toEqual([
    503,
    { error: { code: 503, message: 'Not ready', type: 'unavailable_error' } },
  ]);
});

describe('H28: metrics', () => {
  const as = (key: string) => ({ authorization: `Bearer ${key}` });

  it('of a server with keys need one with the scope, from everybody', async () => {
    const { inject } = base();
    for (const place of [{}, { remoteAddress: '127.0.0.1' }, { remoteAddress: '::1' }, STRANGER]) {
      expect((await inject({ url: '/metrics', ...place })).statusCode).toBe(401);
      expect((await inject({ url: '/metrics', headers: as('wrong'), ...place })).statusCode).toBe(401);
      expect((await inject({ url: '/metrics', headers: as(INFERENCE_KEY), ...place })).statusCode).toBe(403);
      const answer = await inject({ url: '/metrics', headers: as(METRICS_KEY), ...place });
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([
        200,
        'text/plain; version=0.0.4; charset=utf-8',
      ]);
    }
  });

  it('of a server without keys are open on this machine, and nowhere else', async () => {
    const { inject } = base(undefined, []);
    expect((await inject({ url: '/metrics', remoteAddress: '127.0.0.1' })).statusCode).toBe(200);
    expect((await inject({ url: '/metrics', ...STRANGER })).statusCode).toBe(401);
  });

  it.each([{ 'x-forwarded-for': '203.0.113.7' }, { forwarded: 'for=203.0.113.7' }, { host: 'smmf.example' }])(
    'of a server without keys are not open to what a proxy on this machine passes on: %j',
    async (headers) => {
      expect((await base(undefined, []).inject({ url: '/metrics', headers })).statusCode).toBe(401);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { createHttpBase, createKeyRing, createMetrics, healthRoutes, type Readiness } from '../src/index.ts';

const STRANGER = { remoteAddress: '203.0.113.7' };
const METRICS_KEY = 'sk-metrics-0123456789';

function base(readiness?: () => Readiness): ReturnType<typeof createHttpBase> {
  const keys = createKeyRing([{ key: METRICS_KEY, scopes: ['metrics'] }]);
  const made = createHttpBase({ keys });
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

describe('metrics', () => {
  it('are open on this machine, and elsewhere with the scope alone', async () => {
    const { inject } = base();
    const local = await inject({ url: '/metrics' });
    expect([local.statusCode, local.headers['content-type']]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
    ]);
    expect((await inject({ url: '/metrics', ...STRANGER })).statusCode).toBe(401);
    const headers = { authorization: `Bearer ${METRICS_KEY}` };
    expect((await inject({ url: '/metrics', headers, ...STRANGER })).statusCode).toBe(200);
  });

  it.each([{ 'x-forwarded-for': '203.0.113.7' }, { forwarded: 'for=203.0.113.7' }, { host: 'smmf.example' }])(
    'are not open to what a proxy on this machine passes on: %j',
    async (headers) => {
      expect((await base().inject({ url: '/metrics', headers })).statusCode).toBe(401);
    },
  );
});

import { createFakeEngine, createFixedServer, engineSuite, type FixedRoutes, testEngineContext } from '@smmf/testkit';
import { afterAll, afterEach, describe, expect, it, test } from 'vitest';
import plugin from '../src/index.ts';
import { healthy, METRICS_TEXT } from './trtllm-contract.ts';

const engine = await createFakeEngine({ models: ['served'] });
const server = await createFixedServer({});
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  await engine.close();
  await server.close();
});
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const create = async (options: object = {}) => {
  const parsed = plugin.options.parse({ url: server.url, ...options });
  const worker = await plugin.create?.(parsed, testEngineContext({ model: 'public' }));
  if (!worker) throw new Error('no worker');
  closing.push(() => worker.close());
  return worker;
};
const healthOf = async (routes: FixedRoutes, options: object = {}) => {
  server.answer(routes);
  return (await create(options)).health(AbortSignal.timeout(5_000));
};

engineSuite({ test, model: 'public', create: () => create({ url: engine.url }) });

describe('a trtllm-serve', () => {
  it('is healthy, and known by the name that it has for its only model', async () => {
    server.answer(healthy());
    const worker = await create();
    expect(await worker.health(AbortSignal.timeout(5_000))).toEqual({ live: true, ready: true });
    expect(worker.endpoint?.models).toEqual({ public: 'qwen3-8b' });
    expect(worker.endpoint?.url).toBe(`${server.url}/v1`);
  });

  it('tells its load by its Prometheus metrics; what reading would drain is left alone', async () => {
    server.answer(healthy());
    const worker = await create({ url: `${server.url}/v1/` });
    expect(await worker.load?.(AbortSignal.timeout(5_000))).toMatchObject({
      running: 3,
      waiting: 1,
      cacheUse: 0.5,
      prefixHitRate: 0.25,
    });
    server.answer(healthy({ 'GET /prometheus/metrics': { status: 404, body: { detail: 'Not Found' } } }));
    expect(await worker.load?.(AbortSignal.timeout(5_000))).toEqual({ sampledAtMs: expect.any(Number) });
    expect(METRICS_TEXT).toContain('trtllm_num_requests_running');
    expect(server.requests).not.toContain('GET /metrics');
  });

  it.each<[string, FixedRoutes, object, RegExp]>([
    [
      'a model it does not have',
      healthy(),
      { served: 'other' },
      /does not list "other"; it lists qwen3-8b.*served is the last part of the folder/,
    ],
    [
      'another server',
      { 'GET /v1/models': { body: { object: 'list', data: [{ id: 'm' }] } } },
      {},
      /no trtllm-serve.*right port \(8000.*server: triton/,
    ],
    ['HTML', { '*': { body: '<html>' } }, {}, /no trtllm-serve.*answers no list of models/],
    ['a Triton', { 'GET /v2': { body: { name: 'triton' } } }, {}, /server: triton.*no models list \(HTTP 404\)/],
    [
      'an old version',
      healthy({ 'GET /version': { body: { version: '0.17.0.post1' } } }),
      {},
      /0\.17\.0\.post1 is older than 1\.0.*update/,
    ],
  ])('is ready with a note of what is odd: %s', async (_, routes, options, told) => {
    const { ready, note } = await healthOf(routes, options);
    expect(ready).toBe(true);
    expect(note).toMatch(told);
  });

  it.each<[string, FixedRoutes, RegExp]>([
    ['it says so', healthy({ 'GET /health': { status: 503, body: 'down' } }), /not healthy \(HTTP 503\); see its log/],
  ])('is not ready when %s', async (_, routes, told) => {
    const { live, ready, reason } = await healthOf(routes);
    expect({ live, ready }).toEqual({ live: true, ready: false });
    expect(reason).toMatch(told);
  });

  it('is down when nothing is there', async () => {
    const { live, reason } = await (await create({ url: 'http://127.0.0.1:9' })).health(AbortSignal.timeout(5_000));
    expect(live).toBe(false);
    expect(reason).toMatch(/nothing listens at 127\.0\.0\.1:9/);
  });
});

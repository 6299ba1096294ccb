import { createFakeEngine, createFixedServer, engineSuite, type FixedRoutes, testEngineContext } from '@smmf/testkit';
import { afterAll, afterEach, describe, expect, it, test } from 'vitest';
import plugin from '../src/index.ts';
import { healthy, METRICS_TEXT } from './contract.ts';

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

describe('a TGI', () => {
  it('is healthy; its model and its context are found', async () => {
    server.answer(healthy());
    const worker = await create();
    expect(await worker.health(AbortSignal.timeout(5_000))).toEqual({ live: true, ready: true });
    expect(worker.models).toEqual([{ id: 'public', tasks: ['chat', 'completions'], contextLength: 4_096 }]);
    expect(worker.endpoint?.models).toEqual({ public: 'HuggingFaceTB/SmolLM2-135M-Instruct' });
  });

  it('tells its load by its metrics', async () => {
    server.answer(healthy({ 'GET /metrics': { body: METRICS_TEXT } }));
    const worker = await create({ url: `${server.url}/v1` });
    expect(await worker.load?.(AbortSignal.timeout(5_000))).toEqual({
      running: 5,
      waiting: 2,
      sampledAtMs: expect.any(Number),
    });
  });

  it.each<[string, FixedRoutes, RegExp]>([
    [
      'it says so',
      healthy({ 'GET /health': { status: 503, body: { error: 'unhealthy', error_type: 'healthcheck' } } }),
      /not healthy \(HTTP 503: unhealthy\); see its log/,
    ],
    [
      'it is too old',
      healthy({}, { version: '1.3.4' }),
      /TGI 1\.3\.4 is too old: it has no Messages API; 1\.4 or a newer one/,
    ],
  ])('is not ready when %s', async (_, routes, told) => {
    const { live, ready, reason } = await healthOf(routes);
    expect({ live, ready }).toEqual({ live: true, ready: false });
    expect(reason).toMatch(told);
  });

  it.each<[string, FixedRoutes, RegExp]>([
    [
      'another server',
      { 'GET /v1/models': { body: { object: 'list', data: [{ id: 'm' }] } } },
      /no TGI \(no \/info\); is it the right port \(3000/,
    ],
    ['HTML', { '*': { body: '<html>' } }, /no TGI.*answers no list of models/],
  ])('is ready with a note of what is odd: %s', async (_, routes, told) => {
    const { ready, note } = await healthOf(routes);
    expect(ready).toBe(true);
    expect(note).toMatch(told);
  });

  it('serves one model, whatever the config calls it: no other is missed', async () => {
    expect(await healthOf(healthy())).toEqual({ live: true, ready: true });
  });

  it('is down when nothing is there', async () => {
    const { live, reason } = await (await create({ url: 'http://127.0.0.1:9' })).health(AbortSignal.timeout(5_000));
    expect(live).toBe(false);
    expect(reason).toMatch(/nothing listens at 127\.0\.0\.1:9/);
  });

  it('is attached, by an address that may end with /v1 and a key', async () => {
    expect(plugin.run?.(plugin.options.parse({ url: server.url }))).toEqual({ form: 'attach' });
    const { endpoint } = await create({ url: `${server.url}/v1/`, apiKey: 'k', headers: { 'x-a': 'b' } });
    expect([endpoint?.url, Object.keys(endpoint?.headers ?? {})]).toEqual([
      `${server.url}/v1`,
      ['x-a', 'authorization'],
    ]);
    expect(plugin.options.safeParse({ url: server.url, served: 'x' }).success).toBe(false);
  });
});

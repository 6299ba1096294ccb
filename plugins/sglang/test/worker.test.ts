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

describe('an SGLang', () => {
  it('is healthy; its model and its context are found, and its key is nowhere', async () => {
    server.answer(healthy());
    const worker = await create();
    const health = await worker.health(AbortSignal.timeout(5_000));
    expect(health).toEqual({ live: true, ready: true });
    expect(worker.models).toEqual([{ id: 'public', tasks: ['chat', 'completions'], contextLength: 32_768 }]);
    expect(worker.endpoint?.models).toEqual({ public: 'qwen3-8b' });
  });

  it('tells its load by its metrics, where it was started with them', async () => {
    server.answer(healthy());
    const worker = await create({ url: `${server.url}/v1` });
    const load = () => worker.load?.(AbortSignal.timeout(5_000));
    expect(await load()).toMatchObject({ running: 4, waiting: 2, cacheUse: 0.4, prefixHitRate: 0.1 });
    server.answer(healthy({ 'GET /metrics': { status: 404, body: { detail: 'Not Found' } } }));
    expect(await load()).toEqual({ sampledAtMs: expect.any(Number) });
    expect(METRICS_TEXT).toContain('sglang:num_running_reqs');
  });

  it('is not ready when it says so', async () => {
    const { live, ready, reason } = await healthOf(healthy({ 'GET /health': { status: 503 } }));
    expect({ live, ready }).toEqual({ live: true, ready: false });
    expect(reason).toMatch(/not healthy \(HTTP 503\).*see its log/);
  });

  it.each<[string, FixedRoutes, object, RegExp]>([
    [
      'a model it does not have',
      healthy(),
      { served: 'other' },
      /does not list "other"; it lists qwen3-8b; .*--served-model-name/,
    ],
    [
      'another server',
      { 'GET /v1/models': { body: { object: 'list', data: [{ id: 'm' }] } } },
      {},
      /no SGLang.*right port \(30000/,
    ],
    ['HTML', { '*': { body: '<html>' } }, {}, /no SGLang.*answers no list of models/],
    [
      'an old version',
      healthy({ 'GET /server_info': { status: 404 }, 'GET /get_server_info': { body: { version: '0.4.6.post1' } } }),
      {},
      /SGLang 0\.4\.6\.post1 is older than 0\.5.*update it/,
    ],
  ])('is ready with a note of what is odd: %s', async (_, routes, options, told) => {
    const { ready, note } = await healthOf(routes, options);
    expect(ready).toBe(true);
    expect(note).toMatch(told);
    expect(note).not.toContain('canary');
  });

  it('is down when nothing is there', async () => {
    const { live, reason } = await (await create({ url: 'http://127.0.0.1:9' })).health(AbortSignal.timeout(5_000));
    expect(live).toBe(false);
    expect(reason).toMatch(/nothing listens at 127\.0\.0\.1:9/);
  });
});

import { createFakeEngine, createFixedServer, engineSuite, type FixedRoutes, testEngineContext } from '@smmf/testkit';
import { afterAll, afterEach, describe, expect, it, test } from 'vitest';
import plugin from '../src/index.ts';
import { healthy } from './contract.ts';

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

describe('an Ollama', () => {
  it('is healthy with a model that it has, by its name with or without the tag that all have', async () => {
    expect(await healthOf(healthy(), { model: 'qwen3:8b' })).toEqual({ live: true, ready: true });
    expect(await healthOf(healthy(), { model: 'llama3.2' })).toEqual({ live: true, ready: true });
    expect((await create({ model: 'qwen3:8b' })).endpoint?.models).toEqual({ public: 'qwen3:8b' });
    expect((await create()).load).toBeUndefined();
  });

  it.each<[string, FixedRoutes, RegExp]>([
    [
      'a model it does not have',
      healthy(),
      /does not list "public"; it lists qwen3:8b, llama3\.2:latest; get it with: ollama pull public/,
    ],
    [
      'another server',
      { 'GET /v1/models': { body: { object: 'list', data: [{ id: 'public' }] } } },
      /no Ollama.*right port \(11434\)/,
    ],
    ['HTML', { '*': { body: '<html>' } }, /no Ollama.*answers no list of models/],
    [
      'an old version',
      healthy({ 'GET /api/version': { body: { version: '0.5.1' } } }),
      /Ollama 0\.5\.1 tells no token counts in streams; 0\.5\.2/,
    ],
  ])('is ready with a note of what is odd: %s', async (_, routes, told) => {
    const { ready, note } = await healthOf(routes);
    expect(ready).toBe(true);
    expect(note).toMatch(told);
  });

  it.each(['0.5.2', '0.5.11', '0.33.0', '1.0.0'])('of version %s is new enough', async (version) => {
    const routes = healthy({ 'GET /api/version': { body: { version } } });
    expect(await healthOf(routes, { model: 'qwen3:8b' })).toEqual({ live: true, ready: true });
  });

  it('is down when nothing is there; it is looked for where it listens by itself', async () => {
    const { live, reason } = await (await create({ url: 'http://127.0.0.1:9' })).health(AbortSignal.timeout(5_000));
    expect(live).toBe(false);
    expect(reason).toMatch(/nothing listens at 127\.0\.0\.1:9/);
    expect(plugin.options.parse({})).toMatchObject({ url: 'http://127.0.0.1:11434' });
  });
});

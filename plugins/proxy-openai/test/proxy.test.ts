import { createFakeEngine, engineSuite, testEngineContext } from '@smmf/testkit';
import { afterAll, describe, expect, it, test } from 'vitest';
import plugin from '../src/index.ts';

const engine = await createFakeEngine({ models: ['gpt-5-mini', 'other'] });
afterAll(() => engine.close());

const create = async (options: object = {}) => {
  const parsed = plugin.options.parse({ url: engine.url, model: 'gpt-5-mini', apiKey: 'sk-canary', ...options });
  const worker = await plugin.create?.(parsed, testEngineContext({ model: 'public' }));
  if (!worker) throw new Error('no worker');
  return worker;
};

engineSuite({
  test,
  model: 'public',
  create,
});

describe('proxy-openai', () => {
  it('finds health by the openai package, and sends key, organization and project with each request', async () => {
    const worker = await create({ organization: 'org-1', project: 'proj-1' });
    expect(await worker.health(AbortSignal.timeout(2_000))).toEqual({ live: true, ready: true });
    expect(worker.endpoint?.headers).toMatchObject({ 'openai-organization': 'org-1', 'openai-project': 'proj-1' });
    expect(JSON.stringify(worker.endpoint)).not.toContain('canary');
    expect(worker.endpoint?.models).toEqual({ public: 'gpt-5-mini' });
    await worker.close();
  });

  it('says when the service does not list the model, and when it is down', async () => {
    const worker = await create({ model: 'gpt-9' });
    expect(await worker.health(AbortSignal.timeout(2_000))).toMatchObject({
      live: true,
      ready: false,
      reason: expect.stringContaining('gpt-9'),
    });
    await worker.close();
    const nowhere = await create({ url: 'http://127.0.0.1:9/v1' });
    expect(await nowhere.health(AbortSignal.timeout(2_000))).toMatchObject({ live: false, ready: false });
    await nowhere.close();
  });

  it('takes the address of OpenAI when none is given, and needs a unit for times', () => {
    expect(plugin.options.parse({})).toMatchObject({
      url: 'https://api.openai.com/v1',
      tasks: ['chat'],
      connectTimeout: 5_000,
    });
    expect(plugin.options.safeParse({ connectTimeout: 5 }).success).toBe(false);
  });
});

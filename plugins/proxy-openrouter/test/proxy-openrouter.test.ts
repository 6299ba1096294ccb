import { createFakeEngine, engineSuite, testEngineContext } from '@smmf/testkit';
import { afterAll, describe, expect, it, test } from 'vitest';
import plugin from '../src/index.ts';

const engine = await createFakeEngine({ models: ['large'] });
afterAll(() => engine.close());

const create = async (options: object = {}) => {
  const worker = await plugin.create?.(
    plugin.options.parse({ model: 'large', apiKey: 'id.canary-secret', ...options }),
    testEngineContext({ model: 'public' }),
  );
  if (!worker) throw new Error('no worker');
  return worker;
};

engineSuite({ test, model: 'public', create: () => create({ url: engine.url }) });

describe('proxy-openrouter', () => {
  it('says whose requests they are', async () => {
    const worker = await create({ referer: 'https://example.com', title: 'Example' });
    expect(worker.endpoint?.headers).toMatchObject({ 'http-referer': 'https://example.com', 'x-title': 'Example' });
    await worker.close();
  });
});

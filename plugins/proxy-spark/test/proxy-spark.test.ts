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

describe('proxy-spark', () => {
  it('is reached by family', async () => {
    for (const version of ['v1', 'v2', 'x2']) {
      const worker = await create({ version });
      expect(worker.endpoint?.url).toBe(`https://spark-api-open.xf-yun.com/${version}`);
      await worker.close();
    }
  });
});

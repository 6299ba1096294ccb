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

describe('proxy-wenxin', () => {
  it('names the application where there is one', async () => {
    const worker = await create({ appId: 'app-1' });
    expect(worker.endpoint).toMatchObject({ url: 'https://qianfan.baidubce.com/v2', headers: { appid: 'app-1' } });
    await worker.close();
  });
});

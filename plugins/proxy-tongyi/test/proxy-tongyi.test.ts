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

describe('proxy-tongyi', () => {
  it.each([
    [{}, 'https://dashscope.aliyuncs.com/compatible-mode/v1'],
    [{ region: 'ap-southeast-1' }, 'https://dashscope-intl.aliyuncs.com/compatible-mode/v1'],
    [{ region: 'eu-central-1', workspace: 'ws1' }, 'https://ws1.eu-central-1.maas.aliyuncs.com/compatible-mode/v1'],
  ])('with %j is reached at %s', async (options, url) => {
    const worker = await create(options);
    expect(worker.endpoint?.url).toBe(url);
    await worker.close();
  });

  it('wants a workspace in a region that has no host for all', () => {
    const { error } = plugin.options.safeParse({ region: 'eu-central-1' });
    expect(error?.issues[0]?.message).toMatch(/eu-central-1.*workspace/);
  });
});

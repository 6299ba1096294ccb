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

describe('proxy-zhipu', () => {
  it('is reached by region, and signs a token where that is asked for', async () => {
    const plain = await create({ region: 'intl' });
    expect(plain.endpoint?.url).toBe('https://api.z.ai/api/paas/v4');
    expect(plain.endpoint?.profile?.headers).toBeUndefined();
    const signed = await create({ auth: 'jwt' });
    const [, value = ''] = signed.endpoint?.profile?.headers?.('default') ?? [];
    const [, payload = ''] = value.split('.');
    expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({ api_key: 'id' });
    for (const worker of [plain, signed]) await worker.close();
  });
});

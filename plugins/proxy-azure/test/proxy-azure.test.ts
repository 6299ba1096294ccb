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

describe('proxy-azure', () => {
  it('reaches a resource by its v1 API, and with a dated version by the path of the deployment', async () => {
    const v1 = await create({ resource: 'res' });
    expect(v1.endpoint).toMatchObject({
      url: 'https://res.openai.azure.com/openai/v1',
      paths: { chat: '/chat/completions' },
    });
    expect(Object(v1.endpoint?.headers)['api-key'].reveal()).toBe('id.canary-secret');
    const dated = await create({ resource: 'res', apiVersion: '2024-06-01' });
    expect(dated.endpoint).toMatchObject({
      url: 'https://res.openai.azure.com/openai',
      paths: { chat: '/deployments/large/chat/completions?api-version=2024-06-01' },
      streamUsage: false,
    });
    const newer = await create({ resource: 'res', apiVersion: '2024-10-21' });
    expect(newer.endpoint?.streamUsage).toBe(true);
    for (const worker of [v1, dated, newer]) await worker.close();
  });

  it("takes the config's id of the model for the deployment where no other is named", async () => {
    const worker = await create({ resource: 'res', apiVersion: '2024-10-21', model: undefined });
    expect(worker.endpoint?.paths?.chat).toBe('/deployments/public/chat/completions?api-version=2024-10-21');
    await worker.close();
  });

  it.each([
    [{}, /resource is missing/],
    [{ resource: 'a', entra: { tenant: 't', clientId: 'c' } }, /one of clientSecret and tokenFile/],
    [
      { resource: 'a', entra: { tenant: 't', clientId: 'c', clientSecret: 's', managedIdentity: true } },
      /managed identities/,
    ],
    [{ resource: 'a/b' }, /name of the resource/],
  ])('refuses %j with the remedy', (options, why) => {
    expect(JSON.stringify(plugin.options.safeParse(options).error?.issues)).toMatch(why);
  });
});

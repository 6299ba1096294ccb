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

describe('proxy-mistral', () => {
  it('puts thoughts beside the text, as others have them', async () => {
    const worker = await create();
    const content = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
      { type: 'text', text: 'yes' },
    ];
    const event = Buffer.from(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
    const mended = worker.endpoint?.profile?.event?.(event, {})?.toString() ?? '';
    expect(JSON.parse(mended.slice('data: '.length)).choices[0].delta).toEqual({
      content: 'yes',
      reasoning_content: 'hm',
    });
    await worker.close();
  });
});

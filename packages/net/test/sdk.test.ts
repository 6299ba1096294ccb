import { createFakeEngine, type FakeEngine } from '@smmf/testkit';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDialer, createHttpClient } from '../src/index.ts';

const messages = [{ role: 'user' as const, content: 'hi' }];

describe('the openai package over fetch of a client', () => {
  let engine: FakeEngine;
  let http = createHttpClient(createDialer());
  let sdk: OpenAI;
  beforeEach(async () => {
    engine = await createFakeEngine({ models: ['m'] });
    http = createHttpClient(createDialer());
    sdk = new OpenAI({ baseURL: engine.url, apiKey: 'k', fetch: http.fetch, maxRetries: 0 });
  });
  afterEach(async () => {
    await http.close();
    await engine.close();
  });

  it('lists models, chats and streams', async () => {
    expect((await sdk.models.list()).data.map(({ id }) => id)).toEqual(['m']);
    const whole = await sdk.chat.completions.create({ model: 'm', messages });
    let streamed = '';
    for await (const { choices } of await sdk.chat.completions.create({ model: 'm', messages, stream: true })) {
      streamed += choices[0]?.delta.content ?? '';
    }
    expect(streamed).toBe(whole.choices[0]?.message.content);
    expect(streamed).not.toBe('');
  });

  it('is told of an abort and of a server that is gone in its own errors', async () => {
    const controller = new AbortController();
    const asking = sdk.chat.completions.create({ model: 'm', messages }, { signal: controller.signal });
    controller.abort();
    await expect(asking).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await engine.kill();
    const failed = sdk.models.list().then(
      () => undefined,
      (error: Error) => error,
    );
    expect(await failed).toBeInstanceOf(OpenAI.APIConnectionError);
    expect(await failed).toMatchObject({ cause: { message: expect.stringContaining('nothing listens at') } });
  });
});

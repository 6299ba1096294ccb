import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, describe, expect, it } from 'vitest';
import { createSmmf } from '../src/index.ts';

const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
const smmf = await createSmmf({
  version: 1,
  // Keys are for the network; what runs in this process needs none.
  server: { port: 0, keys: ['a-key-for-the-network-alone'] },
  admin: { port: 0 },
  models: { demo: { engine: ENGINE, tokenMs: 2 }, slow: { engine: ENGINE, tokenMs: 100 } },
});
await smmf.ready();
afterAll(() => smmf.close(1_000));
const messages = [{ role: 'user' as const, content: 'one two three' }];
const inFlight = () => smmf.inspect().models.find(({ id }) => id === 'slow')?.inFlight;
const openai = new OpenAI({ fetch: smmf.fetch, apiKey: 'none', maxRetries: 0 });

describe('smmf.fetch', () => {
  it('carries an SDK: lists, whole answers, streams, many at once', async () => {
    expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(['demo', 'slow']);
    const ask = async (): Promise<void> => {
      const whole = await openai.chat.completions.create({ model: 'demo', messages });
      const text = whole.choices[0]?.message.content;
      expect(text).toContain('one two three');
      let streamed = '';
      for await (const chunk of await openai.chat.completions.create({ model: 'demo', messages, stream: true })) {
        streamed += chunk.choices[0]?.delta.content ?? '';
      }
      expect(streamed).toBe(text);
    };
    await Promise.all(Array.from({ length: 20 }, ask));
    expect(smmf.inspect()).toMatchObject({ leaks: 0 });
  });

  it("gives the API's own errors, with the id of the request", async () => {
    const failed = openai.chat.completions.create({ model: 'nope', messages });
    await expect(failed).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(failed).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
    await expect(failed).rejects.toHaveProperty('requestID', expect.stringMatching(/\S/));
  });

  it('ends the work of a call that is aborted, before and in its answer', async () => {
    const stream = await openai.chat.completions.create({ model: 'slow', messages, stream: true });
    for await (const _chunk of stream) break;
    await expect.poll(() => inFlight()).toBe(0);
    const controller = new AbortController();
    const call = openai.chat.completions.create({ model: 'slow', messages }, { signal: controller.signal });
    await expect.poll(() => inFlight()).toBe(1);
    controller.abort();
    await expect(call).rejects.toBeInstanceOf(OpenAI.APIUserAbortError);
    await expect.poll(() => inFlight()).toBe(0);
  });

  it('takes what fetch takes: paths alone, URLs, requests; and serves no admin routes', async () => {
    const body = JSON.stringify({ model: 'demo', messages });
    const asked = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    for (const input of ['/v1/chat/completions', new URL('https://api.openai.com/v1/chat/completions')]) {
      expect((await smmf.fetch(input, asked)).status).toBe(200);
    }
    const request = new Request('http://nowhere.invalid/v1/chat/completions', asked);
    expect(await (await smmf.fetch(request)).json()).toMatchObject({ object: 'chat.completion' });
    expect((await smmf.fetch('/v1/models', { headers: { authorization: 'Bearer something-else' } })).status).toBe(200);
    expect((await smmf.fetch('/admin/v1/instances')).status).toBe(404);
  });

  it('finishes what runs when SMMF closes, and then takes nothing more', async () => {
    const own = await createSmmf({
      version: 1,
      server: { port: 0 },
      admin: { port: 0 },
      models: { demo: { engine: ENGINE, tokenMs: 20 } },
    });
    await own.ready();
    const client = new OpenAI({ fetch: own.fetch, apiKey: 'none', maxRetries: 0 });
    const stream = await client.chat.completions.create({ model: 'demo', messages, stream: true });
    const closing = own.close(10_000);
    let end: string | null | undefined;
    for await (const chunk of stream) end = chunk.choices[0]?.finish_reason ?? end;
    expect(end).toBe('stop');
    await closing;
    await expect(own.fetch('/v1/models')).rejects.toMatchObject({ name: 'TypeError', cause: { code: 'CLOSED' } });
  });
});

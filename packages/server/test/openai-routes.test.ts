import { SmmfError } from '@smmf/core';
import { fromBase64, toBase64 } from '@smmf/protocol';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { CHAT, EMBED, events, failWith, json, type Script } from './fake-router.ts';
import { chatBody, createServer, jsonHeaders, KEY, type ServerSetup, startServer } from './harness.ts';

const keys = [{ key: KEY }];

async function sdk(script: Script): Promise<{ client: OpenAI; server: Awaited<ReturnType<typeof startServer>> }> {
  const server = await startServer({ keys, script });
  return { client: new OpenAI({ apiKey: KEY, baseURL: `${server.url}/v1`, maxRetries: 0 }), server };
}

it('tells the router who asks, and hands on a trace context that is one', async () => {
  const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const server = createServer({ keys: [{ key: KEY, name: 'ci' }] });
  for (const traceparent of [trace, 'nonsense', `ff-${trace}`]) {
    const headers = { ...jsonHeaders, traceparent };
    await server.base.inject({ method: 'POST', url: '/v1/chat/completions', headers, payload: chatBody() });
  }
  expect(server.router.played.map(({ request }) => request.traceparent)).toEqual([trace, undefined, undefined]);
  expect(server.router.played[0]?.request.caller?.key).toBe('ci');
});

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'chat', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

const messages = [{ role: 'user' as const, content: 'hi' }];

describe('the openai SDK', () => {
  it('gets an answer in one piece', async () => {
    const reply = {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'chat',
      choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    };
    const { client, server } = await sdk(json(reply));
    const { data, response, request_id } = await client.chat.completions
      .create({ model: 'chat', messages })
      .withResponse();
    expect(data.choices[0]?.message.content).toBe('hello');
    expect(request_id).toBe(server.router.played[0]?.request.id);
    expect(response.headers.get('x-smmf-instance')).toBe('i-1');
  });

  it('gets a stream', async () => {
    const { client, server } = await sdk(
      events(
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: 'hel' }),
        chunk({ content: 'lo' }),
        chunk({}, 'stop'),
        'data: [DONE]\n\n',
      ),
    );
    const stream = await client.chat.completions.create({
      model: 'alias',
      messages,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    for await (const part of stream) text += part.choices[0]?.delta.content ?? '';
    expect(text).toBe('hello');
    expect(server.router.played[0]?.request).toMatchObject({
      model: 'alias',
      stream: true,
      includeUsage: true,
      task: 'chat',
    });
  });

  it('sees an error within a stream', async () => {
    const { client } = await sdk((played) => {
      played.sink.start({ status: 200, contentType: 'text/event-stream', headers: {} });
      played.sink.write(chunk({ content: 'hel' }));
      failWith(played, new SmmfError('ENGINE_TRUNCATED', 'The engine stopped early'));
    });
    const stream = await client.chat.completions.create({ model: 'chat', messages, stream: true });
    await expect(all(stream)).rejects.toThrow('The engine stopped early');
  });

  it('asks for embeddings as base64 and decodes them', async () => {
    const vector = [0.5, -0.25, 1];
    const { client, server } = await sdk((played) => {
      const embedding = played.request.base64 ? toBase64(vector) : vector;
      json({
        object: 'list',
        data: [{ object: 'embedding', index: 0, embedding }],
        model: EMBED.id,
        usage: { prompt_tokens: 1, total_tokens: 1 },
      })(played);
    });
    const reply = await client.embeddings.create({ model: EMBED.id, input: 'x' });
    expect(reply.data[0]?.embedding).toEqual(vector);
    expect(server.router.played[0]?.request.base64).toBe(true);
    const floats = await client.embeddings.create({ model: EMBED.id, input: 'x', encoding_format: 'float' });
    expect(floats.data[0]?.embedding).toEqual(vector);
    expect(fromBase64(toBase64(vector))).toEqual(vector);
  });

  it('lists models and finds one whose id holds a slash', async () => {
    const { client } = await sdk(json({}));
    const ids = (await all(await client.models.list())).map(({ id }) => id);
    expect(ids).toEqual([CHAT.id, EMBED.id]);
    expect(await client.models.retrieve(EMBED.id)).toMatchObject({
      id: EMBED.id,
      object: 'model',
      created: expect.any(Number),
      owned_by: 'smmf',
    });
    await expect(client.models.retrieve('org/nope')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
      param: 'model',
    });
  });

  it('maps errors by status', async () => {
    const { client } = await sdk((played) =>
      failWith(played, new SmmfError('RATE_LIMIT_EXCEEDED', 'Slow down', { retryAfterMs: 10 })),
    );
    const call = client.chat.completions.create({ model: 'chat', messages });
    await expect(call).rejects.toBeInstanceOf(OpenAI.RateLimitError);
    const stranger = new OpenAI({ apiKey: 'wrong', baseURL: client.baseURL, maxRetries: 0 });
    await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
  });
});

describe('a request', () => {
  const send = async (headers: Record<string, string>, setup: ServerSetup = {}, url = '/v1/chat/completions') => {
    const { base, router } = createServer({ keys, ...setup });
    const response = await base.inject({
      method: 'POST',
      url,
      headers: { ...jsonHeaders, ...headers },
      payload: chatBody({ zz: 1 }),
    });
    return { response, request: router.played[0]?.request };
  };

  it('reaches the router with its bytes untouched, under both prefixes', async () => {
    for (const url of ['/v1/chat/completions', '/api/v1/chat/completions']) {
      const { request } = await send({}, {}, url);
      expect(request?.body.toString()).toBe(chatBody({ zz: 1 }));
      expect(request?.fields.get('zz')?.kind).toBe('number');
      expect(request).toMatchObject({ task: 'chat', mayRetry: true });
      expect(request).not.toHaveProperty('timeoutMs');
    }
  });

  it.each([
    ['30', 30_000],
    ['0.5', 500],
    ['2s', 2_000],
    ['250ms', 250],
    ['9999', 9_999_000],
  ])('may say its time limit: x-request-timeout %s is %d ms', async (header, ms) => {
    expect((await send({ 'x-request-timeout': header })).request?.timeoutMs).toBe(ms);
  });

  it.each(['-1', '1h', 'NaN', '1e9', '9'.repeat(20), ''])('with the time limit %j is refused', async (header) => {
    expect((await send({ 'x-request-timeout': header })).response.statusCode).toBe(400);
  });

  it('is not retried when a gateway in front retries', async () => {
    expect((await send({ 'x-smmf-attempt': '2' })).request?.mayRetry).toBe(false);
  });

  it('takes the content type with a charset', async () => {
    expect((await send({ 'content-type': 'Application/JSON; charset=utf-8' })).response.statusCode).toBe(200);
  });
});

describe('S5: a key for some models', () => {
  const limited = {
    keys: [
      { key: KEY, models: ['chat'] },
      { key: `${KEY}-alias`, models: ['alias'] },
    ],
  };

  it('lists those alone, and the others do not exist for it', async () => {
    const { base, router } = createServer(limited);
    const list = await base.inject({ url: '/v1/models', headers: jsonHeaders });
    expect(list.json().data.map(({ id }: { id: string }) => id)).toEqual(['chat']);
    const hidden = await base.inject({ url: '/v1/models/org/embed', headers: jsonHeaders });
    const unknown = await base.inject({ url: '/v1/models/org/other', headers: jsonHeaders });
    expect([hidden.statusCode, hidden.body]).toEqual([404, unknown.body.replace('org/other', 'org/embed')]);
    const call = await base.inject({
      method: 'POST',
      url: '/v1/embeddings',
      headers: jsonHeaders,
      payload: '{"model":"org/embed","input":"x"}',
    });
    expect([call.statusCode, call.json().error.code]).toEqual([404, 'model_not_found']);
    expect(router.played).toHaveLength(0);
  });

  it('may name a model by id for all its aliases, or one alias alone', async () => {
    const { base } = createServer(limited);
    const status = async (key: string, model: string): Promise<number> =>
      (
        await base.inject({
          method: 'POST',
          url: '/v1/chat/completions',
          headers: { ...jsonHeaders, authorization: `Bearer ${key}` },
          payload: chatBody({ model }),
        })
      ).statusCode;
    expect(await status(KEY, 'alias')).toBe(200);
    expect(await status(`${KEY}-alias`, 'alias')).toBe(200);
    expect(await status(`${KEY}-alias`, 'chat')).toBe(404);
  });
});

import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Secret } from '@smmf/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApiClient } from '../src/index.ts';

async function over(answer: RequestListener, key?: Secret) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const api = createApiClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, key });
  onTestFinished(async () => {
    await api.close();
    server.closeAllConnections();
    server.close();
  });
  return api;
}

const json =
  (value: unknown, status = 200): RequestListener =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  };

const event = (content: string): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;

const QUESTION = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] };

async function textOf(chunks: ReturnType<ReturnType<typeof createApiClient>['chat']>, limit = 100): Promise<string> {
  let text = '';
  for await (const { choices } of chunks) {
    text += choices[0]?.delta.content ?? '';
    if (text.length >= limit) break;
  }
  return text;
}

describe('the client of the OpenAI API', () => {
  it('lists models and brings its key', async () => {
    const seen: unknown[] = [];
    const api = await over((request, response) => {
      seen.push([request.url, request.headers.authorization]);
      const model = { id: 'm', tasks: ['chat'], max_model_len: 2048, owned_by: 'smmf' };
      json(request.url === '/v1/models' ? { data: [model] } : model)(request, response);
    }, new Secret('a-key-of-16-bytes'));
    expect(await api.models()).toMatchObject([{ id: 'm', tasks: ['chat'], max_model_len: 2048 }]);
    expect(await api.model('a/b')).toMatchObject({ id: 'm' });
    expect(seen).toEqual([
      ['/v1/models', 'Bearer a-key-of-16-bytes'],
      ['/v1/models/a%2Fb', 'Bearer a-key-of-16-bytes'],
    ]);
  });

  it('says what the server says, and that nothing answers where nothing does', async () => {
    const api = await over(json({ error: { message: 'no such model' } }, 404));
    await expect(api.model('x')).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: 'no such model' });
    const other = await over(json({ hello: 'world' }));
    await expect(other.models()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    const nobody = createApiClient({ url: 'http://127.0.0.1:9/v1' });
    await expect(nobody.models()).rejects.toMatchObject({ code: 'UNREACHABLE' });
    await expect(textOf(nobody.chat(QUESTION, new AbortController().signal))).rejects.toMatchObject({
      code: 'UNREACHABLE',
    });
    await nobody.close();
  });

  it('streams an answer as it comes, however it is cut', async () => {
    const bodies: string[] = [];
    const api = await over(async (request, response) => {
      bodies.push(Buffer.concat(await request.toArray()).toString());
      response.setHeader('content-type', 'text/event-stream');
      const text = Buffer.from(`: comment\n\n${event('grüße ')}${event('da')}data: [DONE]\n\n`);
      for (let at = 0; at < text.length; at += 7) response.write(text.subarray(at, at + 7));
      response.end();
    });
    expect(await textOf(api.chat(QUESTION, new AbortController().signal))).toBe('grüße da');
    expect(JSON.parse(bodies[0] ?? '')).toEqual({ ...QUESTION, stream: true });
  });

  it('throws an error event in the middle, and a refusal before it', async () => {
    const api = await over((_request, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.end(`${event('a')}data: {"error":{"message":"the engine died","type":"server_error"}}\n\n`);
    });
    const stream = api.chat(QUESTION, new AbortController().signal)[Symbol.asyncIterator]();
    expect((await stream.next()).value?.choices[0]?.delta.content).toBe('a');
    await expect(stream.next()).rejects.toMatchObject({ code: 'INVALID_REQUEST', message: 'the engine died' });
    const refusing = await over(json({ error: { message: 'too hot' } }, 400));
    await expect(textOf(refusing.chat(QUESTION, new AbortController().signal))).rejects.toMatchObject({
      message: 'too hot',
    });
  });

  it('closes the connection when the reader stops, and ends with the signal', async () => {
    const closed = Promise.withResolvers<void>();
    const api = await over((_request, response) => {
      response.setHeader('content-type', 'text/event-stream');
      response.on('close', closed.resolve);
      response.write(event('abc'));
    });
    expect(await textOf(api.chat(QUESTION, new AbortController().signal), 3)).toBe('abc');
    await closed.promise;
    const stop = new AbortController();
    const stream = api.chat(QUESTION, stop.signal)[Symbol.asyncIterator]();
    await stream.next();
    stop.abort();
    await expect(stream.next()).rejects.toThrow(/abort/i);
  });
});

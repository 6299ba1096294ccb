import { getEventListeners } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { freePorts } from '@smmf/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDialer, createHttpClient } from '../src/index.ts';
import { closeServers, collects, listen, type ScriptedServer, says, soon, text } from './servers.ts';

let client = createHttpClient(createDialer());
beforeEach(() => {
  client = createHttpClient(createDialer());
});
afterEach(async () => {
  await client.close();
  closeServers();
});
const urlOf = ({ port }: ScriptedServer): string => `http://127.0.0.1:${port}`;

describe('fetch', () => {
  it('gives a Response of the platform', async () => {
    const server = await listen(
      says(text('201 Made', '{"a":1}', 'content-type: application/json\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n')),
    );
    const response = await client.fetch(`${urlOf(server)}/x`, { headers: new Headers({ 'X-Key': 'k' }) });
    expect(response).toBeInstanceOf(Response);
    expect(response).toMatchObject({ status: 201, ok: true, url: `${urlOf(server)}/x` });
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toEqual({ a: 1 });
    expect(server.heard[0]).toContain('\r\nx-key: k\r\n');
  });

  it('has no body where none can be, and keeps the connection', async () => {
    const server = await listen(says('HTTP/1.1 204 None\r\n\r\n'));
    const { signal } = new AbortController();
    for (const _ of [1, 2]) {
      expect((await client.fetch(urlOf(server), { signal })).body).toBeNull();
      await setImmediate();
    }
    expect(server.sockets.length).toBe(1);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('streams as the bytes come', async () => {
    const server = await listen(
      (socket) => void socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n'),
    );
    const reader = (await client.fetch(urlOf(server))).body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('a');
    server.sockets[0]?.write('1\r\nb\r\n');
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('b');
    await reader?.cancel();
    await expect.poll(() => server.sockets[0]?.destroyed || server.sockets[0]?.readableEnded).toBe(true);
  });

  it('sends texts, bytes, forms, streams, and requests of the platform', async () => {
    const server = await listen(collects(text('200 OK', '', 'connection: close\r\n')));
    const url = urlOf(server);
    const form = new FormData();
    form.set('file', new Blob(['abc']), 'a.txt');
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from('piece'));
        controller.close();
      },
    });
    await client.fetch(url, { method: 'POST', body: 'text' });
    await client.fetch(url, { method: 'PUT', body: Buffer.from('bytes') });
    await client.fetch(url, { method: 'POST', body: form });
    await client.fetch(url, { method: 'POST', body: stream, duplex: 'half' });
    await client.fetch(new Request(url, { method: 'POST', body: 'request', headers: { 'x-a': 'b' } }));
    const [asText, asBytes, asForm, asStream, asRequest] = server.heard;
    expect(asText).toMatch(
      /^POST [\s\S]*content-type: text\/plain;charset=UTF-8\r\n[\s\S]*content-length: 4\r\n[\s\S]*text$/,
    );
    expect(asBytes).toMatch(/^PUT [\s\S]*content-length: 5\r\n[\s\S]*bytes$/);
    expect(asForm).toMatch(
      /content-type: multipart\/form-data; boundary=[\s\S]*content-length: \d+[\s\S]*filename="a\.txt"[\s\S]*abc/,
    );
    expect(asStream).toMatch(/transfer-encoding: chunked[\s\S]*piece/);
    expect(asRequest).toMatch(/x-a: b\r\n[\s\S]*request$/);
  });

  it('gives redirects back as they are, follows them when told to, and never with a key to elsewhere', async () => {
    const end = await listen(says(text('200 OK', 'end')));
    const server = await listen(says(text('307 X', '', `location: ${urlOf(end)}/\r\n`)));
    const headers = { 'x-api-key': 'canary' };
    expect((await client.fetch(urlOf(server), { headers })).status).toBe(307);
    await expect(client.fetch(urlOf(server), { redirect: 'error' })).rejects.toThrow(
      /redirects, which was not asked for/,
    );
    const followed = await client.fetch(urlOf(server), { headers, redirect: 'follow' });
    expect(await followed.text()).toBe('end');
    expect(followed.url).toBe(`${urlOf(end)}/`);
    expect(end.heard.join('')).not.toContain('canary');
  });

  it('fails as fetch does: a TypeError that says why, or the reason of the signal', async () => {
    const failing = client.fetch(`http://127.0.0.1:${await freePorts()}/`);
    await expect(failing).rejects.toThrow(TypeError);
    await expect(failing).rejects.toMatchObject({
      message: expect.stringContaining('nothing listens'),
      cause: { code: 'UNREACHABLE' },
    });
    const silent = await listen(() => undefined);
    await expect(client.fetch(urlOf(silent), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    const controller = new AbortController();
    const asking = client.fetch(new Request(urlOf(silent), { signal: controller.signal }));
    await expect.poll(() => silent.sockets.length).toBe(1);
    controller.abort();
    await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
    expect(soon().aborted).toBe(false);
  });
});

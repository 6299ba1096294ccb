import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { Secret } from '@smmf/core';
import { freePorts } from '@smmf/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDialer, createHttpClient, dialReason } from '../src/index.ts';
import {
  closeServers,
  collects,
  failureOf,
  listen,
  listenTls,
  type Script,
  says,
  soon,
  TEST_CERT,
  text,
} from './servers.ts';

let client = createHttpClient(createDialer());
beforeEach(() => {
  client = createHttpClient(createDialer());
});
afterEach(async () => {
  await client.close();
  closeServers();
});

async function bytesOf(body: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const piece of body) size += piece.length;
  return size;
}
const serve = async (answer: string): Promise<string> => `http://127.0.0.1:${(await listen(says(answer))).port}`;

describe('an answer', () => {
  it('is read whole, and parsed where it is JSON', async () => {
    const url = await serve(text('200 OK', '{"a":1}', 'x-y: z\r\n'));
    const answer = await client.get(`${url}/p?q=r`, soon());
    expect(answer).toMatchObject({ status: 200, url: `${url}/p?q=r`, text: '{"a":1}', json: { a: 1 } });
    expect(answer.headers['x-y']).toBe('z');
    expect((await client.get(await serve(text('503 No', 'busy')), soon())).json).toBeUndefined();
  });

  it('comes whatever its status', async () => {
    expect((await client.get(await serve(text('503 No', 'busy')), soon())).status).toBe(503);
    expect((await client.get(await serve('HTTP/1.1 204 None\r\n\r\n'), soon())).text).toBe('');
  });

  it('is streamed, with back-pressure, and without a limit unless it has one', async () => {
    const size = 6 * 2 ** 20;
    const server = await listen((socket) => void socket.write(text('200 OK', 'x'.repeat(size))));
    const response = await client.request({ url: `http://127.0.0.1:${server.port}` }, soon());
    expect(await bytesOf(response.body)).toBe(size);
    const bounded = await client.request({ url: `http://127.0.0.1:${server.port}`, bodyLimitBytes: 1_000 }, soon());
    const error = await failureOf(bytesOf(bounded.body));
    expect(error.message).toContain('longer than 1000 bytes');
  });

  it('that is long is refused when it is read whole', async () => {
    const url = await serve(text('200 OK', 'x'.repeat(4 * 2 ** 20 + 1)));
    const error = await failureOf(client.get(url, soon()));
    expect(error).toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('longer than 4194304 bytes') });
    expect(dialReason(error)).toBe('too-long');
    expect((await client.get(await serve(text('200 OK', 'x'.repeat(4 * 2 ** 20))), soon())).text.length).toBe(
      4 * 2 ** 20,
    );
  });

  it('that nobody wants gives its connection up', async () => {
    const server = await listen((socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nx'));
    const response = await client.request({ url: `http://127.0.0.1:${server.port}` }, soon());
    response.discard();
    await expect.poll(() => server.sockets[0]?.destroyed || server.sockets[0]?.readableEnded).toBe(true);
  });

  it('is never unpacked: it is asked for as it is, and refused when it comes packed all the same', async () => {
    const server = await listen(says(text('200 OK', 'zzz', 'content-encoding: gzip\r\n')));
    const url = `http://127.0.0.1:${server.port}`;
    const error = await failureOf(client.get(url, soon(), { headers: { 'Accept-Encoding': 'br' } }));
    expect(error.message).toContain('with content-encoding gzip, though asked not to');
    expect(server.heard[0]?.match(/accept-encoding: .*/gi)).toEqual(['accept-encoding: identity']);
  });
});

describe('a request', () => {
  it('carries its headers, secrets revealed, and says who asks', async () => {
    const server = await listen(says(text('200 OK', '')));
    const headers = { Authorization: new Secret('Bearer k'), 'x-a': 'b' };
    await client.get(`http://127.0.0.1:${server.port}`, soon(), { headers });
    expect(server.heard[0]).toMatch(/^GET \/ HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n/);
    expect(server.heard[0]).toContain('\r\nauthorization: Bearer k\r\n');
    expect(server.heard[0]).toContain('\r\nx-a: b\r\n');
    expect(server.heard[0]).toContain('\r\nuser-agent: smmf\r\n');
  });

  it('posts JSON with its length, and streams in chunks', async () => {
    const server = await listen(collects(text('200 OK', '{}', 'connection: close\r\n')));
    const url = `http://127.0.0.1:${server.port}`;
    await client.post(`${url}/a`, { b: 'ü' }, soon());
    expect(server.heard[0]).toMatch(/^POST \/a HTTP\/1\.1\r\n/);
    expect(server.heard[0]).toContain('\r\ncontent-type: application/json\r\n');
    expect(server.heard[0]).toContain('\r\ncontent-length: 10\r\n');
    const pieces = async function* () {
      yield Buffer.from('one');
      yield Buffer.from('two');
    };
    const answer = await client.request({ url, method: 'PUT', body: pieces() }, soon());
    await answer.text();
    expect(server.heard.join('')).toMatch(
      /PUT \/ [\s\S]*transfer-encoding: chunked[\s\S]*3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n$/,
    );
  });

  it('shares a connection with those that are dialled alike, and with no others', async () => {
    const server = await listen(says(text('200 OK', 'x')));
    const url = `http://127.0.0.1:${server.port}`;
    await client.get(url, soon());
    await setImmediate();
    await client.get(`${url}/2`, soon());
    expect(server.sockets.length).toBe(1);
    await client.get(url, soon(), { proxy: 'env' });
    expect(server.sockets.length).toBe(2);
  });

  it('keeps connections for a bounded number of ways to dial', async () => {
    const server = await listen(says(text('200 OK', 'x')));
    for (let ms = 1_001; ms <= 1_070; ms += 1) {
      await client.get(`http://127.0.0.1:${server.port}`, soon(), { connectTimeoutMs: ms });
    }
    expect(server.sockets.length).toBe(70);
    const isOpen = ({ destroyed, readableEnded }: Socket): boolean => !destroyed && !readableEnded;
    await expect.poll(() => server.sockets.filter(isOpen).length).toBe(64);
    expect(server.sockets.findIndex(isOpen)).toBe(6);
  });

  it('that is still being connected ends with the client', async () => {
    let dialled: AbortSignal | undefined;
    const own = createHttpClient({
      route: () => ({ kind: 'direct' }),
      connect: (_, signal) => {
        dialled = signal;
        return new Promise(() => undefined);
      },
    });
    const asking = own.get('http://127.0.0.1:1', soon());
    await expect.poll(() => dialled).toBeDefined();
    await own.close();
    await expect(asking).rejects.toMatchObject({ code: 'CLOSED' });
    expect(dialled?.aborted).toBe(true);
  });

  it('takes what the client was made with, unless it says otherwise itself', async () => {
    const server = await listenTls(says(text('200 OK', 'x')));
    const url = `https://127.0.0.1:${server.port}`;
    const own = createHttpClient(createDialer(), { tls: { ca: TEST_CERT }, userAgent: 'mine' });
    expect((await own.get(url, soon(), { tls: undefined })).text).toBe('x');
    expect(server.heard[0]).toContain('user-agent: mine');
    expect(dialReason(await failureOf(own.get(url, soon(), { tls: {} })))).toBe('tls');
    await own.close();
  });

  it('that no HTTP can carry is refused, without its value', async () => {
    const url = await serve(text('200 OK', ''));
    const error = await failureOf(client.get(url, soon(), { headers: { 'x-a': 'canary\r\nx: y' } }));
    expect(error).toMatchObject({ code: 'INVALID_REQUEST', message: expect.stringContaining(url) });
    expect(error.message).not.toContain('canary');
    await expect(client.get('ftp://u:canary@host', soon())).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  it('ends with its signal: before it, in the head, in the body', async () => {
    const reason = new Error('enough');
    const silent = await listen(() => undefined);
    const url = `http://127.0.0.1:${silent.port}`;
    await expect(client.get(url, AbortSignal.abort(reason))).rejects.toBe(reason);
    const inHead = new AbortController();
    const asking = client.get(url, inHead.signal);
    await expect.poll(() => silent.sockets.length).toBe(1);
    inHead.abort(reason);
    await expect(asking).rejects.toBe(reason);
    await expect.poll(() => silent.sockets[0]?.destroyed || silent.sockets[0]?.readableEnded).toBe(true);
    const inBody = new AbortController();
    const slow = await listen((socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx'));
    const response = await client.request({ url: `http://127.0.0.1:${slow.port}` }, inBody.signal);
    const reading = response.text();
    inBody.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });

  it('is refused after close, which may come twice, and one under way ends', async () => {
    const silent = await listen(() => undefined);
    const url = `http://127.0.0.1:${silent.port}`;
    const asking = client.get(url, soon());
    await expect.poll(() => silent.heard.length).toBe(1);
    await Promise.all([client.close(), client.close()]);
    await expect(asking).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(client.get(url, soon())).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

describe('a head', () => {
  it('ends at a limit of bytes', async () => {
    const endless: Script = (socket) => {
      const more = (): void => {
        while (!socket.destroyed && socket.write(`x: ${'y'.repeat(1_000)}\r\n`));
        if (!socket.destroyed) socket.once('drain', more);
      };
      socket.write('HTTP/1.1 200 OK\r\n');
      more();
    };
    const url = `http://127.0.0.1:${(await listen(endless)).port}`;
    const error = await failureOf(client.get(url, soon()));
    expect(error.message).toContain('the head of its answer is longer than 65536 bytes');
    const own = createHttpClient(createDialer(), { headLimitBytes: 1_024 });
    const long = await serve(text('200 OK', '', `x: ${'y'.repeat(2_000)}\r\n`));
    expect((await failureOf(own.get(long, soon()))).message).toContain('longer than 1024 bytes');
    await own.close();
  });

  it('ends at a limit of time, also one that trickles in, or that is preceded by others again and again', async () => {
    const trickle: Script = (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x: y\r\n'), 20);
      socket.once('close', () => clearInterval(timer));
    };
    const early: Script = (socket) => {
      const timer = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n'), 20);
      socket.once('close', () => clearInterval(timer));
    };
    for (const script of [trickle, early, () => undefined]) {
      const server = await listen(script);
      const url = `http://127.0.0.1:${server.port}`;
      const error = await failureOf(client.get(url, soon(), { headTimeoutMs: 150 }));
      expect(error.message).toContain(`${url}: it did not answer within 0.15 s`);
      expect(dialReason(error)).toBe('timeout');
      await expect.poll(() => server.sockets[0]?.destroyed || server.sockets[0]?.readableEnded).toBe(true);
    }
  });

  it('may be preceded by informational ones, up to a number', async () => {
    const hint = 'HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n';
    expect((await client.get(await serve(hint.repeat(16) + text('200 OK', 'x')), soon())).text).toBe('x');
    const error = await failureOf(client.get(await serve(hint.repeat(17) + text('200 OK', 'x')), soon()));
    expect(error.message).toContain('heads without end');
  });
});

describe('an error names the target and what to do', () => {
  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n', /is not HTTP; is it the right port/],
    ['an alert of TLS', '\x15\x03\x01\x00\x02\x02\x16', /it speaks TLS, so the url begins with https:/],
    ['an end within the head', 'HTTP/1.1 200 OK\r\nx:', /ended the connection without an answer; does it speak http:/],
  ])('%s', async (_name, answer, message) => {
    const server = await listen((socket) => void socket.end(answer, 'latin1'));
    const url = `http://127.0.0.1:${server.port}`;
    const error = await failureOf(client.get(url, soon()));
    expect(error).toMatchObject({ code: 'UNREACHABLE', message: expect.stringMatching(message) });
    expect(error.message).toContain(url);
  });

  it('a body that breaks off, is cut short, or stops', async () => {
    const head = 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n';
    const cut = await listen((socket) => void socket.end(`${head}ab`));
    expect((await failureOf(client.get(`http://127.0.0.1:${cut.port}`, soon()))).message).toContain(
      'broke off its answer',
    );
    const stalled = await listen((socket) => void socket.write(`${head}ab`));
    const asking = client.get(`http://127.0.0.1:${stalled.port}`, soon(), { stallTimeoutMs: 1_000 });
    const error = await failureOf(asking);
    expect(error.message).toContain('nothing came for 1 s');
    expect(dialReason(error)).toBe('stalled');
  });

  it("nothing that listens, and the dialer's own words for the rest", async () => {
    const url = `http://127.0.0.1:${await freePorts()}`;
    const error = await failureOf(client.get(`${url}/?key=canary`, soon()));
    expect(error.message).toBe(
      `No answer from ${url}: nothing listens at ${url.slice(7)} (connection refused); is the server started, and are host and port right?`,
    );
    const metadata = await failureOf(client.get('http://169.254.169.254/latest', soon()));
    expect(dialReason(metadata)).toBe('egress');
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { Endpoint } from '@smmf/core';
import { createDialer } from '@smmf/net';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { closeServers, collects, fakeDns, listenTls, proxy, TEST_CERT, text } from '../../net/test/servers.ts';
import { socketTransport } from '../src/http1/connection-pool.ts';
import { createRouter } from '../src/index.ts';
import { undiciTransport } from '../src/undici-transport.ts';
import { chat, model, RecordingSink, record, snapshot } from './harness.ts';
import { ask, connections, type Heard, OK, overSockets, overUndici, rawServer } from './raw-server.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

describe.each([
  ['socketTransport', overSockets],
  ['undiciTransport', overUndici],
])('%s, as every transport', (_name, transport) => {
  it('sends a large body whole', async () => {
    const body = JSON.stringify({ text: 'é'.repeat(500_000) });
    const length = Buffer.byteLength(body);
    let seen = 0;
    const server = await rawServer((socket, text) => {
      seen += text.length;
      if (seen > length) socket.write(OK);
    });
    expect(await ask(connections(server, transport), body).over).toBe('head:200:text/plain data:ok end');
    expect(server.received.endsWith(Buffer.from(body).toString('latin1'))).toBe(true);
  });

  it('dials a unix socket', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smmf-'));
    cleanUps.push(() => rmSync(folder, { recursive: true }));
    const socketPath = join(folder, 's');
    const server = await rawServer((socket) => socket.write(OK), socketPath);
    expect(await ask(connections({ url: server.url, socketPath }, transport)).over).toBe(
      'head:200:text/plain data:ok end',
    );
  });

  it('closes the connection at an abort and says nothing more; a late abort harms nobody', async () => {
    const server = await rawServer((socket, text) => {
      socket.write(text.includes('cut') ? 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab' : OK);
    });
    const pool = connections(server, transport);
    const cut = ask(pool, '"cut"');
    await expect.poll(() => cut.events.length).toBe(2);
    cut.exchange.abort();
    await expect.poll(() => server.sockets[0]?.destroyed).toBe(true);
    const first = ask(pool);
    await first.over;
    const second = ask(pool);
    first.exchange.abort();
    expect(await second.over).toBe('head:200:text/plain data:ok end');
    expect(cut.events).toEqual(['head:200:', 'data:ab']);
  });

  it('keeps what it could not read, which may repeat the key, out of the cause', async () => {
    const server = await rawServer((socket) => void socket.end('canary-of-a-key\r\n\r\n'));
    const heard = ask(connections(server, transport));
    await heard.over;
    expect(heard.failure).toBeDefined();
    expect(inspect(heard.failure, { depth: 12, showHidden: true })).not.toContain('canary');
  });

  it.each([
    ['nobody listens', { url: 'http://127.0.0.1:1/v1' }, 'ECONNREFUSED'],
    ['there is no such socket', { url: 'http://localhost/v1', socketPath: '/nonexistent/smmf.sock' }, 'ENOENT'],
  ])('says that nothing was sent when %s', async (_name, endpoint, code) => {
    const heard = ask(connections(endpoint, transport));
    expect(await heard.over).toBe('failure');
    expect(heard.failure).toMatchObject({ neverSent: true, cause: { code: 'UNREACHABLE', cause: { code } } });
  });

  it.each([
    ['before its answer', (socket: Socket) => socket.destroy(), 'failure'],
    ['by a reset', (socket: Socket) => socket.resetAndDestroy(), 'failure'],
    ['in its head', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nconte'), 'failure'],
    [
      'in its answer',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab'),
      'head:200: data:ab failure',
    ],
    [
      'at the end that it marks so',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nab'),
      'head:200: data:ab end',
    ],
    ['with something that is not HTTP', (socket: Socket) => socket.write('what?\r\n\r\n'), 'failure'],
  ])('tells when the server leaves %s', async (_name, leave, story) => {
    const server = await rawServer((socket) => leave(socket));
    const heard = ask(connections(server, transport));
    expect(await heard.over).toBe(story);
    expect(heard.failure?.neverSent ?? false).toBe(false);
  });
});

describe('socketTransport', () => {
  it('uses a connection again, and the one that was used last first', async () => {
    const server = await rawServer((socket) => socket.write(OK));
    const pool = connections(server);
    await Promise.all([ask(pool).over, ask(pool).over]);
    expect(server.sockets).toHaveLength(2);
    for (let round = 0; round < 5; round++) await ask(pool).over;
    expect(server.sockets).toHaveLength(2);
    const used = server.sockets.map(({ bytesRead }) => bytesRead).sort((a, b) => a - b);
    expect(used[1]).toBe(6 * (used[0] ?? 0));
  });

  it('reads no further while it is paused', async () => {
    const server = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab');
    });
    const heard = ask(connections(server));
    await expect.poll(() => heard.events.length).toBe(2);
    heard.exchange.pause();
    server.sockets[0]?.write('cd');
    await delay(80);
    expect(heard.events).toEqual(['head:200:', 'data:ab']);
    heard.exchange.resume();
    expect(await heard.over).toBe('head:200: data:ab data:cd end');
  });

  it('sends one HTTP/1.1 request and tells head, data and end', async () => {
    const server = await rawServer((socket) => socket.write(OK));
    expect(await ask(connections(server), '{"a":"é"}', ['x-one', '1']).over).toBe('head:200:text/plain data:ok end');
    expect(server.received).toBe(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: ${new URL(server.url).host}\r\nconnection: keep-alive\r\nx-one: 1\r\ncontent-length: 10\r\n\r\n{"a":"Ã©"}`,
    );
  });

  it('keeps no connection past what the server announces, less a margin', async () => {
    const answer = OK.replace('\r\n\r\n', '\r\nkeep-alive: timeout=4\r\n\r\n');
    const server = await rawServer((socket) => socket.write(answer));
    const pool = connections(server);
    await ask(pool).over;
    await ask(pool).over;
    expect(server.sockets).toHaveLength(2);
  });

  it('drops idle connections when it is closed, and the others when their answer is whole', async () => {
    const held: Socket[] = [];
    const server = await rawServer((socket, text) => {
      if (text.includes('wait')) held.push(socket);
      else socket.write(OK);
    });
    const pool = connections(server);
    const waiting = ask(pool, '"wait"');
    await ask(pool).over;
    await expect.poll(() => held.length).toBe(1);
    pool.close();
    await expect.poll(() => server.sockets.filter((socket) => !socket.destroyed)).toEqual(held);
    held[0]?.write(OK);
    expect(await waiting.over).toBe('head:200:text/plain data:ok end');
    await expect.poll(() => server.sockets.every((socket) => socket.destroyed)).toBe(true);
  });

  it('sends nothing for what is aborted while it waits for the end of its turn', async () => {
    const server = await rawServer((socket) => socket.write(OK));
    const pool = connections(server);
    await Promise.all([ask(pool).over, ask(pool).over]);
    const first = ask(pool, '"first"');
    const second = ask(pool, '"second"');
    second.exchange.abort();
    await first.over;
    await delay(50);
    expect([server.received.includes('second'), second.events]).toEqual([false, []]);
  });

  it('reads on after an answer that ended while it was paused', async () => {
    const server = await rawServer((socket) => socket.write(OK));
    const pool = connections(server);
    const ended = Promise.withResolvers<void>();
    const exchange = pool.post(
      { path: '/x', shared: [], own: [], body: Buffer.from('{}') },
      {
        onHead: () => undefined,
        onData: () => exchange.pause(),
        onEnd: () => ended.resolve(),
        onFailure: () => undefined,
      },
    );
    await ended.promise;
    expect(await ask(pool).over).toBe('head:200:text/plain data:ok end');
    expect(server.sockets).toHaveLength(1);
  });

  it('leaves a connection on which something came that nobody had asked for', async () => {
    const server = await rawServer((socket) => socket.write(OK));
    const pool = connections(server);
    await ask(pool).over;
    server.sockets[0]?.write('HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n');
    await delay(20);
    expect(await ask(pool).over).toBe('head:200:text/plain data:ok end');
    expect(server.sockets).toHaveLength(2);
  });

  it('gives up an address that takes no connection, in time and with nothing sent', async () => {
    // Stopped, it accepts nothing; the kernel takes two connections for it and leaves the others unanswered.
    const code = `require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 },
      function () { console.log(this.address().port); process.kill(process.pid, 'SIGSTOP'); })`;
    const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
    cleanUps.push(() => child.kill('SIGKILL'));
    const [port] = await once(child.stdout, 'data');
    const pool = connections({ url: `http://127.0.0.1:${Number(port)}/v1`, connectTimeoutMs: 200 });
    const startedMs = performance.now();
    const asked = Array.from({ length: 6 }, () => ask(pool));
    await expect
      .poll(() => asked.filter(({ failure }) => failure !== undefined).length, { timeout: 5_000 })
      .toBeGreaterThan(2);
    expect(performance.now() - startedMs).toBeGreaterThan(190);
    for (const { failure } of asked) if (failure) expect(failure.neverSent).toBe(true);
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['an alert of TLS', '\u0015\u0003\u0001\u0000\u0002\u0002F'],
    ['line ends that are none', 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok'],
  ])('gives up at once where the answer is %s', async (_name, answer) => {
    const server = await rawServer((socket) => socket.write(answer, 'latin1'));
    const heard = ask(connections({ url: server.url, connectTimeoutMs: 60_000 }));
    expect(await heard.over).toBe('failure');
    expect(heard.failure).toMatchObject({ neverSent: false, cause: { message: expect.stringContaining('not HTTP') } });
  });

  it('gives up a head that has begun and does not end, after the limit for connecting', async () => {
    const server = await rawServer((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-'));
    const heard = ask(connections({ url: server.url, connectTimeoutMs: 100 }));
    expect(await heard.over).toBe('failure');
    expect(heard.failure).toMatchObject({ cause: { message: expect.stringContaining('did not end its head') } });
  });

  it('takes nothing that came before the request was sent for its answer, and sends it on a fresh connection', async () => {
    const server = await rawServer((socket) => socket.write(OK));
    const pool = connections(server);
    await Promise.all([ask(pool).over, ask(pool).over]);
    const asked = Promise.withResolvers<Heard>();
    setImmediate(() => {
      for (const socket of server.sockets) socket.write('HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n');
      const untilMs = performance.now() + 30;
      // The bytes are in the kernel before the two requests of this turn begin: only the first one leaves at once.
      while (performance.now() < untilMs);
      void ask(pool);
      asked.resolve(ask(pool));
    });
    const second = await asked.promise;
    expect(await second.over).toBe('head:200:text/plain data:ok end');
    expect(server.sockets).toHaveLength(3);
  });

  it('does not use a connection again that was idle for longer than engines keep them', async () => {
    const server = await rawServer((socket) => void socket.write(OK));
    const pool = connections(server);
    await ask(pool).over;
    const now = performance.now() + 4_001;
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
    try {
      await ask(pool).over;
    } finally {
      clock.mockRestore();
    }
    expect(server.sockets).toHaveLength(2);
  });

  it('does not use a connection again whose request is still being written', async () => {
    const server = await rawServer((socket) => {
      socket.pause();
      socket.write(OK);
    });
    const pool = connections(server);
    await ask(pool, 'x'.repeat(16_000_000)).over;
    await ask(pool).over;
    expect(server.sockets).toHaveLength(2);
  });

  it('refuses a header that would be two', async () => {
    const server = await rawServer((socket) => socket.write(OK));
    const heard = ask(connections(server), '{}', ['x-one', 'a\r\nx-two: b']);
    expect(await heard.over).toBe('failure');
    expect(heard.failure).toMatchObject({ neverSent: true, cause: { message: expect.stringContaining('"x-one"') } });
    expect(server.sockets).toHaveLength(0);
  });

  it('sends the first request of a turn at once, and the others together at its end', async () => {
    const server = await rawServer((socket) => socket.write(OK));
    const pool = connections(server);
    await Promise.all([ask(pool).over, ask(pool).over, ask(pool).over]);
    await new Promise(setImmediate);
    const write = vi.spyOn(Socket.prototype, 'write');
    const sent = (): number => write.mock.calls.filter(([bytes]) => String(bytes).startsWith('POST')).length;
    const asked = [ask(pool), ask(pool), ask(pool)];
    expect(sent()).toBe(1);
    await new Promise(setImmediate);
    expect(sent()).toBe(3);
    write.mockRestore();
    await Promise.all(asked.map(({ over }) => over));
    expect(server.sockets).toHaveLength(3);
  });
});

it('opens what undici needs with the dialer: an authority of its own, a proxy of the environment', async () => {
  onTestFinished(closeServers);
  const engine = await listenTls(collects(text('200 OK', 'ok', 'content-type: text/plain\r\n')));
  const way = await proxy();
  const { lookup } = fakeDns({ localhost: ['127.0.0.1'] });
  const env = { HTTPS_PROXY: `http://127.0.0.1:${way.port}` };
  const dialer = createDialer({ env, lookup, tls: { ca: TEST_CERT } });
  const url = `https://localhost:${engine.port}/v1`;
  const over = (endpoint: Endpoint) => ask(connections(endpoint, (found) => undiciTransport(found, dialer))).over;
  expect(await over({ url })).toBe('head:200:text/plain data:ok end');
  expect(way.heard).toEqual([]);
  // Loopback is never proxied, so the name is another one; its certificate does not fit, which shows that the tunnel stood.
  const heard = ask(
    connections({ url: `https://vendor.test:${engine.port}/v1`, proxy: 'env' }, (found) =>
      undiciTransport(found, dialer),
    ),
  );
  expect(await heard.over).toBe('failure');
  expect(heard.failure).toMatchObject({
    neverSent: true,
    cause: { message: expect.stringContaining('certificate is for another name') },
  });
  expect(way.heard).toEqual([expect.stringContaining(`CONNECT vendor.test:${engine.port} `)]);
});

describe('socketTransport over a connection that something stands before', () => {
  it('sends nothing before a hook is through, and reads the answer behind it', async () => {
    const server = await rawServer((socket, text) => socket.write(text === 'who?' ? 'me!' : OK));
    const dialer = createDialer({
      async onConnected(socket) {
        socket.write('who?');
        await once(socket, 'data');
        socket.pause();
      },
    });
    const pool = connections({ url: server.url }, (endpoint) => socketTransport(endpoint, dialer));
    for (let round = 0; round < 2; round++) expect(await ask(pool).over).toBe('head:200:text/plain data:ok end');
    expect(server.received).toMatch(/^who\?POST /);
    expect(server.sockets).toHaveLength(1);
  });

  it('sends nothing where the hook refuses, and an abort ends one that waits', async () => {
    const server = await rawServer((socket) => socket.write(OK));
    const refusing = createDialer({ onConnected: () => Promise.reject(new Error('wrong identity')) });
    const refused = ask(connections({ url: server.url }, (endpoint) => socketTransport(endpoint, refusing)));
    expect(await refused.over).toBe('failure');
    expect(refused.failure).toMatchObject({ neverSent: true, cause: { details: { reason: 'hook' } } });
    const waiting = createDialer({ onConnected: () => new Promise(() => undefined) });
    const aborted = ask(connections({ url: server.url }, (endpoint) => socketTransport(endpoint, waiting)));
    await expect.poll(() => server.sockets.length).toBe(2);
    aborted.exchange.abort();
    await expect.poll(() => server.sockets.every((socket) => socket.destroyed)).toBe(true);
    expect([server.received, aborted.events]).toEqual(['', []]);
  });

  it('goes through a proxy that the endpoint asks for', async () => {
    onTestFinished(closeServers);
    const server = await rawServer((socket) => socket.write(OK));
    const { port } = new URL(server.url);
    const way = await proxy();
    const dialer = createDialer({ env: { HTTP_PROXY: `http://127.0.0.1:${way.port}` } });
    const endpoint: Endpoint = { url: `http://engine.test:${port}/v1`, proxy: 'env' };
    const pool = connections(endpoint, (found) => socketTransport(found, dialer));
    for (let round = 0; round < 2; round++) expect(await ask(pool).over).toBe('head:200:text/plain data:ok end');
    expect(way.heard).toHaveLength(1);
  });
});

it('does not connect to a plain engine whose address the egress rule refuses', async () => {
  const server = await rawServer((socket) => socket.write(OK));
  const dialer = createDialer({ egress: { deny: ['127.0.0.0/8'] } });
  const router = createRouter({ dialer });
  router.configure({ models: [model('m')], administrative: new Map() });
  router.update(snapshot(record('i', { address: { url: server.url } })));
  const sink = new RecordingSink();
  router.handle(chat(false), sink);
  await expect.poll(() => sink.error?.code).toBe('ENGINE_UNREACHABLE');
  expect(sink.error?.cause).toMatchObject({ details: { reason: 'egress' } });
  expect(server.sockets).toEqual([]);
  await router.drain(0);
});

it('speaks TLS to an address that asks for it', async () => {
  const server = await rawServer((socket) => socket.destroy());
  const router = createRouter();
  router.configure({ models: [model('m')], administrative: new Map() });
  router.update(snapshot(record('i', { address: { url: server.url.replace('http:', 'https:') } })));
  const sink = new RecordingSink();
  router.handle(chat(false), sink);
  await expect.poll(() => server.received).not.toBe('');
  // The first byte of a handshake.
  expect(server.received.charCodeAt(0)).toBe(0x16);
  await router.drain(0);
});

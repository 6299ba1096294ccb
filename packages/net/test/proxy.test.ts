import { once } from 'node:events';
import { freePorts } from '@smmf/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { createDialer, createHttpClient, type DialerOptions, dialReason, dialStage } from '../src/index.ts';
import {
  basic,
  closeServers,
  failureOf,
  fakeDns,
  listen,
  listenTls,
  proxy,
  proxyScript,
  says,
  soon,
  TEST_CERT,
  text,
} from './servers.ts';

afterEach(closeServers);

const ask = (url: string, options: DialerOptions, how: { proxy?: string; tls?: { ca: string } } = { proxy: 'env' }) => {
  const client = createHttpClient(createDialer({ env: {}, ...options }), how);
  return client.get(url, soon()).finally(() => client.close());
};

describe('through a proxy', () => {
  it("goes what the environment sends there, by CONNECT, and the names are the proxy's to look up", async () => {
    const target = await listenTls(says(text('200 OK', 'hi')));
    const { port, heard } = await proxy();
    const { asked, lookup } = fakeDns({ 'proxy.test': ['127.0.0.1'] });
    const env = { HTTPS_PROXY: `http://proxy.test:${port}` };
    const url = `https://vendor.test:${target.port}/v1?a=b`;
    const client = createHttpClient(createDialer({ env, lookup, tls: { ca: TEST_CERT } }), { proxy: 'env' });
    // The fixture's certificate is for localhost.
    const request = { url, serverName: 'localhost' };
    expect(await (await client.request(request, soon())).text()).toBe('hi');
    await client.close();
    expect(heard).toEqual([
      `CONNECT vendor.test:${target.port} HTTP/1.1\r\nhost: vendor.test:${target.port}\r\nconnection: keep-alive\r\n\r\n`,
    ]);
    expect(target.heard[0]).toMatch(/^GET \/v1\?a=b HTTP\/1\.1\r\nhost: vendor\.test:\d+\r\n/);
    expect(target.heard[0]).not.toMatch(/proxy/i);
    expect(asked).toEqual(['proxy.test']);
  });

  it('shows its user and password to the proxy alone', async () => {
    const target = await listen(says(text('200 OK', 'hi')));
    const { port, heard } = await proxy('us er:p@ss');
    const answer = await ask(
      `http://vendor.test:${target.port}/`,
      {},
      { proxy: `http://us%20er:p%40ss@127.0.0.1:${port}` },
    );
    expect(answer.text).toBe('hi');
    expect(heard[0]).toContain(`proxy-authorization: ${basic('us er:p@ss')}`);
    expect(target.heard[0]).not.toMatch(/authorization/i);
  });

  it('is given addresses of IPv6 in brackets, and the port that the URL leaves out', async () => {
    const { port, heard } = await listen(says(text('502 Bad', '')));
    const proxied = { proxy: `http://127.0.0.1:${port}` };
    for (const url of ['https://[2606:4700::1111]:8443', 'https://vendor.test./x', 'http://vendor.test']) {
      await failureOf(createDialer().connect({ url, ...proxied }, soon()));
    }
    expect(heard.map((one) => one.split(' ')[1])).toEqual([
      '[2606:4700::1111]:8443',
      'vendor.test:443',
      'vendor.test:80',
    ]);
  });

  it('may itself speak TLS', async () => {
    const target = await listen(says(text('200 OK', 'hi')));
    const { port } = await listenTls(proxyScript());
    const how = { proxy: `https://localhost:${port}` };
    const { lookup } = fakeDns({ localhost: ['127.0.0.1'] });
    const url = `http://vendor.test:${target.port}/`;
    expect((await ask(url, { lookup, tls: { ca: TEST_CERT } }, how)).text).toBe('hi');
    const error = await failureOf(ask(url, { lookup }, how));
    expect(error.message).toMatch(
      /the proxy https:\/\/localhost:\d+ cannot be used: TLS failed: its certificate is signed by itself/,
    );
  });

  it('never goes a target that does not ask for it, nor loopback', async () => {
    const target = await listen(says(text('200 OK', 'hi')));
    const { heard, port } = await proxy();
    const env = { HTTP_PROXY: `http://127.0.0.1:${port}`, HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const url = `http://127.0.0.1:${target.port}/`;
    expect((await ask(url, { env }, {})).status).toBe(200);
    expect((await ask(url, { env }, { proxy: 'none' })).status).toBe(200);
    expect((await ask(url, { env }, { proxy: 'env' })).status).toBe(200);
    expect(heard).toEqual([]);
  });
});

describe('a proxy that cannot be used', () => {
  it.each([
    ['wants a password', undefined, /wants a user name and password \(HTTP 407\); write them into its URL/],
    ['refuses one', 'u:canary', /refused the user name and password \(HTTP 407\)/],
  ])('%s: and it says so, without the password', async (_name, given, message) => {
    const { port } = await proxy('u:right');
    const origin = `http://127.0.0.1:${port}`;
    const url = given === undefined ? origin : `http://${given}@127.0.0.1:${port}`;
    const error = await failureOf(ask('https://vendor.test/', { env: { https_proxy: url } }));
    expect(error).toMatchObject({ code: 'UNREACHABLE', message: expect.stringMatching(message) });
    expect(error.message).toContain(origin);
    expect(error.message).toContain('https://vendor.test');
    expect(JSON.stringify({ ...error, message: error.message, cause: String(error.cause) })).not.toMatch(
      /canary|right/,
    );
    expect([dialReason(error), dialStage(error)]).toEqual(['proxy', 'proxy']);
  });

  it.each([
    ['forbids', text('403 Forbidden', ''), /refuses the connection \(HTTP 403\).*NO_PROXY/],
    ['cannot reach the target', text('502 Bad', ''), /answered CONNECT with HTTP 502/],
    ['is no proxy', 'SSH-2.0-x\r\n', /cannot be used: what answers at 127\.0\.0\.1:\d+ is not HTTP/],
    ['goes away', '', /cannot be used: .* ended the connection without an answer/],
    [
      'says more than it was asked',
      'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n',
      /sent unexpected bytes after its answer to CONNECT/,
    ],
    ['has a head without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(20_000)}`, /cannot be used/],
  ])('%s: and it says so', async (_name, answer, message) => {
    const server = await listen((socket) => void (answer === '' ? socket.end() : socket.write(answer)));
    const dialer = createDialer();
    const target = { url: 'https://vendor.test', proxy: `http://127.0.0.1:${server.port}` };
    const error = await failureOf(dialer.connect(target, soon()));
    expect(error.message).toMatch(message);
    expect(dialReason(error)).toBe('proxy');
    await expect.poll(() => server.sockets[0]?.destroyed || server.sockets[0]?.readableEnded).toBe(true);
  });

  it('is not there, or never answers', async () => {
    const gone = { url: 'https://vendor.test', proxy: `http://127.0.0.1:${await freePorts()}` };
    expect((await failureOf(createDialer().connect(gone, soon()))).message).toMatch(
      /cannot be used: nothing listens at/,
    );
    const silent = await listen(() => undefined);
    const target = { url: 'https://vendor.test', proxy: `http://127.0.0.1:${silent.port}`, connectTimeoutMs: 60 };
    const late = await failureOf(createDialer().connect(target, soon()));
    expect([dialReason(late), dialStage(late)]).toEqual(['timeout', 'proxy']);
    const aborting = createDialer().connect({ ...target, connectTimeoutMs: 5_000 }, AbortSignal.timeout(50));
    await expect(aborting).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect.poll(() => silent.sockets.every((one) => one.destroyed || one.readableEnded)).toBe(true);
  });

  it('is named in a way that nobody understands: and it says which variable, not its value', async () => {
    for (const [value, more] of [
      ['socks5://u:canary@proxy:1080', 'SOCKS is not supported'],
      ['http://u:canary@', 'HTTPS_PROXY'],
    ] as const) {
      const error = await failureOf(ask('https://vendor.test/', { env: { HTTPS_PROXY: value } }));
      expect(error.message).toMatch(/HTTPS_PROXY is not the URL of a proxy, such as http:\/\/proxy:3128/);
      expect(error.message).toContain(more);
      expect(error.message).not.toContain('canary');
    }
  });

  it('closes its tunnel when TLS with the target fails in it', async () => {
    const target = await listen(() => undefined);
    const server = await proxy();
    const dial = {
      url: `https://vendor.test:${target.port}`,
      proxy: `http://127.0.0.1:${server.port}`,
      connectTimeoutMs: 80,
    };
    expect(dialStage(await failureOf(createDialer().connect(dial, soon())))).toBe('tls');
    const [socket] = server.sockets;
    if (socket && !socket.destroyed) await once(socket, 'close');
    expect(socket?.destroyed).toBe(true);
  });
});

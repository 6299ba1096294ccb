import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Secret } from '@smmf/core';
import { createDialer } from '@smmf/net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { TEST_CERT, TEST_KEY } from '../../server/test/tls-fixture.ts';
import { probeEndpoint } from '../src/index.ts';

const open: { server: Server; sockets: Set<Socket> }[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const { server, sockets } of open.splice(0)) {
    server.close();
    for (const socket of sockets) socket.destroy();
  }
});

/** A server that answers each connection by `answer`, once its head is there; gives its port. */
async function listen(
  answer: (socket: Socket, head: string) => void,
  server: Server = createServer(),
): Promise<number> {
  const sockets = new Set<Socket>();
  const event = server.constructor === createServer().constructor ? 'connection' : 'secureConnection';
  server.on(event, (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let head = '';
    socket.on('data', (piece: Buffer) => {
      head += piece.toString('latin1');
      if (head.endsWith('\r\n\r\n')) answer(socket, head);
    });
  });
  open.push({ server, sockets });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

const text = (status: string, body: string, more = ''): string =>
  `HTTP/1.1 ${status}\r\n${more}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const list = (...ids: string[]): string =>
  text('200 OK', JSON.stringify({ object: 'list', data: ids.map((id) => ({ id })) }));
const ask = (port: number, more: object = {}) =>
  probeEndpoint({ url: `http://127.0.0.1:${port}/v1`, model: 'm', timeoutMs: 2_000, ...more });
const says = (answer: string) => (socket: Socket) => void socket.write(answer);

describe('an answer of HTTP', () => {
  it.each<[string, string, object]>([
    [
      'that lists the model',
      list('x', 'm'),
      { status: 200, models: [expect.objectContaining({ id: 'x' }), expect.objectContaining({ id: 'm' })] },
    ],
    [
      'that lists it with a prefix',
      list('models/m'),
      { status: 200, models: [expect.objectContaining({ id: 'models/m' })] },
    ],
    [
      'that lists it with a tag',
      list('m:latest'),
      { status: 200, models: [expect.objectContaining({ id: 'm:latest' })] },
    ],
    [
      'that lists others',
      list('a', 'b'),
      { status: 200, note: 'does not list "m"; it lists a, b', models: expect.anything() },
    ],
    ['that lists nothing', list(), { status: 200, note: 'does not list "m"; it lists nothing', models: [] }],
    ['that is a page', text('200 OK', '<html></html>'), { status: 200, note: 'answers no list of models' }],
    ['that is an array', text('200 OK', '[{"id":"m"}]'), { status: 200, note: 'answers no list of models' }],
    ['that is too long', text('200 OK', ' '.repeat(2 ** 20 + 1)), { status: 200, note: 'answers no list of models' }],
    ['without a key', text('401 No', '{}'), { status: 401, note: 'it wants a key (HTTP 401)' }],
    ['404', text('404 No', '{"detail":"Not Found"}'), { status: 404, note: 'no models list (HTTP 404)' }],
    ['405', text('405 No', ''), { status: 405, note: 'no models list (HTTP 405)' }],
    ['501', text('501 No', ''), { status: 501, note: 'no models list (HTTP 501)' }],
    ['503', text('503 No', ''), { status: 503, note: 'answers HTTP 503 to the question for its models' }],
    [
      '101',
      'HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n',
      { status: 101, note: expect.stringContaining('101') },
    ],
    [
      'after one that is provisional',
      `HTTP/1.1 103 Early\r\nlink: x\r\n\r\n${list('m')}`,
      { status: 200, models: [expect.objectContaining({ id: 'm' })] },
    ],
  ])('means ready: %s', async (_name, answer, result) => {
    expect(await ask(await listen(says(answer)))).toEqual({ state: 'ready', ...result });
  });

  it('says that a key was refused, and never which', async () => {
    const port = await listen(says(text('403 No', '{}')));
    const result = await ask(port, { headers: { authorization: new Secret('Bearer canary') } });
    expect(result).toEqual({ state: 'ready', status: 403, note: 'the key was refused (HTTP 403)' });
  });

  it('takes the only model of a list, whatever it is called, where that will do', async () => {
    expect(await ask(await listen(says(list('x'))), { takesOnly: true })).not.toHaveProperty('note');
    expect(await ask(await listen(says(list('x', 'y'))), { takesOnly: true })).toHaveProperty('note');
  });

  it('hints at a version that may be missing', async () => {
    const port = await listen(says(text('404 No', '')));
    const result = await probeEndpoint({ url: `http://127.0.0.1:${port}`, timeoutMs: 2_000 });
    expect(result.note).toBe('no models list (HTTP 404); is the version missing in the url, such as /v1?');
  });

  it('is not followed elsewhere', async () => {
    const elsewhere = await listen(says(list('m')));
    const port = await listen(
      says(text('307 X', '', `location: http://u:canary@127.0.0.1:${elsewhere}/canary?key=canary\r\n`)),
    );
    expect(await ask(port)).toMatchObject({
      state: 'ready',
      status: 307,
      note: `redirects to 127.0.0.1:${elsewhere} (HTTP 307), which is not followed`,
    });
    expect(open[0]?.sockets.size).toBe(0);
  });

  it('means ready also when its body breaks off, is broken, or never ends', async () => {
    const head = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n';
    const cut = await listen((socket) => void socket.end(`${head}5\r\nab`));
    expect(await ask(cut)).toMatchObject({ state: 'ready', note: 'answers no list of models' });
    expect(await ask(await listen(says(`${head}zz\r\n`)))).toMatchObject({ state: 'ready' });
    const stalled = await listen(says(`${head}2\r\nab\r\n`));
    expect(await ask(stalled, { timeoutMs: 100 })).toEqual({
      state: 'ready',
      status: 200,
      note: 'its answer did not end within 0.1 s',
    });
  });
});

describe('the question', () => {
  it('carries who asks, asks for no coding, and goes to the path below the url alone', async () => {
    const heads: string[] = [];
    const port = await listen((socket, head) => {
      heads.push(head);
      socket.write(list('m'));
    });
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    vi.stubEnv('HTTP_PROXY', 'http://127.0.0.1:9');
    const headers = { Authorization: new Secret('Bearer key'), 'Accept-Encoding': 'gzip' };
    await probeEndpoint({ url: `http://u:p@127.0.0.1:${port}/pre/v1//?a=b`, headers, timeoutMs: 2_000 });
    await ask(port, { path: '/other' });
    expect(heads[0]).toMatch(/^GET \/pre\/v1\/models HTTP\/1\.1\r\n/);
    expect(heads[0]).toMatch(/\r\nuser-agent: smmf\/\d+\.\d+\.\d+/i);
    expect(heads[0]?.match(/accept-encoding: .*/gi)).toEqual(['accept-encoding: identity']);
    expect(heads[0]?.match(/authorization: .*/gi)).toEqual(['authorization: Bearer key']);
    expect(heads[1]).toMatch(/^GET \/v1\/other HTTP\/1\.1\r\n/);
  });

  it('leaves no connection behind, whatever comes', async () => {
    for (const answer of [list('m'), text('404 No', ''), 'SSH-2.0-x\r\n', '']) {
      const port = await listen(says(answer));
      await ask(port, { timeoutMs: 200 });
      const [socket] = [...(open.at(-1)?.sockets ?? [])];
      await expect.poll(() => socket?.destroyed || socket?.readableEnded).toBe(true);
    }
  });
});

describe('without an answer of HTTP it is down', () => {
  it('when nothing listens', async () => {
    const port = await listen(says(''));
    open.splice(0)[0]?.server.close();
    const reason = `nothing listens at 127.0.0.1:${port} (connection refused)`;
    expect(await ask(port)).toEqual({ state: 'down', reason });
  });

  it('when DNS does not know the name', async () => {
    // A label over 63 letters is no name: the resolver knows without asking anybody.
    const name = `${'x'.repeat(64)}.invalid`;
    const result = await probeEndpoint({ url: `http://${name}:8000/v1`, timeoutMs: 5_000 });
    expect(result).toEqual({ state: 'down', reason: expect.stringMatching(/^DNS .* xxx.*\.invalid$/) });
  });

  it.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n', /is not HTTP$/],
    ['an alert of TLS', '\x15\x03\x01\x00\x02\x02\x16', /is not HTTP; it speaks TLS, so the url begins with https:/],
    ['a head that is too long', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(70_000)}\r\n\r\n`, /is not HTTP/],
  ])('when there is %s', async (_name, answer, reason) => {
    const result = await ask(await listen((socket) => void socket.write(answer, 'latin1')));
    expect(result).toEqual({ state: 'down', reason: expect.stringMatching(reason) });
  });

  it('when the connection ends without an answer, or within its head', async () => {
    for (const answer of ['', 'HTTP/1.1 200 OK\r\nx:']) {
      const port = await listen((socket) => void socket.end(answer));
      expect(await ask(port)).toEqual({
        state: 'down',
        reason: `127.0.0.1:${port} ended the connection without an answer; does it speak http://?`,
      });
    }
  });

  it('when TLS fails, and it says how', async () => {
    const secure = await listen(says(list('m')), createTlsServer({ cert: TEST_CERT, key: TEST_KEY }));
    expect(await probeEndpoint({ url: `https://localhost:${secure}/v1`, timeoutMs: 2_000 })).toMatchObject({
      state: 'down',
      reason: expect.stringMatching(/^TLS failed: its certificate is signed by itself; NODE_EXTRA_CA_CERTS/),
    });
    const plain = await listen(says(''));
    open.at(-1)?.server.on('connection', (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await probeEndpoint({ url: `https://127.0.0.1:${plain}/v1`, timeoutMs: 2_000 })).toMatchObject({
      state: 'down',
      reason: expect.stringMatching(/^TLS failed: .* does not speak TLS; a url without TLS begins with http:/),
    });
  });
});

describe('with a dialer of the caller', () => {
  it('it is ready behind an authority that this dialer knows', async () => {
    const port = await listen(says(list('m')), createTlsServer({ cert: TEST_CERT, key: TEST_KEY }));
    const dialer = createDialer({ tls: { ca: TEST_CERT } });
    const result = await probeEndpoint({ url: `https://localhost:${port}/v1`, model: 'm', timeoutMs: 2_000, dialer });
    expect(result).toMatchObject({ state: 'ready', status: 200, models: [expect.objectContaining({ id: 'm' })] });
    expect(result).not.toHaveProperty('note');
  });

  it('it is down where the egress rule refuses it', async () => {
    const port = await listen(says(list('m')));
    const dialer = createDialer({ egress: { deny: ['127.0.0.0/8'] } });
    expect(await ask(port, { dialer })).toEqual({ state: 'down', reason: '127.0.0.1 is in egress.deny' });
    expect(open[0]?.sockets.size).toBe(0);
  });
});

describe('it is unknown', () => {
  it('when the connection is taken and TLS is not agreed on in time', async () => {
    const port = await listen(says(''));
    expect(await probeEndpoint({ url: `https://127.0.0.1:${port}/v1`, timeoutMs: 100 })).toEqual({
      state: 'unknown',
      reason: 'the connection was accepted, but the TLS handshake did not finish within 0.1 s',
    });
  });

  it('when the connection is taken and no answer comes in time, nor the end of its head', async () => {
    for (const answer of ['', 'HTTP/1.1 200 OK\r\nx: y\r\n']) {
      expect(await ask(await listen(says(answer)), { timeoutMs: 100 })).toEqual({
        state: 'unknown',
        reason: 'it took the connection and did not answer within 0.1 s',
      });
    }
  });

  it('when the probe is stopped, before it and on its way', async () => {
    const port = await listen(says(''));
    const target = { url: `http://127.0.0.1:${port}/v1`, timeoutMs: 5_000 };
    const stopped = { state: 'unknown', reason: 'the probe was stopped' };
    expect(await probeEndpoint(target, AbortSignal.abort())).toEqual(stopped);
    expect(await probeEndpoint(target, AbortSignal.timeout(50))).toEqual(stopped);
  });
});

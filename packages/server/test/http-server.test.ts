import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttpBase } from '../src/index.ts';
import { chatBody, jsonHeaders, KEY, rawClient, rawExchange, rawPost, startServer } from './harness.ts';
import { TEST_CERT, TEST_KEY } from './tls-fixture.ts';

const keys = [{ key: KEY }];
const head = (headers: string): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nauthorization: Bearer ${KEY}\r\n${headers}\r\n`;

/** A chat body of exactly `size` bytes. */
function bodyOf(size: number): string {
  const empty = chatBody({ pad: '' });
  return chatBody({ pad: 'x'.repeat(size - empty.length) });
}

describe('S19: the size of a body', () => {
  const LIMIT = 10_000;
  const base = { limits: { bodyLimitBytes: LIMIT } };

  it.each([
    [LIMIT - 1, 200],
    [LIMIT, 200],
    [LIMIT + 1, 413],
  ])('of %d bytes at a limit of 10,000 gets %d, with a length and in chunks', async (size, status) => {
    const { url } = await startServer({ keys, base });
    const body = bodyOf(size);
    const whole = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders, body });
    expect(whole.status).toBe(status);
    const stream = new Blob([body]).stream();
    const chunked = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: jsonHeaders,
      body: stream,
      duplex: 'half',
    });
    expect(chunked.status).toBe(status);
  });

  it('over the limit is refused before it is read', async () => {
    const { port } = await startServer({ keys, base });
    const client = await rawClient(port);
    client.socket.write(head('content-length: 1000000000\r\n'));
    expect(await client.until(/request_too_large/)).toMatch(/^HTTP\/1\.1 413 .*connection: close/is);
    await client.closed;
  });

  it('in endless chunks is refused at the limit', async () => {
    const { port } = await startServer({ keys, base });
    const client = await rawClient(port);
    const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`;
    client.socket.write(head('transfer-encoding: chunked\r\n') + chunk + chunk);
    client.socket.write(chunk);
    expect(await client.until(/request_too_large/)).toMatch(/^HTTP\/1\.1 413/);
    await client.closed;
  });

  it('that waits for 100 Continue is refused without it', async () => {
    const { port } = await startServer({ keys, base });
    for (const [headers, status] of [
      ['expect: 100-continue\r\ncontent-length: 10001\r\n', 413],
      ['expect: 100-continue\r\ncontent-length: 10\r\ncontent-encoding: br\r\n', 415],
      ['expect: 200-ok\r\ncontent-length: 10\r\n', 400],
    ] as const) {
      const client = await rawClient(port);
      client.socket.write(head(headers));
      await client.until(/\{"error"/);
      expect(client.text()).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
    }
  });

  it('that waits for 100 Continue and is accepted gets it', async () => {
    const { port } = await startServer({ keys, base });
    const client = await rawClient(port);
    client.socket.write(head(`expect: 100-continue\r\ncontent-length: ${chatBody().length}\r\n`));
    expect(await client.until(/\r\n\r\n/)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    client.socket.write(chatBody());
    await client.until(/HTTP\/1\.1 200 OK/);
  });

  it('lets a client that still sends see the refusal', async () => {
    const { url } = await startServer({ keys, base });
    const responses = await Promise.all(
      Array.from({ length: 8 }, () =>
        fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: jsonHeaders, body: 'x'.repeat(900_000) }),
      ),
    );
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 413));
  });
});

it.each([
  [-200, 200],
  [200, 431],
])('S19: headers %d bytes off 16 KiB get %d', async (off, status) => {
  const { port } = await startServer();
  const start = 'GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\nx-pad: ';
  const answer = await rawExchange(port, `${start}${'x'.repeat(16_384 - start.length + off)}\r\n\r\n`);
  expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
  if (status === 431) expect(answer).toContain('"code":"request_too_large"');
});

it('S8: a limit on headers that is not the one of Node holds', async () => {
  const { port } = await startServer({ base: { limits: { headerLimitBytes: 4_096 } } });
  for (const [size, status] of [
    [3_500, 200],
    [6_000, 431],
  ] as const) {
    const head = `GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\nx-pad: ${'x'.repeat(size)}\r\n\r\n`;
    expect(await rawExchange(port, head)).toMatch(new RegExp(`^HTTP/1.1 ${status}`));
  }
});

it('S10: no header is dropped, however many there are: a second Host behind 2,100 others is seen', async () => {
  const { port } = await startServer({ keys });
  const many = 'a:1\r\n'.repeat(2_100);
  const start = `GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${KEY}\r\nconnection: close\r\n`;
  expect(await rawExchange(port, `${start}${many}\r\n`)).toMatch(/^HTTP\/1\.1 200/);
  expect(await rawExchange(port, `${start}${many}host: evil.example\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400/);
});

it('S32: a refused upload is not read on without end', async () => {
  const { port } = await startServer({ keys, base: { limits: { bodyLimitBytes: 1_000 } } });
  const client = await rawClient(port);
  client.socket.write(head('content-length: 1000000000\r\n'));
  await client.until(/request_too_large/);
  let sent = 0;
  const timer = setInterval(() => {
    client.socket.write(Buffer.alloc(256 * 1024));
    sent += 256 * 1024;
  }, 5);
  onTestFinished(() => clearInterval(timer));
  await client.closed;
  // A megabyte is read on, and what lies in buffers on the way is lost.
  expect(sent).toBeLessThan(32 * 1024 * 1024);
});

describe('S22: slow clients', () => {
  it('are cut when their headers do not come in time', async () => {
    const { port } = await startServer({ base: { limits: { headersTimeoutMs: 100 } } });
    const silent = await rawClient(port);
    const slow = await rawClient(port);
    slow.socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nx-');
    await Promise.all([silent.closed, slow.closed]);
    expect(slow.text()).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
  });

  it('are cut when their body comes below the rate', async () => {
    const limits = { bodyGraceMs: 100, bodyBytesPerSecond: 10_000 };
    const { port, router, lines } = await startServer({ keys, base: { limits } });
    const stalled = await rawClient(port);
    stalled.socket.write(rawPost(chatBody()).slice(0, -5));
    const dribbling = await rawClient(port);
    dribbling.socket.write(head('content-length: 100000\r\n'));
    const timer = setInterval(() => dribbling.socket.write('x'), 10);
    onTestFinished(() => clearInterval(timer));
    await Promise.all([stalled.closed, dribbling.closed]);
    for (const client of [stalled, dribbling])
      expect(client.text()).toMatch(/^HTTP\/1\.1 408 .*"code":"request_timeout"/s);
    expect(router.played).toHaveLength(0);
    expect(lines.map(({ fields }) => fields.code)).toEqual(['request_timeout', 'request_timeout']);
  });

  it('are served when their body keeps the rate past the grace', async () => {
    const limits = { bodyGraceMs: 50, bodyBytesPerSecond: 1_000 };
    const { port } = await startServer({ keys, base: { limits } });
    const client = await rawClient(port);
    const body = bodyOf(5_000);
    client.socket.write(head(`content-length: ${body.length}\r\n`));
    for (let at = 0; at < body.length; at += 250) {
      client.socket.write(body.slice(at, at + 250));
      await new Promise((resolve) => void setTimeout(resolve, 10));
    }
    await client.until(/HTTP\/1\.1 200 OK/);
  });

  it('that leave in the middle of their body are logged as gone', async () => {
    const { port, router, lines } = await startServer({ keys });
    const client = await rawClient(port);
    client.socket.write(rawPost(chatBody()).slice(0, -5));
    await new Promise((resolve) => void setTimeout(resolve, 20));
    client.socket.destroy();
    await expect.poll(() => lines.length).toBe(1);
    expect(lines[0]?.fields).toMatchObject({ code: 'aborted', status: 499, endedBy: 'client' });
    expect(router.played).toHaveLength(0);
  });

  it('may hold so many connections from one address and no more', async () => {
    const { port } = await startServer({ base: { limits: { connectionsPerAddress: 3 } } });
    const clients = await Promise.all([rawClient(port), rawClient(port), rawClient(port)]);
    const fourth = connect({ port, host: '127.0.0.1' });
    fourth.on('error', () => undefined);
    await once(fourth, 'close');
    clients[0]?.socket.destroy();
    await clients[0]?.closed;
    await new Promise((resolve) => void setTimeout(resolve, 20));
    const again = await rawClient(port);
    again.socket.write('GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
    await again.until(/HTTP\/1\.1 200/);
  });
});

describe('C12: connections', () => {
  it('of one address are not limited by default', async () => {
    const { port } = await startServer();
    const clients = await Promise.all(Array.from({ length: 260 }, () => rawClient(port)));
    for (const client of clients) client.socket.write('GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
    for (const client of clients) await client.until(/HTTP\/1\.1 200/);
  });

  it('beyond a limit that is set are told so, and logged once for many', async () => {
    const { port, router, lines } = await startServer({ keys, base: { limits: { connectionsPerAddress: 1 } } });
    const first = await rawClient(port);
    const refused = await Promise.all(Array.from({ length: 5 }, () => rawExchange(port, rawPost(chatBody()))));
    for (const answer of refused) {
      expect(answer).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\n/);
      for (const name of ['retry-after: 1', 'retry-after-ms: 1000', 'connection: close', 'x-request-id: '])
        expect(answer).toContain(`\r\n${name}`);
      expect(answer).toContain('"code":"rate_limit_exceeded"');
    }
    expect(router.played).toHaveLength(0);
    expect(lines).toEqual([
      {
        level: 'warn',
        text: 'connection refused',
        fields: { client: '127.0.0.1', setting: 'connectionsPerAddress', limit: 1, refused: 1 },
      },
    ]);
    first.socket.write(rawPost(chatBody()));
    await first.until(/HTTP\/1\.1 200/);
  });

  it('beyond the limit on all of them are logged', async () => {
    const { port, lines } = await startServer({ base: { limits: { maxConnections: 1 } } });
    await rawClient(port);
    await rawExchange(port, '');
    await expect
      .poll(() => lines.map(({ text, fields }) => [text, fields.setting]))
      .toEqual([['connection refused', 'maxConnections']]);
  });
});

describe('TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-'));
  const tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  writeFileSync(tls.certFile, TEST_CERT);
  writeFileSync(tls.keyFile, TEST_KEY);

  it('serves by certificate files', async () => {
    const { url } = await startServer({ base: { tls } });
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    const request = get(`${url}/healthz`, { ca: TEST_CERT });
    const [response] = await once(request, 'response');
    response.resume();
    expect(response.statusCode).toBe(200);
    request.destroy();
  });

  it('names a file that cannot be read', () => {
    rmSync(tls.keyFile);
    expect(() => createHttpBase({ tls })).toThrow(/TLS file ".*key\.pem" cannot be read/);
    rmSync(folder, { recursive: true });
  });
});

it('keeps an idle connection for 75 s', async () => {
  const { port } = await startServer();
  const client = await rawClient(port);
  client.socket.write('GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n');
  expect(await client.until(/ok/)).toMatch(/keep-alive: timeout=75/i);
});

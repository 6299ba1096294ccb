import { describe, expect, it, vi } from 'vitest';
import { ask, connections, OK, overSockets, overUndici, type RawServer, rawServer } from '../raw-server.ts';

const ANSWER = 'head:200:text/plain data:ok end';

/** Answers the first request on each connection; `later` gets those after it. */
async function oncePerConnection(later: (socket: RawServer['sockets'][number]) => void) {
  const seen = new Map<unknown, number>();
  const state = { posts: 0 };
  const server = await rawServer((socket, text) => {
    if (!text.startsWith('POST')) return;
    state.posts++;
    const before = seen.get(socket) ?? 0;
    seen.set(socket, before + 1);
    if (before === 0) socket.write(OK);
    else later(socket);
  });
  return Object.assign(server, state, { counts: state });
}

describe('a kept connection that breaks before a byte of the answer', () => {
  it.each([
    ['is closed', (socket: RawServer['sockets'][number]) => socket.end()],
    ['is reset', (socket: RawServer['sockets'][number]) => socket.resetAndDestroy()],
  ])('because it %s costs nothing: the request goes out once more, on a fresh one', async (_how, end) => {
    const server = await oncePerConnection((socket) => void end(socket));
    const pool = connections(server);
    for (let round = 0; round < 6; round++) expect(await ask(pool).over).toBe(ANSWER);
    expect(server.sockets.length).toBeGreaterThan(1);
  });

  it('has the whole body sent again', async () => {
    const server = await oncePerConnection((socket) => void socket.destroy());
    const pool = connections(server);
    const body = JSON.stringify({ text: 'x'.repeat(12_000), end: 'é' });
    await ask(pool).over;
    server.received = '';
    expect(await ask(pool, body).over).toBe(ANSWER);
    expect(server.received.endsWith(Buffer.from(body).toString('latin1'))).toBe(true);
  });

  it('is made good once only, and what fails then may have reached the engine', async () => {
    let isBroken = false;
    const server = await rawServer((socket) => void (isBroken ? socket.destroy() : socket.write(OK)));
    const pool = connections(server);
    await ask(pool).over;
    isBroken = true;
    const heard = ask(pool);
    expect(await heard.over).toBe('failure');
    expect(heard.failure?.neverSent).toBe(false);
    expect(server.sockets).toHaveLength(2);
  });

  it('is not made good for one who has left meanwhile', async () => {
    const server = await oncePerConnection(() => undefined);
    const pool = connections(server);
    await ask(pool).over;
    const heard = ask(pool);
    await expect.poll(() => server.counts.posts).toBe(2);
    heard.exchange.abort();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.counts.posts).toBe(2);
    expect(heard.events).toEqual([]);
  });
});

it.each([
  ['a fresh connection', 0],
  ['a kept one after the first byte of the answer', 1],
])('breaks with %s: that is a failure', async (_name, kept) => {
  let asked = 0;
  const server = await rawServer((socket) => {
    if (asked++ < kept) socket.write(OK);
    else if (kept === 0) socket.destroy();
    else socket.end('HTTP/1.1 200');
  });
  const pool = connections(server);
  for (let round = 0; round < kept; round++) await ask(pool).over;
  const heard = ask(pool);
  expect(await heard.over).toBe('failure');
  expect(heard.failure?.neverSent).toBe(false);
  expect(server.sockets).toHaveLength(1);
});

describe.each([
  ['socketTransport', overSockets],
  ['undiciTransport', overUndici],
])('%s: an answer that is complete for its reader', (_name, transport) => {
  const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n';

  it('loses its connection when the rest does not come within a second', async () => {
    const server = await rawServer((socket) => socket.write(HEAD));
    const heard = ask(connections(server, transport));
    await expect.poll(() => heard.events.length).toBe(2);
    heard.exchange.settle();
    expect(server.sockets[0]?.destroyed).toBe(false);
    await expect.poll(() => server.sockets[0]?.destroyed, { timeout: 3_000 }).toBe(true);
  });

  it('keeps it when the rest comes', async () => {
    const server = await rawServer((socket) => {
      socket.write(HEAD);
      setTimeout(() => socket.write('0\r\n\r\n'), 80);
    });
    const pool = connections(server, transport);
    for (let round = 0; round < 3; round++) {
      const heard = ask(pool);
      await expect.poll(() => heard.events.length).toBeGreaterThanOrEqual(2);
      heard.exchange.settle();
      await heard.over;
    }
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(server.sockets).toHaveLength(1);
    expect(server.sockets[0]?.destroyed).toBe(false);
  });
});

it('a connection that nobody uses is closed after the time for which engines keep theirs', async () => {
  const server = await rawServer((socket) => socket.write(OK));
  vi.useFakeTimers({ toFake: ['setInterval', 'performance'] });
  try {
    const pool = connections(server);
    await Promise.all([ask(pool).over, ask(pool).over]);
    vi.advanceTimersByTime(3_000);
    expect(server.sockets.map(({ destroyed }) => destroyed)).toEqual([false, false]);
    vi.advanceTimersByTime(2_000);
  } finally {
    vi.useRealTimers();
  }
  await expect.poll(() => server.sockets.map(({ destroyed }) => destroyed)).toEqual([true, true]);
});

it('uses no connection again whose server says close in any of its headers', async () => {
  const head =
    'HTTP/1.1 200 OK\r\nconnection: x-custom\r\nconnection: close, keep-alive\r\ncontent-length: 2\r\n\r\nok';
  const server = await rawServer((socket) => socket.write(head));
  const pool = connections(server);
  await ask(pool).over;
  await ask(pool).over;
  expect(server.sockets).toHaveLength(2);
});

it('gives up an engine that sends heads of information without end', async () => {
  const information = `HTTP/1.1 103 Early Hints\r\nx-pad: ${'x'.repeat(1_000)}\r\n\r\n`;
  const server = await rawServer((socket) => void socket.write(information.repeat(100)));
  expect(await ask(connections(server)).over).toBe('failure');
});

import { once } from 'node:events';
import { SmmfError } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { events, failWith, INSTANCE_HEADERS, json, outcome, type Played, type Script } from './fake-router.ts';
import {
  chatBody,
  createServer,
  jsonHeaders,
  KEY,
  rawClient,
  rawPost,
  type ServerSetup,
  startServer,
} from './harness.ts';

const keys = [{ key: KEY }];
const start = (setup: ServerSetup): ReturnType<typeof startServer> => startServer({ keys, ...setup });
const STREAM = { status: 200, contentType: 'text/event-stream; charset=utf-8', headers: INSTANCE_HEADERS };
const JSON_HEAD = { status: 200, contentType: 'application/json', headers: INSTANCE_HEADERS };

const post = (url: string, more: object = {}, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { ...jsonHeaders, ...headers },
    body: chatBody(more),
  });

describe('an answer', () => {
  it('in one piece has its length, the ids and the headers of the router', async () => {
    const { url } = await start({ script: json({ text: 'größer' }) });
    const response = await post(url, {}, { 'x-request-id': 'mine' });
    const text = await response.text();
    expect(text).toBe('{"text":"größer"}');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      'x-request-id': 'mine',
      'x-smmf-instance': 'i-1',
      'x-smmf-attempts': '1',
    });
  });

  it.each([10, 16_384, 16_385])('of %d raw bytes arrives as it was, with its length', async (size) => {
    const bytes = Buffer.from(Array.from({ length: size }, (_, index) => index % 256));
    const script: Script = (played) => {
      played.sink.start({ status: 200, contentType: 'application/octet-stream', headers: {} });
      played.sink.end(bytes);
    };
    const { url } = await start({ script });
    const response = await post(url);
    expect(response.headers.get('content-length')).toBe(String(size));
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it('in events arrives head and first event together, unbuffered by proxies', async () => {
    const { port } = await start({
      script: ({ sink }) => {
        sink.start(STREAM);
        sink.write('data: 1\n\n');
      },
    });
    const client = await rawClient(port);
    client.socket.write(rawPost(chatBody({ stream: true })));
    const [first] = await once(client.socket, 'data');
    expect(String(first)).toMatch(
      /^HTTP\/1\.1 200 OK.*cache-control: no-cache.*x-accel-buffering: no.*\r\n\r\n9\r\ndata: 1\n\n\r\n$/s,
    );
  });

  const pieces = [1, 15, 16, 300, 16_384, 16_385, 70_000].map((size) =>
    Buffer.from(Array.from({ length: size }, (_, index) => (index * 7) % 256)),
  );
  const inPieces: Script = ({ sink }) => {
    sink.start(STREAM);
    sink.write('größer');
    sink.write('');
    for (const piece of pieces) sink.write(piece);
    sink.end();
  };
  const whole = Buffer.concat([Buffer.from('größer'), ...pieces]);

  it('in pieces of any size and content arrives as they were written, on one connection after another', async () => {
    const { url } = await start({ script: inPieces });
    for (let round = 0; round < 3; round++) {
      const response = await post(url, { stream: true });
      expect(Buffer.from(await response.arrayBuffer()).equals(whole)).toBe(true);
    }
  });

  it.each(['data: größer\n\ndata: [DONE]\n\n', '', Buffer.alloc(70_000, 'x')])(
    'that is a stream and comes in one piece (%.20s) arrives whole, on one connection after another',
    async (text) => {
      const script: Script = ({ sink }) => {
        sink.start(STREAM);
        sink.end(text);
      };
      const { url } = await start({ script });
      for (let round = 0; round < 3; round++) {
        const response = await post(url, { stream: true });
        expect(await response.text()).toBe(text.toString());
      }
    },
  );

  it('in pieces goes to an HTTP/1.0 client bare, and ends with the connection', async () => {
    const { port } = await start({ script: inPieces });
    const client = await rawClient(port);
    client.socket.write(rawPost(chatBody({ stream: true })).replace('HTTP/1.1', 'HTTP/1.0'));
    const read: Buffer[] = [];
    client.socket.on('data', (piece: Buffer) => read.push(piece));
    await once(client.socket, 'close');
    const answer = Buffer.concat(read);
    expect(answer.subarray(answer.indexOf('\r\n\r\n') + 4).equals(whole)).toBe(true);
  });

  it('passes through a middleware that writes in place of node', async () => {
    const { base } = createServer({ keys, script: inPieces });
    base.app.addHook('onRequest', (_request, { raw }, done) => {
      const { write } = raw;
      raw.write = ((piece: Buffer | string) => write.call(raw, Buffer.from(piece), 'utf8')) as typeof write;
      done();
    });
    const { url } = await base.listen({ port: 0 });
    const response = await post(url, { stream: true });
    expect(Buffer.from(await response.arrayBuffer()).equals(whole)).toBe(true);
  });

  it('S18: loses what HTTP cannot carry in a header value of an engine', async () => {
    const script: Script = (played) => {
      played.sink.start({
        status: 200,
        contentType: 'text/x\r\nx-evil: 1',
        headers: { 'x-a': 'a\r\nx-evil: 1', 'x-b': 'fine' },
      });
      played.sink.end('{}');
    };
    const { url } = await start({ script });
    const { headers } = await post(url);
    expect([headers.get('x-evil'), headers.get('x-a'), headers.get('x-b')]).toEqual([null, 'ax-evil: 1', 'fine']);
    expect(headers.get('content-type')).toBe('text/xx-evil: 1');
  });
});

describe('a failure', () => {
  const error = new SmmfError('OVERLOADED', 'All instances are busy', { retryAfterMs: 1_200 });

  it('before the answer is an error body with its status and Retry-After', async () => {
    const { url } = await start({ script: (played) => failWith(played, error) });
    const response = await post(url);
    expect(response.status).toBe(503);
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'retry-after': '2', 'x-smmf-instance': 'i-1' });
    expect(response.headers.has('x-should-retry')).toBe(false);
    expect(await response.json()).toEqual({
      error: { message: 'All instances are busy', type: 'server_error', param: null, code: 'overloaded' },
    });
  });

  it('after several attempts tells the client not to retry', async () => {
    const { url } = await start({ script: (played) => failWith(played, error, { attempts: 3 }) });
    const { headers } = await post(url);
    expect([headers.get('x-should-retry'), headers.get('x-smmf-attempts')]).toEqual(['false', '3']);
  });

  it('after start but before the first byte still has its own status', async () => {
    const script: Script = (played) => {
      played.sink.start(STREAM);
      failWith(played, error);
    };
    expect((await post((await start({ script })).url)).status).toBe(503);
  });

  it('within a stream is one error event and no [DONE]', async () => {
    const script: Script = (played) => {
      played.sink.start(STREAM);
      played.sink.write('data: {"choices":[]}\n\n');
      failWith(played, new SmmfError('ENGINE_TRUNCATED', 'The engine stopped early'));
    };
    const { url } = await start({ script });
    const text = await (await post(url, { stream: true })).text();
    const event =
      '{"error":{"message":"The engine stopped early","type":"server_error","param":null,"code":"engine_truncated"}}';
    expect(text).toBe(`data: {"choices":[]}\n\ndata: ${event}\n\n`);
  });

  it('within a JSON body breaks the connection, so that it cannot look complete', async () => {
    const script: Script = (played) => {
      played.sink.start(JSON_HEAD);
      played.sink.write('{"a":');
      setTimeout(() => failWith(played, error), 20);
    };
    const { url } = await start({ script });
    await expect((await post(url)).text()).rejects.toThrow(TypeError);
  });
});

describe('F29: a client that goes', () => {
  /** Reports whether the cancel came in the turn in which the server's socket closed. */
  async function leave(script: Script, body: string, when: 'at once' | RegExp): Promise<Played> {
    const { port, router, base } = await start({ script });
    const order: string[] = [];
    base.app.server.on('connection', (socket) => {
      socket.prependOnceListener('close', () => {
        order.push('close');
        process.nextTick(() => order.push('next turn'));
      });
    });
    router.onCancel = () => void order.push('cancel');
    const arrived = router.next();
    const client = await rawClient(port);
    client.socket.write(rawPost(body));
    const played = await arrived;
    if (when !== 'at once') await client.until(when);
    client.socket.destroy();
    await expect.poll(() => order).toEqual(['close', 'cancel', 'next turn']);
    expect(played.cancels).toBe(1);
    return played;
  }

  it('while its request is queued cancels it', async () => {
    await leave(() => undefined, chatBody({ stream: true }), 'at once');
  });

  it('before the first token, with the head announced, cancels it', async () => {
    await leave(({ sink }) => sink.start(STREAM), chatBody({ stream: true }), 'at once');
  });

  it('in the middle of a stream cancels it', async () => {
    const script: Script = ({ sink }) => {
      sink.start(STREAM);
      sink.write('data: 1\n\n');
    };
    const { sink } = await leave(script, chatBody({ stream: true }), /data: 1/);
    expect(sink.write('data: 2\n\n')).toBe(false);
    sink.end();
    sink.fail(new SmmfError('ABORTED', 'The client left'), {});
  });

  it('without a stream cancels it', async () => {
    await leave(() => undefined, chatBody(), 'at once');
  });

  it('with its next request in the pipeline cancels both', async () => {
    const { port, router } = await start({ script: () => undefined });
    const client = await rawClient(port);
    client.socket.write(rawPost(chatBody()) + rawPost(chatBody()));
    await expect.poll(() => router.played.length).toBe(2);
    client.socket.destroy();
    await expect.poll(() => router.played.map(({ cancels }) => cancels)).toEqual([1, 1]);
  });

  it('after its answer was complete cancels nothing, on one connection many times', async () => {
    const { port, router, base } = await start({});
    let sockets = 0;
    base.app.server.on('connection', () => sockets++);
    const client = await rawClient(port);
    for (let round = 1; round <= 15; round++) {
      client.socket.write(rawPost(chatBody()).repeat(2));
      await expect.poll(() => client.text().split('{"ok":true}').length - 1).toBe(round * 2);
    }
    client.socket.destroy();
    await new Promise((resolve) => void setTimeout(resolve, 20));
    expect([sockets, router.played.length]).toEqual([1, 30]);
    expect(router.played.every(({ cancels }) => cancels === 0)).toBe(true);
  });
});

describe('S23: back-pressure', () => {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  const TOTAL = 1_000;

  /** Writes 64 MB as fast as the sink takes them; `written` tells how far it came. */
  function pour(written: { chunks: number }): Script {
    return (played) => {
      const { sink } = played;
      sink.start(STREAM);
      played.onResume = () => {
        while (written.chunks < TOTAL) {
          written.chunks++;
          if (!sink.write(chunk)) return;
        }
        sink.end('data: [DONE]\n\n');
      };
      played.onResume();
    };
  }

  it('reaches the router, and resume follows when the client reads on', async () => {
    const written = { chunks: 0 };
    const { port, router } = await start({ script: pour(written) });
    const client = await rawClient(port);
    client.socket.pause();
    client.socket.write(rawPost(chatBody({ stream: true })));
    let before = -1;
    await expect
      .poll(() => {
        const isStill = written.chunks > 0 && written.chunks === before;
        before = written.chunks;
        return isStill;
      })
      .toBe(true);
    expect(written.chunks).toBeLessThan(TOTAL / 2);
    client.socket.removeAllListeners('data').resume();
    await expect.poll(() => written.chunks, { timeout: 5_000 }).toBe(TOTAL);
    expect(router.played[0]?.cancels).toBe(0);
  });

  it.each([
    ['in a stream', pour({ chunks: 0 })],
    ['in a large answer that is complete for us', ((played) => json('x'.repeat(30_000_000))(played)) as Script],
  ])('cuts a client that does not read after the stall limit, its connection too, %s', async (_what, script) => {
    const { port, router, base } = await start({ script, openAi: { writeStallMs: 100 } });
    const client = await rawClient(port);
    client.socket.pause();
    const arrived = router.next();
    client.socket.write(rawPost(chatBody({ stream: true })));
    const played = await arrived;
    await expect.poll(() => played.cancels, { timeout: 2_000 }).toBe(1);
    const open = (): Promise<number> =>
      new Promise((resolve) => void base.app.server.getConnections((_error, count) => resolve(count)));
    await expect.poll(open, { timeout: 2_000 }).toBe(0);
  });

  it('does not cut a client that reads', async () => {
    const script: Script = (played) => {
      played.sink.start(STREAM);
      expect(played.sink.write(chunk)).toBe(false);
      setTimeout(() => played.sink.end('data: [DONE]\n\n'), 150);
    };
    const { url, router } = await start({ script, openAi: { writeStallMs: 100 } });
    const text = await (await post(url, { stream: true })).text();
    expect(text.endsWith('[DONE]\n\n')).toBe(true);
    expect(router.played[0]?.cancels).toBe(0);
  });
});

it('reports each outcome once, as a log line and in the metrics', async () => {
  const { url, lines, metrics } = await start({ script: events('data: 1\n\n', 'data: [DONE]\n\n') });
  await (await post(url, { stream: true })).text();
  expect(lines.filter(({ text }) => text === 'request')).toHaveLength(1);
  expect(await metrics.text()).toContain('smmf_requests_total{model="chat",task="chat",outcome="ok"} 1');
});

it('works without a socket', async () => {
  const script: Script = (played) => {
    played.sink.start(STREAM);
    played.sink.write('data: 1\n\n');
    played.sink.end('data: [DONE]\n\n');
    played.sink.done(outcome(played));
  };
  const { base } = await start({ script });
  const response = await base.inject({
    method: 'POST',
    url: '/v1/chat/completions',
    headers: jsonHeaders,
    payload: chatBody(),
  });
  expect(response.body).toBe('data: 1\n\ndata: [DONE]\n\n');
});

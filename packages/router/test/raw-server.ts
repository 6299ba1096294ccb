import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Endpoint } from '@smmf/core';
import { createDialer } from '@smmf/net';
import { onTestFinished } from 'vitest';
import { socketTransport } from '../src/http1/connection-pool.ts';
import type { Connections, Exchange, Transport, TransportFailure } from '../src/index.ts';
import { undiciTransport } from '../src/undici-transport.ts';

const dialer = createDialer();
/** The two transports, over a dialer without settings. */
export const overSockets: Transport = (endpoint) => socketTransport(endpoint, dialer);
export const overUndici: Transport = (endpoint) => undiciTransport(endpoint, dialer);

/** A small answer. */
export const OK = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok';

/** What a server of bytes has seen. */
export interface RawServer {
  readonly url: string;
  /** Connections since the start. */
  readonly sockets: Socket[];
  /** What came on all of them. */
  received: string;
}

/** A server of bytes: `answer` is called for everything that comes. */
export async function rawServer(answer: (socket: Socket, text: string) => void, path?: string): Promise<RawServer> {
  const state: RawServer = { url: '', sockets: [], received: '' };
  const server = createServer((socket) => {
    state.sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => {
      state.received += bytes.toString('latin1');
      answer(socket, bytes.toString('latin1'));
    });
  });
  if (path === undefined) server.listen(0, '127.0.0.1');
  else server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of state.sockets) socket.destroy();
    server.close();
  });
  const address = server.address() as AddressInfo | string;
  const url = typeof address === 'string' ? 'http://localhost/v1' : `http://127.0.0.1:${address.port}/v1`;
  return Object.assign(state, { url });
}

/** A pool to `endpoint`, closed at the end of the test. */
export function connections(endpoint: Endpoint, transport: Transport = overSockets): Connections {
  const made = transport(endpoint);
  onTestFinished(() => made.close());
  return made;
}

/** What a listener heard of one request. */
export interface Heard {
  readonly exchange: Exchange;
  /** Resolves with what was heard once the exchange is over. */
  readonly over: Promise<string>;
  readonly events: string[];
  failure: TransportFailure | undefined;
}

/** Sends one request. */
export function ask(to: Connections, body = '{}', headers: readonly string[] = []): Heard {
  const ended = Promise.withResolvers<string>();
  const events: string[] = [];
  const heard: Partial<Heard> & { events: string[] } = { events, over: ended.promise, failure: undefined };
  const note = (event: string, isLast: boolean): void => {
    events.push(event);
    if (isLast) ended.resolve(events.join(' '));
  };
  const exchange = to.post(
    { path: '/chat/completions', shared: [], own: headers, body: Buffer.from(body) },
    {
      onHead: (status, header) => note(`head:${status}:${header('content-type') ?? ''}`, false),
      onData: (chunk) => note(`data:${chunk.toString()}`, false),
      onEnd: () => note('end', true),
      onFailure: (failure) => {
        heard.failure = failure;
        note('failure', true);
      },
    },
  );
  return Object.assign(heard, { exchange }) as Heard;
}

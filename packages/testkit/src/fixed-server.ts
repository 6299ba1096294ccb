import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a {@link FixedServer} answers at one place. */
export interface FixedAnswer {
  /** Default 200. */
  readonly status?: number;
  /** Default JSON, for a text HTML. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A text goes as it is, all else as JSON. */
  readonly body?: unknown;
  /** The connection is cut behind the body. */
  readonly isCut?: boolean;
}

/** Answers by method and path: `GET /health`; `*` for all others. Without that, others get 404. */
export type FixedRoutes = Readonly<Record<string, FixedAnswer | ((body: unknown) => FixedAnswer)>>;

/** A server on loopback whose answers stand in a table: the documented contract of a server that cannot run here. */
export interface FixedServer {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** `METHOD /path` of every request so far. */
  readonly requests: readonly string[];
  /** Bodies of the requests that had one, parsed. */
  readonly bodies: readonly unknown[];
  /** Other answers from now on. */
  answer(routes: FixedRoutes): void;
  close(): Promise<void>;
}

const NOT_THERE: FixedAnswer = { status: 404, body: { detail: 'Not Found' } };

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text === '' ? undefined : text;
  }
}

async function bodyOf(message: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  return parse(Buffer.concat(parts).toString());
}

function send(response: ServerResponse, { status = 200, headers, body = '', isCut = false }: FixedAnswer): void {
  const isText = typeof body === 'string';
  response.writeHead(status, { 'content-type': isText ? 'text/html' : 'application/json', ...headers });
  const text = isText ? body : JSON.stringify(body);
  if (isCut) response.write(text, () => response.destroy());
  else response.end(text);
}

/** Starts a server with a table of answers. */
export async function createFixedServer(first: FixedRoutes): Promise<FixedServer> {
  const requests: string[] = [];
  const bodies: unknown[] = [];
  let routes = first;
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const name = `${message.method} ${new URL(message.url ?? '/', 'http://fixed').pathname}`;
    requests.push(name);
    const body = await bodyOf(message);
    if (body !== undefined) bodies.push(body);
    const route = routes[name] ?? routes['*'] ?? NOT_THERE;
    send(response, typeof route === 'function' ? route(body) : route);
  };
  const server = createServer((message, response) => void handle(message, response).catch(() => response.destroy()));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    bodies,
    answer(next) {
      routes = next;
    },
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

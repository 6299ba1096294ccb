import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { vi } from 'vitest';

/** A proxy on loopback that knows CONNECT, and is the proxy of this process' environment until it is closed. */
export interface NameProxy {
  /** Authorities that it was asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** User and password that SMMF shows it. */
export const PROXY_PAIR = 'operator:canary-of-the-proxy';

/** Variables that would lead past it. */
const OTHERS = ['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'];

function tunnel(authority: string, client: Duplex): Socket {
  const upstream = connect({ host: '127.0.0.1', port: Number(authority.split(':').at(-1)) });
  upstream.once('connect', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    client.pipe(upstream).pipe(client);
  });
  upstream.on('error', () => client.destroy());
  client.on('error', () => upstream.destroy());
  return upstream;
}

/**
 * Starts one that leads every name to the same port of loopback.
 *
 * @param refusal what it says to each CONNECT in place of that: `403 Forbidden`
 */
export async function createNameProxy(refusal?: string): Promise<NameProxy> {
  const asked: string[] = [];
  const sockets = new Set<Duplex>();
  const server = createServer();
  server.on('connection', (socket) => sockets.add(socket));
  server.on('connect', (request, client) => {
    const { url: authority = '' } = request;
    asked.push(authority);
    if (refusal === undefined) sockets.add(tunnel(authority, client));
    else client.end(`HTTP/1.1 ${refusal}\r\ncontent-length: 0\r\n\r\n`);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  for (const name of OTHERS) vi.stubEnv(name, undefined);
  vi.stubEnv('HTTP_PROXY', `http://${PROXY_PAIR}@127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    asked,
    async close() {
      vi.unstubAllEnvs();
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

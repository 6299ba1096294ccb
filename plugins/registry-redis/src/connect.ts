import { isIP } from 'node:net';
import { getCACertificates } from 'node:tls';
import { isSecret } from '@smmf/core';
import type { createClient } from 'redis';
import type { RedisSettings } from './options.ts';

/** A connection to Redis. */
export interface Connection {
  send(command: readonly string[]): Promise<unknown>;
  /** Resolves with the reason once it has ended. */
  readonly ended: Promise<unknown>;
}

/** Opens a connection that is ready for commands; `signal` ends it, whether it stands already or not. */
export type Connector = (signal: AbortSignal) => Promise<Connection>;

/** Host and port, as messages call them. */
export const placeOf = ({ url }: RedisSettings): string => new URL(url).host;

function tlsOf({ url, tls = {} }: RedisSettings, host: string): object {
  if (!url.startsWith('rediss:')) return {};
  const { ca = [], cert, key } = tls;
  // Node takes `ca` in place of the authorities that it knows.
  const trusted = [...getCACertificates('default'), ...[ca].flat()];
  const own = cert === undefined ? {} : { cert, key: isSecret(key) ? key.reveal() : key };
  return { tls: true, ca: trusted, ...own, ...(isIP(host) === 0 && { servername: host }) };
}

/**
 * Connections by the `redis` package, each a client of its own that never connects again: when to do that is decided here, the same for
 * both connections. Its queue for commands while it is away is off: they would be carried out at any later time.
 */
export function createConnector(settings: RedisSettings, create: typeof createClient): Connector {
  const { hostname, port, pathname } = new URL(settings.url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const { username, password, requestTimeout } = settings;
  return async (signal) => {
    signal.throwIfAborted();
    const socket = {
      host,
      port: Number(port || 6_379),
      connectTimeout: requestTimeout,
      reconnectStrategy: false as const,
      // Ends a socket in every phase; the client itself cannot end one that is still connecting (redis 6.3.1).
      signal,
      ...tlsOf(settings, host),
    };
    const client = create({
      socket,
      RESP: 2,
      ...(username !== undefined && { username }),
      ...(password && { password: password.reveal() }),
      database: Number(pathname.slice(1) || 0),
      disableOfflineQueue: true,
      // What Redis would be told of us needs rights of its own.
      disableClientInfo: true,
      maintNotifications: 'disabled',
    });
    const ended = Promise.withResolvers<unknown>();
    client.on('error', (error: unknown) => ended.resolve(error));
    await client.connect();
    return { send: (command) => client.sendCommand([...command]), ended: ended.promise };
  };
}

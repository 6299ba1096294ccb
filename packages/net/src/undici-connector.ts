import type { Dialer, DialTarget } from '@smmf/core';
import type { buildConnector } from 'undici';

const NEVER = new AbortController().signal;

/**
 * A connector for undici's `Client`, `Pool` and `Agent` (their option `connect`) that opens every connection with the dialer. What fails
 * to connect fails its requests with the dialer's own error, before anything is sent.
 *
 * @param how the target but for its URL, which undici gives
 * @param signal ends what is being connected; default never
 */
export function undiciConnector(
  dialer: Dialer,
  how: Omit<DialTarget, 'url' | 'onread'> = {},
  signal: AbortSignal = NEVER,
): buildConnector.connector {
  return ({ protocol, hostname, port, servername }, callback) => {
    const url = `${protocol}//${hostname.includes(':') ? `[${hostname}]` : hostname}${port ? `:${port}` : ''}`;
    // undici names a server when a request has a host header of its own, by an empty text when that is an address.
    const serverName = how.serverName ?? (servername || undefined);
    dialer.connect({ ...how, url, serverName }, signal).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error as Error, null),
    );
  };
}

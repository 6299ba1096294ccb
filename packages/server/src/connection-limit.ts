import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock, Logger } from '@smmf/core';
import type { ClientAddresses } from './client-address.ts';
import type { NextId } from './request-id.ts';
import { rawRefusal } from './send-error.ts';

/** How many of something each address has open. */
export class AddressCounts {
  readonly #limit: number;
  readonly #open = new Map<string, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** One more for this address; false where the limit is reached, and nothing is counted. */
  take(address: string): boolean {
    const count = this.#open.get(address) ?? 0;
    if (count >= this.#limit) return false;
    this.#open.set(address, count + 1);
    return true;
  }

  free(address: string): void {
    const left = (this.#open.get(address) ?? 1) - 1;
    if (left === 0) this.#open.delete(address);
    else this.#open.set(address, left);
  }
}

/** What {@link limitConnections} works with. */
export interface ConnectionContext {
  readonly addresses: ClientAddresses;
  readonly nextId: NextId;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A line for refused connections at most so often: a flood must not fill the log. */
const LOG_EVERY_MS = 10_000;
/** How long a refused connection stays open for its client to ask and to read why, and how many do so at once. */
const LINGER_MS = 500;
const MAX_LINGERING = 64;

/** The two limits on connections. */
export interface ConnectionLimits {
  /**
   * Open connections from one IP address, and requests at once of one address behind a trusted proxy. Default: no limit, as
   * a load balancer in front has one address for all its clients.
   */
  readonly connectionsPerAddress: number;
  /** Open connections in all. */
  readonly maxConnections: number;
}

/** Tells the log of a connection, or a request by way of a proxy, that was one too many. */
export type RefusalLog = (setting: keyof ConnectionLimits, limit: number, client: string | undefined) => void;

/** Logs refused connections: the first at once, then their number since the last line. */
export function createRefusalLog({ logger, clock }: Pick<ConnectionContext, 'logger' | 'clock'>): RefusalLog {
  let refused = 0;
  let nextMs = Number.NEGATIVE_INFINITY;
  return (setting, limit, client) => {
    refused++;
    const nowMs = clock.now();
    if (nowMs < nextMs) return;
    logger.warn({ client, setting, limit, refused }, 'connection refused');
    nextMs = nowMs + LOG_EVERY_MS;
    refused = 0;
  };
}

type Refuse = (socket: Socket) => void;

/** Ends a connection that is one too many, after its client had a moment to read why. */
function createRefuse(limit: number, isPlain: boolean, context: ConnectionContext, log: RefusalLog): Refuse {
  let lingering = 0;
  return (socket) => {
    log('connectionsPerAddress', limit, socket.remoteAddress);
    if (!isPlain || lingering >= MAX_LINGERING) {
      socket.destroy();
      return;
    }
    lingering++;
    const cancel = context.clock.after(LINGER_MS, () => socket.destroy());
    socket
      .on('error', () => undefined)
      .once('close', () => {
        lingering--;
        cancel();
      });
    // All that it sends is read: unread bytes would make the kernel reset the connection before the answer is seen.
    socket.once('data', () => socket.end(rawRefusal('TOO_MANY_CONNECTIONS', context.nextId()))).resume();
  };
}

/**
 * Holds a server to its number of connections, and each address to its own. The one too many of an address is told so,
 * except on TLS, where nothing can be said before the handshake. Connections of trusted proxies are not counted by address:
 * they carry the requests of many.
 */
export function limitConnections(
  server: Server,
  limits: ConnectionLimits,
  isPlain: boolean,
  context: ConnectionContext,
): void {
  const { connectionsPerAddress: perAddress, maxConnections } = limits;
  const log = createRefusalLog(context);
  server.maxConnections = maxConnections;
  server.on('drop', (dropped) => log('maxConnections', maxConnections, dropped?.remoteAddress));
  if (perAddress === Number.POSITIVE_INFINITY) return;
  const counts = new AddressCounts(perAddress);
  const refuse = createRefuse(perAddress, isPlain, context, log);
  // What Node itself does with a connection comes after the check: a refused one must not reach its parser.
  const accept = server.listeners('connection');
  server.removeAllListeners('connection');
  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress !== undefined && !context.addresses.isProxy(remoteAddress)) {
      if (!counts.take(remoteAddress)) return refuse(socket);
      socket.once('close', () => counts.free(remoteAddress));
    }
    for (const listener of accept) listener.call(server, socket);
  });
}

import { lookup as systemLookup } from 'node:dns';
import { connect, isIP, type LookupFunction, type OnReadOpts, type Socket } from 'node:net';
import { whenAborted } from './when-aborted.ts';

/** The kernel probes a connection that was idle for this time, so that a peer that vanished is noticed. */
const KEEPALIVE_MS = 15_000;

/** Says why an address may not be reached. */
export type AddressCheck = (address: string) => string | undefined;

/** Thrown when every address of a name is refused. */
export class RefusedAddress extends Error {
  readonly why: string;

  constructor(why: string) {
    super(why);
    this.why = why;
  }
}

/** Where a socket goes: a path, or a host whose addresses pass `check`. */
export interface SocketAddress {
  readonly path?: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly check: AddressCheck;
  readonly lookup?: LookupFunction | undefined;
  readonly onread?: OnReadOpts | undefined;
}

/**
 * DNS whose answers pass the rule: only addresses that were checked are handed on, and the connection goes to one of them. A name
 * that answers otherwise the next time changes nothing.
 */
function checkedLookup(check: AddressCheck, lookup: LookupFunction): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, '', 4);
      const addresses = Array.isArray(found) ? found : [{ address: found, family: isIP(found) }];
      const allowed = addresses.filter(({ address }) => check(address) === undefined);
      const [first] = allowed;
      if (!first) {
        const why = addresses.map(({ address }) => check(address)).join('; ');
        return callback(new RefusedAddress(why || `DNS gives no address for ${host}`), '', 4);
      }
      return options.all ? callback(null, allowed) : callback(null, first.address, first.family);
    });
  };
}

/** Settles when `socket` emits `event`; rejects, and destroys it, when it breaks or the signal aborts first. */
export function ready(socket: Socket, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onClose = (): void => reject(Object.assign(new Error('The connection was closed'), { code: 'ECONNRESET' }));
  socket.once(event, resolve).once('error', reject).once('close', onClose);
  const forget = whenAborted(signal, () => reject(signal.reason));
  const settled = promise.finally(() => {
    forget();
    socket.off(event, resolve).off('error', reject).off('close', onClose);
  });
  return settled.catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
}

/** Keeps an error on an idle connection from ending the process; whoever uses the connection adds a listener of its own. */
const ignoreError = (): void => undefined;

/** A TCP or unix connection, with keepalive and without Nagle's delay. */
export async function openSocket(address: SocketAddress, signal: AbortSignal): Promise<Socket> {
  const { path, host, port, check, lookup = systemLookup as LookupFunction, onread } = address;
  const where =
    path === undefined
      ? {
          host,
          port,
          lookup: checkedLookup(check, lookup),
          noDelay: true,
          keepAlive: true,
          keepAliveInitialDelay: KEEPALIVE_MS,
        }
      : { path };
  const socket = connect({ ...where, ...(onread === undefined ? {} : { onread }) });
  socket.on('error', ignoreError);
  await ready(socket, 'connect', signal);
  return socket;
}

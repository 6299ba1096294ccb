import { once } from 'node:events';
import { createServer } from 'node:net';
import { SmmfError } from '@smmf/core';
import { portOwner } from './port-owner.ts';

/** A TCP address to listen at. */
export interface TcpAddress {
  readonly host?: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Which listener it is and where its port is set, for the error of one that is taken. */
  readonly listener?: { readonly name: string; readonly setting: string };
}

/** A host as it stands in a URL. */
export const hostInUrl = (host: string): string => (host.includes(':') ? `[${host}]` : host);

const codeOf = (cause: unknown): unknown => (cause instanceof Error && 'code' in cause ? cause.code : undefined);

const isTaken = (cause: unknown): boolean => codeOf(cause) === 'EADDRINUSE';

/** Why an address cannot be listened at, and what to do; undefined where there is no better text than the system's. */
function addressFault(cause: unknown, { host = '', port, listener }: TcpAddress): string | undefined {
  const key = listener?.setting.replace(/port$/, 'host') ?? 'the host';
  const code = codeOf(cause);
  if (code === 'EADDRNOTAVAIL')
    return `${host} is no address of this machine; set ${key} to one of its addresses, to 127.0.0.1 or to 0.0.0.0`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `the name ${host} is not known here; set ${key} to an address of this machine`;
  if (code === 'EACCES')
    return `this user may not listen at port ${port}; set ${listener?.setting ?? 'the port'} to 1024 or more`;
  return undefined;
}

/** Why a socket cannot be listened at. */
export function listenFault(cause: unknown, place: string): SmmfError {
  if (isTaken(cause))
    return new SmmfError('PORT_IN_USE', `${place} is in use; stop what listens there or choose another`, { cause });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SmmfError('CONFIG_INVALID', `Cannot listen on ${place}: ${reason}`, { cause });
}

/** The same for a port: names the listener, the process that has the port where that can be known, and where to set another one. */
export function portFault(cause: unknown, address: TcpAddress): SmmfError {
  const { host = '', port, listener } = address;
  const place = `${hostInUrl(host)}:${port}`;
  const why = addressFault(cause, address);
  if (why !== undefined) {
    return new SmmfError('CONFIG_INVALID', `${listener?.name ?? 'The server'} cannot listen at ${place}: ${why}`, {
      cause,
    });
  }
  if (!listener || !isTaken(cause)) return listenFault(cause, listener ? `${place} (${listener.setting})` : place);
  const owner = portOwner(port);
  const by = owner ? ` by process ${owner.pid} (${owner.command})` : '';
  const text = `${listener.name} cannot listen: ${place} is in use${by}; stop what listens there, or set ${listener.setting} to another port`;
  return new SmmfError('PORT_IN_USE', text, { cause });
}

/** Can this address be listened at. @throws PORT_IN_USE, CONFIG_INVALID */
export async function assertPortFree(address: TcpAddress): Promise<void> {
  const { host = '127.0.0.1', port } = address;
  const server = createServer().listen({ host: host === 'localhost' ? '127.0.0.1' : host, port });
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw portFault(cause, { ...address, host });
  }
  server.close();
  await once(server, 'close');
}

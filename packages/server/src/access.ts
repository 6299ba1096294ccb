import { SmmfError } from '@smmf/core';
import { isLoopbackAddress, isLoopbackHost } from '@smmf/protocol';
import type { FastifyRequest } from 'fastify';
import { isForwarded } from './client-address.ts';
import type { KeyIdentity, KeyRing, Scope } from './keys.ts';
import { hostName } from './wire-check.ts';

/** What decides who may use a route. */
export interface AccessOptions {
  readonly keys: KeyRing;
  /** Keys for the scope `join`, on a listener that serves others besides; default those of `keys`. */
  readonly joinKeys?: KeyRing | undefined;
  /** Serve callers of other machines without keys. */
  readonly allowOpen: boolean;
  /** Origins whose pages may call; empty: no CORS headers at all. */
  readonly corsOrigins: readonly string[];
  /** Names of this server beside those of loopback, lower case. */
  readonly hosts: readonly string[];
  /** Does it listen on loopback alone, or not at all yet. */
  readonly isOnLoopback: () => boolean;
}

/**
 * Does the request come from this machine: a unix socket, or a loopback peer that calls us by a loopback name and is no proxy
 * that hands on what others ask. Headers make a caller less local, never more.
 */
export function isLocal(request: FastifyRequest, hosts: readonly string[] = []): boolean {
  const { remoteAddress } = request.raw.socket;
  if (remoteAddress === undefined) return true;
  if (!isLoopbackAddress(remoteAddress) || isForwarded(request.headers)) return false;
  return isOwnName(hostName(request.headers.host ?? ''), hosts);
}

const isOwnName = (name: string, hosts: readonly string[]): boolean =>
  isLoopbackHost(name) || hosts.includes(name.toLowerCase());

function originHost(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).hostname : '';
}

/** Without keys only this machine is served, and no page of another site that runs in a browser on it (DNS rebinding). */
function keylessFault(request: FastifyRequest, options: AccessOptions): SmmfError | undefined {
  const { origin } = request.headers;
  if (options.allowOpen || request.raw.socket.remoteAddress === undefined) return undefined;
  const isHome = origin === undefined || options.corsOrigins.includes(origin) || isLoopbackHost(originHost(origin));
  if (isHome && isLocal(request, options.hosts)) return undefined;
  const why = isForwarded(request.headers) ? ', and this request came through a proxy; give the server keys' : '';
  return new SmmfError('PERMISSION_DENIED', `This server has no keys and serves callers on this machine only${why}`);
}

/**
 * On loopback an operator's API is called by names of this machine alone, with keys too: whatever else a browser takes for its
 * address is a page's way in (DNS rebinding).
 */
function foreignFault(request: FastifyRequest, { hosts, isOnLoopback }: AccessOptions): SmmfError | undefined {
  if (request.raw.socket.remoteAddress === undefined || !isOnLoopback()) return undefined;
  const { host = '', origin } = request.headers;
  const names = [hostName(host), ...(origin === undefined ? [] : [originHost(origin)])];
  const foreign = names.find((name) => !isOwnName(name, hosts));
  if (foreign === undefined) return undefined;
  const text = `The admin API of this machine is not called "${foreign.slice(0, 128)}"; if it is, add the name to admin.hosts`;
  return new SmmfError('PERMISSION_DENIED', text);
}

function findCaller(authorization: string, keys: KeyRing): KeyIdentity | undefined {
  const isBearer = authorization.startsWith('Bearer ') || /^bearer /i.test(authorization);
  const token = isBearer ? authorization.slice(7).trim() : '';
  return token === '' ? undefined : keys.find(token);
}

/** Who may use a route is decided from the matched route's own scope, never from the path. */
export function accessFault(request: FastifyRequest, scope: Scope, options: AccessOptions): SmmfError | undefined {
  const { authorization } = request.headers;
  const keys = scope === 'join' ? (options.joinKeys ?? options.keys) : options.keys;
  const caller = authorization === undefined ? undefined : findCaller(authorization, keys);
  request.caller = caller ?? null;
  if (scope === 'public') return undefined;
  if (keys.size === 0 && scope === 'metrics' && isLocal(request)) return undefined;
  if (keys.size === 0 && scope !== 'metrics' && scope !== 'join') return keylessFault(request, options);
  const foreign = scope.startsWith('admin:') ? foreignFault(request, options) : undefined;
  if (foreign) return foreign;
  if (caller === undefined) {
    const fault = authorization === undefined ? 'No API key is given' : 'The API key is not valid';
    return new SmmfError('INVALID_API_KEY', `${fault}; send header authorization: Bearer <key>`);
  }
  if (caller.scopes.has(scope)) return undefined;
  return new SmmfError('PERMISSION_DENIED', `This API key has no scope "${scope}"`);
}

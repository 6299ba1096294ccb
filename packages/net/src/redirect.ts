import type { HttpRequest } from '@smmf/core';
import { unreachable } from './dial-error.ts';

/** Headers that say what is wanted and never who asks: the only ones that go to another origin. */
const HARMLESS = new Set([
  ...['accept', 'accept-encoding', 'accept-language', 'content-type', 'range', 'user-agent'],
  ...['if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range'],
]);

/** Where an answer redirects to; undefined when it is no redirect. */
export function locationOf(status: number, location: string | undefined): string | undefined {
  return [301, 302, 303, 307, 308].includes(status) ? location : undefined;
}

/** Stands for the server itself, so that a relative address can be told from one of another host. */
const ITSELF = 'http://itself.invalid';

/**
 * Where the `location` of a redirect leads, in words that complete "it redirects to …". Of an address they name the host alone: path,
 * query and user info may hold secrets.
 */
export function describeRedirect(location: string | undefined): string {
  if (location === undefined || location === '') return 'nowhere';
  const url = URL.parse(location, ITSELF);
  if (url === null || !/^https?:$/.test(url.protocol)) return 'something that is no http address';
  return url.origin === ITSELF ? 'another path of its own' : url.host.slice(0, 253);
}

const harmless = (headers: HttpRequest['headers'] = {}): HttpRequest['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.has(name.toLowerCase())));

function withoutBody({ method, body, headers = {}, ...rest }: HttpRequest): HttpRequest {
  const kept = Object.entries(headers).filter(([name]) => !name.toLowerCase().startsWith('content-'));
  return { ...rest, method: method === 'HEAD' ? 'HEAD' : 'GET', headers: Object.fromEntries(kept) };
}

/** As a browser does it (https://fetch.spec.whatwg.org, HTTP-redirect fetch). */
function withMethodOf(status: number, request: HttpRequest): HttpRequest {
  const method = request.method ?? (request.body === undefined ? 'GET' : 'POST');
  const becomesGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST';
  if (becomesGet) return withoutBody({ ...request, method });
  const { body } = request;
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return { ...request, method };
  throw unreachable('redirect', 'it redirects a body that was streamed and cannot be sent twice', request);
}

/**
 * The request that follows a redirect. On another origin it carries no credentials: no header but harmless ones, no client certificate, no
 * unix socket; on another host it is dialled as `public`, unless the request names a zone itself.
 * @throws UNREACHABLE for a redirect that may not be followed
 */
export function redirected(request: HttpRequest, status: number, location: string): HttpRequest {
  const from = new URL(request.url);
  const to = URL.parse(location, from.href);
  if (to === null || !/^https?:$/.test(to.protocol)) {
    throw unreachable('redirect', 'it redirects to something that is no http address', request);
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw unreachable('redirect', `it redirects from https to ${to.origin}, which is not encrypted`, request);
  }
  const next: HttpRequest = { ...withMethodOf(status, request), url: to.href, redirects: (request.redirects ?? 0) - 1 };
  if (to.origin === from.origin) return next;
  const { socketPath, serverName, tls, egress, headers, ...rest } = next;
  const zone = egress ?? (to.hostname === from.hostname ? undefined : 'public');
  return { ...rest, headers: harmless(headers), egress: zone, tls: tls?.ca === undefined ? undefined : { ca: tls.ca } };
}

import type { IncomingMessage } from 'node:http';

const HOST = /^(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/;
const ABSOLUTE = /^https?:\/\/([^/?#]*)(.*)$/i;
/** Doubled slash, backslash, NUL, or a segment of one or two dots, plain or encoded. */
const TRICKY_PATH = /\/\/|\\|%5c|%00|\/(?:\.|%2e){1,2}(?:[/;]|$)/i;

/** A header that must stand there once, told by its length first: this runs for every request. */
function repeatedHeader(raw: readonly string[]): string | undefined {
  let seen = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const { length } = name;
    if (length !== 4 && length !== 13 && length !== 14 && length !== 17) continue;
    const lower = name.toLowerCase();
    const bit =
      lower === 'host'
        ? 1
        : lower === 'authorization'
          ? 2
          : lower === 'content-length'
            ? 4
            : lower === 'transfer-encoding'
              ? 8
              : 0;
    if ((seen & bit) !== 0) return lower;
    seen |= bit;
  }
  return undefined;
}

/** The path of a request target, without its query. */
export function pathOf(target: string): string {
  const end = target.search(/[?#]/);
  return end === -1 ? target : target.slice(0, end);
}

/** The host name in a `Host` header, without its port. */
export function hostName(host: string): string {
  return host.replace(/:\d{1,5}$/, '');
}

/** What the path check knows of the matched route. */
export interface RoutePath {
  /** As registered; a target that is the same text has a clean path. */
  readonly url: string;
  /** Takes `%2F`: model ids hold slashes. */
  readonly encodedSlash: boolean;
}

function targetFault(target: string, host: string | undefined, mayEncodeSlash: boolean): string | undefined {
  let path = pathOf(target);
  if (target.charCodeAt(0) !== 0x2f && target !== '*') {
    const [, authority, rest = ''] = ABSOLUTE.exec(target) ?? [];
    if (authority === undefined) return 'The request target is malformed';
    if (authority.toLowerCase() !== host?.toLowerCase()) return 'The request target disagrees with header host';
    path = pathOf(rest);
  }
  if (TRICKY_PATH.test(path)) return 'The path holds a doubled slash, a dot segment, a backslash or NUL';
  return !mayEncodeSlash && /%2f/i.test(path) ? 'The path holds an encoded slash' : undefined;
}

/**
 * What makes a request ambiguous: two readers of it (a proxy before us, the key check, the router) could see two
 * different requests. Undefined for a clean one. Such a request is refused and its connection closed.
 *
 * @param route the matched route; undefined where none matched
 */
export function wireFault(request: IncomingMessage, route: RoutePath | undefined): string | undefined {
  const { headers, rawHeaders, url: target = '/', httpVersionMinor, method } = request;
  const repeated = repeatedHeader(rawHeaders);
  if (repeated !== undefined) return `Header ${repeated} is given more than once`;
  const { host } = headers;
  if (host === undefined ? httpVersionMinor !== 0 : !HOST.test(host)) return 'Header host is missing or malformed';
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') {
    return 'Only the transfer coding "chunked" is accepted';
  }
  const hasBody = coding !== undefined || (headers['content-length'] ?? '0') !== '0';
  if (hasBody && (method === 'GET' || method === 'HEAD')) return `${method} does not take a body`;
  return target === route?.url ? undefined : targetFault(target, host, route?.encodedSlash === true);
}

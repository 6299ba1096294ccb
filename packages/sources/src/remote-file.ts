import { type HttpHeaders, SmmfError } from '@smmf/core';
import { get, header, type OpenAnswer, type RequestContext } from './http.ts';
import { isAllowedOrigin } from './origin.ts';

/** A file on a server. */
export interface RemoteFile {
  readonly url: URL;
  /** Sent as a bearer token to the URL's own origin and to no other. */
  readonly token?: string | undefined;
  /** A better reason than the bare status, where the server is known. */
  readonly explain?: (status: number, headers: HttpHeaders) => string | undefined;
}

/** An answer that is no redirect. */
export interface RemoteAnswer extends OpenAnswer {
  /** Host that answered, for messages. */
  readonly host: string;
  /** From the `x-linked-*` headers of the hub's own answer, before it redirects to its storage. */
  readonly linkedSha256: string | undefined;
  readonly linkedBytes: number | undefined;
}

const MAX_REDIRECTS = 5;

/**
 * Sends a GET and follows redirects by hand: at most five, https stays https, the token stays with the first origin, another host is
 * reached only where the egress rule lets public addresses be.
 * @throws SOURCE_UNAVAILABLE for a network fault or a redirect that may not be followed
 */
export async function openRemoteFile(
  file: RemoteFile,
  extraHeaders: Readonly<Record<string, string>>,
  context: RequestContext,
): Promise<RemoteAnswer> {
  let url = file.url;
  let linkedSha256: string | undefined;
  let linkedBytes: number | undefined;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const sent = { 'user-agent': 'smmf', 'accept-encoding': 'identity', ...extraHeaders, ...credentials(file, url) };
    // A server that redirects to another host shall not lead into this machine or a private network.
    const egress = url.hostname === file.url.hostname ? undefined : 'public';
    const answer = await get(url, sent, egress, context);
    linkedSha256 ??= /^"?([0-9a-f]{64})"?$/.exec(header(answer.headers, 'x-linked-etag') ?? '')?.[1];
    linkedBytes ??= toBytes(header(answer.headers, 'x-linked-size'));
    const location = header(answer.headers, 'location');
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) {
      return { ...answer, host: url.host, linkedSha256, linkedBytes };
    }
    answer.discard();
    url = nextUrl(url, location);
  }
  throw new SmmfError('SOURCE_UNAVAILABLE', `${file.url.host} redirects more than ${MAX_REDIRECTS} times`);
}

function credentials(file: RemoteFile, url: URL): Readonly<Record<string, string>> {
  return file.token !== undefined && url.origin === file.url.origin ? { authorization: `Bearer ${file.token}` } : {};
}

function nextUrl(from: URL, location: string): URL {
  const url = URL.parse(location, from.href);
  if (url === null) throw new SmmfError('SOURCE_UNAVAILABLE', `${from.host} redirects to something that is not a URL`);
  if (!isAllowedOrigin(url) || (from.protocol === 'https:' && url.protocol !== 'https:')) {
    throw new SmmfError(
      'SOURCE_UNAVAILABLE',
      `${from.host} redirects to ${url.protocol}//${url.host}, which is not https`,
    );
  }
  return url;
}

/** The error of an answer that does not carry the file. Its `details` say that asking again will not help. */
export function refused(file: RemoteFile, answer: RemoteAnswer): SmmfError {
  answer.discard();
  const { status, host } = answer;
  const usual =
    status === 404 ? `${host} has no such file (HTTP 404); check the address` : `${host} answered with HTTP ${status}`;
  return new SmmfError('SOURCE_UNAVAILABLE', file.explain?.(status, answer.headers) ?? usual, { details: { status } });
}

/** A byte count in a header; undefined when it is not one. */
export function toBytes(text: string | undefined): number | undefined {
  const bytes = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
  return bytes !== undefined && Number.isSafeInteger(bytes) ? bytes : undefined;
}

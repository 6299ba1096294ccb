import { SmmfError } from '@smmf/core';
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';
import { isAllowedOrigin } from './parse-source.ts';

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How long a fetch waits for the other side, in milliseconds. */
export interface FetchLimits {
  /** Until a connection stands, name look-up included. Default 3 s. */
  readonly connectMs: number;
  /** From a request to its answer's first byte. Default 15 s. */
  readonly firstByteMs: number;
  /** Without a single byte while a body comes in. Default 30 s. */
  readonly stallMs: number;
  /** Before a download that was cut off goes on; doubled each time. Default 500 ms. */
  readonly retryMs: number;
}

/** A file on a server. */
export interface RemoteFile {
  /** How messages name the source. */
  readonly label: string;
  readonly url: URL;
  /** Sent as a bearer token to the URL's own origin and to no other. */
  readonly token?: string | undefined;
  /** A better reason than the bare status, where the server is known. */
  readonly explain?: (status: number, headers: Headers) => string | undefined;
}

/** Response headers, names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** An answer whose body has not been read yet. */
export interface RemoteAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Dispatcher.ResponseData['body'];
  /** Host that answered, for messages. */
  readonly host: string;
  /** From the `x-linked-*` headers of the hub's own answer, before it redirects to its storage. */
  readonly linkedSha256: string | undefined;
  readonly linkedBytes: number | undefined;
}

const MAX_REDIRECTS = 5;

/** Header value as one string. */
export function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Connections for one fetch, through the proxy that the environment names; loopback is never proxied. */
export function createDispatcher(env: Environment, limits: FetchLimits): Dispatcher {
  const connect = { timeout: limits.connectMs };
  const noProxy = env.no_proxy ?? env.NO_PROXY;
  return new EnvHttpProxyAgent({
    // Given even when empty: the agent would read the process's own environment in their place.
    httpProxy: env.http_proxy ?? env.HTTP_PROXY ?? '',
    httpsProxy: env.https_proxy ?? env.HTTPS_PROXY ?? '',
    noProxy: ['localhost', '127.0.0.1', '[::1]', noProxy ?? ''].join(','),
    connect,
    proxyTls: connect,
    requestTls: connect,
    headersTimeout: limits.firstByteMs,
    bodyTimeout: limits.stallMs,
  });
}

/** What a request needs besides its target. */
export interface RequestContext {
  readonly dispatcher: Dispatcher;
  readonly limits: FetchLimits;
  readonly signal: AbortSignal;
}

/**
 * Sends a GET and follows redirects by hand: at most five, https stays https, the token stays with the first origin.
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
    const headers = { 'user-agent': 'smmf', 'accept-encoding': 'identity', ...extraHeaders, ...credentials(file, url) };
    const answer = await send(url, headers, context);
    linkedSha256 ??= /^"?([0-9a-f]{64})"?$/.exec(header(answer.headers, 'x-linked-etag') ?? '')?.[1];
    linkedBytes ??= toBytes(header(answer.headers, 'x-linked-size'));
    const location = header(answer.headers, 'location');
    if (![301, 302, 303, 307, 308].includes(answer.statusCode) || location === undefined) {
      const { statusCode: status, headers, body } = answer;
      return { status, headers, body, host: url.host, linkedSha256, linkedBytes };
    }
    discard(answer.body);
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

async function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  context: RequestContext,
): Promise<Dispatcher.ResponseData> {
  const { limits, dispatcher, signal } = context;
  // undici's own limits do not cover a proxy that accepts and then says nothing.
  const guard = new AbortController();
  const timer = setTimeout(() => guard.abort(), limits.connectMs + limits.firstByteMs + 1_000);
  try {
    return await request(url, { method: 'GET', headers, dispatcher, signal: AbortSignal.any([signal, guard.signal]) });
  } catch (cause) {
    signal.throwIfAborted();
    const reason = guard.signal.aborted ? `${url.host} did not answer in time` : networkReason(cause, url.host, limits);
    throw new SmmfError('SOURCE_UNAVAILABLE', reason, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Says what went wrong on the network in words. */
export function networkReason(cause: unknown, host: string, limits: FetchLimits): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name ${host} cannot be looked up (no network, or DNS does not know it)`;
    case 'ECONNREFUSED':
      return `${host} refused the connection`;
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `no connection to ${host} within ${limits.connectMs} ms`;
    case 'UND_ERR_HEADERS_TIMEOUT':
      return `${host} gave no answer within ${limits.firstByteMs} ms`;
    case 'UND_ERR_BODY_TIMEOUT':
      return `${host} sent nothing for ${limits.stallMs} ms`;
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
    case 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH':
      return `${host} cut the connection off`;
    default:
      return `the request to ${host} failed: ${cause instanceof Error ? cause.message : 'unknown error'}`;
  }
}

/** Closes the connection of a body that is not wanted. */
export function discard(body: Dispatcher.ResponseData['body']): void {
  // Without a listener the body's own "aborted" error would end the process.
  body.on('error', () => undefined).destroy();
}

/** A byte count in a header; undefined when it is not one. */
export function toBytes(text: string | undefined): number | undefined {
  const bytes = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
  return bytes !== undefined && Number.isSafeInteger(bytes) ? bytes : undefined;
}

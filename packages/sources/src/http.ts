import { SmmfError } from '@smmf/core';
import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici';

// The one file of this package that speaks HTTP; everything else asks through `Http`.

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

/** Response headers, names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** An answer whose body has not been read yet. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Throws SOURCE_UNAVAILABLE, in words, where the network fails. */
  readonly body: AsyncIterable<Buffer>;
  /** Closes the connection of a body that is not wanted (any more). */
  discard(): void;
}

/** A client for GET requests. It follows no redirect and adds no header. */
export interface Http {
  /** @throws SOURCE_UNAVAILABLE for a network fault; the signal's reason when it aborts */
  get(url: URL, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<HttpAnswer>;
  /** Ends all connections. Idempotent. */
  close(): Promise<void>;
}

/** Makes a client that goes through the proxy which the environment names; loopback is never proxied. */
export function createHttp(env: Environment, limits: FetchLimits): Http {
  const dispatcher = createDispatcher(env, limits);
  return {
    get: async (url, headers, signal) => {
      const answer = await send(url, headers, { dispatcher, limits, signal });
      const { statusCode: status, body } = answer;
      return { status, headers: answer.headers, body: read(body, url.host, limits), discard: () => discard(body) };
    },
    close: () => dispatcher.destroy(),
  };
}

function createDispatcher(env: Environment, limits: FetchLimits): Dispatcher {
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

async function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  context: { readonly dispatcher: Dispatcher; readonly limits: FetchLimits; readonly signal: AbortSignal },
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

async function* read(body: AsyncIterable<Buffer>, host: string, limits: FetchLimits): AsyncIterable<Buffer> {
  try {
    yield* body;
  } catch (cause) {
    throw new SmmfError('SOURCE_UNAVAILABLE', networkReason(cause, host, limits), { cause });
  }
}

function discard(body: Dispatcher.ResponseData['body']): void {
  // Without a listener the body's own "aborted" error would end the process.
  body.on('error', () => undefined).destroy();
}

/** Was it the body that stalled? It has cost its whole limit already. */
export function isStall(error: unknown): boolean {
  return error instanceof Error && codeOf(error.cause) === 'UND_ERR_BODY_TIMEOUT';
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

function networkReason(cause: unknown, host: string, limits: FetchLimits): string {
  switch (codeOf(cause)) {
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

/** Header value as one string. */
export function header(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

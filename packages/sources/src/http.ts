import { type HttpClient, type HttpHeaders, type HttpResponse, isSmmfError, SmmfError } from '@smmf/core';

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

/** What a request needs besides its target. */
export interface RequestContext {
  readonly http: HttpClient;
  readonly limits: FetchLimits;
  readonly signal: AbortSignal;
}

/** An answer whose body throws SOURCE_UNAVAILABLE, in words, where the network fails. It is read or discarded. */
export type OpenAnswer = Pick<HttpResponse, 'status' | 'headers' | 'body' | 'discard'>;

/** Besides the limits of its phases a head has this one: informational heads without end renew theirs. Milliseconds. */
const HEAD_GRACE_MS = 1_000;

/**
 * Sends a GET with these headers, through the proxy that the environment names; follows no redirect.
 * @param egress `public` where a server, not the config, has named the host; else the client's default
 * @throws SOURCE_UNAVAILABLE for a network fault; the signal's reason when it aborts; CONFIG_INVALID, CLOSED by the client
 */
export async function get(
  url: URL,
  headers: Readonly<Record<string, string>>,
  egress: 'public' | undefined,
  context: RequestContext,
): Promise<OpenAnswer> {
  const { http, signal } = context;
  const { connectMs, firstByteMs, stallMs } = context.limits;
  const request = {
    ...{ url: url.href, headers, egress, proxy: 'env' },
    connectTimeoutMs: connectMs,
    answerTimeoutMs: firstByteMs,
    headTimeoutMs: connectMs + firstByteMs + HEAD_GRACE_MS,
    stallTimeoutMs: stallMs,
  };
  try {
    const response = await http.request(request, signal);
    return {
      status: response.status,
      headers: response.headers,
      body: read(response.body, url.host, context),
      discard: () => response.discard(),
    };
  } catch (cause) {
    signal.throwIfAborted();
    throw sourceError(cause, url.host, context.limits);
  }
}

async function* read(
  body: AsyncIterable<Uint8Array>,
  host: string,
  { limits, signal }: RequestContext,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* body;
  } catch (cause) {
    signal.throwIfAborted();
    throw sourceError(cause, host, limits);
  }
}

/** What the HTTP client says of a fault, as far as it says it. */
function factsOf(error: unknown): { readonly reason?: unknown; readonly stage?: unknown; readonly why?: unknown } {
  return isSmmfError(error) ? (error.details ?? {}) : {};
}

/** Was it the body that stalled? It has cost its whole limit already. */
export function isStall(error: unknown): boolean {
  return error instanceof Error && factsOf(error.cause).reason === 'stalled';
}

/** An UNREACHABLE as a fault of the source; what is no fault of the network stays as it is. */
function sourceError(cause: unknown, host: string, limits: FetchLimits): unknown {
  if (isSmmfError(cause) && cause.code !== 'UNREACHABLE') return cause;
  const { reason } = factsOf(cause);
  // Details tell a download that asking again will not help: the rule stays the same.
  const context = reason === 'egress' ? { cause, details: { reason } } : { cause };
  return new SmmfError('SOURCE_UNAVAILABLE', wordsOf(cause, host, limits), context);
}

function wordsOf(cause: unknown, host: string, limits: FetchLimits): string {
  const { reason, stage, why } = factsOf(cause);
  switch (reason) {
    case 'dns':
      return `the name ${host} cannot be looked up (no network, or DNS does not know it)`;
    case 'refused':
      return `${host} refused the connection`;
    case 'timeout':
      return stage === undefined
        ? `${host} gave no answer within ${limits.firstByteMs} ms`
        : `no connection to ${host} within ${limits.connectMs} ms`;
    case 'stalled':
      return `${host} sent nothing for ${limits.stallMs} ms`;
    case 'closed':
      return `${host} cut the connection off`;
    default:
      return `the request to ${host} failed: ${why ?? (cause instanceof Error ? cause.message : 'unknown error')}`;
  }
}

/** Header value as one string. */
export function header(headers: HttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

import { Readable } from 'node:stream';
import {
  type Dialer,
  type HttpAnswer,
  type HttpClient,
  type HttpRequest,
  type HttpResponse,
  isSecret,
  SmmfError,
} from '@smmf/core';
import { type Dispatcher, request as undiciRequest } from 'undici';
import { type Agents, createAgents } from './agents.ts';
import { asUnreachable, unreachable } from './dial-error.ts';
import { createFetch } from './fetch.ts';
import { responseOf } from './http-body.ts';
import { locationOf, redirected } from './redirect.ts';
import { hostPortOf } from './route.ts';
import { whenAborted } from './when-aborted.ts';

const HEAD_LIMIT = 64 * 2 ** 10;
const HEAD_MS = 30_000;
const STALL_MS = 30_000;
/** A server sends one or two informational heads (100, 103) before its answer; more than this many are a fault or an attack. */
const INFORMATIONAL_LIMIT = 16;

/** What every request of a client has unless it says otherwise. */
export interface HttpClientOptions
  extends Pick<HttpRequest, 'socketPath' | 'proxy' | 'egress' | 'tls' | 'connectTimeoutMs' | 'headTimeoutMs'> {
  /** Longest head of an answer, bytes; default 64 KiB. */
  readonly headLimitBytes?: number | undefined;
  /** Sent where a request has none; default `smmf`. */
  readonly userAgent?: string | undefined;
}

interface Context {
  readonly agents: Agents;
  readonly userAgent: string;
  readonly headLimitBytes: number;
}

function headersOf({ headers = {} }: HttpRequest, userAgent: string): Record<string, string> {
  const own = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    isSecret(value) ? value.reveal() : value,
  ]);
  // A body is never unpacked here: a few bytes could become gigabytes.
  return { 'user-agent': userAgent, ...Object.fromEntries(own), 'accept-encoding': 'identity' };
}

function bodyOf({ body }: HttpRequest): string | Uint8Array | Readable | null {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return body ?? null;
  return Readable.from(body, { objectMode: false });
}

/** The error of a request that got no head. */
function headFailure(error: unknown, request: HttpRequest, context: Context): Error {
  const { code } = error as { readonly code?: string };
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    const why = `the head of its answer is longer than ${context.headLimitBytes} bytes`;
    return unreachable('too-long', why, { ...request, cause: error });
  }
  if (code === 'UND_ERR_HEADERS_TIMEOUT') {
    const why = `it took the request and did not answer within ${(request.answerTimeoutMs ?? 0) / 1_000} s`;
    return unreachable('timeout', why, { ...request, cause: error });
  }
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return new SmmfError('CLOSED', 'The HTTP client was closed', { cause: error });
  }
  if (code?.startsWith('UND_ERR_INVALID') || error instanceof TypeError) {
    const { message } = error as Error;
    return new SmmfError('INVALID_REQUEST', `A request to ${new URL(request.url).origin} cannot be sent: ${message}`, {
      cause: error,
    });
  }
  return asUnreachable(error, request);
}

/** One exchange up to the end of the answer's head. */
async function sendOnce(request: HttpRequest, context: Context, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const { url, headTimeoutMs = HEAD_MS, stallTimeoutMs = STALL_MS } = request;
  const method = (request.method ?? (request.body === undefined ? 'GET' : 'POST')) as Dispatcher.HttpMethod;
  const guard = new AbortController();
  const stop = (reason: unknown): void => guard.abort(reason);
  const forget = whenAborted(signal, () => stop(signal.reason));
  const late = `it did not answer within ${headTimeoutMs / 1_000} s`;
  const timer = setTimeout(() => stop(unreachable('timeout', late, request)), headTimeoutMs);
  let informational = 0;
  const onInfo = (): void => {
    informational += 1;
    if (informational > INFORMATIONAL_LIMIT)
      stop(unreachable('too-long', 'it sends informational heads without end', request));
  };
  try {
    const answer = await undiciRequest(new URL(url), {
      method,
      headers: headersOf(request, context.userAgent),
      body: bodyOf(request),
      dispatcher: context.agents.for(request),
      signal: guard.signal,
      headersTimeout: request.answerTimeoutMs ?? null,
      bodyTimeout: stallTimeoutMs,
      onInfo,
    });
    answer.body.once('close', forget);
    return answer;
  } catch (error) {
    forget();
    signal.throwIfAborted();
    throw headFailure(error, request, context);
  } finally {
    clearTimeout(timer);
  }
}

async function send(first: HttpRequest, context: Context, signal: AbortSignal): Promise<HttpResponse> {
  let request = first;
  for (;;) {
    signal.throwIfAborted();
    const answer = await sendOnce(request, context, signal);
    const { location } = answer.headers;
    const next = locationOf(answer.statusCode, Array.isArray(location) ? location[0] : location);
    const { url, redirects = 0, bodyLimitBytes: limitBytes, stallTimeoutMs: stallMs = STALL_MS } = request;
    if (next === undefined || first.redirects === undefined || first.redirects === 0) {
      return responseOf({ url, answer, limitBytes, stallMs, signal });
    }
    answer.body.on('error', () => undefined).destroy();
    if (redirects === 0) throw unreachable('redirect', `it redirects more than ${first.redirects} times`, first);
    request = redirected(request, answer.statusCode, next);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readAnswer(response: HttpResponse): Promise<HttpAnswer> {
  const text = await response.text();
  const { status, headers, url } = response;
  let parsed: { readonly json: unknown } | undefined;
  return {
    ...{ status, headers, url, text },
    // Megabytes that a caller takes as text are not parsed for nothing.
    get json() {
      parsed ??= { json: parse(text) };
      return parsed.json;
    },
  };
}

/**
 * An HTTP/1.1 client for calls beside the path of requests, whose connections the dialer opens. Heads end at a limit of bytes, of time
 * and of number; bodies at a limit of bytes and of silence. Redirects are followed only where a request says so.
 */
export function createHttpClient(dialer: Dialer, options: HttpClientOptions = {}): HttpClient {
  const { headLimitBytes = HEAD_LIMIT, userAgent = 'smmf', ...defaults } = options;
  const context: Context = { agents: createAgents(dialer, headLimitBytes), userAgent, headLimitBytes };
  let closed: Promise<void> | undefined;
  const request: HttpClient['request'] = async (one, signal) => {
    if (closed !== undefined) throw new SmmfError('CLOSED', 'The HTTP client was closed');
    const given = Object.entries(one).filter(([, value]) => value !== undefined);
    const whole: HttpRequest = { ...defaults, ...Object.fromEntries(given), url: one.url };
    hostPortOf(whole.url);
    return send(whole, context, signal);
  };
  return {
    request,
    get: async (url, signal, more) => readAnswer(await request({ ...more, url }, signal)),
    async post(url, value, signal, more) {
      const headers = { 'content-type': 'application/json', ...more?.headers };
      return readAnswer(await request({ method: 'POST', body: JSON.stringify(value), ...more, url, headers }, signal));
    },
    fetch: createFetch(request),
    close(limitMs = 0) {
      closed ??= context.agents.close(limitMs);
      return closed;
    },
  };
}

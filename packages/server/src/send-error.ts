import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSmmfError, SmmfError } from '@smmf/core';
import { errorBody } from '@smmf/protocol';

/** How long and how much a refused upload is still read, so that its sender gets to see the refusal. */
const LINGER_MS = 500;
const LINGER_BYTES = 1024 * 1024;
const JSON_TYPE = 'application/json; charset=utf-8';

/** Reads on and drops the rest of an upload, within limits, then calls `done`. */
function linger(request: IncomingMessage, done: () => void): void {
  let left = LINGER_BYTES;
  const stop = (): void => {
    clearTimeout(timer);
    request.off('data', count).off('end', stop).off('close', stop);
    done();
  };
  const count = (chunk: Buffer): void => {
    left -= chunk.length;
    if (left < 0) stop();
  };
  const timer = setTimeout(stop, LINGER_MS).unref();
  request.on('data', count).once('end', stop).once('close', stop);
  request.resume();
}

/** Headers that come from the error itself. SDKs read the milliseconds, proxies and browsers the seconds. */
function headersOf({ code, details, retryAfterMs }: SmmfError): string[] {
  const headers: string[] = [];
  if (retryAfterMs !== undefined) {
    headers.push('retry-after', String(Math.ceil(retryAfterMs / 1000)));
    headers.push('retry-after-ms', String(Math.ceil(retryAfterMs)));
  }
  if (code === 'INVALID_API_KEY') headers.push('www-authenticate', 'Bearer');
  if (code === 'METHOD_NOT_ALLOWED') headers.push('allow', String(details?.allow ?? ''));
  return headers;
}

/** Is there more to come of this request: its body has not been read to its end. */
function isUnread({ complete, headers }: IncomingMessage): boolean {
  return !complete && (headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0');
}

/**
 * What becomes of the connection after an error: `keep` where the whole body is known to be read, `close` in any case, `auto`
 * closes where the request has not been read to its end.
 */
export type AfterError = 'auto' | 'keep' | 'close';

/**
 * Answers with an OpenAI error body. A connection whose request has not been read to its end is closed not before the client
 * had a moment to read the answer.
 *
 * @returns bytes of the body; 0 when nobody is there to read it
 */
export function sendError(
  response: ServerResponse,
  error: SmmfError,
  headers: Readonly<Record<string, string>> = {},
  after: AfterError = 'auto',
): number {
  if (response.destroyed || response.headersSent) return 0;
  const body = Buffer.from(JSON.stringify(errorBody(error.toWire())));
  const isEarly = after !== 'keep' && response.req !== undefined && isUnread(response.req);
  const head = ['content-type', JSON_TYPE, 'content-length', String(body.length)];
  for (const [name, value] of Object.entries(headers)) head.push(name, value);
  head.push(...headersOf(error));
  if (after === 'close' || isEarly) head.push('connection', 'close');
  response.writeHead(error.row.status, head);
  if (isEarly) {
    response.write(body);
    linger(response.req, () => response.end());
  } else {
    response.end(body);
  }
  return body.length;
}

/** Codes of fastify's own refusals. */
const FASTIFY_CODES: Readonly<Record<string, SmmfError>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: new SmmfError(
    'UNSUPPORTED_MEDIA_TYPE',
    'The body must be JSON: send header content-type: application/json',
  ),
  FST_ERR_BAD_URL: new SmmfError('INVALID_REQUEST', 'The path is not a valid URL'),
  FST_ERR_MAX_PARAM_LENGTH: new SmmfError('NOT_FOUND', 'Nothing is at this path'),
};

const statusOf = (error: unknown): number =>
  error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;

/** The code that an error of Node or fastify carries; empty without one. */
export const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** Any thrown value as the error that a client may see: what is not ours becomes INTERNAL, its text kept as the cause. */
export function asSmmfError(error: unknown): SmmfError {
  if (isSmmfError(error)) return error;
  const code = codeOf(error);
  const known = FASTIFY_CODES[code];
  if (known) return known;
  // A refusal of fastify's own that has no words of ours: its status blames the request.
  if (code.startsWith('FST_') && statusOf(error) < 500)
    return new SmmfError('INVALID_REQUEST', 'The request cannot be read as it stands', { cause: error });
  return new SmmfError('INTERNAL', 'Internal error; the log says more', { cause: error });
}

const BAD_HTTP = new SmmfError('INVALID_REQUEST', 'This is not a valid HTTP request');

/** More connections, or requests by way of a trusted proxy, than one address may have. */
export const TOO_MANY_CONNECTIONS = new SmmfError(
  'RATE_LIMIT_EXCEEDED',
  'Too many connections are open from this address; close some or wait',
  { retryAfterMs: 1_000 },
);

/** What is refused before there is a request, by the code of Node's parser or a name of ours; all else is bad HTTP. */
const RAW_REFUSALS: Readonly<Record<string, readonly [status: string, error: SmmfError]>> = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    new SmmfError('REQUEST_TOO_LARGE', 'The headers are too large; send fewer or shorter ones'),
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    '408 Request Timeout',
    new SmmfError('REQUEST_TIMEOUT', 'The request did not arrive in time'),
  ],
  TOO_MANY_CONNECTIONS: ['429 Too Many Requests', TOO_MANY_CONNECTIONS],
};

/** An answer for a connection whose request was not read; written by hand, as there is no response object. */
export function rawRefusal(code: string | undefined, id: string): string {
  const [status, error] = RAW_REFUSALS[code ?? ''] ?? ['400 Bad Request', BAD_HTTP];
  const body = JSON.stringify(errorBody(error.toWire()));
  const list = ['connection', 'close', 'content-type', JSON_TYPE, 'x-request-id', id, ...headersOf(error)];
  list.push('content-length', String(Buffer.byteLength(body)));
  let head = `HTTP/1.1 ${status}\r\n`;
  for (let at = 0; at < list.length; at += 2) head += `${list[at]}: ${list[at + 1]}\r\n`;
  return `${head}\r\n${body}`;
}

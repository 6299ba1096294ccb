import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSmmfError, SmmfError } from '@smmf/core';
import { errorBody } from '@smmf/protocol';

/** How long and how much a refused upload is still read, so that its sender gets to see the refusal. */
const LINGER_MS = 500;
const LINGER_BYTES = 1024 * 1024;

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

/** Headers that come from the error itself. */
function headersOf(error: SmmfError): string[] {
  const headers: string[] = [];
  if (error.retryAfterMs !== undefined) headers.push('retry-after', String(Math.ceil(error.retryAfterMs / 1000)));
  if (error.code === 'INVALID_API_KEY') headers.push('www-authenticate', 'Bearer');
  if (error.code === 'METHOD_NOT_ALLOWED') headers.push('allow', String(error.details?.allow ?? ''));
  return headers;
}

/**
 * Answers with an OpenAI error body. When the request has not been read to its end, the connection is closed after it,
 * not before the client had a moment to read the answer.
 *
 * @param close close the connection in any case
 * @returns bytes of the body; 0 when nobody is there to read it
 */
export function sendError(
  response: ServerResponse,
  error: SmmfError,
  headers: Readonly<Record<string, string>> = {},
  close = false,
): number {
  if (response.destroyed || response.headersSent) return 0;
  const body = Buffer.from(JSON.stringify(errorBody(error.toWire())));
  const isEarly = response.req?.complete === false;
  const head = ['content-type', 'application/json; charset=utf-8', 'content-length', String(body.length)];
  for (const [name, value] of Object.entries(headers)) head.push(name, value);
  head.push(...headersOf(error));
  if (close || isEarly) head.push('connection', 'close');
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

/** Any thrown value as the error that a client may see: what is not ours becomes INTERNAL, its text kept as the cause. */
export function asSmmfError(error: unknown): SmmfError {
  if (isSmmfError(error)) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return FASTIFY_CODES[code] ?? new SmmfError('INTERNAL', 'Internal error; the log says more', { cause: error });
}

/** A refusal for a connection whose bytes could not be read as HTTP; written by hand, as there is no response object. */
export function rawRefusal(code: string | undefined): string {
  const isLarge = code === 'HPE_HEADER_OVERFLOW';
  const isLate = code === 'ERR_HTTP_REQUEST_TIMEOUT';
  const error = isLarge
    ? new SmmfError('REQUEST_TOO_LARGE', 'The headers are too large; send fewer or shorter ones')
    : isLate
      ? new SmmfError('REQUEST_TIMEOUT', 'The request did not arrive in time')
      : new SmmfError('INVALID_REQUEST', 'This is not a valid HTTP request');
  const status = isLarge ? '431 Request Header Fields Too Large' : isLate ? '408 Request Timeout' : '400 Bad Request';
  const body = JSON.stringify(errorBody(error.toWire()));
  const head = `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json; charset=utf-8\r\n`;
  return `${head}content-length: ${body.length}\r\n\r\n${body}`;
}

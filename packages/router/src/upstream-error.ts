import { redact, SmmfError } from '@smmf/core';
import { type ErrorCode, readErrorBody } from '@smmf/protocol';

const MESSAGE_LIMIT = 1024;
const CONTEXT_WORDS = /context[_ ](?:length|size)|maximum context|input_tokens|too many tokens/i;

/** What an engine answered in place of a result. */
export interface Refusal {
  readonly error: SmmfError;
  /** May the request go to another instance. */
  readonly retryable: boolean;
}

/** Status to code; a status that is not here is a 4xx of the request or a failure of the engine. */
const CODES: Readonly<Record<number, ErrorCode>> = {
  401: 'ENGINE_CREDENTIALS',
  402: 'ENGINE_CREDENTIALS',
  403: 'ENGINE_CREDENTIALS',
  404: 'MODEL_NOT_FOUND',
  408: 'TIMEOUT',
  413: 'REQUEST_TOO_LARGE',
  429: 'RATE_LIMIT_EXCEEDED',
  498: 'ENGINE_OVERLOADED',
  503: 'ENGINE_OVERLOADED',
  504: 'TIMEOUT',
  529: 'ENGINE_OVERLOADED',
};
const RETRYABLE = new Set([429, 498, 502, 503, 504, 529]);

/** Text of an engine made fit for a client: no control characters, addresses or keys, 1 KiB at most. */
export function scrub(text: string): string {
  const plain = text
    .slice(0, 4 * MESSAGE_LIMIT)
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .replaceAll(/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>)]+/gi, '[url]');
  return redact(plain).slice(0, MESSAGE_LIMIT);
}

function parse(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}

/** `Retry-After` in milliseconds: seconds or an HTTP date; undefined when it says neither. */
export function retryAfterMs(header: string | undefined, wallMs: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - wallMs;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : undefined;
}

function requestFault(status: number, code: ErrorCode | undefined, parsed: unknown): SmmfError {
  const foreign = readErrorBody(parsed);
  const message = scrub(foreign?.message ?? `The engine refused the request (HTTP ${status})`);
  const isContext = CONTEXT_WORDS.test(`${foreign?.code} ${foreign?.type} ${foreign?.param} ${message}`);
  const fallback = code ?? 'INVALID_REQUEST';
  const param = foreign?.param === undefined || foreign.param === '' ? {} : { param: scrub(foreign.param) };
  return new SmmfError(status === 400 && isContext ? 'CONTEXT_LENGTH_EXCEEDED' : fallback, message, param);
}

/**
 * Reads what an engine answered with an error status. The words of a refused request reach the client, scrubbed; those
 * of a failure of the engine go to the operator's log alone.
 */
export function refusalOf(status: number, body: Buffer, retryAfter: number | undefined): Refusal {
  const code = CODES[status];
  const retryable = RETRYABLE.has(status);
  const isRequestFault =
    status < 500 && (code === undefined || code === 'MODEL_NOT_FOUND' || code === 'REQUEST_TOO_LARGE');
  if (isRequestFault) return { error: requestFault(status, code, parse(body)), retryable: false };
  const foreign = readErrorBody(parse(body))?.message ?? body.toString('utf8', 0, MESSAGE_LIMIT);
  const cause = new Error(`HTTP ${status}: ${scrub(foreign)}`);
  const wait = retryAfter === undefined ? {} : { retryAfterMs: retryAfter };
  const text = code === 'ENGINE_CREDENTIALS' ? 'The engine refused our credentials' : 'The engine failed';
  return { error: new SmmfError(code ?? 'ENGINE_FAILED', `${text} (HTTP ${status})`, { cause, ...wait }), retryable };
}

/** Reads an error that came inside a successful answer: an event of a stream, or a whole body. Undefined when it is none. */
export function errorInside(json: Buffer | string): Refusal | undefined {
  const foreign = readErrorBody(parse(json));
  if (!foreign) return undefined;
  const status = Number(foreign.code);
  if (status >= 400 && status < 600) return refusalOf(status, Buffer.from(json.toString()), undefined);
  const cause = new Error(scrub(foreign.message ?? 'no message'));
  return { error: new SmmfError('ENGINE_FAILED', 'The engine failed while it answered', { cause }), retryable: false };
}

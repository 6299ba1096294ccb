import { type HttpHeaders, isSmmfError, redact, SmmfError } from '@smmf/core';
import type { ErrorCode } from '@smmf/protocol';

const MESSAGE_LIMIT = 1024;

/** Foreign text made fit for a client and for a log: no control characters, addresses or keys. */
export function plain(text: string): string {
  const clean = text
    .slice(0, 4 * MESSAGE_LIMIT)
    .replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .replaceAll(/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'<>)]+/gi, '[url]');
  return redact(clean).trim().slice(0, MESSAGE_LIMIT);
}

/** What an engine behind Triton says of a prompt that is too long: TensorRT-LLM's executor, its LLM API, vLLM. */
const TOO_LONG =
  /prompt length|maximum (?:input|context|model|sequence) length|max_(?:seq|input|model)_len|max_num_tokens|longer than the maximum/i;
/** Triton answers 400 for nearly everything: only these words are about what was asked for. */
const BAD_VALUE = /\b(?:must|should|invalid|expected|out of range|exceeds?|unsupported|not supported)\b/i;
/** Backends answer 400 for a full queue, too. */
const FULL = /maximum queue size|queue (?:is )?full|too many (?:concurrent )?requests/i;
const TOO_LARGE = /(?:max(?:imum)?[- ](?:http[- ])?input[- ]size|request (?:body|json) .{0,40}(?:exceeds|too large))/i;

interface Row {
  readonly code: ErrorCode;
  /** What a client reads; undefined: Triton's own words. */
  readonly text?: string;
  /** What an operator reads before Triton's words. */
  readonly remedy?: string;
}

const FAILED: Row = { code: 'ENGINE_FAILED', text: 'The engine failed while it worked on the request' };
const CREDENTIALS: Row = {
  code: 'ENGINE_CREDENTIALS',
  text: 'The engine refused our credentials',
  remedy: 'give the key as apiKey, or headers',
};
const REDIRECTED: Row = {
  code: 'ENGINE_FAILED',
  text: 'The engine answers with a redirect, which is not followed',
  remedy: 'write the address that it points to as url',
};

/**
 * Triton's statuses: 404 for what is not there, 503 for a queue that is full or a model that is not loaded, 501, 500, and 400 for all else.
 * @see TritonServer's HTTP front end, src/http_server.cc, read 2026-08; 401, 403, 413, 429 come from proxies before it
 */
function rowOf(status: number, text: string): Row {
  if (status >= 300 && status < 400) return REDIRECTED;
  if (status === 401 || status === 403) return CREDENTIALS;
  if (status === 429) return { code: 'RATE_LIMIT_EXCEEDED', text: 'The engine limits its callers' };
  if (status === 503 || FULL.test(text)) return { code: 'ENGINE_OVERLOADED', text: 'The engine is overloaded' };
  if (status === 408 || status === 504) return { code: 'TIMEOUT', text: 'The engine ran out of time' };
  if (status === 413 || TOO_LARGE.test(text)) {
    return {
      code: 'REQUEST_TOO_LARGE',
      text: 'The request is too large for the engine',
      remedy: '--http-max-input-size of Triton raises the limit',
    };
  }
  if (TOO_LONG.test(text)) return { code: 'CONTEXT_LENGTH_EXCEEDED' };
  if (status === 404) {
    return {
      code: 'ENGINE_FAILED',
      text: 'The engine does not have the model',
      remedy: 'load it, or set manage: true',
    };
  }
  return status === 400 && BAD_VALUE.test(text) ? { code: 'INVALID_REQUEST' } : FAILED;
}

/** The words of an error body, or how a body begins that is none: HTML of a proxy, plain text. */
export function wordsOf({ text, json }: { readonly text: string; readonly json: unknown }): string {
  const error = typeof json === 'object' && json !== null ? Reflect.get(json, 'error') : undefined;
  if (typeof error === 'string' && error !== '') return plain(error);
  const start = plain(text.slice(0, 200));
  return start === '' ? 'an empty answer' : `no answer of Triton, but ${JSON.stringify(start)}`;
}

const first = (headers: HttpHeaders | undefined, name: string): string | undefined => [headers?.[name]].flat()[0];

/** An answer in place of a result, as an error. @param status 200 for an error inside a stream */
export function answerError(
  status: number,
  body: { readonly text: string; readonly json: unknown },
  headers?: HttpHeaders,
): SmmfError {
  const words = wordsOf(body);
  const { code, text, remedy } = rowOf(status, words);
  const location = first(headers, 'location');
  const target = location !== undefined && URL.canParse(location) ? ` to ${new URL(location).host}` : '';
  const told = [`HTTP ${status}${target}: ${words}`, ...(remedy === undefined ? [] : [remedy])].join('; ');
  const seconds = Number(first(headers, 'retry-after') ?? Number.NaN);
  return new SmmfError(code, text ?? words, {
    cause: new Error(told),
    ...(Number.isFinite(seconds) ? { retryAfterMs: Math.min(Math.max(0, seconds * 1000), 3_600_000) } : {}),
  });
}

/** Something came that Triton does not send. @param what for the operator */
export function notTriton(what: string): SmmfError {
  const cause = new Error(`Triton sent ${what}; is it the right port (its HTTP service, 8000 by default)?`);
  return new SmmfError('ENGINE_FAILED', 'The engine sent an answer that is not of Triton', { cause });
}

/** A connection that failed. @param hasBegun whether the answer had: then it is cut */
export function connectionError(error: unknown, hasBegun: boolean): unknown {
  if (!isSmmfError(error) || error.code !== 'UNREACHABLE') return error;
  const reason = error.details?.reason;
  const isLate = reason === 'stalled' || (reason === 'timeout' && error.details?.stage === undefined);
  if (isLate) return new SmmfError('TIMEOUT', 'The engine ran out of time', { cause: error });
  return hasBegun
    ? new SmmfError('ENGINE_TRUNCATED', 'The engine broke off its answer', { cause: error })
    : new SmmfError('ENGINE_UNREACHABLE', 'The engine cannot be reached', { cause: error });
}

/** The model cannot be asked as it is. @param why for the operator, with the remedy */
export function unusable(why: string): SmmfError {
  return new SmmfError('ENGINE_FAILED', 'The engine does not have the model, or it is no text generator', {
    cause: new Error(why),
  });
}

/** What an operator reads of an error: the words behind those for a client. */
export function forOperator(error: unknown): string {
  const told = isSmmfError(error) && error.code !== 'UNREACHABLE' && error.cause instanceof Error ? error.cause : error;
  return told instanceof Error ? told.message : String(told);
}

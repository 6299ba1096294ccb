import { type EngineAnswer, redact, SmmfError } from '@smmf/core';
import { describeRedirect } from '@smmf/net';
import { ERROR_CODES, type ErrorCode, type ForeignError, readErrorBody } from '@smmf/protocol';
import type { AttemptFailure } from './attempt.ts';
import { rowOfStatus } from './engine-status.ts';

const MESSAGE_LIMIT = 1024;
const CONTEXT_WORDS = /context[_ ](?:length|size)|maximum context|input_tokens|too many tokens/i;
/** Codes and types of a refusal of the content. */
const FILTER_WORDS = /content_?(?:filter|policy)|data_inspection_failed|responsibleai/i;

/** What an engine answered in place of a result. */
export type Refusal = AttemptFailure;

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

/** The longest wait that an engine may ask for, milliseconds. */
const RETRY_AFTER_CAP_MS = 3_600_000;

/**
 * How long an engine asks to wait, milliseconds: `retry-after-ms`, or `Retry-After` as seconds or an HTTP date; an hour at
 * most. Undefined when it says nothing that can be read.
 */
export function retryAfterMs(
  header: string | undefined,
  wallMs: number,
  inMs: string | undefined = undefined,
): number | undefined {
  const exact = inMs === undefined || inMs.trim() === '' ? Number.NaN : Number(inMs);
  const seconds = header === undefined || header.trim() === '' ? Number.NaN : Number(header);
  const date = header === undefined ? Number.NaN : Date.parse(header) - wallMs;
  const ms = [exact, seconds * 1000, date].find(Number.isFinite);
  return ms === undefined ? undefined : Math.min(Math.max(ms, 0), RETRY_AFTER_CAP_MS);
}

/** The engine's own code where it is one of ours for a fault of the request: it says more than the status. */
function requestCode(foreign: ForeignError | undefined, message: string, fallback: ErrorCode): ErrorCode {
  const { code = '', type = '', param = '' } = foreign ?? {};
  const own = code.toUpperCase();
  if (own in ERROR_CODES) {
    const { status, scope } = ERROR_CODES[own as ErrorCode];
    if (status === 400 && (scope === 'request' || scope === 'model')) return own as ErrorCode;
  }
  if (FILTER_WORDS.test(`${code} ${type}`)) return 'CONTENT_FILTER';
  return CONTEXT_WORDS.test(`${code} ${type} ${param} ${message}`) ? 'CONTEXT_LENGTH_EXCEEDED' : fallback;
}

function requestFault(status: number, code: ErrorCode, parsed: unknown): SmmfError {
  const foreign = readErrorBody(parsed);
  const message = scrub(foreign?.message ?? `The engine refused the request (HTTP ${status})`);
  const param = foreign?.param === undefined || foreign.param === '' ? {} : { param: scrub(foreign.param) };
  return new SmmfError(code === 'INVALID_REQUEST' ? requestCode(foreign, message, code) : code, message, param);
}

const TEXTS: Readonly<Partial<Record<ErrorCode, string>>> = {
  ENGINE_CREDENTIALS: 'The engine refused our credentials',
  ENGINE_OVERLOADED: 'The engine is overloaded',
  RATE_LIMIT_EXCEEDED: 'The engine limits its callers',
  TIMEOUT: 'The engine ran out of time',
};

/**
 * Reads what an engine answered in place of a result. The words of a refused request reach the client, scrubbed; those of a
 * failure of the engine go to the operator's log alone.
 *
 * @param askedMs how long the engine asks to wait, milliseconds
 * @param location of a redirect, which is never followed: the key that we send belongs to the host that the operator named
 */
export function refusalOf(status: number, body: Buffer, askedMs: number | undefined, location?: string): Refusal {
  const { code, blame } = rowOfStatus(status);
  if (ERROR_CODES[code].scope === 'request') return { error: requestFault(status, code, parse(body)), blame };
  const foreign = readErrorBody(parse(body))?.message ?? body.toString('utf8', 0, MESSAGE_LIMIT);
  const cause = new Error(`HTTP ${status}: ${scrub(foreign)}`);
  const wait = askedMs === undefined ? {} : { retryAfterMs: askedMs };
  const isRedirect = location !== undefined && status >= 300 && status < 400;
  const text = isRedirect
    ? `The engine redirects to ${scrub(describeRedirect(location))} (HTTP ${status}), which is not followed`
    : `${TEXTS[code] ?? 'The engine failed'} (HTTP ${status})`;
  const error = new SmmfError(code, text, { cause, ...wait });
  return { error, blame: code === 'ENGINE_OVERLOADED' && askedMs !== undefined ? 'none' : blame };
}

/** What a profile makes of an answer, fit for a client: its words scrubbed; what the engine said goes to the operator's log. */
export function toldFrom(error: SmmfError, { status, body }: EngineAnswer): SmmfError {
  const { code, message, param, retry, retryAfterMs, pauseMs, details } = error;
  const foreign = readErrorBody(parse(body))?.message ?? body.toString('utf8', 0, MESSAGE_LIMIT);
  const isForClient = error.row.scope === 'request';
  const cause = error.cause ?? (isForClient ? undefined : new Error(`HTTP ${status}: ${scrub(foreign)}`));
  return new SmmfError(code, scrub(message), {
    ...{ cause, retry },
    ...(param === undefined ? {} : { param: scrub(param) }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(pauseMs === undefined ? {} : { pauseMs }),
    ...(details === undefined ? {} : { details }),
  });
}

/**
 * Reads an error that came inside a successful answer: an event of a stream, or a whole body. It may carry a status of its
 * own. Undefined when it is none.
 */
export function errorInside(
  json: Buffer | string,
  profile?: { readonly classify: (answer: EngineAnswer) => Refusal | undefined },
): Refusal | undefined {
  const body = typeof json === 'string' ? Buffer.from(json) : json;
  const judged = profile?.classify({ status: 200, header: () => undefined, body });
  if (judged) return judged;
  const foreign = readErrorBody(parse(json));
  if (!foreign) return undefined;
  const status = Number(foreign.code);
  if (status >= 400 && status < 600) return refusalOf(status, Buffer.from(json.toString()), undefined);
  const message = scrub(foreign.message ?? 'no message');
  const code = requestCode(foreign, '', 'ENGINE_FAILED');
  if (code !== 'ENGINE_FAILED') return { error: new SmmfError(code, message), blame: 'none' };
  const cause = new Error(message);
  return { error: new SmmfError('ENGINE_FAILED', 'The engine failed while it answered', { cause }), blame: 'answer' };
}

/** An answer that is none: `what` the engine sent in its place is for the operator's log. */
export function notOpenAi(what: string): Refusal {
  const cause = new Error(`The engine sent ${what}`);
  const error = new SmmfError('ENGINE_FAILED', 'The engine sent an answer that is not OpenAI-shaped', { cause });
  return { error, blame: 'answer' };
}

/** An engine of ours has no slot free, or takes no new work, and has not read the request. @param why as its header says */
export function notTaken(why: string | undefined): Refusal {
  const error =
    why === 'leaving'
      ? new SmmfError('SERVER_SHUTTING_DOWN', 'The engine is about to end')
      : new SmmfError('ENGINE_OVERLOADED', 'The engine has no slot free');
  return { error, blame: 'full' };
}

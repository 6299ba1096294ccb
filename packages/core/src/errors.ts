import { ERROR_CODES, type ErrorCode, type ErrorRow, type RetryAdvice, type WireError } from '@smmf/protocol';
import { redactKnown } from './redact.ts';

/** What may be said about an error beside its code and message. */
export interface ErrorContext {
  readonly cause?: unknown;
  /** The request field at fault, in OpenAI's spelling (`messages[0].content`). */
  readonly param?: string;
  /** When the caller may try again, in milliseconds from now; sent as `Retry-After`. */
  readonly retryAfterMs?: number;
  /** May the call be tried again; default as the code says. */
  readonly retry?: RetryAdvice;
  /**
   * No request goes to the lane that said so (with RATE_LIMIT_EXCEEDED: to its group) for so long, milliseconds. It is no sign of a
   * failing instance.
   */
  readonly pauseMs?: number;
  /** Safe to log and to send: no secret, no prompt. */
  readonly details?: Readonly<Record<string, unknown>>;
}

const MARK = Symbol.for('smmf.error');

/** The one error class. The message says what failed, which thing, and what to do; it never holds a secret or a prompt. */
export class SmmfError extends Error {
  override readonly name = 'SmmfError';
  readonly [MARK] = true;
  readonly code: ErrorCode;
  readonly param: string | undefined;
  readonly retryAfterMs: number | undefined;
  readonly retry: RetryAdvice;
  readonly pauseMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, message: string, context: ErrorContext = {}) {
    super(message, context.cause === undefined ? undefined : { cause: context.cause });
    this.code = code;
    this.param = context.param;
    this.retryAfterMs = context.retryAfterMs;
    this.retry = context.retry ?? ERROR_CODES[code].retry;
    this.pauseMs = context.pauseMs;
    this.details = context.details;
  }

  /** Status, OpenAI type, retry advice and scope of the code. */
  get row(): ErrorRow {
    return ERROR_CODES[this.code];
  }

  /** The inside of an OpenAI error body; its `code` is this code in lower case. A secret of this process never shows in it. */
  toWire(): WireError {
    const { type } = this.row;
    return { message: redactKnown(this.message), type, param: this.param ?? null, code: this.code.toLowerCase() };
  }
}

/** Recognises an {@link SmmfError}, also one made by another copy of this package. */
export function isSmmfError(error: unknown): error is SmmfError {
  return typeof error === 'object' && error !== null && MARK in error;
}

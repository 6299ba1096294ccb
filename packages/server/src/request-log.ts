import { type Logger, redact } from '@smmf/core';
import type { RequestOutcome } from '@smmf/protocol';
import type { Metrics } from './metrics.ts';
import { repeatsPrompt } from './prompt-echo.ts';

/** Longest text of a cause, characters. */
const MAX_CAUSE = 1024;

function textOf(cause: unknown, depth = 0): string {
  if (!(cause instanceof Error)) return typeof cause === 'string' ? cause : '';
  const inner = depth < 3 && cause.cause !== undefined ? textOf(cause.cause, depth + 1) : '';
  return inner === '' ? cause.message : `${cause.message}: ${inner}`;
}

/** Longest name that an engine gives its model, characters. */
const MAX_NAME = 256;

/** What the log says in place of words that repeat a prompt. */
const LEFT_OUT = '[left out: the words repeat the prompt]';
const NOT_COMPARED = '[left out: the prompt that the words might repeat is gone]';

/**
 * The text of an error's cause for the operator's log: credentials taken out, at most 1 KiB; undefined without one.
 *
 * @param body of the request: words that repeat its prompt are left out, all but the status that stands before them; `gone` for a
 *   body that cannot be compared any more
 */
export function causeText(cause: unknown, body?: Buffer | 'gone'): string | undefined {
  if (cause === undefined) return undefined;
  const text = textOf(cause).slice(0, 4 * MAX_CAUSE);
  if (text === '') return undefined;
  const status = /^HTTP \d{3}: /.exec(text)?.[0] ?? '';
  if (body === 'gone') return status + NOT_COMPARED;
  if (body && repeatsPrompt(text, body)) return status + LEFT_OUT;
  return redact(text).slice(0, MAX_CAUSE);
}

/** What the log line says of the request itself. */
export interface LoggedRequest {
  /** The caller's address. */
  readonly client?: string | undefined;
  /** What engines say of the prompt in it is not logged; `gone` once it was let go. */
  readonly body?: Buffer | 'gone' | undefined;
}

/**
 * Tells of a finished request: `key` is the name of the caller's key, `extra` are more fields for the log line.
 */
export type RequestReporter = (
  outcome: RequestOutcome,
  key?: string,
  extra?: Readonly<Record<string, unknown>>,
  request?: LoggedRequest,
) => void;

function levelOf(outcome: RequestOutcome): 'error' | 'warn' | 'info' {
  if (outcome.errorCode === 'INTERNAL') return 'error';
  return outcome.status >= 500 || (outcome.errorCode !== undefined && outcome.status < 300) ? 'warn' : 'info';
}

const rounded = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : Math.round(ms * 10) / 10;

/** Makes one log line and the metrics of each request. The line holds no prompt, no answer and no key. */
export function createRequestReporter(logger: Logger, metrics: Metrics | undefined): RequestReporter {
  return (outcome, key, extra, request) => {
    metrics?.record(outcome);
    const { id, model, engineModel, task, instance, attempts, status, errorCode, endedBy, stream, usage } = outcome;
    const fields = {
      id,
      model,
      engineModel: engineModel === model ? undefined : engineModel?.slice(0, MAX_NAME),
      task,
      instance,
      attempts,
      status,
      code: errorCode?.toLowerCase(),
      endedBy,
      stream,
      queueMs: rounded(outcome.queueMs),
      firstTokenMs: rounded(outcome.firstTokenMs),
      totalMs: rounded(outcome.totalMs),
      promptTokens: usage?.prompt_tokens,
      completionTokens: usage?.completion_tokens,
      requestBytes: outcome.requestBytes,
      responseBytes: outcome.responseBytes,
      cause: causeText(outcome.cause, request?.body),
      key,
      client: request?.client,
    };
    logger[levelOf(outcome)](extra ? { ...fields, ...extra } : fields, 'request');
  };
}

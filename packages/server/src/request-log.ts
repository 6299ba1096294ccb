import { type Logger, type RequestObserver, redact } from '@smmf/core';
import type { RequestRecord } from '@smmf/protocol';
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

function levelOf(record: RequestRecord): 'error' | 'warn' | 'info' {
  if (record.errorCode === 'INTERNAL') return 'error';
  return record.status >= 500 || (record.errorCode !== undefined && record.status < 300) ? 'warn' : 'info';
}

const rounded = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : Math.round(ms * 10) / 10;

/** Longest name that a client asks for, characters. */
const MAX_ASKED = 256;

/** Attempts that failed and were followed by another one: the last one's failure is the request's own. */
function logFailedAttempts(logger: Logger, { id, attemptRecords, errorCode }: RequestRecord, body: Buffer | 'gone') {
  const last = attemptRecords.length - 1;
  for (const [index, attempt] of attemptRecords.entries()) {
    const isTold = index === last && errorCode !== undefined;
    if (attempt.errorCode === undefined || isTold) continue;
    const { model, instance, lane, engineStatus: status, cause, startedMs, endedMs } = attempt;
    const code = attempt.errorCode.toLowerCase();
    const totalMs = rounded(endedMs - startedMs);
    const fields = { id, model, instance, lane, attempt: index + 1, status, code, totalMs };
    logger.warn({ ...fields, cause: causeText(cause, body) }, 'attempt failed');
  }
}

/**
 * One log line for each request, after one for each attempt of it that failed and was followed by another. They hold no prompt, no
 * answer and no key.
 */
export function requestLog(logger: Logger): RequestObserver {
  return (record, body) => {
    if (record.attempts > 1) logFailedAttempts(logger, record, body);
    const { id, asked, model, engineModel, task, instance, attempts, status, errorCode, endedBy, stream, usage } =
      record;
    const fields = {
      id,
      asked: asked === model ? undefined : asked.slice(0, MAX_ASKED),
      model,
      engineModel: engineModel === model ? undefined : engineModel?.slice(0, MAX_NAME),
      adjusted: record.adjusted,
      task,
      instance,
      attempts,
      status,
      code: errorCode?.toLowerCase(),
      endedBy,
      stream,
      queueMs: rounded(record.queueMs),
      firstTokenMs: rounded(record.firstTokenMs),
      totalMs: rounded(record.totalMs),
      promptTokens: usage?.prompt_tokens,
      completionTokens: usage?.completion_tokens,
      requestBytes: record.requestBytes,
      responseBytes: record.responseBytes,
      cause: causeText(record.cause, body),
      key: record.caller?.key,
      client: record.caller?.address,
      traceparent: record.traceparent,
      labels: record.labels,
    };
    logger[levelOf(record)](record.details ? { ...fields, ...record.details } : fields, 'request');
  };
}

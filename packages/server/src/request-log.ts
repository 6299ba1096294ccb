import type { Logger } from '@smmf/core';
import type { RequestOutcome } from '@smmf/protocol';
import type { Metrics } from './metrics.ts';

/** Longest text of a cause, characters. */
const MAX_CAUSE = 1024;

/** Shapes of credentials in the texts of engines and vendors. Each is linear: no nested or adjoining repeats. */
const CREDENTIALS: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[^\s"',;]+/gi, '$1 [secret]'],
  [/\b(?:sk|pk|hf|gsk|xai|ghp|nvapi|AKIA|AIza)[-_]?[A-Za-z0-9_-]{12,}/g, '[secret]'],
  [/\beyJ[A-Za-z0-9_-]{8,}[A-Za-z0-9_.-]*/g, '[secret]'],
  [
    /(api[-_ ]?key|authorization|access[-_]?token|token|secret|password)(["']?\s?[:=]\s?["']?)[^\s"',;&]+/gi,
    '$1$2[secret]',
  ],
  [/:\/\/[^\s/@]+@/g, '://[secret]@'],
];

function textOf(cause: unknown, depth = 0): string {
  if (!(cause instanceof Error)) return typeof cause === 'string' ? cause : '';
  const inner = depth < 3 && cause.cause !== undefined ? textOf(cause.cause, depth + 1) : '';
  return inner === '' ? cause.message : `${cause.message}: ${inner}`;
}

/** The text of an error's cause for the operator's log: credentials taken out, at most 1 KiB; undefined without one. */
export function causeText(cause: unknown): string | undefined {
  if (cause === undefined) return undefined;
  let text = textOf(cause).slice(0, 4 * MAX_CAUSE);
  for (const [pattern, shown] of CREDENTIALS) text = text.replace(pattern, shown);
  return text === '' ? undefined : text.slice(0, MAX_CAUSE);
}

/**
 * Tells of a finished request: `key` is the name of the caller's key, `extra` are more fields for the log line, `client` is the
 * caller's address.
 */
export type RequestReporter = (
  outcome: RequestOutcome,
  key?: string,
  extra?: Readonly<Record<string, unknown>>,
  client?: string,
) => void;

function levelOf(outcome: RequestOutcome): 'error' | 'warn' | 'info' {
  if (outcome.errorCode === 'INTERNAL') return 'error';
  return outcome.status >= 500 || (outcome.errorCode !== undefined && outcome.status < 300) ? 'warn' : 'info';
}

const rounded = (ms: number | undefined): number | undefined =>
  ms === undefined ? undefined : Math.round(ms * 10) / 10;

/** Makes one log line and the metrics of each request. The line holds no prompt, no answer and no key. */
export function createRequestReporter(logger: Logger, metrics: Metrics | undefined): RequestReporter {
  return (outcome, key, extra, client) => {
    metrics?.record(outcome);
    const { id, model, task, instance, attempts, status, errorCode, endedBy, stream, usage } = outcome;
    const fields = {
      id,
      model,
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
      cause: causeText(outcome.cause),
      key,
      client,
    };
    logger[levelOf(outcome)](extra ? { ...fields, ...extra } : fields, 'request');
  };
}

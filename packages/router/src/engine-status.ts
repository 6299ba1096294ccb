import type { ErrorCode } from '@smmf/protocol';
import type { Blame } from './attempt.ts';

/** What a status of an engine means: our code for it, and what it says of the instance. */
export interface StatusRow {
  readonly code: ErrorCode;
  readonly blame: Blame;
}

const row = (code: ErrorCode, blame: Blame): StatusRow => ({ code, blame });

/** The hop is wrong, not the request: a path, model or method that is not there, a proxy, a redirect. */
const SETUP = row('ENGINE_FAILED', 'setup');
const FAILED = row('ENGINE_FAILED', 'answer');
const TIMED_OUT = row('TIMEOUT', 'answer');
const OVERLOADED = row('ENGINE_OVERLOADED', 'answer');
const CREDENTIALS = row('ENGINE_CREDENTIALS', 'none');

/**
 * The one table of statuses; `docs/errors.md` shows it. Whether a request goes to another instance is the code's retry
 * advice. A 4xx that is not here is the request's fault, a 5xx the engine's, and what is below 400 no answer at all.
 */
export const ENGINE_STATUSES: ReadonlyMap<number, StatusRow> = new Map([
  [401, CREDENTIALS],
  [402, CREDENTIALS],
  [403, CREDENTIALS],
  [404, SETUP],
  [405, SETUP],
  [406, SETUP],
  [407, SETUP],
  [408, TIMED_OUT],
  [410, SETUP],
  [411, SETUP],
  [413, row('REQUEST_TOO_LARGE', 'none')],
  [414, SETUP],
  [415, SETUP],
  [417, SETUP],
  [421, SETUP],
  [426, SETUP],
  [429, row('RATE_LIMIT_EXCEEDED', 'none')],
  [431, SETUP],
  [498, OVERLOADED],
  [503, OVERLOADED],
  [504, TIMED_OUT],
  [524, TIMED_OUT],
  [529, OVERLOADED],
]);

const REQUEST_FAULT = row('INVALID_REQUEST', 'none');

/** What `status` means when it comes from an engine. */
export function rowOfStatus(status: number): StatusRow {
  const known = ENGINE_STATUSES.get(status);
  if (known) return known;
  if (status >= 500) return FAILED;
  return status >= 400 ? REQUEST_FAULT : SETUP;
}

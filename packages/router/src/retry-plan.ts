import type { AttemptFailure } from './attempt.ts';
import type { ModelEntry } from './candidate-table.ts';
import type { Instance } from './instance.ts';
import { hasUntried } from './pick.ts';
import { protects } from './protections.ts';
import { backOffMs } from './retry-budget.ts';

const MAX_ATTEMPTS = 3;
/** A lone instance that failed gets half of this at least, and all of it at most, to come back or to show that it is down. */
const LONE_PAUSE_MS = 500;

/** A failure and the one of its second try. */
const FAILURES_WAITED_FOR = 2;

/** Where a request stands when an attempt has failed. */
export interface RetryState {
  readonly entry: ModelEntry;
  /** One entry for each attempt at the present model. */
  readonly tried: readonly Instance[];
  readonly nowMs: number;
  /** How long the request may still wait for a slot, milliseconds. */
  readonly patienceMs: number;
  /** Is there another model that may answer in place of this one. */
  readonly hasFallback: boolean;
  readonly random: () => number;
}

/** Another attempt. */
export interface Retry {
  /** How long to wait before it, milliseconds. */
  readonly delayMs: number;
  /** It counts among the retries that may run at once. */
  readonly isBounded: boolean;
}

/**
 * Decides for one request whether an attempt is followed by another; a second timeout or a second wait is not followed by another.
 * The budget bounds retries after answers such as 503. Outside of it are those that no storm can come from: a broken
 * connection and an instance that failed often are bounded by the ejection that follows (all requests of an instance fail at
 * once when it dies), and what is not there at one instance is no sign of load.
 */
export class RetryPlan {
  #hasTimedOut = false;
  #hasWaited = false;

  /** The next attempt; undefined when there is none. */
  next(failure: AttemptFailure, state: RetryState): Retry | undefined {
    const { error, blame } = failure;
    const { entry, tried, nowMs, patienceMs, random } = state;
    if (error.retry !== 'other' || tried.length >= MAX_ATTEMPTS || !protects('retry')) return undefined;
    if (error.code === 'TIMEOUT' && this.#hasTimedOut) return undefined;
    this.#hasTimedOut ||= error.code === 'TIMEOUT';
    const isBounded = (blame === 'answer' || blame === 'none') && tried.at(-1)?.isEjected(nowMs) !== true;
    if (isBounded && !entry.queue.budget.allows(entry.queue.inFlight)) return undefined;
    const delayMs = backOffMs(tried.length, random);
    if (hasUntried(entry, tried, nowMs)) return { delayMs, isBounded };
    const pauseMs = lonePauseMs(failure, state);
    if (pauseMs === undefined || this.#hasWaited || pauseMs >= patienceMs) return undefined;
    this.#hasWaited = true;
    return { delayMs: pauseMs, isBounded };
  }
}

/**
 * How long to wait for a lone instance: what it asks for, where that fits; 250 to 500 ms where it failed; not at all for one
 * that gave no token in time, or is not set up for the request.
 */
function lonePauseMs({ error, blame }: AttemptFailure, state: RetryState): number | undefined {
  const { entry, hasFallback, random, tried } = state;
  const { code, retryAfterMs } = error;
  if (retryAfterMs !== undefined) {
    const limitMs = hasFallback ? entry.settings.waitAtMostMs : Number.POSITIVE_INFINITY;
    return retryAfterMs <= limitMs ? retryAfterMs + backOffMs(tried.length, random) : undefined;
  }
  // The first one that fails finds out whether it comes back; those after it need not wait for that.
  if (hasFallback && (tried.at(-1)?.failuresInARow ?? 0) > FAILURES_WAITED_FOR) return undefined;
  if (code === 'TIMEOUT' || code === 'RATE_LIMIT_EXCEEDED' || blame === 'setup') return undefined;
  return (LONE_PAUSE_MS / 2) * (1 + random());
}

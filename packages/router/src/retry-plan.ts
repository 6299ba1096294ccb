import type { SmmfError } from '@smmf/core';
import type { AttemptFailure } from './attempt.ts';
import type { ModelEntry } from './candidate-table.ts';
import type { Instance } from './instance.ts';
import { hasUntried } from './pick.ts';
import { backOffMs } from './retry-budget.ts';

const MAX_ATTEMPTS = 3;
/** A lone instance whose connection broke gets this long to come back, or to show that it is starting again. */
const LONE_PAUSE_MS = 500;

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

/**
 * Decides for one request whether an attempt is followed by another; what it may do once, it does once.
 * The budget bounds retries after answers such as 503; a broken connection is bounded by the ejection that follows it, and
 * a whole instance's requests break at once when it dies.
 */
export class RetryPlan {
  #hasTimedOut = false;
  #hasWaited = false;

  /** How long to wait before the next attempt, milliseconds; undefined when there is none. */
  next({ error, retryable, neverSent, isLocal }: AttemptFailure, state: RetryState): number | undefined {
    const { entry, tried, nowMs, patienceMs, hasFallback, random } = state;
    if (!retryable || tried.length >= MAX_ATTEMPTS) return undefined;
    if (error.code === 'TIMEOUT' && this.#hasTimedOut) return undefined;
    this.#hasTimedOut ||= error.code === 'TIMEOUT';
    const delayMs = backOffMs(tried.length, random);
    if (neverSent) return delayMs;
    if (!isLocal && !entry.queue.budget.allows(entry.queue.inFlight)) return undefined;
    if (hasUntried(entry, tried, nowMs)) return delayMs;
    const pauseMs = isLocal ? LONE_PAUSE_MS : askedPauseMs(error, hasFallback);
    if (pauseMs === undefined || this.#hasWaited || pauseMs + delayMs >= patienceMs) return undefined;
    this.#hasWaited = true;
    return pauseMs + delayMs;
  }
}

/**
 * The Retry-After of an overloaded instance, when no other model can answer. A rate limit (429) is the caller's to wait
 * for: it is passed on.
 */
function askedPauseMs({ code, retryAfterMs }: SmmfError, hasFallback: boolean): number | undefined {
  return code === 'ENGINE_OVERLOADED' && !hasFallback ? retryAfterMs : undefined;
}

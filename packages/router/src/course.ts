import type { RouterRequest, SmmfError } from '@smmf/core';
import type { AttemptFailure } from './attempt.ts';
import type { CandidateTable, ModelEntry } from './candidate-table.ts';
import type { RouterContext } from './context.ts';
import { nextFallback } from './fallback.ts';
import type { Instance } from './instance.ts';
import type { ModelQueue } from './model-queue.ts';
import { type Retry, RetryPlan } from './retry-plan.ts';

/** Where a request has been and where it may still go: the instances of the model it asks for, then that model's fallbacks. */
export class Course {
  readonly asked: ModelEntry;
  /** The model whose turn it is. */
  served: ModelEntry;
  /** One entry for each attempt at the present model. */
  readonly tried: Instance[] = [];
  /** Made at the first failure. */
  #plan: RetryPlan | undefined;
  #fallbacks = 0;
  /** Where the next attempt counts among the retries that may run at once. */
  #bound: ModelQueue | undefined;

  constructor(asked: ModelEntry) {
    this.asked = asked;
    this.served = asked;
  }

  get isFallback(): boolean {
    return this.served !== this.asked;
  }

  /** The present attempt counts among the retries that may run at once. */
  get isBounded(): boolean {
    return this.#bound !== undefined;
  }

  /** The model whose turn it is, as it stands now. */
  entryIn(table: CandidateTable): ModelEntry {
    return table.models.get(this.served.settings.id) ?? this.served;
  }

  /** An attempt at `instance` is over. */
  leave(instance: Instance | undefined): void {
    if (this.#bound) this.#bound.budget.running--;
    this.#bound = undefined;
    if (instance) this.tried.push(instance);
  }

  /** Another attempt at the present model, after the last one failed. @param leftMs what the request has left, milliseconds */
  retry(failure: AttemptFailure, context: RouterContext, request: RouterRequest, leftMs: number): Retry | undefined {
    const { clock, random, table } = context;
    const entry = this.entryIn(table);
    const patienceMs = Math.min(entry.settings.timeouts.queueMs, leftMs);
    const hasFallback = this.#next(table, request, failure.error) !== undefined;
    const state = { entry, tried: this.tried, nowMs: clock.now(), patienceMs, hasFallback, random };
    this.#plan ??= new RetryPlan();
    const retry = this.#plan.next(failure, state);
    if (retry?.isBounded) {
      this.#bound = entry.queue;
      entry.queue.budget.running++;
    }
    return retry;
  }

  /** Goes on to the next model that may answer after `error`; false where there is none. */
  fallBack(table: CandidateTable, request: RouterRequest, error: SmmfError): boolean {
    const found = this.#next(table, request, error);
    if (!found) return false;
    this.#fallbacks = found.next;
    this.served = found.entry;
    this.tried.length = 0;
    return true;
  }

  #next(table: CandidateTable, request: RouterRequest, error: SmmfError): ReturnType<typeof nextFallback> {
    const at = { asked: this.asked, served: this.entryIn(table), from: this.#fallbacks };
    return nextFallback(table, at, request, error);
  }
}

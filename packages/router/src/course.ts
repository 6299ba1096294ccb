import type { RouterRequest, SmmfError } from '@smmf/core';
import type { AttemptFailure } from './attempt.ts';
import type { CandidateTable, ModelEntry } from './candidate-table.ts';
import type { RouterContext } from './context.ts';
import { nextFallback } from './fallback.ts';
import type { Instance } from './instance.ts';
import type { Served } from './meter.ts';
import type { ModelQueue } from './model-queue.ts';
import { hasUntried } from './pick.ts';
import { type Retry, RetryPlan } from './retry-plan.ts';
import type { Timeouts } from './settings.ts';

/** A request that this many engines broke off in the middle of may be what they died of: no other one gets it. */
const MAX_LOSSES = 2;

/** Before an engine is asked again that had no slot free: so long at least, twice as long at most; milliseconds. */
const FULL_WAIT_MS = 10;

/** Where a request has been and where it may still go: the instances of the model it asks for, then that model's fallbacks. */
export class Course {
  readonly asked: ModelEntry;
  /** The model whose turn it is. */
  served: ModelEntry;
  /** One entry for each attempt at the present model. */
  readonly tried: Instance[] = [];
  /** Starts of instances whose connection broke after the request had been sent, those of fallbacks included; made at the first. */
  #losses: Set<string> | undefined;
  /** Made at the first failure. */
  #plan: RetryPlan | undefined;
  #fallbacks = 0;
  /** The attempt that is being left found no slot free. */
  #isFull = false;
  /** Since when it wants a slot of the present model and has none. */
  #waitsSinceMs: number | undefined;
  /** Where the next attempt counts among the retries that may run at once. */
  #bound: ModelQueue | undefined;

  constructor(asked: ModelEntry) {
    this.asked = asked;
    this.served = asked;
  }

  /** Public ids: of the model whose turn it is, and of the one asked for where another one has taken its place. */
  get models(): Served {
    const { asked, served } = this;
    return { model: served.settings.id, fallbackFrom: served === asked ? undefined : asked.settings.id };
  }

  /** The present attempt counts among the retries that may run at once. */
  get isBounded(): boolean {
    return this.#bound !== undefined;
  }

  /** The model whose turn it is, as it stands now. */
  entryIn(table: CandidateTable): ModelEntry {
    return table.models.get(this.served.settings.id) ?? this.served;
  }

  /** It waits for a slot from now on, or goes on to: what engines refuse that others fill, or that leave, is one wait. */
  waits(nowMs: number): void {
    this.#waitsSinceMs ??= nowMs;
  }

  /** How long it may. */
  waitsUntilMs({ queueMs }: Timeouts): number {
    return (this.#waitsSinceMs ?? 0) + queueMs;
  }

  /** An attempt at `instance` is over. */
  leave(instance: Instance | undefined): void {
    if (this.#bound) this.#bound.budget.running--;
    this.#bound = undefined;
    // Of one that merely had no slot free nothing is known: it may be asked again.
    if (instance && !this.#isFull) this.tried.push(instance);
    this.#isFull = false;
  }

  /** An attempt has failed: what that says of the request and of the model's engines as a whole. */
  failed(instance: Instance | undefined, failure: AttemptFailure, { queue }: ModelEntry, nowMs: number): void {
    const { blame, neverSent, error } = failure;
    this.#isFull = blame === 'full';
    if (this.#isFull) this.waits(nowMs);
    else this.#waitsSinceMs = undefined;
    if (instance && blame === 'connection' && neverSent !== true) this.#lost(instance);
    const isOurs = blame === 'answer' || blame === 'none';
    if (isOurs && !instance?.isEjected(nowMs) && error.retry === 'other') queue.budget.failed();
  }

  /** The connection to an instance broke while it had the request. */
  #lost({ id, epoch }: Instance): void {
    this.#losses ??= new Set();
    // A lone instance that was started anew in between has died of it twice; one whose connection alone broke has the same epoch.
    this.#losses.add(`${id}@${epoch}`);
  }

  get #isSuspected(): boolean {
    return this.#losses !== undefined && this.#losses.size >= MAX_LOSSES;
  }

  /** Is the present attempt at one of the lost instances, while there is another one that has not been tried. */
  mayLeave(
    instance: Instance | undefined,
    isLost: (instance: Instance) => boolean,
    { table, clock }: RouterContext,
  ): boolean {
    if (!instance || !isLost(instance)) return false;
    return hasUntried(this.entryIn(table), [...this.tried, instance], clock.now());
  }

  /** Another attempt at the present model, after the last one failed. @param leftMs what the request has left, milliseconds */
  retry(failure: AttemptFailure, context: RouterContext, request: RouterRequest, leftMs: number): Retry | undefined {
    if (this.#isSuspected) return undefined;
    const { clock, random, table } = context;
    const entry = this.entryIn(table);
    // In line at once, unless the next pick would be the same.
    const isFree = entry.open.some((instance) => !instance.isFull && instance.isOpen(clock.now()));
    if (failure.blame === 'full') {
      if (clock.now() >= this.waitsUntilMs(entry.settings.timeouts)) return undefined;
      return { delayMs: isFree ? FULL_WAIT_MS * (1 + random()) : 0, isBounded: false };
    }
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
    if (this.#isSuspected) return false;
    const found = this.#next(table, request, error);
    if (!found) return false;
    this.#fallbacks = found.next;
    this.served = found.entry;
    this.tried.length = 0;
    this.#waitsSinceMs = undefined;
    return true;
  }

  #next(table: CandidateTable, request: RouterRequest, error: SmmfError): ReturnType<typeof nextFallback> {
    const at = { asked: this.asked, served: this.entryIn(table), from: this.#fallbacks };
    return nextFallback(table, at, request, error);
  }
}

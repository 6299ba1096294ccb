import { type ResponseHead, type ResponseSink, type RouterRequest, type RunningRequest, SmmfError } from '@smmf/core';
import type { ErrorCode } from '@smmf/protocol';
import { noSlotInTime, shuttingDown, stalled, tookTooLong, unavailable, whoEnds, whyNotQueued } from './admission.ts';
import { Answer } from './answer.ts';
import type { Attempt, AttemptFailure } from './attempt.ts';
import type { ModelEntry } from './candidate-table.ts';
import { enter, leave, observe, pumpAll, type RouterContext, type UnderWay } from './context.ts';
import { Course } from './course.ts';
import { noteFailure } from './ejection.ts';
import { givenUp } from './give-up.ts';
import type { Instance } from './instance.ts';
import { LoadLease } from './load-lease.ts';
import { Meter } from './meter.ts';
import type { Waiting } from './model-queue.ts';
import { withoutLargeBody } from './request-body.ts';
import type { Retry } from './retry-plan.ts';

/** One request from its arrival to its end, over all its attempts. Ends exactly once. */
export class Run implements UnderWay, RunningRequest, Waiting {
  request: RouterRequest;
  readonly context: RouterContext;
  readonly deadlineMs: number;
  readonly meter: Meter;
  /** The present attempt's slot, with its times. */
  lease: LoadLease | undefined;
  previous: UnderWay | undefined;
  next: UnderWay | undefined;
  readonly #answer: Answer;
  readonly #start: (run: Run, instance: Instance) => void;
  readonly #course: Course;
  #attempt: Attempt | undefined;
  #isDone = false;
  #isPaused = false;
  #queuedMs = 0;
  #lastDataMs = 0;
  #cancelTimer: (() => void) | undefined;

  constructor(
    context: RouterContext,
    request: RouterRequest,
    sink: ResponseSink,
    entry: ModelEntry,
    start: (run: Run, instance: Instance) => void,
  ) {
    this.context = context;
    this.request = request;
    this.#course = new Course(entry);
    this.#answer = new Answer(sink, (cause) => this.#sinkFailed(cause));
    this.#start = start;
    this.meter = new Meter(context.clock.now(), request.body.length);
    const { totalMs } = entry.settings.timeouts;
    this.deadlineMs = this.meter.startedMs + Math.min(request.timeoutMs ?? totalMs, totalMs);
    enter(context, this);
  }

  /** The model that serves it, as it stands now: the one asked for, or a fallback. */
  get entry(): ModelEntry {
    return this.#course.entryIn(this.context.table);
  }

  get hasTried(): boolean {
    return this.#course.tried.length > 0;
  }

  /** Headers about the way the answer came. */
  get headers(): Record<string, string> {
    return this.meter.headers(this.request.model, this.#course.models);
  }

  /** An instance for the next attempt; undefined when the run now waits in line, or has been refused. */
  admit(): Instance | undefined {
    const { context, entry } = this;
    if (context.isDraining) {
      this.#fail(shuttingDown());
      return undefined;
    }
    const instance = entry.queue.isOpenToNewcomers ? this.#take() : undefined;
    if (instance) return instance;
    const refusal = whyNotQueued(entry, this.deadlineMs, context.clock.now());
    if (refusal) this.#refuse(refusal);
    else {
      entry.queue.join(this);
      context.waiting++;
      this.#queuedMs = context.clock.now();
      this.#course.waits(this.#queuedMs);
      this.#arm();
    }
    return undefined;
  }

  tryStart(): boolean {
    const instance = this.#take();
    if (!instance) return false;
    this.#leaveLine();
    this.#start(this, instance);
    return true;
  }

  refuseWaiting(): void {
    if (this.#isDone || this.lease) return;
    this.#cancelTimer?.();
    this.#leaveLine();
    if (this.context.isDraining) this.#fail(shuttingDown());
    else this.#refuse(unavailable(this.entry));
  }

  cancel(): void {
    if (this.#isDone) return;
    this.#attempt?.abort();
    this.#end('client', this.#answer.statusOr(499), 'ABORTED');
  }

  resume(): void {
    if (this.#isDone || !this.#isPaused) return;
    this.#isPaused = false;
    this.noteActivity();
    this.#arm();
    this.#attempt?.resume();
  }

  /** Ends the request from our side, wherever it stands. */
  terminate(error: SmmfError): void {
    if (this.#isDone) return;
    this.#attempt?.abort();
    this.#fail(error);
  }

  giveUp(isLost: (instance: Instance) => boolean): void {
    if (this.#answer.isCommitted || !this.#course.mayLeave(this.lease?.instance, isLost, this.context)) return;
    this.#attempt?.abort();
    this.attemptFailed(givenUp());
  }

  began(attempt: Attempt): void {
    this.#attempt = attempt;
  }

  /** Bytes came from the engine, content or not. */
  noteActivity(): void {
    this.#lastDataMs = this.context.clock.now();
  }

  /** The first content is there: the engine has read the prompt. */
  firstToken(): void {
    this.noteActivity();
    this.meter.firstTokenAtMs ??= this.#lastDataMs;
    this.lease?.noteFirstToken();
    if (this.request.stream) this.#arm();
  }

  /** The commit point: from here on nothing is tried again. */
  startAnswer(head: ResponseHead, engineModel?: string): void {
    if (this.#isDone) return;
    this.meter.answered(head, engineModel);
    this.request = withoutLargeBody(this.request);
    this.#answer.start({ ...head, headers: { ...head.headers, ...this.headers } });
  }

  /** Hands bytes to the client; pauses the engine's side when the client is slow. */
  write(bytes: Buffer | string): void {
    if (this.#isDone) return;
    this.meter.responseBytes += bytes.length;
    if (this.#answer.write(bytes) || this.#isDone) return;
    this.#isPaused = true;
    this.#attempt?.pause();
  }

  /** The answer is whole. */
  succeed(lastBytes?: Buffer | string): void {
    if (this.#isDone) return;
    this.meter.responseBytes += lastBytes?.length ?? 0;
    this.lease?.instance.succeeded(this.context.clock.now());
    this.entry.queue.budget.succeeded(this.#course.isBounded);
    this.#answer.end(lastBytes);
    if (!this.#isDone) this.#end('engine', this.#answer.status, undefined);
  }

  /** The attempt failed: another one, another model, or the end. */
  attemptFailed(failure: AttemptFailure): void {
    if (this.#isDone) return;
    const instance = this.lease?.instance;
    if (instance) noteFailure(this.context, instance, this.entry.open, failure);
    this.#course.failed(instance, failure, this.entry, this.context.clock.now());
    this.#release(failure.error);
    const retry = this.#nextAttempt(failure);
    if (retry) this.#retryAfter(retry);
    else this.#refuse(failure.blame === 'full' ? noSlotInTime(this.entry) : failure.error);
    pumpAll(this.context);
  }

  #take(): Instance | undefined {
    const lease = LoadLease.take(this.context, this.entry, this.request, this.#course.tried);
    if (!lease) return undefined;
    this.lease = lease;
    this.meter.instance = lease.instance.id;
    this.#lastDataMs = lease.startedMs;
    this.meter.attempts++;
    this.#arm();
    return lease.instance;
  }

  #release(error?: Pick<SmmfError, 'code' | 'cause'>): void {
    this.#attempt = undefined;
    if (this.lease) {
      this.lease.release(error === undefined);
      this.meter.ended(this.lease, this.context.clock.now(), error);
    }
    this.#course.leave(this.lease?.instance);
    this.lease = undefined;
  }

  #leaveLine(): void {
    const { queue } = this.entry;
    queue.unpause(this);
    if (!queue.leave(this)) return;
    this.context.waiting--;
    this.meter.queueMs += this.context.clock.now() - this.#queuedMs;
  }

  /** Another model where the settings name one, else the end. */
  #refuse(error: SmmfError): void {
    if (this.#answer.isCommitted || !this.#course.fallBack(this.context.table, this.request, error)) {
      this.#fail(error);
      return;
    }
    const instance = this.admit();
    if (instance) this.#start(this, instance);
  }

  #nextAttempt(failure: AttemptFailure): Retry | undefined {
    if (this.#answer.isCommitted || !this.request.mayRetry || this.context.isDraining) return undefined;
    return this.#course.retry(failure, this.context, this.request, this.deadlineMs - this.context.clock.now());
  }

  /** Holds no slot meanwhile; ends early when nothing is left to wait for. */
  #retryAfter({ delayMs }: Retry): void {
    const { queue } = this.entry;
    queue.pause(this);
    this.#cancelTimer?.();
    this.#cancelTimer = this.context.clock.after(delayMs, () => {
      queue.unpause(this);
      const instance = this.admit();
      if (instance) this.#start(this, instance);
    });
  }

  #fail(error: SmmfError): void {
    this.#answer.fail(error, this.headers);
    if (this.#isDone) return;
    this.#end(whoEnds(error), this.#answer.statusOr(error.row.status), error.code, error.cause);
  }

  /** Whoever takes the answer has thrown: its request ends, and nothing else. */
  #sinkFailed(cause: unknown): void {
    this.context.faults.note('sink', this.entry.settings.id, cause);
    this.terminate(new SmmfError('INTERNAL', 'The answer could not be handed on', { cause }));
  }

  /** (Re)starts the one timer of the request for whatever limit comes first. */
  #arm(): void {
    const { clock } = this.context;
    this.#cancelTimer?.();
    this.#cancelTimer = clock.after(Math.max(0, this.#dueMs() - clock.now()), () => this.#onTimer());
  }

  #dueMs(): number {
    const { timeouts } = this.entry.settings;
    if (!this.lease) return Math.min(this.deadlineMs, this.#course.waitsUntilMs(timeouts));
    if (!this.request.stream || this.#isPaused) return this.deadlineMs;
    return Math.min(this.deadlineMs, this.lease.dueMs(timeouts, this.#lastDataMs));
  }

  #onTimer(): void {
    const nowMs = this.context.clock.now();
    if (nowMs < this.#dueMs()) this.#arm();
    else if (nowMs >= this.deadlineMs) this.terminate(tookTooLong(this.entry));
    else if (this.lease) {
      this.#attempt?.abort();
      const isSilent = this.lease.isPromptPending;
      this.attemptFailed({ error: stalled(isSilent), blame: isSilent ? 'answer' : 'none' });
    } else {
      this.#leaveLine();
      this.#refuse(noSlotInTime(this.entry));
    }
  }

  #end(endedBy: 'engine' | 'client' | 'smmf', status: number, errorCode: ErrorCode | undefined, cause?: unknown): void {
    this.#isDone = true;
    this.#leaveLine();
    this.#cancelTimer?.();
    const { request, context } = this;
    this.#release(errorCode && { code: errorCode, cause });
    leave(context, this);
    const end = { ...this.#course.models, status, errorCode, cause, endedBy };
    const record = this.meter.record(request, context.clock.now(), end);
    observe(context, record, request);
    this.#answer.done(record);
    pumpAll(context);
  }
}

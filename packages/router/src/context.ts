import type { Clock, Logger, RequestObserver, RouterRequest, SmmfError } from '@smmf/core';
import type { RequestRecord } from '@smmf/protocol';
import type { CandidateTable } from './candidate-table.ts';
import type { FaultBook } from './fault-book.ts';
import type { Instance } from './instance.ts';
import type { Connections } from './transport.ts';

/** A request as the list of those under way holds it. */
export interface UnderWay {
  previous: UnderWay | undefined;
  next: UnderWay | undefined;
  /** Gives up its place in line, where it waits. */
  refuseWaiting(): void;
  /** Is its instance one of these, and nothing of an answer there: it goes to another one, where there is one. */
  giveUp(isLost: (instance: Instance) => boolean): void;
  /** Ends it from our side, wherever it stands. */
  terminate(error: SmmfError): void;
}

/** What the requests of one router share. */
export interface RouterContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
  readonly faults: FaultBook;
  readonly observers: readonly RequestObserver[];
  /** Replaced whole at every change. */
  table: CandidateTable;
  /** Requests that wait for a slot, over all models. */
  waiting: number;
  ejections: number;
  /** States of the registry that were not believed. */
  panics: number;
  /** API servers that send work to the same engines, this one included. */
  apiServers: number;
  isDraining: boolean;
  isPumping: boolean;
  mustPump: boolean;
  /** First of the list of requests under way. */
  first: UnderWay | undefined;
  /** Called when the last request under way has ended. */
  onIdle: (() => void) | undefined;
  connectionsOf(instance: Instance): Connections;
  /** A connection to an instance has failed that the registry no longer shows. */
  onSuspectFailed(instance: Instance): void;
}

/** Adds a request to the list of those under way: linked by hand, as a set costs as much as the rest of a request. */
export function enter(context: RouterContext, run: UnderWay): void {
  run.next = context.first;
  if (run.next) run.next.previous = run;
  context.first = run;
}

/**
 * Takes a request out of the list and unlinks it. Until the next full collection V8 keeps what an object of the old generation
 * points to, so one finished request would otherwise hold all newer ones in memory.
 */
export function leave(context: RouterContext, run: UnderWay): void {
  if (run.previous) run.previous.next = run.next;
  else context.first = run.next;
  if (run.next) run.next.previous = run.previous;
  run.previous = undefined;
  run.next = undefined;
  if (!context.first) context.onIdle?.();
}

/** Offers free slots to whoever waits; cheap when nobody does. A call from inside another one makes that one look again. */
export function pumpAll(context: RouterContext): void {
  if (context.waiting === 0) return;
  context.mustPump = true;
  if (context.isPumping) return;
  context.isPumping = true;
  while (context.mustPump) {
    context.mustPump = false;
    for (const entry of context.table.models.values()) {
      if (entry.queue.length === 0) continue;
      if (entry.open.length === 0 && entry.comingSlots === 0) entry.queue.refuseWaiting();
      else entry.queue.pump();
    }
  }
  context.isPumping = false;
}

/** Tells every observer of a request that has ended; an observer may be foreign code. */
export function observe({ observers, faults }: RouterContext, record: RequestRecord, { body }: RouterRequest): void {
  const seen = body.length === 0 && record.requestBytes > 0 ? 'gone' : body;
  for (const observer of observers) {
    try {
      observer(record, seen);
    } catch (cause) {
      faults.note('observer', record.model ?? '', cause);
    }
  }
}

import { setTimeout } from 'node:timers/promises';
import { type Call, isSmmfError, SmmfError } from '@smmf/core';
import { type Emit, EventPipe } from './event-pipe.ts';

/** How long a close waits for what runs to notice its end, milliseconds; every step is far shorter. */
const CLOSE_LIMIT_MS = 5_000;

/** Answers a request by events, one after another. */
export type StreamHandler<R, E> = (request: R, call: Call, emit: Emit<E>) => Promise<void>;

/** The calls that run, so that closing ends them, and what they throw, as an error of SMMF. */
export interface RunningCalls {
  readonly closed: boolean;
  /** A streaming handler under this watch. */
  stream<R, E>(handler: StreamHandler<R, E>): (request: R, call: Call) => AsyncIterable<E>;
  /** A handler with one answer under this watch. */
  reply<R, T>(handler: (request: R, call: Call) => Promise<T>): (request: R, call: Call) => Promise<T>;
  /** Work of the library that nothing stops: it may outlive the call that began it. */
  hold<T>(work: Promise<T>): Promise<T>;
  /** Refuses new calls, aborts those that run and waits for them, but not for ever; idempotent. Tells whether all have ended. */
  close(): Promise<boolean>;
  /** Resolves when nothing runs: only then may the library's memory go. */
  idle(): Promise<void>;
}

/** A watch without calls. @param holdMs of the {@link EventPipe} of each */
export function createRunningCalls(holdMs = 0): RunningCalls {
  const running = new Map<AbortController, PromiseWithResolvers<void>>();
  const held = new Set<Promise<unknown>>();
  let closed = false;
  const idle = async (): Promise<void> => {
    await Promise.allSettled([...[...running.values()].map(({ promise }) => promise), ...held]);
  };
  const begin = (call: Call) => {
    if (closed) throw closedError();
    const controller = new AbortController();
    const ended = Promise.withResolvers<void>();
    const abort = (): void => controller.abort();
    if (call.signal.aborted) abort();
    call.signal.addEventListener('abort', abort, { once: true });
    running.set(controller, ended);
    const end = (): void => {
      call.signal.removeEventListener('abort', abort);
      running.delete(controller);
      ended.resolve();
    };
    return { call: { ...call, signal: controller.signal }, end };
  };
  const explain = (error: unknown, { signal }: Call): SmmfError => {
    if (signal.aborted) return closed ? closedError() : new SmmfError('ABORTED', 'The request was cancelled');
    if (isSmmfError(error)) return error;
    return new SmmfError('ENGINE_FAILED', 'llama.cpp failed while it worked on the request', { cause: error });
  };
  const watched = async <T>(outer: Call, work: (call: Call) => Promise<T>): Promise<T> => {
    const { call, end } = begin(outer);
    try {
      return await work(call);
    } catch (error) {
      throw explain(error, call);
    } finally {
      end();
    }
  };
  return {
    get closed() {
      return closed;
    },
    stream: (handler) => (request, outer) =>
      new EventPipe((emit) => watched(outer, (call) => handler(request, call, emit)), outer.signal, holdMs),
    reply: (handler) => (request, outer) => watched(outer, (call) => handler(request, call)),
    hold(work) {
      held.add(work);
      const release = (): void => void held.delete(work);
      work.then(release, release);
      return work;
    },
    async close() {
      closed = true;
      for (const controller of running.keys()) controller.abort();
      return Promise.race([idle().then(() => true), setTimeout(CLOSE_LIMIT_MS, false, { ref: false })]);
    },
    idle,
  };
}

const closedError = (): SmmfError => new SmmfError('CLOSED', 'The engine llamacpp is closed');

import { setTimeout } from 'node:timers/promises';
import { type Call, isSmmfError, SmmfError } from '@smmf/core';

/** How long a close waits for what runs to notice its end, milliseconds; every step is far shorter. */
const CLOSE_LIMIT_MS = 5_000;

/** The calls that run, so that closing ends them, and what they throw, as an error of SMMF. */
export interface RunningCalls {
  readonly closed: boolean;
  /** A streaming handler under this watch. */
  stream<R, E>(handler: (request: R, call: Call) => AsyncIterable<E>): (request: R, call: Call) => AsyncIterable<E>;
  /** A handler with one answer under this watch. */
  reply<R, T>(handler: (request: R, call: Call) => Promise<T>): (request: R, call: Call) => Promise<T>;
  /** Refuses new calls, aborts those that run and waits for them; idempotent. */
  close(): Promise<void>;
}

/** A watch without calls. */
export function createRunningCalls(): RunningCalls {
  const running = new Map<AbortController, PromiseWithResolvers<void>>();
  let closed = false;
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
  return {
    get closed() {
      return closed;
    },
    stream: (handler) =>
      async function* (request, outer) {
        const { call, end } = begin(outer);
        try {
          yield* handler(request, call);
        } catch (error) {
          throw explain(error, call);
        } finally {
          end();
        }
      },
    reply: (handler) => async (request, outer) => {
      const { call, end } = begin(outer);
      try {
        return await handler(request, call);
      } catch (error) {
        throw explain(error, call);
      } finally {
        end();
      }
    },
    async close() {
      closed = true;
      for (const controller of running.keys()) controller.abort();
      const ends = [...running.values()].map(({ promise }) => promise);
      await Promise.race([Promise.all(ends), setTimeout(CLOSE_LIMIT_MS, undefined, { ref: false })]);
    },
  };
}

const closedError = (): SmmfError => new SmmfError('CLOSED', 'The engine llamacpp is closed');

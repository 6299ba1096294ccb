import type { TaskMap, Worker } from '@smmf/core';

/** A worker whose calls are counted, so that it can be drained. */
export interface CountedWorker {
  readonly worker: Worker;
  /** Resolves when no call runs. */
  idle(): Promise<void>;
}

/** Wraps the tasks of an inline worker; calls over its endpoint do not pass here and need not be waited for. */
export function countCalls(inner: Worker): CountedWorker {
  let active = 0;
  let idle = Promise.withResolvers<void>();
  const begin = (): (() => void) => {
    active++;
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      if (--active > 0) return;
      idle.resolve();
      idle = Promise.withResolvers();
    };
  };
  const { load } = inner;
  const worker: Worker = {
    get models() {
      return inner.models;
    },
    ...(inner.slots === undefined ? {} : { slots: inner.slots }),
    ...(inner.endpoint === undefined ? {} : { endpoint: inner.endpoint }),
    tasks: countTasks(inner.tasks, begin),
    health: (signal) => inner.health(signal),
    ...(load ? { load: (signal: AbortSignal) => load.call(inner, signal) } : {}),
    close: () => inner.close(),
  };
  return { worker, idle: () => (active === 0 ? Promise.resolve() : idle.promise) };
}

function countTasks({ chat, completions, embeddings, rerank }: TaskMap, begin: () => () => void): TaskMap {
  return {
    ...(chat ? { chat: (request, call) => countEvents(chat(request, call), begin) } : {}),
    ...(completions ? { completions: (request, call) => countEvents(completions(request, call), begin) } : {}),
    ...(embeddings ? { embeddings: (request, call) => embeddings(request, call).finally(begin()) } : {}),
    ...(rerank ? { rerank: (request, call) => rerank(request, call).finally(begin()) } : {}),
  };
}

/** Not a generator: no further turn of the microtask queue for each token. */
function countEvents<T>(events: AsyncIterable<T>, begin: () => () => void): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const inner = events[Symbol.asyncIterator]();
      const end = begin();
      return {
        next: () =>
          inner.next().then(
            (result) => {
              if (result.done) end();
              return result;
            },
            (error: unknown) => {
              end();
              throw error;
            },
          ),
        async return() {
          try {
            await inner.return?.();
          } finally {
            end();
          }
          return { done: true, value: undefined };
        },
      };
    },
  };
}

import { MessageChannel } from 'node:worker_threads';
import { type Call, type Clock, SmmfError, type TaskMap, type Worker } from '@smmf/core';
import type {
  EmbeddingRequest,
  EmbeddingResult,
  GenerationEvent,
  RerankRequest,
  RerankResult,
  TaskId,
} from '@smmf/protocol';
import { type CallGate, createCallGate } from './call-gate.ts';
import { type BackendInfo, CELL, type FromThread } from './thread-messages.ts';
import { asError, type ThreadPool } from './thread-pool.ts';

/** How long running calls go on by themselves at the end; then each stream ends at its next event. */
const CLOSE_LIMIT_MS = 3_000;

/** What serves the calls of a backend one by one. */
export interface CallWorkerParts {
  readonly pool: ThreadPool;
  readonly info: BackendInfo;
  readonly threads: number;
  readonly maxQueue: number;
  readonly window: number;
  readonly clock: Clock;
}

/** A worker over a backend that takes call by call. */
export function createCallWorker({ pool, info, threads, maxQueue, window, clock }: CallWorkerParts): Worker {
  const gate = createCallGate(threads, maxQueue);
  const ending = new AbortController();
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const end = (): void => ending.abort(new SmmfError('CLOSED', 'The backend is closed'));
    const cancel = clock.after(CLOSE_LIMIT_MS, end);
    // However long that takes: a thread ended while it computes may take the process with it.
    await gate.close();
    cancel();
    await pool.destroy();
  };
  return {
    models: info.models,
    slots: threads,
    tasks: tasksOf(info.tasks, { pool, gate, window, ending: ending.signal }),
    health: async () => ({ live: closed === undefined, ready: closed === undefined }),
    load: async () => ({ running: gate.running, waiting: gate.waiting, sampledAtMs: clock.wallMs() }),
    close() {
      closed ??= close();
      return closed;
    },
  };
}

interface Backend {
  readonly pool: ThreadPool;
  readonly gate: CallGate;
  readonly window: number;
  /** Aborts when streams must end, though their callers still read. */
  readonly ending: AbortSignal;
}

function tasksOf(served: readonly TaskId[], backend: Backend): TaskMap {
  const all: Required<TaskMap> = {
    chat: (request, call) => stream(backend, 'chat', request, call),
    completions: (request, call) => stream(backend, 'completions', request, call),
    embeddings: (request: EmbeddingRequest, call) => answer<EmbeddingResult>(backend, 'embeddings', request, call),
    rerank: (request: RerankRequest, call) => answer<RerankResult>(backend, 'rerank', request, call),
  };
  return Object.fromEntries(served.map((task) => [task, all[task]]));
}

/** A call without a stream cannot be broken off: its caller goes at once, its thread is free when it is done. */
async function answer<T>({ pool, gate }: Backend, task: TaskId, request: unknown, { signal }: Call): Promise<T> {
  const leave = await gate.enter(signal);
  const running = pool.run({ task, request }).finally(leave);
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const end = await Promise.race([running, aborted.promise]);
    if ('value' in end) return end.value as T;
    throw asError(end.fault);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

async function* stream(
  { pool, gate, window, ending }: Backend,
  task: TaskId,
  request: unknown,
  call: Call,
): AsyncGenerator<GenerationEvent> {
  const leave = await gate.enter(call.signal);
  const signal = AbortSignal.any([call.signal, ending]);
  const { port1, port2 } = new MessageChannel();
  const cells = new Int32Array(new SharedArrayBuffer(8));
  cells[CELL.credits] = window;
  const inbox: FromThread[] = [];
  let wake = (): void => undefined;
  const deliver = (message: FromThread): void => {
    inbox.push(message);
    wake();
  };
  const cancel = (): void => {
    Atomics.store(cells, CELL.cancelled, 1);
    giveCredit(cells);
    wake();
  };
  port1.on('message', deliver);
  signal.addEventListener('abort', cancel, { once: true });
  void pool.run({ task, request, stream: { port: port2, cells } }, [port2]).then((end) => {
    leave();
    if ('fault' in end) deliver(end);
  });
  try {
    for (;;) {
      signal.throwIfAborted();
      const message = inbox.shift();
      if (!message) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else if ('event' in message) {
        giveCredit(cells);
        yield message.event;
      } else if ('fault' in message) throw asError(message.fault);
      else return;
    }
  } finally {
    cancel();
    signal.removeEventListener('abort', cancel);
    port1.close();
  }
}

function giveCredit(cells: Int32Array<SharedArrayBuffer>): void {
  Atomics.add(cells, CELL.credits, 1);
  Atomics.notify(cells, CELL.credits);
}

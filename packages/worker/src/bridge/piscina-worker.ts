import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { within } from '@smmf/cluster';
import { type Call, type Clock, SmmfError, type TaskMap, type Worker } from '@smmf/core';
import type {
  EmbeddingRequest,
  EmbeddingResult,
  GenerationEvent,
  RerankRequest,
  RerankResult,
  TaskId,
} from '@smmf/protocol';
import type { Piscina } from 'piscina';
import { sourceFlags } from '../source-flags.ts';
import { type CallGate, createCallGate } from './call-gate.ts';
import {
  type BackendInfo,
  CELL,
  type FromThread,
  type ThreadCall,
  type ThreadEnd,
  type ThreadFault,
} from './thread-messages.ts';

/** Longest wait for running calls at the end; a thread ended while it computes may take the process with it. */
const CLOSE_LIMIT_MS = 3_000;

/** What a synchronous backend is run with. */
export interface PiscinaWorkerOptions {
  /** `file:` URL of the module that exports `load(options, modelId): SyncBackend`. */
  readonly backendUrl: string;
  /** The plugin's parsed options; plain data, as it goes into threads. */
  readonly options: unknown;
  /** The public model id. */
  readonly model: string;
  /** Each loads its own backend; default 1. */
  readonly threads?: number;
  /** Calls that may wait for a thread; default 16. */
  readonly maxQueue?: number;
  /** Events that a thread may be ahead of the reader of its stream; default 64. */
  readonly window?: number;
}

/**
 * A worker over a synchronous backend, whose functions run in threads of their own. Calls beyond the threads wait in a
 * bounded line (full: OVERLOADED). A cancelled call ends at the backend's next event, and its thread lives on with the
 * loaded model. A stream's reader that stalls stops the backend after `window` events.
 *
 * @throws PLUGIN_INVALID when the module exports no `load`, or the options are no plain data
 * @throws what `load` throws: an `SmmfError` as it is, anything else as MODEL_LOAD_FAILED
 */
export async function createPiscinaWorker(
  options: PiscinaWorkerOptions,
  { clock }: { readonly clock: Clock },
): Promise<Worker> {
  const { threads = 1, maxQueue = 16, window = 64, backendUrl, model } = options;
  const base = { backendUrl, model, options: asPlainData(options.options) };
  const pool = await createPool(threads);
  const gate = createCallGate(threads, maxQueue);
  const backend: Backend = { pool, gate, base, window };
  const infos = await Promise.all(Array.from({ length: threads }, () => describe(pool, base))).catch(async (error) => {
    await pool.destroy();
    throw error;
  });
  const [info] = infos as [BackendInfo];
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await within(clock, CLOSE_LIMIT_MS, 'the end of running calls', () => gate.close()).catch(() => undefined);
    await pool.destroy();
  };
  return {
    models: info.models,
    slots: threads,
    tasks: tasksOf(info.tasks, backend),
    health: async () => ({ live: closed === undefined, ready: closed === undefined }),
    load: async () => ({ running: gate.running, waiting: gate.waiting, sampledAtMs: clock.wallMs() }),
    close() {
      closed ??= close();
      return closed;
    },
  };
}

async function createPool(threads: number): Promise<Backend['pool']> {
  // Here and not above: an engine without a synchronous backend needs none of it.
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: import.meta.resolve('@smmf/worker/backend-thread'),
    name: 'serve',
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    // A thread that sleeps in Atomics.wait between calls would not run what a backend has begun asynchronously.
    atomics: 'disabled',
    recordTiming: false,
    execArgv: sourceFlags(),
  });
}

type Base = Pick<ThreadCall, 'backendUrl' | 'model' | 'options'>;

interface Backend {
  readonly pool: Piscina<ThreadCall, ThreadEnd<unknown>>;
  readonly gate: CallGate;
  readonly base: Base;
  readonly window: number;
}

function asPlainData(options: unknown): unknown {
  try {
    return structuredClone(options);
  } catch (cause) {
    throw new SmmfError('PLUGIN_INVALID', 'The options of a synchronous backend must be plain data', { cause });
  }
}

async function describe(pool: Backend['pool'], base: Base): Promise<BackendInfo> {
  const end = await runInThread(pool, { ...base, task: 'describe' });
  if ('value' in end) return end.value as BackendInfo;
  throw asError(end.fault, 'MODEL_LOAD_FAILED', `The backend cannot be loaded: ${end.fault.message}`);
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
async function answer<T>({ pool, gate, base }: Backend, task: TaskId, request: unknown, { signal }: Call): Promise<T> {
  const leave = await gate.enter(signal);
  const running = runInThread(pool, { ...base, task, request }).finally(leave);
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

/** Never rejects. When the thread itself ends, piscina starts another, which loads the backend again. */
async function runInThread(
  pool: Backend['pool'],
  call: ThreadCall,
  transferList: MessagePort[] = [],
): Promise<ThreadEnd<unknown>> {
  try {
    return await pool.run(call, { transferList });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { fault: { code: undefined, message: `the thread of the backend ended: ${reason}` } };
  }
}

async function* stream(
  { pool, gate, base, window }: Backend,
  task: TaskId,
  request: unknown,
  { signal }: Call,
): AsyncGenerator<GenerationEvent> {
  const leave = await gate.enter(signal);
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
  const call = { ...base, task, request, stream: { port: port2, cells } };
  void runInThread(pool, call, [port2]).then((end) => {
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

/** The one place where a thread's errors become ours. Without a code the text is the engine's: a cause, not for clients. */
function asError(
  { code, message, param }: ThreadFault,
  otherwise: 'ENGINE_FAILED' | 'MODEL_LOAD_FAILED' = 'ENGINE_FAILED',
  text = 'The backend failed',
): SmmfError {
  if (code === undefined) return new SmmfError(otherwise, text, { cause: new Error(message) });
  return new SmmfError(code, message, param === undefined ? {} : { param });
}

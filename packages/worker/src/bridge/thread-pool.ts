import type { MessagePort } from 'node:worker_threads';
import { SmmfError } from '@smmf/core';
import type { Piscina } from 'piscina';
import { sourceFlags } from '../source-flags.ts';
import type { BackendInfo, ThreadCall, ThreadEnd, ThreadFault } from './thread-messages.ts';

/** What is the same in every call of one backend. */
export type Base = Pick<ThreadCall, 'backendUrl' | 'model' | 'options'>;

/**
 * The threads of one backend. Whoever uses them never has more calls under way than there are threads, so that nothing waits in
 * piscina, and gives piscina no signal: it would end the thread, and the loaded model, or the whole process, with it.
 */
export interface ThreadPool {
  /** Never rejects. When the thread itself ends, piscina starts another, which loads the backend again. */
  run(call: Omit<ThreadCall, keyof Base>, transferList?: MessagePort[]): Promise<ThreadEnd<unknown>>;
  /** Only when nothing runs. */
  destroy(): Promise<void>;
}

/**
 * Starts the threads and loads the backend in each.
 *
 * @throws PLUGIN_INVALID when the options are no plain data
 * @throws what `load` throws: an `SmmfError` as it is, anything else as MODEL_LOAD_FAILED
 */
export async function startThreads(
  threads: number,
  { options, ...rest }: Base,
): Promise<{ readonly pool: ThreadPool; readonly info: BackendInfo }> {
  const base = { ...rest, options: asPlainData(options) };
  const piscina = await createPool(threads);
  const pool: ThreadPool = {
    run: (call, transferList = []) => runInThread(piscina, { ...base, ...call }, transferList),
    destroy: () => piscina.destroy(),
  };
  const describe = async (): Promise<BackendInfo> => {
    const end = await pool.run({ task: 'describe' });
    if ('value' in end) return end.value as BackendInfo;
    throw asError(end.fault, 'MODEL_LOAD_FAILED', `The backend cannot be loaded: ${end.fault.message}`);
  };
  const loads = await Promise.allSettled(Array.from({ length: threads }, describe));
  const failed = loads.find((load) => load.status === 'rejected');
  if (failed) {
    await pool.destroy();
    throw failed.reason;
  }
  const [info] = loads as [PromiseFulfilledResult<BackendInfo>];
  return { pool, info: info.value };
}

async function createPool(threads: number): Promise<Piscina<ThreadCall, ThreadEnd<unknown>>> {
  // Here and not above: an engine without a synchronous backend needs none of it.
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: import.meta.resolve('@smmf/worker/backend-thread'),
    name: 'serve',
    // As many all the time: what ends idle threads costs the next call a load of the model.
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
    // A thread that sleeps in Atomics.wait between calls would not run what a backend has begun asynchronously.
    atomics: 'disabled',
    recordTiming: false,
    execArgv: sourceFlags(),
  });
}

function asPlainData(options: unknown): unknown {
  try {
    return structuredClone(options);
  } catch (cause) {
    throw new SmmfError('PLUGIN_INVALID', 'The options of a synchronous backend must be plain data', { cause });
  }
}

async function runInThread(
  pool: Piscina<ThreadCall, ThreadEnd<unknown>>,
  call: ThreadCall,
  transferList: MessagePort[],
): Promise<ThreadEnd<unknown>> {
  try {
    return await pool.run(call, { transferList });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { fault: { code: undefined, message: `the thread of the backend ended: ${reason}` } };
  }
}

/** The one place where a thread's errors become ours. Without a code the text is the engine's: a cause, not for clients. */
export function asError(
  { code, message, param }: ThreadFault,
  otherwise: 'ENGINE_FAILED' | 'MODEL_LOAD_FAILED' = 'ENGINE_FAILED',
  text = 'The backend failed',
): SmmfError {
  if (code === undefined) return new SmmfError(otherwise, text, { cause: new Error(message) });
  return new SmmfError(code, message, param === undefined ? {} : { param });
}

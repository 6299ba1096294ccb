import type { Clock, Worker } from '@smmf/core';
import { createBatchWorker } from './batch-worker.ts';
import { createCallWorker } from './call-worker.ts';
import { startThreads } from './thread-pool.ts';

/** What a synchronous backend is run with. */
export interface PiscinaWorkerOptions {
  /** `file:` URL of the module that exports `load(options, modelId)`, which gives a `SyncBackend` or a `BatchBackend`. */
  readonly backendUrl: string;
  /** The plugin's parsed options; plain data, as it goes into threads. */
  readonly options: unknown;
  /** The public model id. */
  readonly model: string;
  /** Each loads its own backend; default 1. */
  readonly threads?: number;
  /** Calls that may wait for a thread; default 16. Batches have a limit of their own. */
  readonly maxQueue?: number;
  /** Events that a thread may be ahead of the reader of its stream; default 64. */
  readonly window?: number;
}

/**
 * A worker over a synchronous backend, whose functions run in threads of their own. Calls beyond the threads wait in a
 * bounded line (full: OVERLOADED). A cancelled call ends at the backend's next event, and its thread lives on with the
 * loaded model. A stream's reader that stalls stops the backend after `window` events. A batch backend gets the texts of many
 * requests at once; those of a cancelled request that have not begun never begin. No thread is ended while it computes.
 *
 * @throws PLUGIN_INVALID when the module exports no `load`, or the options are no plain data
 * @throws what `load` throws: an `SmmfError` as it is, anything else as MODEL_LOAD_FAILED
 */
export async function createPiscinaWorker(
  { threads = 1, maxQueue = 16, window = 64, ...base }: PiscinaWorkerOptions,
  { clock }: { readonly clock: Clock },
): Promise<Worker> {
  const { pool, info } = await startThreads(threads, base);
  if (info.limits) return createBatchWorker({ pool, info, threads, clock });
  return createCallWorker({ pool, info, threads, maxQueue, window, clock });
}

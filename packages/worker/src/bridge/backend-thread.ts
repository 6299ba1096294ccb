// Main module of the threads that run a synchronous backend; the pool in piscina-worker.ts starts them.

import { isSmmfError, SmmfError, type SyncBackend } from '@smmf/core';
import { type BatchBackend, type GenerationEvent, TASK_IDS, type TaskId } from '@smmf/protocol';
import { describeBatches, isBatchBackend, runBatchStep } from './batch-backend.ts';
import {
  type BackendInfo,
  CELL,
  type FromThread,
  type ThreadCall,
  type ThreadEnd,
  type ThreadFault,
  type ThreadStream,
} from './thread-messages.ts';

type Backend = SyncBackend | BatchBackend;
type Load = (options: unknown, model: string) => Backend | Promise<Backend>;

/** One for each thread, loaded at its first call and kept. */
let backend: Promise<Backend> | undefined;

async function loadBackend({ backendUrl, options, model }: ThreadCall): Promise<Backend> {
  const { load }: { readonly load?: Load } = await import(backendUrl);
  if (typeof load !== 'function') throw new SmmfError('PLUGIN_INVALID', `${backendUrl} exports no function "load"`);
  return load(options, model);
}

/** Runs one call; a stream's end goes over its own port, so that it cannot overtake the events. */
export async function serve(call: ThreadCall): Promise<ThreadEnd<unknown>> {
  const end = await run(call).then(
    (value) => ({ value }),
    (error: unknown) => ({ fault: faultOf(error) }),
  );
  if (!call.stream) return end;
  send(call.stream, 'fault' in end ? end : { value: undefined });
  call.stream.port.close();
  return { value: undefined };
}

async function run(call: ThreadCall): Promise<unknown> {
  const { task, request, stream } = call;
  backend ??= loadBackend(call);
  const loaded = await backend;
  if (isBatchBackend(loaded))
    return task === 'describe' ? describeBatches(loaded) : runBatchStep(loaded, task, request, faultOf);
  const { models, tasks } = loaded;
  if (task === 'describe') {
    const served = TASK_IDS.filter((id) => tasks[id] !== undefined);
    return { models, tasks: served } satisfies BackendInfo;
  }
  const handler = tasks[task as TaskId] as ((request: unknown) => unknown) | undefined;
  if (!handler) throw new SmmfError('TASK_NOT_SUPPORTED', `Model "${call.model}" does not serve ${task}`);
  const result = handler.call(tasks, request);
  if (!stream) return result;
  for (const event of result as Iterable<GenerationEvent>) {
    if (!mayGoOn(stream.cells)) break;
    send(stream, { event });
  }
  return undefined;
}

/** Takes a credit, waiting for one without a turn of the event loop; false when the call was cancelled. */
function mayGoOn(cells: Int32Array<SharedArrayBuffer>): boolean {
  while (Atomics.load(cells, CELL.cancelled) === 0) {
    if (Atomics.load(cells, CELL.credits) > 0) {
      Atomics.sub(cells, CELL.credits, 1);
      return true;
    }
    Atomics.wait(cells, CELL.credits, 0);
  }
  return false;
}

function send({ port }: ThreadStream, message: FromThread): void {
  port.postMessage(message);
}

function faultOf(error: unknown): ThreadFault {
  if (isSmmfError(error)) return { code: error.code, message: error.message, param: error.param };
  return { code: undefined, message: error instanceof Error ? error.message : String(error) };
}

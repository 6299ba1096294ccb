// The thread's side of a batch backend.

import { SmmfError } from '@smmf/core';
import type { BatchBackend, BatchInput, BatchItem, TaskId } from '@smmf/protocol';
import type { BackendInfo, ReadResult, ThreadFault, ThreadTask } from './thread-messages.ts';

/** Tells a batch backend from one that takes call by call. */
export function isBatchBackend(backend: object): backend is BatchBackend {
  return 'read' in backend && typeof backend.read === 'function';
}

/** What a batch backend serves. */
export function describeBatches({ models, limits = {}, embed, rerank }: BatchBackend): BackendInfo {
  const tasks: TaskId[] = [...(embed ? ['embeddings' as const] : []), ...(rerank ? ['rerank' as const] : [])];
  return { models, tasks, limits };
}

/** Runs one step of a batch backend. */
export function runBatchStep(
  backend: BatchBackend,
  task: ThreadTask,
  request: unknown,
  faultOf: (error: unknown) => ThreadFault,
): unknown {
  if (task === 'read') {
    return (request as readonly BatchInput[]).map((input): ReadResult => {
      try {
        return { item: backend.read(input) };
      } catch (error) {
        return { fault: faultOf(error) };
      }
    });
  }
  const items = request as readonly BatchItem[];
  const results = task === 'batch-rerank' ? backend.rerank?.(items) : backend.embed?.(items);
  if (results?.length === items.length) return results;
  throw new SmmfError('ENGINE_FAILED', `The backend gave ${results?.length ?? 0} results for ${items.length} texts`);
}

import type { MessagePort } from 'node:worker_threads';
import type { BatchItem, BatchLimits, ErrorCode, GenerationEvent, ModelCard, TaskId } from '@smmf/protocol';

/**
 * What a thread runs, beside the operations of the API: `describe` loads the backend and tells what it serves; `read` and
 * `batch-…` are the steps of a batch backend.
 */
export type ThreadTask = TaskId | 'describe' | 'read' | 'batch-embeddings' | 'batch-rerank';

/** Cells of the memory that both sides of a streamed call share. */
export const CELL = {
  /** Not 0: nobody waits for the answer any more. */
  cancelled: 0,
  /** Events that the thread may still send. */
  credits: 1,
} as const;

/** The way of a stream's events out of the thread, and of credits into it. */
export interface ThreadStream {
  readonly port: MessagePort;
  readonly cells: Int32Array<SharedArrayBuffer>;
}

/** One call of a backend. */
export interface ThreadCall {
  readonly backendUrl: string;
  readonly options: unknown;
  readonly model: string;
  readonly task: ThreadTask;
  readonly request?: unknown;
  readonly stream?: ThreadStream;
}

/** An error on its way out of a thread: a class does not survive it. */
export interface ThreadFault {
  /** Undefined for what is none of ours. */
  readonly code: ErrorCode | undefined;
  readonly message: string;
  readonly param?: string | undefined;
}

/** What a call ends with; that of a stream comes over its port, after the last event. */
export type ThreadEnd<T = undefined> = { readonly value: T } | { readonly fault: ThreadFault };

/** What comes out of the port of a stream. */
export type FromThread = { readonly event: GenerationEvent } | ThreadEnd;

/** What a backend serves: the answer to `describe`. */
export interface BackendInfo {
  readonly models: readonly ModelCard[];
  readonly tasks: readonly TaskId[];
  /** Set by a batch backend. */
  readonly limits?: BatchLimits;
}

/** What became of one text that was read. */
export type ReadResult = { readonly item: BatchItem } | { readonly fault: ThreadFault };

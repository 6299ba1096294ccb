import type { ErrorCode } from './error-codes.ts';
import type { TaskId } from './tasks.ts';
import type { Usage } from './usage.ts';

/** What became of a request; the log line and the metrics are made from it. Times are milliseconds from arrival. */
export interface RequestOutcome {
  readonly id: string;
  readonly task: TaskId;
  /** The public model id, also when the client wrote an alias; undefined for an unknown model. */
  readonly model: string | undefined;
  /** How the engine that answered names the model; undefined when it did not say. */
  readonly engineModel?: string | undefined;
  readonly instance: string | undefined;
  readonly attempts: number;
  /** 499 when the client went before an answer began. */
  readonly status: number;
  readonly errorCode: ErrorCode | undefined;
  /** The reason behind an error, for the operator's log alone. */
  readonly cause: unknown;
  readonly endedBy: 'engine' | 'client' | 'smmf';
  readonly stream: boolean;
  readonly queueMs: number;
  readonly firstTokenMs: number | undefined;
  readonly totalMs: number;
  /** Events of a stream that carried content. */
  readonly contentEvents: number;
  readonly usage: Usage | undefined;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

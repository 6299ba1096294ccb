import type { ErrorCode } from './error-codes.ts';
import type { TaskId } from './tasks.ts';
import type { Usage } from './usage.ts';

/** One attempt of a request at one instance. Times are milliseconds from the request's arrival; an absent one never came. */
export interface AttemptRecord {
  readonly instance: string;
  /** Which of the instance's lanes; absent where it has one. */
  readonly lane?: string | undefined;
  /** The public model that it was asked for: the one of the request, or a fallback. */
  readonly model: string;
  readonly startedMs: number;
  /** A new connection was there; absent for a kept one, and where no connection is needed. */
  readonly connectedMs?: number | undefined;
  /** The request was handed to the connection. */
  readonly sentMs?: number | undefined;
  /** The first line of the answer was there. */
  readonly firstByteMs?: number | undefined;
  /** The first content was there; for an answer that is not streamed, the whole of it. */
  readonly firstTokenMs?: number | undefined;
  readonly endedMs: number;
  /** What the engine answered over HTTP; absent where no answer came, and for an engine in this process. */
  readonly engineStatus?: number | undefined;
  /** Absent for one that succeeded; `ABORTED` for one that the client ended. */
  readonly errorCode?: ErrorCode | undefined;
  /** The reason behind its error, for the operator's log alone. */
  readonly cause?: unknown;
}

/** Who asked. */
export interface Caller {
  /** Name of the key, never the key. */
  readonly key?: string | undefined;
  /** IP address, where the server tells it. */
  readonly address?: string | undefined;
}

/** What became of a request; the log line and the metrics are made from it. Times are milliseconds from arrival. */
export interface RequestRecord {
  readonly id: string;
  readonly task: TaskId;
  /** The model as the client wrote it: an alias, too, or a name that nothing has. */
  readonly asked: string;
  /** The public id of the model that served it, or that was to; undefined for an unknown model. */
  readonly model: string | undefined;
  /** The public id of the model asked for, where another one took its place. */
  readonly fallbackFrom?: string | undefined;
  /** How the engine that answered names the model; undefined when it did not say. */
  readonly engineModel?: string | undefined;
  /** Parameters that the engine did not get as they were asked for, as `x-smmf-adjusted` names them. */
  readonly adjusted?: string | undefined;
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
  /** Each attempt, in order. */
  readonly attemptRecords: readonly AttemptRecord[];
  readonly caller?: Caller | undefined;
  /** What the caller's program says of the request. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** W3C trace context, as it came. */
  readonly traceparent?: string | undefined;
  /** More about an error; safe to log. */
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}

import type { Caller, ModelCard, RequestRecord, TaskId, TopLevelFields } from '@smmf/protocol';
import type { SmmfError } from './errors.ts';

/** A request whose frame has been checked: what the router needs, and the untouched bytes of the body. */
export interface RouterRequest {
  readonly id: string;
  readonly task: TaskId;
  /** As the client wrote it: a public model id or an alias. */
  readonly model: string;
  readonly stream: boolean;
  /** Did the client ask for `stream_options.include_usage`. */
  readonly includeUsage: boolean;
  /** Did the client ask for `encoding_format: "base64"` (embeddings). */
  readonly base64: boolean;
  /** The JSON text, UTF-8. */
  readonly body: Buffer;
  /** Where the body's top-level fields stand. */
  readonly fields: TopLevelFields;
  /** Whole time from now on, milliseconds; default 600 000. */
  readonly timeoutMs?: number;
  /** Names of the models that the caller's key may use, a fallback included; absent: all. */
  readonly models?: ReadonlySet<string>;
  /** False when a gateway in front of us retries itself. */
  readonly mayRetry: boolean;
  /** Who asks, and what its program says of the request; for observers. */
  readonly caller?: Caller;
  readonly labels?: Readonly<Record<string, string>>;
  /** W3C trace context; passed on upstream as it is. */
  readonly traceparent?: string;
}

/** First line and headers of an answer. */
export interface ResponseHead {
  readonly status: number;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where an answer goes. The router calls `start` once, then `write` and `end`; or `fail` at any point before `end`. */
export interface ResponseSink {
  start(head: ResponseHead): void;
  /** Takes the next bytes; false asks the router to wait for {@link RunningRequest.resume}. */
  write(bytes: Uint8Array | string): boolean;
  /** Completes the answer; nothing else follows. */
  end(bytes?: Uint8Array | string): void;
  /** Before `start`: an OpenAI error body with its status. After it: one error event, no `[DONE]`, then the end. */
  fail(error: SmmfError, headers: Readonly<Record<string, string>>): void;
  /** Called exactly once, last of all, on every exit. */
  done(outcome: RequestRecord): void;
}

/**
 * Hears of every request that has ended, however it came: over HTTP or by a call in this process. What it throws is dropped.
 * @param body of the request, for comparisons; `gone` once it was let go
 */
export type RequestObserver = (record: RequestRecord, body: Buffer | 'gone') => void;

/** A request under way. */
export interface RunningRequest {
  /** The client is gone: stops the engine and frees everything in this very turn; harmless after the end. */
  cancel(): void;
  /** The sink can take bytes again. */
  resume(): void;
}

/** The model handle: takes a checked request, finds an instance and relays its answer. */
export interface Router {
  /** Public models, aliases left out, sorted by id. */
  models(): readonly ModelCard[];
  /** The public model behind a name or an alias; undefined for an unknown one. */
  resolve(name: string): ModelCard | undefined;
  /** Starts a request; every result and every error reaches the sink. Never throws. */
  handle(request: RouterRequest, sink: ResponseSink): RunningRequest;
  /** Refuses new work, waits up to `limitMs` for what runs, then cuts it; idempotent. */
  drain(limitMs: number): Promise<void>;
}

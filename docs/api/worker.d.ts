// dist/index.d.ts
export { createPiscinaWorker, type PiscinaWorkerOptions } from './bridge/piscina-worker.ts';
export { checkModels } from './check-models.ts';
export type { EngineProbe } from './host/engine-run.ts';
export { createEpochStore, type EpochStore } from './host/epoch-store.ts';
export type { HostContext, LocatedEngine } from './host/host-context.ts';
export { type ProberListener, startProber } from './host/prober.ts';
export { createRestartPolicy, PERMANENT_FAULTS, type RestartPolicy } from './host/restart-policy.ts';
export { DEFAULT_TIMINGS, type HostTimings } from './host/timings.ts';
export { createWorkerHost, type WorkerHost } from './host/worker-host.ts';
export { loadOf } from './load-of.ts';

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

// dist/check-models.d.ts
import { type ModelCard } from '@smmf/protocol';
/**
 * What a worker says of its models, in a form that a record can hold.
 * @throws PLUGIN_INVALID when a card is malformed, or none is of the model that the config gave the worker
 */
export declare function checkModels(models: readonly ModelCard[], wanted: string, plugin: string): ModelCard[];

// dist/host/engine-run.d.ts
import type { SmmfError } from '@smmf/core';
import type { Address, Health, LoadSample, ModelCard } from '@smmf/protocol';
/** An engine that has been made and may be probed. */
export interface EngineUp {
    readonly models: readonly ModelCard[];
    readonly slots?: number | undefined;
    /** Where its process listens. */
    readonly address: Address;
}
/** How an engine ended that nobody had told to. */
export interface EngineEnd {
    /** In words that fit after "restarting after": `exit code 137`. */
    readonly how: string;
    /** Why it could not start, where it said so. */
    readonly error?: SmmfError | undefined;
    /** The last lines that it wrote. */
    readonly output: readonly string[];
}
/** What a start tells its host. Nothing is told any more once {@link EngineRun.stop} was called. */
export interface EngineListener {
    /** The start goes on; `text` says what it does: `downloading model.gguf 34 %`. */
    onProgress(text: string): void;
    onUp(up: EngineUp): void;
    /** It was told by others (a signal) to leave: it takes no new work and will end. */
    onLeaving(): void;
    /** Its process has ended; {@link EngineListener.onEnd} says more once its last output is read. */
    onLost(): void;
    onEnd(end: EngineEnd): void;
}
/** What a probe of an engine found. */
export interface EngineProbe extends Health {
    readonly load?: LoadSample | undefined;
    /** What it serves now, where that can change. */
    readonly models?: readonly ModelCard[];
}
/** One start of an engine, in a process of its own. */
export interface EngineRun {
    /** Rejects when nothing answers. */
    probe(signal: AbortSignal): Promise<EngineProbe>;
    /** Refuses new work and waits up to `limitMs` for what runs. */
    drain(limitMs: number): Promise<void>;
    /** Ends it in order within the stop limit, else by force; nothing of it is left afterwards. Idempotent. */
    stop(): Promise<void>;
    /** Ends it at once; {@link EngineListener.onEnd} follows. Absent for an engine that cannot be killed alone. */
    kill?(why: string): void;
}
/**
 * Starts an engine; its listener hears nothing before the promise has resolved.
 * @throws what another start would meet again, by its code, or what stands in its way now
 */
export type StartEngine = (epoch: number, listener: EngineListener) => Promise<EngineRun>;

// dist/host/epoch-store.d.ts
import type { Logger } from '@smmf/core';
/** The epoch of the last start of each instance on this machine. */
export interface EpochStore {
    /** 0 for an instance that was never started here. */
    last(id: string): number;
    raise(id: string, epoch: number): void;
}
/**
 * Keeps epochs in `folder`, a file for each instance, so that a registry that has forgotten everything cannot bring an old epoch
 * back. A folder that cannot be used is a warning: the registry's own epochs then have to do.
 */
export declare function createEpochStore(folder: string, logger: Logger): EpochStore;

// dist/host/host-context.d.ts
import type { EngineKeys } from '@smmf/cluster';
import type { Clock, HttpClient, Logger, Plugin, Registry } from '@smmf/core';
import type { InstanceReport, InstanceSpec } from '@smmf/protocol';
import type { FetchProgress, ModelStore } from '@smmf/sources';
import type { EpochStore } from './epoch-store.ts';
import type { HostTimings } from './timings.ts';
/** What an instance is made from on this machine. */
export interface LocatedEngine {
    readonly plugin: Plugin<'engine'>;
    /** `file:` URL of the plugin's module, for the process that runs it. */
    readonly pluginUrl: string;
    /** JSON values with every reference replaced; parsed where the worker is made. */
    readonly options: unknown;
}
/** What a host works with. */
export interface HostContext {
    readonly registry: Registry;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly store: ModelStore;
    /** Asks the engines' processes how they are. */
    readonly http: HttpClient;
    /**
     * Finds the engine of a spec on this machine, anew for each start: a key that was changed meanwhile is taken up.
     * @throws PLUGIN_NOT_FOUND, PLUGIN_INVALID, CONFIG_INVALID
     */
    readonly locate: (spec: InstanceSpec) => Promise<LocatedEngine>;
    /** Counters of starts that outlive this process; default none: only the registry tells of earlier starts. */
    readonly epochs?: EpochStore;
    /** Folder of the engines' unix sockets, made with mode 0700; short, as a socket's path holds 100 bytes. */
    readonly socketDir: string;
    /** How the engine's process is reached; default a unix socket, on Windows and where its path is too long a loopback port. */
    readonly listen?: 'socket' | 'port';
    /** Makes the key that an engine on a port asks its callers for; default: it asks for none. */
    readonly keyOf?: EngineKeys;
    /** Environment that the engine's process gets the allowed part of; default `process.env`. */
    readonly env?: Readonly<Record<string, string | undefined>>;
    readonly timings?: Partial<HostTimings>;
    /** Networks that plugins may or may not reach, beyond the egress rule. */
    readonly egress?: {
        readonly allow: readonly string[];
        readonly deny: readonly string[];
    };
    /** Certificates of authorities that plugins trust besides those of Node, each a PEM text. */
    readonly authorities?: readonly string[];
    readonly onProgress?: (instanceId: string, progress: FetchProgress) => void;
    /** Called after every change but load samples. */
    readonly onChange?: (report: InstanceReport) => void;
}

// dist/host/prober.d.ts
import { type Clock, type Worker } from '@smmf/core';
import type { EngineProbe, EngineRun } from './engine-run.ts';
import type { HostTimings } from './timings.ts';
/** What a prober tells. */
export interface ProberListener {
    /** The engine is ready; told after every good probe. */
    onUp(probe: EngineProbe): void;
    /** It is not, or no longer. */
    onDown(reason: string): void;
    /** It was reached and did not answer in time: that says neither. */
    onUndecided(reason: string): void;
    /** It has not answered for too long and can be killed; the prober has stopped. */
    onDead(reason: string): void;
}
/**
 * Probes an engine at once and from then on: two failures in a row take it down, one success brings it up.
 * Returns its end.
 *
 * @param own the engine's own interval and limit, in place of the host's
 */
export declare function startProber(run: Pick<EngineRun, 'probe' | 'kill'>, timings: HostTimings, clock: Clock, listener: ProberListener, own?: Worker['probe']): () => void;

// dist/host/restart-policy.d.ts
import type { ErrorCode } from '@smmf/protocol';
import type { HostTimings } from './timings.ts';
/** Faults that another start would meet again. */
export declare const PERMANENT_FAULTS: ReadonlySet<ErrorCode>;
/** Decides when an engine that ended by itself is started again. */
export interface RestartPolicy {
    /** Notes a crash; returns the wait before the next start, undefined for a crash loop. */
    crashed(nowMs: number): number | undefined;
    /** Notes a start that failed without the engine's fault; returns the wait before the next one. */
    postponed(): number;
    /** Notes that the engine was ready for so long; enough of it makes earlier crashes forgotten. */
    wasReady(forMs: number): void;
    /** Forgets everything. */
    reset(): void;
}
/** Back-off that doubles, and a limit on crashes within a window; as long a time of health ends both. */
export declare function createRestartPolicy(timings: HostTimings): RestartPolicy;

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
import type { Assignment, InstanceReport, InstanceSpec } from '@smmf/protocol';
import type { HostContext } from './host-context.ts';
import { HostedInstance } from './hosted-instance.ts';
/** Runs on one machine what it is assigned. */
export interface WorkerHost {
    /**
     * Makes what runs here what is wanted here: starts what is missing, starts anew what has a higher generation, drains and closes
     * what is wanted no longer. An assignment that is not newer than the last one changes nothing, and one that is incomplete ends
     * nothing. Resolves once every new instance has begun.
     */
    apply(assignment: Assignment): Promise<void>;
    /** What runs here, as it stands now. */
    reports(): readonly InstanceReport[];
    /** Drains and closes every instance, each within `limitMs`; idempotent. */
    close(limitMs: number): Promise<void>;
}
/** A host that runs nothing yet; each engine gets a process of its own. */
export declare function createWorkerHost(context: HostContext): WorkerHost;
/** The loop over {@link HostedInstance}: wanted beside actual, and nothing but the difference is done. */
export declare class ReconcilingHost implements WorkerHost {
    #private;
    constructor(context: Pick<HostContext, 'logger'>, make: (spec: InstanceSpec) => HostedInstance);
    reports(): readonly InstanceReport[];
    apply(assignment: Assignment): Promise<void>;
    close(limitMs: number): Promise<void>;
}

// dist/load-of.d.ts
import type { Worker } from '@smmf/core';
import type { LoadSample } from '@smmf/protocol';
/** An engine that cannot tell its load serves all the same. */
export declare function loadOf(worker: Worker, signal: AbortSignal): Promise<LoadSample | undefined>;

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

// dist/host/hosted-instance.d.ts
import type { InstanceReport, InstanceSpec } from '@smmf/protocol';
import type { StartEngine } from './engine-run.ts';
import type { HostContext } from './host-context.ts';
import type { HostTimings } from './timings.ts';
/** The state machine of one instance, over whatever starts its engine. */
export declare class HostedInstance {
    #private;
    readonly spec: InstanceSpec;
    constructor(spec: InstanceSpec, context: HostContext, timings: HostTimings, startEngine: StartEngine);
    report(): InstanceReport;
    /** Begins: what goes wrong shows in the state. Resolves once its record is being written, or could not be. */
    start(): Promise<void>;
    /**
     * Drains, stops and starts again with the next epoch; also leaves `failed`. Resolves once the new start has begun.
     *
     * @param generation of the spec that the new start is made from
     * @param limitMs longest wait for what runs; default 300 000
     * @throws CLOSED after {@link HostedInstance.close}
     */
    restart(generation: number, limitMs?: number): Promise<void>;
    /** Takes no new work and waits up to `limitMs` for what runs; the engine stays until `restart` or `close`. */
    drain(limitMs: number): Promise<void>;
    /** Drains, stops the engine and leaves the registry; nothing of the engine is left afterwards. Idempotent, bounded. */
    close(limitMs: number): Promise<void>;
}

// dist/index.d.ts
import { Assignment } from '@smmf/protocol';
import { Clock } from '@smmf/core';
import type { ClusterKeys } from '@smmf/cluster';
import { EngineLog } from '@smmf/protocol';
import type { ErrorCode } from '@smmf/protocol';
import type { FetchProgress } from '@smmf/sources';
import type { Health } from '@smmf/protocol';
import type { HttpClient } from '@smmf/core';
import { InstanceReport } from '@smmf/protocol';
import type { InstanceSpec } from '@smmf/protocol';
import type { LoadSample } from '@smmf/protocol';
import type { Logger } from '@smmf/core';
import { LogQuery } from '@smmf/protocol';
import { ModelCard } from '@smmf/protocol';
import type { ModelStore } from '@smmf/sources';
import type { Plugin } from '@smmf/core';
import type { Registry } from '@smmf/core';
import { Worker } from '@smmf/core';

/**
 * What a worker says of its models, in a form that a record can hold.
 * @throws PLUGIN_INVALID when a card is malformed, or none is of the model that the config gave the worker
 */
export declare function checkModels(models: readonly ModelCard[], wanted: string, plugin: string): ModelCard[];

/**
 * Keeps epochs in `folder`, a file for each instance, so that a registry that has forgotten everything cannot bring an old epoch
 * back. A folder that cannot be used is a warning: the registry's own epochs then have to do.
 */
export declare function createEpochStore(folder: string, logger: Logger): EpochStore;

/**
 * A worker over a synchronous backend, whose functions run in threads of their own. Calls beyond the threads wait in a
 * bounded line (full: OVERLOADED). A cancelled call ends at the backend's next event, and its thread lives on with the
 * loaded model. A stream's reader that stalls stops the backend after `window` events. A batch backend gets the texts of many
 * requests at once; those of a cancelled request that have not begun never begin. No thread is ended while it computes.
 *
 * @throws PLUGIN_INVALID when the module exports no `load`, or the options are no plain data
 * @throws what `load` throws: an `SmmfError` as it is, anything else as MODEL_LOAD_FAILED
 */
export declare function createPiscinaWorker({ threads, maxQueue, window, ...base }: PiscinaWorkerOptions, { clock }: {
    readonly clock: Clock;
}): Promise<Worker>;

/** The ports from `first` to `last` of `host`, with `setting` as the key of the config that names them. */
export declare function createPortRange(host: string, first: number, last: number, setting?: string): PortRange;

/** Back-off that doubles; a much slower one once there were too many crashes within a window. A time of health as long as that ends both. */
export declare function createRestartPolicy(timings: HostTimings): RestartPolicy;

/** A host that runs nothing yet; each engine gets a process of its own. */
export declare function createWorkerHost(context: HostContext): WorkerHost;

/** The times that hold where nothing else is said. */
export declare const DEFAULT_TIMINGS: HostTimings;

/**
 * How an engine's process is reached: by a unix socket of this machine, by a free port of loopback, or by a port of a range that other
 * machines reach too. On a port it answers only callers with its key.
 */
export declare type EngineListening = 'socket' | 'loopback' | EnginePorts;

/** Where engines' processes listen for other machines. */
export declare interface EnginePorts {
    /** Address to listen on. */
    readonly host: string;
    /** The next free port. @throws PORT_IN_USE when none is left */
    readonly take: () => Promise<TakenPort>;
    /** Origin without a port at which others reach this machine: `http://gpu1`. */
    readonly advertise: string;
    /** PEM files; the origin is `https:` then. */
    readonly tls?: {
        readonly certFile: string;
        readonly keyFile: string;
        readonly caFile?: string | undefined;
    } | undefined;
}

/** What a probe of an engine found. */
export declare interface EngineProbe extends Health {
    readonly load?: LoadSample | undefined;
    /** What it serves now, where that can change. */
    readonly models?: readonly ModelCard[];
}

/** One start of an engine, in a process of its own. */
declare interface EngineRun {
    /** Rejects when nothing answers. */
    probe(signal: AbortSignal): Promise<EngineProbe>;
    /** Refuses new work and waits up to `limitMs` for what runs. */
    drain(limitMs: number): Promise<void>;
    /** Ends it in order within the stop limit, else by force; nothing of it is left afterwards. Idempotent. */
    stop(): Promise<void>;
    /** Ends it at once; {@link EngineListener.onEnd} follows. Absent for an engine that cannot be killed alone. */
    kill?(why: string): void;
}

/** The epoch of the last start of each instance on this machine. */
export declare interface EpochStore {
    /** 0 for an instance that was never started here. */
    last(id: string): number;
    raise(id: string, epoch: number): void;
}

/** What a host works with. */
export declare interface HostContext {
    /** Id of the worker host, told with each of its instances. */
    readonly host: string;
    /** What runs here is announced in each of them. */
    readonly registries: readonly Registry[];
    /** Signs the records, and makes the keys that engines on a port ask their callers for. */
    readonly keys: ClusterKeys;
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
    /** How engines' processes are reached; default a unix socket, on Windows and where its path is too long a loopback port. */
    readonly listen?: EngineListening;
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
    /** Hears each line that an engine's process wrote, and what its host says of it. */
    readonly onEngineLine?: (instanceId: string, text: string) => void;
    /** Called after every change but load samples. */
    readonly onChange?: (report: InstanceReport) => void;
}

/** Times of a host, milliseconds. */
export declare interface HostTimings {
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
    /** Crashes within `crashWindowMs` that make a crash loop; default 5. */
    readonly crashLimit: number;
    /** First wait before a restart in a crash loop, doubled each time; default 10 000. */
    readonly loopBackOffMs: number;
    /** Longest wait before a restart in a crash loop; default 300 000. */
    readonly loopBackOffCapMs: number;
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

/** An engine that cannot tell its load serves all the same. */
export declare function loadOf(worker: Worker, signal: AbortSignal): Promise<LoadSample | undefined>;

/** What an instance is made from on this machine. */
export declare interface LocatedEngine {
    readonly plugin: Plugin<'engine'>;
    /** `file:` URL of the plugin's module, for the process that runs it. */
    readonly pluginUrl: string;
    /** JSON values with every reference replaced; parsed where the worker is made. */
    readonly options: unknown;
}

/** Faults that another start would meet again. */
export declare const PERMANENT_FAULTS: ReadonlySet<ErrorCode>;

/** What a synchronous backend is run with. */
export declare interface PiscinaWorkerOptions {
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

/** Ports that are given away one at a time. */
export declare interface PortRange {
    /** The lowest port that is free, here and on the machine. @throws PORT_IN_USE when none is */
    take(): Promise<TakenPort>;
}

/** What a prober tells. */
export declare interface ProberListener {
    /** The engine is ready; told after every good probe. */
    onUp(probe: EngineProbe): void;
    /** It is not, or no longer. */
    onDown(reason: string): void;
    /** It was reached and did not answer in time: that says neither. */
    onUndecided(reason: string): void;
    /** It has not answered for too long and can be killed; the prober has stopped. */
    onDead(reason: string): void;
}

/** When an engine is started again. */
declare interface Restart {
    readonly waitMs: number;
    /** It has crashed again and again. */
    readonly isLoop: boolean;
    /** So soon that requests may wait for it. */
    readonly isSoon: boolean;
}

/** Decides when an engine that ended by itself is started again. */
export declare interface RestartPolicy {
    /** Notes a crash; there is always another start. */
    crashed(nowMs: number): Restart;
    /** Notes a start that failed without the engine's fault. */
    postponed(): Restart;
    /** Notes that the engine was ready for so long; enough of it makes earlier crashes forgotten. */
    wasReady(forMs: number): void;
    /** Forgets everything. */
    reset(): void;
}

/**
 * Flags for a Node process or thread that runs a module of this package: none from a build; from sources the condition by
 * which packages find each other's sources, which nobody else sets.
 */
export declare function sourceFlags(): string[];

/**
 * Probes an engine at once and from then on: two failures in a row take it down, one success brings it up.
 * Returns its end.
 *
 * @param own the engine's own interval and limit, in place of the host's
 */
export declare function startProber(run: Pick<EngineRun, 'probe' | 'kill'>, timings: HostTimings, clock: Clock, listener: ProberListener, own?: Worker['probe']): () => void;

/** A port that nobody else is given until it is free again. */
export declare interface TakenPort {
    readonly port: number;
    readonly free: () => void;
}

/** Runs on one machine what it is assigned. */
export declare interface WorkerHost {
    /**
     * Makes what runs here what is wanted here: starts what is missing, starts anew what has a higher generation, drains and closes
     * what is wanted no longer. An assignment that is not newer than the last one changes nothing, and one that is incomplete ends
     * nothing. Resolves once every new instance has begun.
     */
    apply(assignment: Assignment): Promise<void>;
    /** What runs here, as it stands now. */
    reports(): readonly InstanceReport[];
    /** What the engine of an instance here wrote last. */
    logs(instance: string, query: LogQuery): EngineLog;
    /** Drains and closes every instance, each within `limitMs`; idempotent. */
    close(limitMs: number): Promise<void>;
}

export { }

// dist/engine/main.d.ts
export { }

// dist/bridge/backend-thread.d.ts
import type { ErrorCode } from '@smmf/protocol';
import type { MessagePort as MessagePort_2 } from 'node:worker_threads';
import type { TaskId } from '@smmf/protocol';

/** Runs one call; a stream's end goes over its own port, so that it cannot overtake the events. */
export declare function serve(call: ThreadCall): Promise<ThreadEnd<unknown>>;

/** One call of a backend. */
declare interface ThreadCall {
    readonly backendUrl: string;
    readonly options: unknown;
    readonly model: string;
    readonly task: ThreadTask;
    readonly request?: unknown;
    readonly stream?: ThreadStream;
}

/** What a call ends with; that of a stream comes over its port, after the last event. */
declare type ThreadEnd<T = undefined> = {
    readonly value: T;
} | {
    readonly fault: ThreadFault;
};

/** An error on its way out of a thread: a class does not survive it. */
declare interface ThreadFault {
    /** Undefined for what is none of ours. */
    readonly code: ErrorCode | undefined;
    readonly message: string;
    readonly param?: string | undefined;
}

/** The way of a stream's events out of the thread, and of credits into it. */
declare interface ThreadStream {
    readonly port: MessagePort_2;
    readonly cells: Int32Array<SharedArrayBuffer>;
}

/**
 * What a thread runs, beside the operations of the API: `describe` loads the backend and tells what it serves; `read` and
 * `batch-…` are the steps of a batch backend.
 */
declare type ThreadTask = TaskId | 'describe' | 'read' | 'batch-embeddings' | 'batch-rerank';

export { }

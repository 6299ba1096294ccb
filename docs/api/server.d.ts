// dist/index.d.ts
import { Clock } from '@smmf/core';
import { DestinationStream } from 'pino';
import { FastifyInstance } from 'fastify';
import type { FastifyPluginCallback } from 'fastify';
import type { FastifyRequest } from 'fastify';
import type { InstanceReport } from '@smmf/protocol';
import { Logger } from '@smmf/core';
import { LogLevel } from '@smmf/core';
import { RequestObserver } from '@smmf/core';
import type { RequestRecord } from '@smmf/protocol';
import type { ResponseHead } from '@smmf/core';
import type { ResponseSink } from '@smmf/core';
import { Router } from '@smmf/core';
import type { RouterStats } from '@smmf/protocol';
import type { RunningRequest } from '@smmf/core';
import { Secret } from '@smmf/core';
import { ServerResponse } from 'node:http';
import { SmmfError } from '@smmf/core';
import type * as z from 'zod';

/** Can this address be listened at. @throws PORT_IN_USE, CONFIG_INVALID */
export declare function assertPortFree(address: TcpAddress): Promise<void>;

/**
 * Refuses to listen where strangers could call without a key.
 *
 * @returns warnings for operators, also logged: what would have been refused without `allowOpen` or beyond loopback
 * @throws CONFIG_INVALID beyond loopback without keys, or with weak ones
 */
export declare function assertSafeListen(host: string, keys: KeyRing, options?: SafeListenOptions): readonly string[];

/** Limits on the body of a request. */
export declare interface BodyLimits {
    /** Largest body, bytes. Default 32 MiB. */
    readonly bodyLimitBytes: number;
    /** What all bodies that are held at the same time may take, bytes. Default a quarter of the memory of container or machine. */
    readonly bodyMemoryBytes: number;
    /** A body that is slower than this, over a span of `bodyGraceMs`, is given up. */
    readonly bodyBytesPerSecond: number;
    readonly bodyGraceMs: number;
}

/** A logger with a buffer behind it. */
export declare type BufferedLogger = Logger & {
    /** Writes out what is still held back. */
    flush(): void;
    /** Flushes and ends the flush at the exit of the process; for a logger that goes before the process does. Idempotent. */
    close(): void;
    /**
     * Lines that were lost since the start, because the reader of the descriptor was stuck for longer than 1 MiB of lines, or because it
     * went. A line with level `warn`, text `log lines dropped` and their `count` follows as soon as lines go out again. 0 for a stream.
     */
    dropped(): number;
};

/**
 * The text of an error's cause for the operator's log: credentials taken out, at most 1 KiB; undefined without one.
 *
 * @param body of the request: words that repeat its prompt are left out, all but the status that stands before them; `gone` for a
 *   body that cannot be compared any more
 */
export declare function causeText(cause: unknown, body?: Buffer | 'gone'): string | undefined;

/** The two limits on connections. */
declare interface ConnectionLimits {
    /**
     * Open connections from one IP address, and requests at once of one address behind a trusted proxy. Default: no limit, as
     * a load balancer in front has one address for all its clients.
     */
    readonly connectionsPerAddress: number;
    /** Open connections in all. */
    readonly maxConnections: number;
}

/**
 * An origin as browsers send it: `https://app.example` of a web page, `app://obsidian.md` of an app, or `null`, which every page
 * without an origin of its own sends.
 *
 * @throws CONFIG_INVALID for what no browser ever sends: `*`, a path, capital letters in a scheme of its own
 */
export declare function corsOrigin(text: string): string;

/**
 * Makes the HTTP base of a role: fastify within limits, with keys, ids and OpenAI error bodies, and no route yet.
 *
 * @throws CONFIG_INVALID for TLS files that cannot be read, a CORS origin `*`, or a trusted proxy that is no address
 */
export declare function createHttpBase(options?: HttpBaseOptions, context?: HttpBaseContext): HttpBase;

/**
 * Takes the keys of a server. Each is kept as SHA-256 over it and a random value of this process, so that neither a heap
 * dump nor the timing of the look-up tells a key.
 *
 * @param defaultScopes scopes of entries that name none
 * @throws CONFIG_INVALID for an empty key or one that stands there twice
 */
export declare function createKeyRing(entries: readonly KeyEntry[], defaultScopes?: readonly KeyScope[]): KeyRing;

/**
 * pino behind the logger contract: JSON lines, buffered for at most 100 ms and 1 MiB, or lines for people on a terminal. Control
 * characters never reach the output raw, nor does the value of any secret that is alive; a text field is cut at 1 KiB.
 */
export declare function createLogger(options?: LoggerOptions): BufferedLogger;

/** Makes the metrics of one server, in a registry of its own: nothing is shared with another one in the process. */
export declare function createMetrics(options?: MetricsOptions): Metrics;

/** Turns signals into orders: the first calls `stop`, and each that comes a second after the last one that counted, or later, calls `stopNow`. */
export declare function createStopOrder(stop: () => void, stopNow: () => void): () => void;

/** The limits that hold where the config sets none. */
export declare const DEFAULT_HTTP_LIMITS: HttpLimits;

/** What {@link MetricsOptions.engines} needs of a report. */
declare type EngineReport = Pick<InstanceReport, 'id' | 'starts' | 'crashes' | 'load'>;

/** What {@link healthRoutes} shows. */
export declare interface HealthOptions {
    /** Asked at each call; must answer at once. Default: always ready. */
    readonly readiness?: () => Readiness;
    /** The public model behind a name or an alias, for `?model=`. */
    readonly resolve?: (name: string) => string | undefined;
    /** Shown with `/readyz`, for example that of {@link HttpBase.warnings}. */
    readonly warnings?: readonly string[];
    readonly metrics?: Metrics;
}

/**
 * Adds `/healthz` (200 while the process answers at all), `/readyz` and `/health` (200 or 503), and, when there are metrics, `/metrics`: for
 * keys with the scope `metrics`; without keys for callers on this machine. `/readyz?model=NAME` asks for one model; reasons, the state of
 * each model and warnings are for callers on this machine or with a key. `/health` is what vLLM and llama.cpp's server have.
 */
export declare function healthRoutes(host: RouteHost, options?: HealthOptions): void;

/** A whole body that counts against the memory for all of them until it is let go. */
export declare interface HeldBody {
    /** The body, for looks at it beside its use; undefined once a large one was let go. */
    readonly bytes: Buffer | undefined;
    /** Nobody needs the body any more. Harmless when called again. */
    release(): void;
}

/** The HTTP side of a role: API server, admin API, or an engine behind a unix socket. */
export declare interface HttpBase extends RouteHost {
    /** What {@link assertSafeListen} had to say. */
    readonly warnings: readonly string[];
    /**
     * @throws PORT_IN_USE when the port or socket is taken
     * @throws CONFIG_INVALID beyond loopback without keys, or for an address that cannot be listened on
     */
    listen(address: ListenAddress): Promise<Listening>;
    /** Calls a route without a socket; fastify's `inject`. */
    readonly inject: FastifyInstance['inject'];
    /**
     * Leaves in order: not ready at once, after the grace no new connections, up to `limitMs` for what runs, then the rest
     * is cut. Idempotent.
     */
    drain(limitMs: number): Promise<void>;
    /** Cuts everything now, also what a running {@link HttpBase.drain} still waits for. Idempotent. */
    close(): Promise<void>;
}

/** What {@link createHttpBase} is given besides. */
export declare interface HttpBaseContext {
    readonly logger?: Logger;
    readonly clock?: Clock;
}

/** Options of {@link createHttpBase}. */
export declare interface HttpBaseOptions {
    readonly keys?: KeyRing;
    /** Keys of members of the cluster, for routes with the scope `join` on a listener that serves others besides; default those of `keys`. */
    readonly joinKeys?: KeyRing | undefined;
    /** Serve beyond loopback without keys; logs a warning. Default false. */
    readonly allowOpen?: boolean;
    readonly tls?: TlsFiles | undefined;
    /** Origins whose pages may call; default none. */
    readonly corsOrigins?: readonly string[];
    /**
     * Names under which routes with an admin scope may be called beside those of loopback, without ports. Checked while it listens
     * on loopback alone. Default none.
     */
    readonly hosts?: readonly string[];
    /**
     * IP addresses and ranges (`10.0.0.0/8`) of proxies: from these `X-Forwarded-For` tells the caller's address to the log and
     * to `limits.connectionsPerAddress`. It never makes a caller local. Default none.
     */
    readonly trustedProxies?: readonly string[];
    readonly limits?: Partial<HttpLimits>;
    /** How long new connections are still taken after {@link HttpBase.drain} has begun, so that others learn of it; default 0. */
    readonly drainGraceMs?: number;
}

/** Limits of one listener. */
export declare interface HttpLimits extends BodyLimits, ConnectionLimits {
    /** Request line and headers together, bytes. */
    readonly headerLimitBytes: number;
    /** From the first byte of a request (or the connect) to the end of its headers. */
    readonly headersTimeoutMs: number;
    /** How long an idle connection is kept; longer than a load balancer in front keeps it. */
    readonly keepAliveTimeoutMs: number;
}

/**
 * Puts a router's answer on a connection. The head waits for the first bytes, so that both leave in one packet and an
 * answer in one piece gets its length. When the client goes, the request is cancelled in that very turn.
 */
export declare class HttpSink implements ResponseSink {
    #private;
    /** @param body let go once the answer has begun: from there on no attempt needs it again */
    constructor(response: ServerResponse, id: string, context: SinkContext, body?: HeldBody);
    /** Gives the sink what {@link Router.handle} returned; a client that has gone meanwhile cancels it at once. */
    follow(running: RunningRequest): void;
    start(head: ResponseHead): void;
    write(bytes: Uint8Array | string): boolean;
    end(bytes?: Uint8Array | string): void;
    fail(error: SmmfError, headers: Readonly<Record<string, string>>): void;
    done(): void;
}

/** Is this an IP address or a CIDR range: `10.0.0.0/8`, `192.0.2.7`, `2001:db8::/32`. */
export declare function isAddressRange(text: string): boolean;

/**
 * The body of a request to a route of our own, parsed and checked.
 * @throws INVALID_JSON for what is no JSON object; INVALID_VALUE with `param` for the first fault of its content
 */
export declare function jsonBody<S extends z.ZodType>(request: FastifyRequest, schema: S): z.output<S>;

/** A bearer key as the config gives it. */
export declare interface KeyEntry {
    readonly key: Secret | string;
    /** Default: what {@link createKeyRing} was given as default. */
    readonly scopes?: readonly KeyScope[] | undefined;
    /** Public model ids that the key may use and see; default all. */
    readonly models?: readonly string[] | undefined;
    /** Shown in the log in place of the key. */
    readonly name?: string | undefined;
}

/** Whose key came with a request. */
export declare interface KeyIdentity {
    readonly name: string;
    readonly scopes: ReadonlySet<KeyScope>;
    /** Undefined when the key may use every model. */
    readonly models: ReadonlySet<string> | undefined;
}

/** The keys of one server. Holds digests only; the keys themselves are forgotten. */
export declare interface KeyRing {
    readonly size: number;
    /** Names of keys that are shorter than 16 bytes or known from examples. */
    readonly weak: readonly string[];
    /** Whose key `token` is; undefined for a wrong one. */
    find(token: string): KeyIdentity | undefined;
}

/** What a key may be used for; no scope includes another one. */
export declare type KeyScope = Exclude<Scope, 'public'>;

/** Where to listen: a TCP address or a unix socket. */
export declare type ListenAddress = TcpAddress | {
    readonly socketPath: string;
};

/** Where a server listens. */
export declare interface Listening {
    /** Origin to call it at from this machine: `http://127.0.0.1:8100`; `http://localhost` for a unix socket. */
    readonly url: string;
    /** Absent for a unix socket. */
    readonly host?: string;
    readonly port?: number;
    readonly socketPath?: string;
}

/** Options of {@link createLogger}. */
export declare interface LoggerOptions {
    /** Quietest level that is written; default `info`. */
    readonly level?: LogLevel | 'silent';
    /** Lines for people instead of JSON; default: when the destination is a terminal. Colours only there, and not with `NO_COLOR`. */
    readonly pretty?: boolean;
    /** A file descriptor or a stream; default 1, the standard output. */
    readonly destination?: number | (DestinationStream & {
        readonly isTTY?: boolean;
    });
}

/** The text for Prometheus of several processes that are one server: sums, but for what would make no sense as one. */
export declare function mergedText(values: readonly MetricValues[]): Promise<string>;

/** One metric of `/metrics`. */
export declare interface MetricRow {
    readonly name: string;
    readonly type: 'counter' | 'gauge' | 'histogram';
    readonly help: string;
    readonly labels: readonly string[];
    /** Upper bounds of a histogram, in the metric's unit. */
    readonly buckets?: readonly number[];
    /** What several processes of one server say together; default the sum. */
    readonly together?: 'sum' | 'max' | 'min' | 'first';
}

/**
 * Every metric of `/metrics`. Label values come from closed sets: `model` is a public model id or `_unknown`, `task` an
 * operation id, `outcome` is `ok` or an error code in lower case. Not `instance`, which Prometheus itself puts on every metric.
 */
export declare const METRICS: {
    readonly requests: MetricRow & {
        readonly name: "smmf_requests_total";
    };
    readonly firstToken: MetricRow & {
        readonly name: "gen_ai_server_time_to_first_token_seconds";
    };
    readonly perToken: MetricRow & {
        readonly name: "gen_ai_server_time_per_output_token_seconds";
    };
    readonly duration: MetricRow & {
        readonly name: "gen_ai_server_request_duration_seconds";
    };
    readonly queueWait: MetricRow & {
        readonly name: "smmf_queue_wait_seconds";
    };
    readonly queueDepth: MetricRow & {
        readonly name: "smmf_queue_depth";
    };
    readonly registryStale: {
        name: "smmf_registry_stale_seconds";
        type: 'counter' | 'gauge' | 'histogram';
        help: string;
        labels: readonly string[];
        buckets?: readonly number[];
        together?: 'sum' | 'max' | 'min' | 'first';
    };
    readonly registryErrors: MetricRow & {
        readonly name: "smmf_registry_errors_total";
    };
    readonly recordsRejected: MetricRow & {
        readonly name: "smmf_registry_records_rejected_total";
    };
    readonly leasesLost: MetricRow & {
        readonly name: "smmf_registry_leases_lost_total";
    };
    readonly panics: MetricRow & {
        readonly name: "smmf_registry_panics_total";
    };
    readonly suspects: {
        name: "smmf_suspect_instances";
        type: 'counter' | 'gauge' | 'histogram';
        help: string;
        labels: readonly string[];
        buckets?: readonly number[];
        together?: 'sum' | 'max' | 'min' | 'first';
    };
    readonly inFlight: MetricRow & {
        readonly name: "smmf_requests_in_flight";
    };
    readonly retries: MetricRow & {
        readonly name: "smmf_retries_total";
    };
    readonly fallbacks: MetricRow & {
        readonly name: "smmf_fallbacks_total";
    };
    readonly attempts: MetricRow & {
        readonly name: "smmf_attempts_total";
    };
    readonly attemptFirstToken: MetricRow & {
        readonly name: "smmf_attempt_time_to_first_token_seconds";
    };
    readonly attemptDuration: MetricRow & {
        readonly name: "smmf_attempt_duration_seconds";
    };
    readonly ejections: MetricRow & {
        readonly name: "smmf_ejections_total";
    };
    readonly foreignFaults: MetricRow & {
        readonly name: "smmf_foreign_faults_total";
    };
    readonly instanceState: {
        name: "smmf_instance_state";
        type: 'counter' | 'gauge' | 'histogram';
        help: string;
        labels: readonly string[];
        buckets?: readonly number[];
        together?: 'sum' | 'max' | 'min' | 'first';
    };
    readonly engineStarts: {
        name: "smmf_engine_starts_total";
        type: 'counter' | 'gauge' | 'histogram';
        help: string;
        labels: readonly string[];
        buckets?: readonly number[];
        together?: 'sum' | 'max' | 'min' | 'first';
    };
    readonly engineCrashes: {
        name: "smmf_engine_crashes_total";
        type: 'counter' | 'gauge' | 'histogram';
        help: string;
        labels: readonly string[];
        buckets?: readonly number[];
        together?: 'sum' | 'max' | 'min' | 'first';
    };
    readonly engineRunning: {
        name: "smmf_engine_requests_running";
        type: 'counter' | 'gauge' | 'histogram';
        help: string;
        labels: readonly string[];
        buckets?: readonly number[];
        together?: 'sum' | 'max' | 'min' | 'first';
    };
    readonly engineWaiting: {
        name: "smmf_engine_requests_waiting";
        type: 'counter' | 'gauge' | 'histogram';
        help: string;
        labels: readonly string[];
        buckets?: readonly number[];
        together?: 'sum' | 'max' | 'min' | 'first';
    };
    readonly engineCacheUse: {
        name: "smmf_engine_kv_cache_usage_ratio";
        type: 'counter' | 'gauge' | 'histogram';
        help: string;
        labels: readonly string[];
        buckets?: readonly number[];
        together?: 'sum' | 'max' | 'min' | 'first';
    };
    readonly logLinesDropped: MetricRow & {
        readonly name: "smmf_log_lines_dropped_total";
    };
    readonly tokens: MetricRow & {
        readonly name: "smmf_tokens_total";
    };
    readonly leaseLeaks: MetricRow & {
        readonly name: "smmf_lease_leaks";
    };
    readonly eventLoopDelay: {
        name: "smmf_event_loop_delay_seconds";
        type: 'counter' | 'gauge' | 'histogram';
        help: string;
        labels: readonly string[];
        buckets?: readonly number[];
        together?: 'sum' | 'max' | 'min' | 'first';
    };
    readonly buildInfo: {
        name: "smmf_build_info";
        type: 'counter' | 'gauge' | 'histogram';
        help: string;
        labels: readonly string[];
        buckets?: readonly number[];
        together?: 'sum' | 'max' | 'min' | 'first';
    };
    readonly residentMemory: MetricRow & {
        readonly name: "process_resident_memory_bytes";
    };
    readonly heapUsed: MetricRow & {
        readonly name: "nodejs_heap_size_used_bytes";
    };
    readonly cpuSeconds: MetricRow & {
        readonly name: "process_cpu_seconds_total";
    };
    readonly startTime: {
        name: "process_start_time_seconds";
        type: 'counter' | 'gauge' | 'histogram';
        help: string;
        labels: readonly string[];
        buckets?: readonly number[];
        together?: 'sum' | 'max' | 'min' | 'first';
    };
};

/** The metrics of one server. */
export declare interface Metrics {
    /** Counts a finished request. */
    record(outcome: RequestRecord): void;
    /** The text for Prometheus. */
    text(): Promise<string>;
    /** The same as values in JSON, for {@link mergedText}. */
    values(): Promise<MetricValues>;
    readonly contentType: string;
    /** Stops measuring the event loop; idempotent. */
    close(): void;
}

/** Options of {@link createMetrics}. */
export declare interface MetricsOptions {
    /** Called at each scrape. */
    readonly observe?: () => RouterStats;
    /** What runs here, or is watched from here: crashes, and load as the engines say it. Called at each scrape. */
    readonly engines?: () => Iterable<EngineReport>;
    /** How the registries are followed; undefined before that begins. Called at each scrape. */
    readonly registries?: () => RegistryReport | undefined;
    /** Shown as that of SMMF. */
    readonly version?: string;
    /** Whose lost lines are counted: one of {@link createLogger} or a child of one; any other loses none. */
    readonly logger?: Logger;
}

/** What the metrics of one process say, one object of JSON for each. */
export declare type MetricValues = readonly object[];

/** One model, as probes are told of it. */
export declare interface ModelReadiness {
    readonly id: string;
    /** `ready` and `degraded` answer; any other one does not. */
    readonly state: string;
    /** Why not, in words for an operator. */
    readonly reason?: string;
}

/** Called when a request of a route was refused before its handler answered. */
export declare type OnRefused = (request: FastifyRequest, error: SmmfError, responseBytes: number) => void;

/**
 * What {@link openAiRoutes} works with. Log and metrics hear of what is refused before it reaches the router; of the rest the
 * router's own observers do.
 */
export declare interface OpenAiContext {
    readonly router: Router;
    readonly logger?: Logger;
    readonly metrics?: Metrics | undefined;
    readonly clock?: Clock;
}

/** Options of {@link openAiRoutes}. */
export declare interface OpenAiOptions {
    /** A client that takes nothing of its answer for so long is cut off, milliseconds. Default 30 000. */
    readonly writeStallMs?: number;
}

/**
 * The OpenAI routes as a fastify plugin, for a server of one's own: `app.register(openAiPlugin(options, { router }))`.
 * Keys, limits and error bodies hold for these routes alone. What belongs to the listener (TLS, limits on headers and
 * connections) stays the server's.
 */
export declare function openAiPlugin(options: OpenAiPluginOptions, context: OpenAiPluginContext): FastifyPluginCallback;

/** What {@link openAiPlugin} works with. */
export declare interface OpenAiPluginContext {
    readonly router: Router;
    readonly logger?: Logger;
    readonly metrics?: Metrics;
    readonly clock?: Clock;
}

/** Options of {@link openAiPlugin}. */
export declare interface OpenAiPluginOptions extends OpenAiOptions {
    /** Bearer keys of callers: texts, or entries with scopes and models. Default none. */
    readonly keys?: KeyRing | readonly (string | KeyEntry)[];
    /** Serve callers of other machines without keys. Default false. */
    readonly allowOpen?: boolean;
    readonly corsOrigins?: readonly string[];
    /** IP addresses and ranges of proxies from which `X-Forwarded-For` tells the caller's address to the log. */
    readonly trustedProxies?: readonly string[];
    readonly limits?: Partial<BodyLimits>;
}

/**
 * Adds the OpenAI API over `router`: chat/completions, completions, embeddings, rerank, models, each under `/v1` and
 * `/api/v1`; rerank also at `/v2/rerank`, `/rerank` and, with DB-GPT's answer, `beta/relevance`. Bodies stay bytes; each request ends with
 * one log line and its metrics.
 */
export declare function openAiRoutes(host: RouteHost, options: OpenAiOptions, context: OpenAiContext): void;

/** May the server take work; `reasons` say what is not well, in words for an operator. */
export declare interface Readiness {
    readonly ready: boolean;
    readonly reasons?: readonly string[];
    readonly models?: readonly ModelReadiness[];
}

/**
 * A logger that hands on to `logger` what holds no secret: for one that is not {@link createLogger}'s, which sees to it itself.
 * What `logger` throws is dropped: a line is lost then, never a request.
 */
export declare function redactingLogger(logger: Logger): Logger;

/** How the registries are followed. */
export declare interface RegistryReport {
    /** Milliseconds since any of them answered last. */
    readonly staleMs: number;
    /** Failed reads by code, and entries left out by reason, since the start. */
    readonly errors: Readonly<Record<string, number>>;
    readonly rejected: Readonly<Record<string, number>>;
    /** Own entries that had to be registered anew. */
    readonly lost: number;
}

/**
 * One log line for each request, after one for each attempt of it that failed and was followed by another. They hold no prompt, no
 * answer and no key.
 */
export declare function requestLog(logger: Logger): RequestObserver;

/** What routes are added to. */
export declare interface RouteHost {
    /** Give every route `config: { scope }`; bodies arrive as a Buffer. */
    readonly app: FastifyInstance;
    isDraining(): boolean;
}

/** Options of {@link assertSafeListen}. */
export declare interface SafeListenOptions {
    /** Listen beyond loopback although there are no keys or weak ones; a warning is logged. Default false. */
    readonly allowOpen?: boolean | undefined;
    readonly logger?: Logger | undefined;
}

/** What a route needs of its caller. */
export declare type Scope = (typeof SCOPES)[number];

/** What a route needs of its caller; every route declares one. `public` needs nothing; `join` is for members of the cluster. */
export declare const SCOPES: readonly ['public', 'inference', 'metrics', 'admin:read', 'admin:write', 'join'];

/** What all sinks of a server share. */
export declare interface SinkContext {
    readonly clock: Clock;
    /** A client that takes nothing for so long is cut off. */
    readonly writeStallMs: number;
    isDraining(): boolean;
}

/** A TCP address to listen at. */
export declare interface TcpAddress {
    readonly host?: string;
    /** 0 takes a free one. */
    readonly port: number;
    /** Which listener it is and where its port is set, for the error of one that is taken. */
    readonly listener?: {
        readonly name: string;
        readonly setting: string;
    };
}

/** Certificate and key, as PEM files. */
export declare interface TlsFiles {
    readonly certFile: string;
    readonly keyFile: string;
    /** Authorities of callers: with it, nobody without a certificate of one of them gets a connection. */
    readonly caFile?: string | undefined;
}

export { }

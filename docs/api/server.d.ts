// dist/index.d.ts
export { isAddressRange } from './client-address.ts';
export { corsOrigin } from './cors.ts';
export type { OnRefused } from './guard.ts';
export { type HealthOptions, healthRoutes, type Readiness } from './health-routes.ts';
export { createHttpBase, type HttpBase, type HttpBaseContext, type HttpBaseOptions, type ListenAddress, type Listening, type RouteHost, } from './http-base.ts';
export { DEFAULT_HTTP_LIMITS, type HttpLimits, type TlsFiles } from './http-server.ts';
export { jsonBody } from './json-body.ts';
export { assertSafeListen, createKeyRing, type KeyEntry, type KeyIdentity, type KeyRing, type KeyScope, type SafeListenOptions, SCOPES, type Scope, } from './keys.ts';
export { type BufferedLogger, createLogger, type LoggerOptions } from './logger.ts';
export { METRICS, type MetricRow } from './metric-table.ts';
export { createMetrics, type Metrics, type MetricsOptions } from './metrics.ts';
export { type OpenAiPluginContext, type OpenAiPluginOptions, openAiPlugin } from './openai-plugin.ts';
export { type OpenAiContext, type OpenAiOptions, openAiRoutes } from './openai-routes.ts';
export type { BodyLimits, HeldBody } from './read-body.ts';
export { redactingLogger } from './redacting-logger.ts';
export { causeText, requestLog } from './request-log.ts';
export { HttpSink, type SinkContext } from './response-sink.ts';
export { createStopOrder } from './stop-order.ts';

// dist/client-address.d.ts
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
/** Tells who calls, also from behind the proxies that the config trusts. */
export interface ClientAddresses {
    /** Does the config name any trusted proxy. */
    readonly hasProxies: boolean;
    /** The caller's IP address; undefined on a unix socket. */
    of(request: IncomingMessage): string | undefined;
    /** Is this IP address one of the trusted proxies. */
    isProxy(address: string): boolean;
}
/** Is this an IP address or a CIDR range: `10.0.0.0/8`, `192.0.2.7`, `2001:db8::/32`. */
export declare function isAddressRange(text: string): boolean;
/**
 * Reads callers from the socket and, where the socket is a trusted proxy's, from `X-Forwarded-For`: its rightmost hop that
 * is no trusted proxy. What stands left of that hop was written by the caller itself and is not looked at.
 *
 * @throws CONFIG_INVALID for an entry that is no address and no range
 */
export declare function createClientAddresses(trustedProxies: readonly string[]): ClientAddresses;
/** Did a proxy write this request: then the address of the socket is the proxy's and says nothing about the caller. */
export declare function isForwarded(headers: IncomingHttpHeaders): boolean;

// dist/cors.d.ts
import type { FastifyInstance } from 'fastify';
/**
 * An origin as browsers send it: `https://app.example` of a web page, `app://obsidian.md` of an app, or `null`, which every page
 * without an origin of its own sends.
 *
 * @throws CONFIG_INVALID for what no browser ever sends: `*`, a path, capital letters in a scheme of its own
 */
export declare function corsOrigin(text: string): string;
/**
 * Lets pages of these origins call and read: each answer names the origin, and a preflight allows whatever headers it asks for,
 * without a key. The answer to the preflight itself is left to the route of `OPTIONS *`.
 */
export declare function addCors(app: FastifyInstance, origins: ReadonlySet<string>): void;

// dist/guard.d.ts
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, type Logger, SmmfError } from '@smmf/core';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AccessOptions } from './access.ts';
import type { ClientAddresses } from './client-address.ts';
import type { KeyIdentity, Scope } from './keys.ts';
import { type BodyLimits, type HeldBody } from './read-body.ts';
/** Called when a request of a route was refused before its handler answered. */
export type OnRefused = (request: FastifyRequest, error: SmmfError, responseBytes: number) => void;
declare module 'fastify' {
    interface FastifyContextConfig {
        /** What the route needs of its caller; a route without it cannot be registered. */
        scope?: Scope;
        /** Takes `%2F` in the path; for ids that hold slashes. */
        encodedSlash?: boolean;
        /** The handler lets go of {@link FastifyRequest.heldBody} itself; else a body counts no more once it is read. */
        holdsBody?: boolean;
        /** In place of the log line of a refusal. */
        onRefused?: OnRefused;
    }
    interface FastifyRequest {
        /** Whose key came along; null without a valid one. */
        caller: KeyIdentity | null;
        /** When the head of the request was there, on the scale of `performance.now()`. */
        arrivedMs: number;
        /** The caller's IP address, told only where the config names trusted proxies. */
        client: string | undefined;
        /** The hold on the body's memory, for routes that say `holdsBody`. */
        heldBody: HeldBody | undefined;
    }
}
/** Options of {@link installGuard}. */
export interface GuardOptions extends AccessOptions, BodyLimits {
    readonly addresses: ClientAddresses;
    /** Requests at once from one address behind a trusted proxy. */
    readonly connectionsPerAddress: number;
    readonly isDraining: () => boolean;
}
/** What {@link installGuard} is given besides. */
export interface GuardContext {
    readonly logger?: Logger;
    readonly clock?: Clock;
}
/** Marks a request whose sender waits for `100 Continue`: it is sent only once the head has been accepted. */
export declare function markContinue(request: IncomingMessage, response: ServerResponse): void;
/**
 * Puts the rules of every SMMF role before the routes that `app` gets from now on: unambiguous requests only, access by
 * each route's own scope, bodies as bytes within limits, CORS, and OpenAI error bodies for everything that goes wrong.
 */
export declare function installGuard(app: FastifyInstance, given: GuardOptions, context?: GuardContext): void;

// dist/health-routes.d.ts
import type { RouteHost } from './http-base.ts';
import type { Metrics } from './metrics.ts';
/** May the server take work; `reasons` say why not, in words for an operator. */
export interface Readiness {
    readonly ready: boolean;
    readonly reasons?: readonly string[];
}
/** What {@link healthRoutes} shows. */
export interface HealthOptions {
    /** Asked at each call; must answer at once. Default: always ready. */
    readonly readiness?: () => Readiness;
    /** Shown with `/readyz`, for example that of {@link HttpBase.warnings}. */
    readonly warnings?: readonly string[];
    readonly metrics?: Metrics;
}
/**
 * Adds `/healthz` (200 while the process answers at all), `/readyz` (200 or 503; reasons and warnings are for callers on
 * this machine or with a key) and, when there are metrics, `/metrics`: for keys with the scope `metrics`; without keys for callers
 * on this machine.
 */
export declare function healthRoutes(host: RouteHost, options?: HealthOptions): void;

// dist/http-base.d.ts
import { type Clock, type Logger } from '@smmf/core';
import { type FastifyInstance } from 'fastify';
import { type HttpLimits, type TlsFiles } from './http-server.ts';
import { type KeyRing } from './keys.ts';
/** Where to listen: a TCP address (port 0 takes a free one) or a unix socket. */
export type ListenAddress = {
    readonly host?: string;
    readonly port: number;
} | {
    readonly socketPath: string;
};
/** Where a server listens. */
export interface Listening {
    /** Origin to call it at from this machine: `http://127.0.0.1:8100`; `http://localhost` for a unix socket. */
    readonly url: string;
    /** Absent for a unix socket. */
    readonly host?: string;
    readonly port?: number;
    readonly socketPath?: string;
}
/** What routes are added to. */
export interface RouteHost {
    /** Give every route `config: { scope }`; bodies arrive as a Buffer. */
    readonly app: FastifyInstance;
    isDraining(): boolean;
}
/** The HTTP side of a role: API server, admin API, or an engine behind a unix socket. */
export interface HttpBase extends RouteHost {
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
/** Options of {@link createHttpBase}. */
export interface HttpBaseOptions {
    readonly keys?: KeyRing;
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
/** What {@link createHttpBase} is given besides. */
export interface HttpBaseContext {
    readonly logger?: Logger;
    readonly clock?: Clock;
}
/**
 * Makes the HTTP base of a role: fastify within limits, with keys, ids and OpenAI error bodies, and no route yet.
 *
 * @throws CONFIG_INVALID for TLS files that cannot be read, a CORS origin `*`, or a trusted proxy that is no address
 */
export declare function createHttpBase(options?: HttpBaseOptions, context?: HttpBaseContext): HttpBase;

// dist/http-server.d.ts
import { type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type ConnectionContext, type ConnectionLimits } from './connection-limit.ts';
import type { BodyLimits } from './read-body.ts';
import type { NextId } from './request-id.ts';
/** Limits of one listener. */
export interface HttpLimits extends BodyLimits, ConnectionLimits {
    /** Request line and headers together, bytes. */
    readonly headerLimitBytes: number;
    /** From the first byte of a request (or the connect) to the end of its headers. */
    readonly headersTimeoutMs: number;
    /** How long an idle connection is kept; longer than a load balancer in front keeps it. */
    readonly keepAliveTimeoutMs: number;
}
/** The limits that hold where the config sets none. */
export declare const DEFAULT_HTTP_LIMITS: HttpLimits;
/** Certificate and key, as PEM files. */
export interface TlsFiles {
    readonly certFile: string;
    readonly keyFile: string;
}
type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;
/** What the parser refused: an error body where no answer has begun on the connection, and its end in any case. */
export declare function refuseConnection(error: Error & {
    readonly code?: string;
}, socket: Socket, nextId: NextId): void;
/** A node:http or node:https server within `limits`. */
export declare function createLimitedServer(handler: RequestListener, limits: HttpLimits, tls: TlsFiles | undefined, context: ConnectionContext): Server;
export {};

// dist/json-body.d.ts
import type { FastifyRequest } from 'fastify';
import type * as z from 'zod';
/**
 * The body of a request to a route of our own, parsed and checked.
 * @throws INVALID_JSON for what is no JSON object; INVALID_VALUE with `param` for the first fault of its content
 */
export declare function jsonBody<S extends z.ZodType>(request: FastifyRequest, schema: S): z.output<S>;

// dist/keys.d.ts
import { type Logger, type Secret } from '@smmf/core';
/** What a route needs of its caller; every route declares one. `public` needs nothing. */
export declare const SCOPES: readonly ['public', 'inference', 'metrics', 'admin:read', 'admin:write'];
/** What a route needs of its caller. */
export type Scope = (typeof SCOPES)[number];
/** What a key may be used for; no scope includes another one. */
export type KeyScope = Exclude<Scope, 'public'>;
/** A bearer key as the config gives it. */
export interface KeyEntry {
    readonly key: Secret | string;
    /** Default: what {@link createKeyRing} was given as default. */
    readonly scopes?: readonly KeyScope[] | undefined;
    /** Public model ids that the key may use and see; default all. */
    readonly models?: readonly string[] | undefined;
    /** Shown in the log in place of the key. */
    readonly name?: string | undefined;
}
/** Whose key came with a request. */
export interface KeyIdentity {
    readonly name: string;
    readonly scopes: ReadonlySet<KeyScope>;
    /** Undefined when the key may use every model. */
    readonly models: ReadonlySet<string> | undefined;
}
/** The keys of one server. Holds digests only; the keys themselves are forgotten. */
export interface KeyRing {
    readonly size: number;
    /** Names of keys that are shorter than 16 bytes or known from examples. */
    readonly weak: readonly string[];
    /** Whose key `token` is; undefined for a wrong one. */
    find(token: string): KeyIdentity | undefined;
}
/**
 * Takes the keys of a server. Each is kept as SHA-256 over it and a random value of this process, so that neither a heap
 * dump nor the timing of the look-up tells a key.
 *
 * @param defaultScopes scopes of entries that name none
 * @throws CONFIG_INVALID for an empty key or one that stands there twice
 */
export declare function createKeyRing(entries: readonly KeyEntry[], defaultScopes?: readonly KeyScope[]): KeyRing;
/** Options of {@link assertSafeListen}. */
export interface SafeListenOptions {
    /** Listen beyond loopback although there are no keys or weak ones; a warning is logged. Default false. */
    readonly allowOpen?: boolean | undefined;
    readonly logger?: Logger | undefined;
}
/**
 * Refuses to listen where strangers could call without a key.
 *
 * @returns warnings for operators, also logged: what would have been refused without `allowOpen` or beyond loopback
 * @throws CONFIG_INVALID beyond loopback without keys, or with weak ones
 */
export declare function assertSafeListen(host: string, keys: KeyRing, options?: SafeListenOptions): readonly string[];

// dist/logger.d.ts
import { type Logger, type LogLevel } from '@smmf/core';
import { type DestinationStream } from 'pino';
/** Options of {@link createLogger}. */
export interface LoggerOptions {
    /** Quietest level that is written; default `info`. */
    readonly level?: LogLevel | 'silent';
    /** Lines for people instead of JSON; default: when the destination is a terminal. */
    readonly pretty?: boolean;
    /** A file descriptor or a stream; default 1, the standard output. */
    readonly destination?: number | (DestinationStream & {
        readonly isTTY?: boolean;
    });
}
/** A logger with a buffer behind it. */
export type BufferedLogger = Logger & {
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
/** What a logger has lost, where it is one of {@link createLogger} or a child of one; else 0. */
export declare function droppedLines(logger: Logger): number;
/**
 * pino behind the logger contract: JSON lines, buffered for at most 100 ms and 1 MiB, or lines for people on a terminal. Control
 * characters never reach the output raw, nor does the value of any secret that is alive; a text field is cut at 1 KiB.
 */
export declare function createLogger(options?: LoggerOptions): BufferedLogger;

// dist/metric-table.d.ts
/** One metric of `/metrics`. */
export interface MetricRow {
    readonly name: string;
    readonly type: 'counter' | 'gauge' | 'histogram';
    readonly help: string;
    readonly labels: readonly string[];
    /** Upper bounds of a histogram, in the metric's unit. */
    readonly buckets?: readonly number[];
}
/**
 * Every metric of `/metrics`. Label values come from closed sets: `model` is a public model id or `_unknown`, `task` an
 * operation id, `outcome` is `ok` or an error code in lower case.
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
    readonly inFlight: MetricRow & {
        readonly name: "smmf_requests_in_flight";
    };
    readonly retries: MetricRow & {
        readonly name: "smmf_retries_total";
    };
    readonly ejections: MetricRow & {
        readonly name: "smmf_ejections_total";
    };
    readonly foreignFaults: MetricRow & {
        readonly name: "smmf_foreign_faults_total";
    };
    readonly instanceState: MetricRow & {
        readonly name: "smmf_instance_state";
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
    readonly eventLoopDelay: MetricRow & {
        readonly name: "smmf_event_loop_delay_seconds";
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
    readonly startTime: MetricRow & {
        readonly name: "process_start_time_seconds";
    };
};

// dist/metrics.d.ts
import { type Logger } from '@smmf/core';
import type { RequestRecord, RouterStats } from '@smmf/protocol';
/** The metrics of one server. */
export interface Metrics {
    /** Counts a finished request. */
    record(outcome: RequestRecord): void;
    /** The text for Prometheus. */
    text(): Promise<string>;
    readonly contentType: string;
    /** Stops measuring the event loop; idempotent. */
    close(): void;
}
/** Options of {@link createMetrics}. */
export interface MetricsOptions {
    /** Called at each scrape. */
    readonly observe?: () => RouterStats;
    /** Whose lost lines are counted: one of {@link createLogger} or a child of one; any other loses none. */
    readonly logger?: Logger;
}
/** Makes the metrics of one server, in a registry of its own: nothing is shared with another one in the process. */
export declare function createMetrics(options?: MetricsOptions): Metrics;

// dist/openai-plugin.d.ts
import type { Clock, Logger, Router } from '@smmf/core';
import type { FastifyPluginCallback } from 'fastify';
import { type KeyEntry, type KeyRing } from './keys.ts';
import type { Metrics } from './metrics.ts';
import { type OpenAiOptions } from './openai-routes.ts';
import type { BodyLimits } from './read-body.ts';
/** Options of {@link openAiPlugin}. */
export interface OpenAiPluginOptions extends OpenAiOptions {
    /** Bearer keys of callers: texts, or entries with scopes and models. Default none. */
    readonly keys?: KeyRing | readonly (string | KeyEntry)[];
    /** Serve callers of other machines without keys. Default false. */
    readonly allowOpen?: boolean;
    readonly corsOrigins?: readonly string[];
    /** IP addresses and ranges of proxies from which `X-Forwarded-For` tells the caller's address to the log. */
    readonly trustedProxies?: readonly string[];
    readonly limits?: Partial<BodyLimits>;
}
/** What {@link openAiPlugin} works with. */
export interface OpenAiPluginContext {
    readonly router: Router;
    readonly logger?: Logger;
    readonly metrics?: Metrics;
    readonly clock?: Clock;
}
/**
 * The OpenAI routes as a fastify plugin, for a server of one's own: `app.register(openAiPlugin(options, { router }))`.
 * Keys, limits and error bodies hold for these routes alone. What belongs to the listener (TLS, limits on headers and
 * connections) stays the server's.
 */
export declare function openAiPlugin(options: OpenAiPluginOptions, context: OpenAiPluginContext): FastifyPluginCallback;

// dist/openai-routes.d.ts
import { type Clock, type Logger, type Router } from '@smmf/core';
import type { RouteHost } from './http-base.ts';
import type { Metrics } from './metrics.ts';
/** Options of {@link openAiRoutes}. */
export interface OpenAiOptions {
    /** A client that takes nothing of its answer for so long is cut off, milliseconds. Default 30 000. */
    readonly writeStallMs?: number;
}
/**
 * What {@link openAiRoutes} works with. Log and metrics hear of what is refused before it reaches the router; of the rest the
 * router's own observers do.
 */
export interface OpenAiContext {
    readonly router: Router;
    readonly logger?: Logger;
    readonly metrics?: Metrics | undefined;
    readonly clock?: Clock;
}
/**
 * Adds the OpenAI API over `router`: chat/completions, completions, embeddings, rerank, models, each under `/v1` and
 * `/api/v1`. Bodies stay bytes; each request ends with one log line and its metrics.
 */
export declare function openAiRoutes(host: RouteHost, options: OpenAiOptions, context: OpenAiContext): void;

// dist/read-body.d.ts
import type { IncomingMessage } from 'node:http';
import { type Clock, SmmfError } from '@smmf/core';
import { BodyMemory } from './body-memory.ts';
/** Limits on the body of a request. */
export interface BodyLimits {
    /** Largest body, bytes. Default 32 MiB. */
    readonly bodyLimitBytes: number;
    /** What all bodies that are held at the same time may take, bytes. Default a quarter of the memory of container or machine. */
    readonly bodyMemoryBytes: number;
    /** A body that is slower than this, over a span of `bodyGraceMs`, is given up. */
    readonly bodyBytesPerSecond: number;
    readonly bodyGraceMs: number;
}
/** A whole body that counts against the memory for all of them until it is let go. */
export interface HeldBody {
    /** The body, for looks at it beside its use; undefined once a large one was let go. */
    readonly bytes: Buffer | undefined;
    /** Nobody needs the body any more. Harmless when called again. */
    release(): void;
}
/** Called once: with REQUEST_TOO_LARGE, OVERLOADED, REQUEST_TIMEOUT or ABORTED, or with the bytes and their hold. */
export type BodyDone = (error: SmmfError | null, body?: Buffer, held?: HeldBody) => void;
/** Reads a whole body as bytes. */
export type ReadBody = (request: IncomingMessage, done: BodyDone) => void;
/** The refusal of a body whose announced size is over the limit, or over what is free just now; undefined otherwise. */
export declare function announcedFault(request: IncomingMessage, limit: number, memory: BodyMemory): SmmfError | undefined;
/** Makes the reader of bodies for one server; all that it holds counts against `memory`. */
export declare function createBodyReader(limits: BodyLimits, clock: Clock, memory?: BodyMemory): ReadBody;

// dist/redacting-logger.d.ts
import { type Logger } from '@smmf/core';
/** Does this field of a log line hold words that are not ours. */
export declare const isForeign: (name: string) => boolean;
/**
 * A logger that hands on to `logger` what holds no secret: for one that is not {@link createLogger}'s, which sees to it itself.
 * What `logger` throws is dropped: a line is lost then, never a request.
 */
export declare function redactingLogger(logger: Logger): Logger;

// dist/request-log.d.ts
import { type Logger, type RequestObserver } from '@smmf/core';
/**
 * The text of an error's cause for the operator's log: credentials taken out, at most 1 KiB; undefined without one.
 *
 * @param body of the request: words that repeat its prompt are left out, all but the status that stands before them; `gone` for a
 *   body that cannot be compared any more
 */
export declare function causeText(cause: unknown, body?: Buffer | 'gone'): string | undefined;
/** One log line for each request. It holds no prompt, no answer and no key. */
export declare function requestLog(logger: Logger): RequestObserver;

// dist/response-sink.d.ts
import { ServerResponse } from 'node:http';
import type { Clock, ResponseHead, ResponseSink, RunningRequest, SmmfError } from '@smmf/core';
import type { HeldBody } from './read-body.ts';
/** What all sinks of a server share. */
export interface SinkContext {
    readonly clock: Clock;
    /** A client that takes nothing for so long is cut off. */
    readonly writeStallMs: number;
    isDraining(): boolean;
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

// dist/stop-order.d.ts
/** Turns signals into orders: the first calls `stop`, and one that comes a second after it, or later, calls `stopNow`. */
export declare function createStopOrder(stop: () => void, stopNow: () => void): () => void;

// dist/access.d.ts
import { SmmfError } from '@smmf/core';
import type { FastifyRequest } from 'fastify';
import type { KeyRing, Scope } from './keys.ts';
/** What decides who may use a route. */
export interface AccessOptions {
    readonly keys: KeyRing;
    /** Serve callers of other machines without keys. */
    readonly allowOpen: boolean;
    /** Origins whose pages may call; empty: no CORS headers at all. */
    readonly corsOrigins: readonly string[];
    /** Names of this server beside those of loopback, lower case. */
    readonly hosts: readonly string[];
    /** Does it listen on loopback alone, or not at all yet. */
    readonly isOnLoopback: () => boolean;
}
/**
 * Does the request come from this machine: a unix socket, or a loopback peer that calls us by a loopback name and is no proxy
 * that hands on what others ask. Headers make a caller less local, never more.
 */
export declare function isLocal(request: FastifyRequest, hosts?: readonly string[]): boolean;
/** Who may use a route is decided from the matched route's own scope, never from the path. */
export declare function accessFault(request: FastifyRequest, scope: Scope, options: AccessOptions): SmmfError | undefined;

// dist/connection-limit.d.ts
import type { Server } from 'node:http';
import type { Clock, Logger } from '@smmf/core';
import type { ClientAddresses } from './client-address.ts';
import type { NextId } from './request-id.ts';
/** How many of something each address has open. */
export declare class AddressCounts {
    #private;
    constructor(limit: number);
    /** One more for this address; false where the limit is reached, and nothing is counted. */
    take(address: string): boolean;
    free(address: string): void;
}
/** What {@link limitConnections} works with. */
export interface ConnectionContext {
    readonly addresses: ClientAddresses;
    readonly nextId: NextId;
    readonly logger: Logger;
    readonly clock: Clock;
}
/** The two limits on connections. */
export interface ConnectionLimits {
    /**
     * Open connections from one IP address, and requests at once of one address behind a trusted proxy. Default: no limit, as
     * a load balancer in front has one address for all its clients.
     */
    readonly connectionsPerAddress: number;
    /** Open connections in all. */
    readonly maxConnections: number;
}
/** Tells the log of a connection, or a request by way of a proxy, that was one too many. */
export type RefusalLog = (setting: keyof ConnectionLimits, limit: number, client: string | undefined) => void;
/** Logs refused connections: the first at once, then their number since the last line. */
export declare function createRefusalLog({ logger, clock }: Pick<ConnectionContext, 'logger' | 'clock'>): RefusalLog;
/**
 * Holds a server to its number of connections, and each address to its own. The one too many of an address is told so,
 * except on TLS, where nothing can be said before the handshake. Connections of trusted proxies are not counted by address:
 * they carry the requests of many.
 */
export declare function limitConnections(server: Server, limits: ConnectionLimits, isPlain: boolean, context: ConnectionContext): void;

// dist/request-id.d.ts
import type { IncomingHttpHeaders } from 'node:http';
/** Makes the id of the next answer; `headers` are the request's, where it could be read. */
export type NextId = (headers?: IncomingHttpHeaders) => string;
/** Takes the caller's id of a request where it is harmless in logs and headers; else makes one, unique to this process. */
export declare function createRequestIds(): NextId;

// dist/body-memory.d.ts
import { SmmfError } from '@smmf/core';
/**
 * What the bodies of all requests may take together where the config says nothing: a quarter of the memory that this process
 * may use, in bytes.
 *
 * @param limitBytes what its control group allows (v1 or v2); 0 where there is none
 * @param machineBytes memory of the machine
 */
export declare function defaultBodyMemory(limitBytes?: number, machineBytes?: number): number;
/** The memory of one server for the bodies that it holds at the same time. */
export declare class BodyMemory {
    #private;
    constructor(limitBytes: number);
    /** Why so many more bytes do not fit; undefined where they do. Takes nothing. */
    refusalOf(bytes: number): SmmfError | undefined;
    take(bytes: number): void;
}

// dist/index.d.ts
export { ERROR_CODES, isLoopbackHost } from '@smmf/protocol';
export type { Balancer, Candidate, PickInfo, PickOutcome } from './balancer.ts';
export { type Clock, systemClock } from './clock.ts';
export { type Container, createContainer, type Token, token } from './container.ts';
export type { Controller } from './controller.ts';
export type { Dialer, DialRoute, DialTarget, EgressZone, HttpAnswer, HttpClient, HttpHeaders, HttpRequest, HttpResponse, TlsSettings, } from './dialer.ts';
export { type ErrorContext, isSmmfError, SmmfError } from './errors.ts';
export { type Logger, type LogLevel, silentLogger } from './logger.ts';
export { isSecret, option, parseOptions, Secret, showPath } from './options.ts';
export type { EngineContext, LaunchSpec, Plugin, PluginContext, PluginDefinition, PluginKind, PluginKinds, RunForm, } from './plugin.ts';
export { CONTRACT, definePlugin, loadPlugin } from './plugin.ts';
export type { Edit, EngineAnswer, EngineFault, Lane, Profile } from './profile.ts';
export { redact, redactKnown } from './redact.ts';
export type { Lease, LeaseResult, Registry, RegistryCapabilities, RegistryEntry, Snapshot } from './registry.ts';
export type { RequestObserver, ResponseHead, ResponseSink, Router, RouterRequest, RunningRequest } from './router.ts';
export type { Call, Endpoint, SyncBackend, TaskMap, Worker } from './worker.ts';

// dist/balancer.d.ts
import type { TaskId } from '@smmf/protocol';
/**
 * What a balancer sees of an instance that may take a call. One frozen object for each instance, for as long as that lives; its
 * numbers are the router's own counts at the moment when they are read.
 */
export interface Candidate {
    readonly id: string;
    /** The share of calls that it is to get, beside the others' weights; a quarter of the configured one while it is degraded. */
    readonly weight: number;
    readonly labels: Readonly<Record<string, string>>;
    /** Calls that this router has running there. */
    readonly inFlight: number;
    /** Bytes of prompts sent there whose first token has not come yet. */
    readonly pendingPromptBytes: number;
    /** Peak-sensitive moving average of the time to first token, milliseconds; 0 before the first answer. */
    readonly latencyMs: number;
}
/** What a balancer may know of the call. */
export interface PickInfo {
    readonly model: string;
    readonly task: TaskId;
    readonly promptBytes: number;
    /** Uniform in [0, 1); the only source of chance a balancer uses. */
    readonly random: () => number;
}
/** How a picked call ended. */
export interface PickOutcome {
    readonly ok: boolean;
    readonly firstTokenMs: number | undefined;
    readonly totalMs: number;
}
/**
 * Chooses among candidates for one call: synchronous, no I/O. Where it throws, returns a promise or something that is none of
 * `candidates`, the router takes the least loaded one in its place, counts that as a fault and logs it, once a minute. Nothing
 * can be done about a loop that never ends: it stops the process.
 */
export interface Balancer {
    /** One of `candidates`, the very object; there are always two or more. */
    pick(candidates: readonly Candidate[], info: PickInfo): Candidate | undefined;
    /** Hears how a call that went to `candidate` ended. */
    done?(candidate: Candidate, outcome: PickOutcome): void;
    /** Frees what it holds, once another one has taken its place. */
    close?(): void;
}

// dist/clock.d.ts
/** Time as SMMF sees it; tests hand in a fake one. */
export interface Clock {
    /** Monotonic milliseconds; only differences mean anything. */
    now(): number;
    /** Wall-clock milliseconds of the Unix epoch, for records and logs; never for measuring. */
    wallMs(): number;
    /** Runs `task` once after `delayMs`; the returned function cancels it. The timer does not keep the process alive. */
    after(delayMs: number, task: () => void): () => void;
}
/** The clock of the machine. */
export declare const systemClock: Clock;

// dist/container.d.ts
import 'reflect-metadata';
/** A typed name of a service. Two copies of this package that use the same name mean the same service. */
export interface Token<T> {
    readonly key: symbol;
    /** Carries the type only; never set. */
    readonly type?: T;
}
/** Makes the token of a service, for example `token<Router>('router')`. */
export declare function token<T>(name: string): Token<T>;
/** Holds one instance of each service, built at its first `get`. */
export interface Container {
    /**
     * Says how a service is made; `make` runs at most once, with the container that it was provided to.
     * @throws DUPLICATE_SERVICE when this very container has one already
     */
    provide<T>(token: Token<T>, make: (container: Container) => T): void;
    /**
     * The service, built when it is asked for the first time.
     * @throws SERVICE_MISSING when nothing provides it, naming who asked
     * @throws SERVICE_CYCLE when services need each other in a circle, naming it
     */
    get<T>(token: Token<T>): T;
}
/** An empty container; no state is shared with any other. */
export declare function createContainer(): Container;

// dist/controller.d.ts
import type { Command, InstanceView, Operation, ServedModel } from '@smmf/protocol';
/** The control plane: desired state, commands, views. */
export interface Controller {
    models(): Promise<readonly ServedModel[]>;
    /** Every wanted instance as it stands now: whoever runs it is asked, for a second at most. */
    instances(): Promise<readonly InstanceView[]>;
    /**
     * Takes an order; what takes long goes on afterwards, as an operation that runs.
     * @throws NOT_FOUND for an unknown instance
     */
    apply(command: Command): Promise<Operation>;
    /** The newest operations, at most 100, the newest first. */
    operations(): readonly Operation[];
}

// dist/dialer.d.ts
import type { OnReadOpts, Socket } from 'node:net';
import type { Secret } from './options.ts';
/** Certificates of one connection, each a PEM text. */
export interface TlsSettings {
    /** Authorities that are trusted besides those that Node trusts, never in place of them. */
    readonly ca?: string | readonly string[] | undefined;
    /** The client's own certificate, followed by what leads to its authority. */
    readonly cert?: string | undefined;
    /** The private key of `cert`. */
    readonly key?: string | Secret | undefined;
}
/**
 * Who chose an address. `configured`: the operator; loopback and private networks may be reached. `public`: a redirect, a record,
 * an answer; only addresses of the public internet may be reached, at port 80, 443 or from 1024 on.
 */
export type EgressZone = 'configured' | 'public';
/** Where a connection goes, and how. */
export interface DialTarget {
    /** `http:` or `https:` with host and port; user info, path and query play no part. */
    readonly url: string;
    /** A unix socket to dial in place of the URL's host; TLS still follows the URL. */
    readonly socketPath?: string | undefined;
    /**
     * `none` (default): directly. `env`: as `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say; loopback directly. Otherwise the URL of a
     * proxy, which may hold its credentials.
     */
    readonly proxy?: string | undefined;
    /** Default `configured`. */
    readonly egress?: EgressZone | undefined;
    /** Certificates for this target besides the dialer's own. */
    readonly tls?: TlsSettings | undefined;
    /** Name that the server's certificate must carry; default the host of `url`. */
    readonly serverName?: string | undefined;
    /** Limit for all of it: DNS, TCP, proxy, TLS, the hook. Milliseconds; default the dialer's. */
    readonly connectTimeoutMs?: number | undefined;
    /**
     * Reads of a plain, direct connection go through this buffer. Where TLS, a proxy or a hook stands between, the bytes come as
     * `data` events in its place, so that a caller listens to both.
     */
    readonly onread?: OnReadOpts | undefined;
}
/** The way that a target is reached; nothing of it is secret. */
export type DialRoute = {
    readonly kind: 'direct';
} | {
    readonly kind: 'socket';
    readonly path: string;
}
/** `proxy`: its origin, without credentials. */
 | {
    readonly kind: 'proxy';
    readonly proxy: string;
} | {
    readonly kind: 'refused';
    readonly by: 'egress' | 'proxy';
    readonly why: string;
};
/** The one way to open a connection. */
export interface Dialer {
    /**
     * A connection that is ready for the first request: TLS done, proxy passed, keepalive set. It holds a listener for `error`, so that
     * an idle one can break without ending the process.
     * @throws UNREACHABLE, with `details.reason`, when no connection comes about or the egress rule refuses it
     * @throws CONFIG_INVALID for certificates that cannot be read
     * @throws the signal's reason when it aborts
     */
    connect(target: DialTarget, signal: AbortSignal): Promise<Socket>;
    /** How `target` would be reached, without asking DNS or the network: what resolves to a refused address is found out by `connect`. */
    route(target: DialTarget): DialRoute;
}
/** A request of an {@link HttpClient}: the target, which may have path and query, and what is sent. */
export interface HttpRequest extends Omit<DialTarget, 'onread'> {
    /** Default GET, with a body POST. */
    readonly method?: string | undefined;
    readonly headers?: Readonly<Record<string, string | Secret>> | undefined;
    readonly body?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined;
    /** How many redirects may be followed; default 0. To another origin go no credentials, and no header that could be one. */
    readonly redirects?: number | undefined;
    /** From the call to the end of the answer's head, connecting included; milliseconds, default 30 000. */
    readonly headTimeoutMs?: number | undefined;
    /** The same from when the request is sent, over a connection that stands; milliseconds, default no limit besides `headTimeoutMs`. */
    readonly answerTimeoutMs?: number | undefined;
    /** Longest time without a byte of the body; milliseconds, default 30 000. */
    readonly stallTimeoutMs?: number | undefined;
    /** Longest body, bytes; default 4 MiB for one that is read whole, none for one that is streamed. */
    readonly bodyLimitBytes?: number | undefined;
}
/** Headers of an answer, names in lower case. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;
/** An answer whose body has not been read; either it is read or {@link HttpResponse.discard} is called. */
export interface HttpResponse {
    readonly status: number;
    readonly headers: HttpHeaders;
    /** Where it came from, after redirects. */
    readonly url: string;
    /** @throws UNREACHABLE when it breaks off, stalls or is longer than its limit */
    readonly body: AsyncIterable<Uint8Array>;
    /** The whole body. @throws UNREACHABLE as `body` */
    text(): Promise<string>;
    /** Closes the connection of a body that nobody wants. */
    discard(): void;
}
/** An answer that was read whole. */
export interface HttpAnswer {
    readonly status: number;
    readonly headers: HttpHeaders;
    readonly url: string;
    readonly text: string;
    /** The body parsed; undefined when it is no JSON. */
    readonly json: unknown;
}
/** A small HTTP client for calls beside the path of requests. Any status is an answer; every call takes a signal. */
export interface HttpClient {
    /** @throws UNREACHABLE, CONFIG_INVALID, the signal's reason */
    request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
    /** GET, read whole. @throws as `request` */
    get(url: string, signal: AbortSignal, more?: Omit<HttpRequest, 'url'>): Promise<HttpAnswer>;
    /** POST of `value` as JSON, read whole. @throws as `request` */
    post(url: string, value: unknown, signal: AbortSignal, more?: Omit<HttpRequest, 'url'>): Promise<HttpAnswer>;
    /** For SDKs that take a `fetch`; follows redirects only with `redirect: 'follow'`. */
    readonly fetch: typeof globalThis.fetch;
    /** Closes idle connections and ends calls under way; idempotent. */
    close(): Promise<void>;
}

// dist/errors.d.ts
import { type ErrorCode, type ErrorRow, type WireError } from '@smmf/protocol';
/** What may be said about an error beside its code and message. */
export interface ErrorContext {
    readonly cause?: unknown;
    /** The request field at fault, in OpenAI's spelling (`messages[0].content`). */
    readonly param?: string;
    /** When the caller may try again, in milliseconds from now; sent as `Retry-After`. */
    readonly retryAfterMs?: number;
    /** Safe to log and to send: no secret, no prompt. */
    readonly details?: Readonly<Record<string, unknown>>;
}
declare const MARK: unique symbol;
/** The one error class. The message says what failed, which thing, and what to do; it never holds a secret or a prompt. */
export declare class SmmfError extends Error {
    readonly name = "SmmfError";
    readonly [MARK] = true;
    readonly code: ErrorCode;
    readonly param: string | undefined;
    readonly retryAfterMs: number | undefined;
    readonly details: Readonly<Record<string, unknown>> | undefined;
    constructor(code: ErrorCode, message: string, context?: ErrorContext);
    /** Status, OpenAI type, retry advice and scope of the code. */
    get row(): ErrorRow;
    /** The inside of an OpenAI error body; its `code` is this code in lower case. A secret of this process never shows in it. */
    toWire(): WireError;
}
/** Recognises an {@link SmmfError}, also one made by another copy of this package. */
export declare function isSmmfError(error: unknown): error is SmmfError;
export {};

// dist/logger.d.ts
/** Levels of a log line, loudest first. */
export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';
/**
 * Where log lines go: fields first, then a fixed text without variables. Fields never hold prompts, answers or keys.
 * pino's loggers fit as they are.
 */
export type Logger = {
    readonly [level in LogLevel]: (fields: Readonly<Record<string, unknown>>, text: string) => void;
} & {
    /** A logger that adds `fields` to every line. */
    child(fields: Readonly<Record<string, unknown>>): Logger;
};
/** A logger that drops everything; the default of embedded use and of tests. */
export declare const silentLogger: Logger;

// dist/options.d.ts
import { inspect } from 'node:util';
import type * as z from 'zod';
declare const shown: () => string;
declare const MARK: unique symbol;
/**
 * A value that shows as `[secret]` wherever it is printed, logged or made JSON. For as long as it is alive, {@link redact} takes
 * its value out of texts. Ask {@link isSecret} whether a value is one: a plugin may bring another copy of this package.
 */
export declare class Secret {
    #private;
    readonly [MARK] = true;
    readonly toString: typeof shown;
    readonly toJSON: typeof shown;
    readonly [inspect.custom]: typeof shown;
    constructor(value: string);
    /** A secret made from this one: a header's value from a key. */
    map(change: (value: string) => string): Secret;
    /** The value itself: for the header or the comparison that needs it, nowhere else. */
    reveal(): string;
}
/** Recognises a {@link Secret}, also one made by another copy of this package. */
export declare function isSecret(value: unknown): value is Secret;
/** Building blocks for a plugin's options: each documents itself in the editor's schema and in the generated tables. */
export declare const option: {
    /** Text such as `500ms`, `10s`, `5m`, `1h`; milliseconds after parsing. */
    duration: () => z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>;
    /** Text such as `512KiB`, `4MiB`, `2GB`; bytes after parsing. */
    size: () => z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>;
    /** Text that is sent as the value of an HTTP header; what no header can carry is a fault. */
    headerText: () => z.ZodString;
    /** A key or token: text that is sent in an HTTP header, as {@link option.headerText}, and becomes a {@link Secret}. */
    secret: () => z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>;
    /** One model file or a list tried in order: a path, `https://`, `hf://`, `modelscope://`, `pypi://`. */
    source: () => z.ZodUnion<readonly [z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        url: z.ZodString;
        sha256: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>]>, z.ZodArray<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        url: z.ZodString;
        sha256: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>]>>]>;
};
/** A path in a config as people write it: `models.chat.workers[0].url`; names with dots or spaces in brackets. */
export declare function showPath(path: readonly PropertyKey[]): string;
/**
 * Parses a plugin's options.
 *
 * @param place where they stand in the config, put before each fault: `['models', 'chat']`
 * @throws CONFIG_INVALID with every fault, each with its path, also in `details.faults`
 */
export declare function parseOptions<S extends z.ZodType>(schema: S, input: unknown, place: readonly string[]): z.output<S>;
export {};

// dist/plugin.d.ts
import type { ModelSource } from '@smmf/protocol';
import type * as z from 'zod';
import type { Balancer } from './balancer.ts';
import type { Clock } from './clock.ts';
import type { Dialer, HttpClient } from './dialer.ts';
import type { Logger } from './logger.ts';
import type { Registry } from './registry.ts';
import type { Worker } from './worker.ts';
/** The number of the plugin contract; it stays 1. */
export declare const CONTRACT = 1;
/** What every plugin is given: nothing else of the program is in its reach. */
export interface PluginContext {
    readonly logger: Logger;
    readonly clock: Clock;
    /** Aborts when the plugin's product must stop coming into being. */
    readonly signal: AbortSignal;
}
/** What an engine plugin is given besides. */
export interface EngineContext extends PluginContext {
    /** Opens connections as the operator has set it up: authorities, proxies, the egress rule. */
    readonly dialer: Dialer;
    /** A client over the dialer, for calls beside the path of requests. */
    readonly http: HttpClient;
    /** The public model id that the config gives this worker. */
    readonly model: string;
    /**
     * Brings a model file to this machine and returns its absolute path; progress shows in the instance's state.
     * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT
     */
    modelFile(source: ModelSource): Promise<string>;
}
/** A command that SMMF starts and watches. Described here, refused by name in this version. */
export interface LaunchSpec {
    readonly form: 'launch';
    readonly command: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
}
/**
 * How an engine runs. `attach`: it runs already, somewhere; `create` makes the worker that speaks to it, in the process of
 * whoever serves. `process`: `create` or `backend` in a process of its own. `launch`: a command.
 */
export type RunForm = {
    readonly form: 'attach';
} | {
    readonly form: 'process';
} | LaunchSpec;
/** What each kind of plugin makes, and what it is given. */
export interface PluginKinds {
    engine: {
        product: Worker;
        context: EngineContext;
    };
    balancer: {
        product: Balancer;
        context: PluginContext;
    };
    registry: {
        product: Registry;
        context: PluginContext;
    };
}
/** A kind of plugin. */
export type PluginKind = keyof PluginKinds;
/** What an author hands to {@link definePlugin}. */
export interface PluginDefinition<K extends PluginKind, S extends z.ZodType> {
    readonly kind: K;
    /** Short name, lower case: `vllm`. */
    readonly name: string;
    /** One strict zod object; types, defaults, the editor's schema and the tables of options all come from it. */
    readonly options: S;
    /** Makes the product; heavy libraries are imported here and not above. */
    create?(options: z.output<S>, context: PluginKinds[K]['context']): Promise<PluginKinds[K]['product']>;
    /** Engines with synchronous code: the URL of a module that exports `load(options, modelId): SyncBackend`. In place of `create`. */
    readonly backend?: string;
    /** How an engine with these options runs; default in a process of its own. Pure: called whenever a config is read. */
    run?(options: z.output<S>): RunForm;
}
declare const MARK: unique symbol;
/** The default export of a plugin package. */
export type Plugin<K extends PluginKind = PluginKind, S extends z.ZodType = z.ZodType> = PluginDefinition<K, S> & {
    readonly [MARK]: true;
    readonly contract: number;
};
/**
 * Declares a plugin; its package exports the result as default.
 * @throws PLUGIN_INVALID for a bad name, or when neither or both of `create` and `backend` are given
 */
export declare function definePlugin<K extends PluginKind, S extends z.ZodType>(definition: PluginDefinition<K, S>): Plugin<K, S>;
/**
 * Loads a plugin, also one that another copy of this package has made.
 *
 * @param url `file:` URL of its module
 * @param name how messages call it
 * @throws PLUGIN_INVALID when the module cannot be loaded or its default export is no plugin of this kind and contract
 */
export declare function loadPlugin<K extends PluginKind>(url: string, kind: K, name: string): Promise<Plugin<K>>;
export {};

// dist/profile.d.ts
import type { RetryAdvice } from '@smmf/protocol';
import type { SmmfError } from './errors.ts';
import type { RouterRequest } from './router.ts';
/** One of several ways into the same engine: a key of a vendor. Requests are picked for it, paused and counted on it alone. */
export interface Lane {
    /** Unique within its endpoint; shown in logs, so never the key itself. */
    readonly id: string;
    /** Its share of the instance's requests beside the other lanes' weights; default 1. */
    readonly weight?: number;
    /** Lanes with the same limit of calls (keys of one organisation): what pauses one for too many calls pauses all of them. */
    readonly group?: string;
}
/** A change of a request's body: the bytes from `start` up to `end` give way to `text`. */
export interface Edit {
    readonly start: number;
    readonly end: number;
    readonly text: string;
}
/** What an engine sent in place of a result. */
export interface EngineAnswer {
    /** 200 for an error inside a successful answer: an event of its stream, or its whole body. */
    readonly status: number;
    readonly header: (name: string) => string | undefined;
    /** The first 64 KiB. */
    readonly body: Buffer;
}
/** What such an answer means. */
export interface EngineFault {
    readonly error: SmmfError;
    /** May another instance or lane be asked; default: as the error's code says. */
    readonly retry?: RetryAdvice;
    /** No request goes to the lane (with RATE_LIMIT_EXCEEDED: to its group) for so long, milliseconds. It is no sign of a failing instance. */
    readonly pauseMs?: number;
}
/**
 * How an OpenAI-shaped engine or vendor differs from OpenAI: pure functions without I/O, each optional. Where none applies, bytes
 * pass as they come. What one throws costs its own request (`classify`: the router then reads the answer itself) and is counted.
 */
export interface Profile {
    /** Headers beside the endpoint's, asked for anew for each request (keys that rotate): name, value, name, value, … */
    headers?(lane: string): readonly string[];
    /** Changes of the request's body beside the model's name; they must not overlap. */
    edits?(request: RouterRequest): readonly Edit[];
    /** Undefined: the router reads the answer by its status and OpenAI's error body, as vLLM and OpenAI mean it. */
    classify?(answer: EngineAnswer, lane: string): EngineFault | undefined;
    /** Another event in place of one of the stream, blank line included; undefined: as it is. Called for each: test bytes first. */
    event?(event: Buffer): Buffer | undefined;
    /** The same for a whole answer; one above 1 MiB (embeddings: 64 MiB) passes as it is. */
    reply?(body: Buffer): Buffer | undefined;
}

// dist/redact.d.ts
/**
 * A text without the secrets of this process: each {@link Secret} of 8 characters and more that is alive, as it stands and as
 * it looks in JSON, in a URL and in base64. For texts of our own, whose words are to stay.
 */
export declare function redactKnown(text: string): string;
/**
 * A foreign text (an engine's, a vendor's, a process's) without credentials: what {@link redactKnown} takes out, and whatever
 * looks like a key. For clients and for the log alike.
 */
export declare function redact(text: string): string;

// dist/registry.d.ts
/** What a registry can and cannot do; the conformance suite holds it to its word. */
export interface RegistryCapabilities {
    /** Who judges that a lease has ended: the backend's own clock, or each reader's. */
    readonly fence: 'backend' | 'reader';
    /** Do entries outlive the backend's restart. */
    readonly persistent: boolean;
    /** Does the backend compare before it sets: of two writers at once the higher epoch always wins. */
    readonly cas: boolean;
    /** Does the backend know who writes; without it only an entry's signature tells. */
    readonly auth: boolean;
    /** Shortest and longest lease, milliseconds. */
    readonly ttlMs: {
        readonly min: number;
        readonly max: number;
    };
    /** How late an expiry may show, milliseconds. */
    readonly grainMs: number;
    /** Largest value, bytes of UTF-8. */
    readonly recordLimitBytes: number;
}
/** A record as a registry sees it. */
export interface RegistryEntry {
    /** 1 to 128 letters, digits, dots, dashes and underscores. */
    readonly id: string;
    /** Number of the start that wrote it; 1 or more. Of two with the same id the higher one counts. */
    readonly epoch: number;
    /** Text made by `@smmf/cluster`: opaque here, and handed on byte for byte, as it may be signed. */
    readonly value: string;
}
/** Every entry at one moment. Immutable; a later one replaces it whole. */
export interface Snapshot {
    /** Names the life of the backend's data; another one after it was wiped, or by another backend. Revisions compare within it only. */
    readonly generation: string;
    /** Grows with every change; never goes back within a generation. */
    readonly revision: number;
    /** False when the registry could not read everything: what is missing then may be there all the same. */
    readonly complete: boolean;
    /** When it was true, milliseconds of the Unix epoch. */
    readonly asOfMs: number;
    readonly entries: readonly RegistryEntry[];
}
/** Result of a write under a lease: it stands, the lease had ended, or a higher epoch has taken its place. */
export type LeaseResult = 'ok' | 'lost' | 'superseded';
/**
 * The right of one start to its entry; it can write no other. One I/O for each call and no timers of its own: the one heartbeat
 * loop is `@smmf/cluster`'s announcer.
 */
export interface Lease {
    renew(signal: AbortSignal): Promise<LeaseResult>;
    update(value: string, signal: AbortSignal): Promise<LeaseResult>;
    /**
     * Leaves. With a last value (a tombstone) the entry stays readable with it for two times the lease's length, so that every
     * reader sees an orderly leave; without one it is gone at once. Idempotent, and harmless when the lease was lost.
     */
    release(lastValue: string | undefined, signal: AbortSignal): Promise<void>;
}
/** Stores entries under leases. Every call that does I/O takes a signal and ends with it. */
export interface Registry {
    readonly capabilities: RegistryCapabilities;
    /**
     * Takes or renews the lease of `(entry.id, entry.epoch)`; the same pair again is the same lease, with the newer value.
     * @throws LEASE_LOST when a higher epoch holds the id
     * @throws INVALID_VALUE for an id, an epoch or a size that the contract does not allow
     * @throws REGISTRY_UNAVAILABLE when the backend cannot be reached
     */
    register(entry: RegistryEntry, ttlMs: number, signal: AbortSignal): Promise<Lease>;
    /** The entry of one id, tombstones included; undefined when there is none. @throws REGISTRY_UNAVAILABLE */
    get(id: string, signal: AbortSignal): Promise<RegistryEntry | undefined>;
    /** @throws REGISTRY_UNAVAILABLE when the backend cannot be reached */
    snapshot(signal: AbortSignal): Promise<Snapshot>;
    /**
     * Calls `listener` with the present snapshot and after every change, whole and at most each 100 ms; returns its end. While the
     * backend cannot be reached nothing is called. What `listener` throws harms neither the registry nor other listeners.
     */
    watch(listener: (snapshot: Snapshot) => void): () => void;
    /** Frees everything; idempotent. Other calls throw CLOSED from here on. */
    close(): Promise<void>;
}

// dist/router.d.ts
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

// dist/worker.d.ts
import type * as wire from '@smmf/protocol';
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
}
/** Typed path: a handler for each operation that the worker serves. An absent one is answered TASK_NOT_SUPPORTED before routing. */
export interface TaskMap {
    readonly chat?: (request: wire.ChatRequest, call: Call) => AsyncIterable<wire.GenerationEvent>;
    readonly completions?: (request: wire.CompletionRequest, call: Call) => AsyncIterable<wire.GenerationEvent>;
    readonly embeddings?: (request: wire.EmbeddingRequest, call: Call) => Promise<wire.EmbeddingResult>;
    readonly rerank?: (request: wire.RerankRequest, call: Call) => Promise<wire.RerankResult>;
}
/** Wire path: an OpenAI server that the router sends bytes to, without asking the worker. */
export interface Endpoint {
    /** Origin and base path up to and including the version, for example `http://127.0.0.1:8000/v1`. */
    readonly url: string;
    /** A unix socket to dial in place of the URL's host. */
    readonly socketPath?: string;
    /** Sent with every request; a {@link Secret} is revealed only there. */
    readonly headers?: Readonly<Record<string, string | Secret>>;
    /** The engine's own name of a model where it differs from the public one. */
    readonly models?: Readonly<Record<string, string>>;
    /** Where an operation is served when not at OpenAI's path, relative to `url`: `{ rerank: '/v2/rerank' }`. */
    readonly paths?: Readonly<Partial<Record<wire.TaskId, string>>>;
    /** Limit for connecting, proxy and TLS included; default 1000 ms. */
    readonly connectTimeoutMs?: number;
    /** `env`: through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name for it. Default `none`: directly. */
    readonly proxy?: 'none' | 'env';
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
    /** Set when the engine speaks OpenAI itself: the router then relays bytes. */
    readonly endpoint?: Endpoint;
    readonly tasks: TaskMap;
    /** How often it is asked for its health, and how long that may take, milliseconds; default 5000 and 1000. */
    readonly probe?: {
        readonly intervalMs: number;
        readonly timeoutMs: number;
    };
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

// dist/index.d.ts
import { ChatChunk } from '@smmf/protocol';
import { ChatRequest } from '@smmf/protocol';
import { Clock } from '@smmf/core';
import { ClusterView } from '@smmf/protocol';
import { Command } from '@smmf/protocol';
import { Dialer } from '@smmf/core';
import { DialTarget } from '@smmf/core';
import { Endpoint } from '@smmf/core';
import { EngineContext } from '@smmf/core';
import { EngineLog } from '@smmf/protocol';
import type { FinishReason } from '@smmf/protocol';
import { HostCommand } from '@smmf/protocol';
import { HostView } from '@smmf/protocol';
import { HttpAnswer } from '@smmf/core';
import { HttpClient } from '@smmf/core';
import { InstanceView } from '@smmf/protocol';
import type { LoadSample } from '@smmf/protocol';
import type { Logger } from '@smmf/core';
import { LogQuery } from '@smmf/protocol';
import { ModelCard } from '@smmf/protocol';
import { ModelList } from '@smmf/protocol';
import { Operation } from '@smmf/protocol';
import { Plugin } from '@smmf/core';
import { Profile } from '@smmf/core';
import { Secret } from '@smmf/core';
import { SmmfError } from '@smmf/core';
import type { Snapshot } from '@smmf/core';
import type { TaskId } from '@smmf/protocol';
import { TaskMap } from '@smmf/core';
import { TlsSettings } from '@smmf/core';
import { Worker } from '@smmf/core';
import * as z from 'zod';

/** The controller's admin API. Every call throws UNREACHABLE when nothing answers, and the server's own code otherwise. */
export declare interface AdminClient {
    models(): Promise<ModelList>;
    instances(): Promise<readonly InstanceView[]>;
    /** A restart comes back while it runs: ask {@link AdminClient.operation} how far it is. */
    apply(command: Command): Promise<Operation>;
    /** @throws NOT_FOUND for one that is unknown, or too long ago */
    operation(id: string): Promise<Operation>;
    /** What the engine of an instance wrote last, oldest first. @throws NOT_FOUND */
    logs(instance: string, query?: LogQuery): Promise<EngineLog['lines']>;
    /** The whole at this moment, with what is not well. */
    cluster(): Promise<ClusterView>;
    /** The worker hosts, by id. */
    hosts(): Promise<readonly HostView[]>;
    /** The host as it is after the order. @throws NOT_FOUND */
    applyToHost(command: HostCommand): Promise<HostView>;
    close(): Promise<void>;
}

/** Where the admin API is. */
export declare interface AdminClientOptions {
    /** For example `http://127.0.0.1:8010`. */
    readonly url: string;
    readonly key?: Secret | undefined;
    /** Limit of one call; default 10 000. */
    readonly timeoutMs?: number;
    /** Opens the connections; default one that goes straight to the server. */
    readonly dialer?: Dialer | undefined;
}

/** A chunk or a whole answer, parsed. */
export declare type Answer = Record<string, unknown>;

/**
 * The OpenAI API of an SMMF, as far as a command line needs it. Every call throws UNREACHABLE when nothing answers, and what the
 * server says as INVALID_REQUEST.
 */
export declare interface ApiClient {
    models(): Promise<readonly ListedModel[]>;
    /** @throws INVALID_REQUEST with the server's words for an unknown one */
    model(id: string): Promise<ListedModel>;
    /** Streams an answer. @throws INVALID_REQUEST also in its middle, for an error event */
    chat(request: ChatRequest, signal: AbortSignal): AsyncIterable<ChatChunk>;
    close(): Promise<void>;
}

/** Where the OpenAI API of an SMMF is. */
export declare interface ApiClientOptions {
    /** With the version: `http://127.0.0.1:8100/v1`. */
    readonly url: string;
    readonly key?: Secret | undefined;
    /** Opens the connections; default one that goes straight to the server. */
    readonly dialer?: Dialer | undefined;
}

/** Waits between attempts to reach a registry's backend: full jitter (anything up to the limit), the limit doubling from 0.2 s to 10 s, without an end. */
export declare class BackOff {
    #private;
    constructor(random?: () => number);
    /** The wait after one more failure, milliseconds. */
    nextMs(): number;
    /** It went well. */
    reset(): void;
}

/** Calls of a registry's backend with a limit of time and of number; all of them end with `close`. */
export declare class BoundedCalls {
    #private;
    constructor(limits: CallLimits);
    /**
     * Runs `work` when its turn has come, with a signal that aborts at the limit, with the caller's own and at `close`; it is waited for
     * no longer than that. A caller's signal that aborts when nearly the whole limit is over means the same as the limit.
     * @throws CLOSED, what `late` gives, the signal's reason
     */
    run<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T>;
    /** @throws CLOSED */
    mustBeOpen(): void;
    /** Ends those under way, those that wait, and all that come. */
    close(): void;
}

/** What bounds the calls of one client of a registry's backend. */
export declare interface CallLimits {
    readonly clock: Clock;
    /** Limit of one call once its turn has come, milliseconds. */
    readonly limitMs: number;
    /** So many are under way at once; the others wait for their turn. */
    readonly width: number;
    /** What is said of a call that took too long. */
    readonly late: () => SmmfError;
}

/** How the events of a vendor are mended. */
export declare interface ChunkHook {
    /** An event that holds none of these bytes passes as it is. */
    readonly marks: readonly (string | RegExp)[];
    /** The vendor's own finish reasons; what is neither here nor OpenAI's becomes `stop`. */
    readonly finishReasons?: Readonly<Record<string, FinishReason>>;
    /** Changes a chunk or a whole answer in place, and says whether it did. `memory` is kept between the chunks of one stream. */
    readonly mend?: (answer: Answer, memory: Record<string, unknown>) => boolean;
    /** An error that stands in a chunk or an answer beside the choices. */
    readonly fault?: (answer: Answer) => {
        readonly code?: string;
        readonly message: string;
    } | undefined;
}

/** A value that is put to the nearest that the vendor takes. `above`, `below`: the limit itself is refused, `step` is how near it comes. */
export declare interface Clamp {
    readonly min?: number;
    readonly max?: number;
    readonly above?: number;
    readonly below?: number;
    readonly step?: number;
}

/** What every vendor can be told. */
declare const common: {
    url: z.ZodOptional<z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>>;
    model: z.ZodOptional<z.ZodString>;
    apiKey: z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;
    keys: z.ZodOptional<z.ZodArray<z.ZodObject<{
        key: z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>;
        name: z.ZodOptional<z.ZodString>;
        weight: z.ZodOptional<z.ZodNumber>;
        group: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>>>;
    headers: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>>;
    tasks: z.ZodDefault<z.ZodArray<z.ZodEnum<{
        chat: "chat";
        completions: "completions";
        embeddings: "embeddings";
        rerank: "rerank";
    }>>>;
    strict: z.ZodDefault<z.ZodBoolean>;
    slots: z.ZodOptional<z.ZodInt>;
    connectTimeout: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    proxy: z.ZodDefault<z.ZodEnum<{
        env: "env";
        none: "none";
    }>>;
    tls: z.ZodOptional<z.ZodPipe<z.ZodObject<{
        ca: z.ZodOptional<z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]>>;
        cert: z.ZodOptional<z.ZodString>;
        key: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>, z.ZodTransform<TlsSettings, {
        ca?: string | string[] | undefined;
        cert?: string | undefined;
        key?: string | undefined;
    }>>>;
    probe: z.ZodPrefault<z.ZodPipe<z.ZodObject<{
        interval: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        timeout: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    }, z.core.$strict>, z.ZodTransform<{
        intervalMs: number;
        timeoutMs: number;
    }, {
        interval: number;
        timeout: number;
    }>>>;
};

/** A client of the admin API at `options.url`. */
export declare function createAdminClient({ url, key, timeoutMs, dialer }: AdminClientOptions): AdminClient;

/** A client of the OpenAI API at `options.url`. */
export declare function createApiClient({ url, key, dialer }: ApiClientOptions): ApiClient;

/**
 * Embeddings of a vendor with a limit on the inputs of one call, or that knows floats only: the parts go one after another under one
 * lease, their vectors in the order of the inputs, their usage summed. One part that fails fails all.
 */
export declare function createEmbedder(options: EmbedderOptions, http: HttpClient): NonNullable<TaskMap['embeddings']>;

/**
 * A worker over any server that speaks OpenAI: the router sends bytes to its endpoint, the worker only looks after it.
 * Resolves also when the server is down; {@link Worker.health} then says so.
 */
export declare function createOpenAiWorker(options: OpenAiWorkerOptions, context: EngineContext): Promise<Worker>;

/** A core profile out of data, for one model. */
export declare function createProfile(vendor: Differences, { model, strict, headers, wallMs }: ProfileSettings): Profile;

/** A client with connections of its own; redirects are not followed. */
export declare function createSmallClient(options: SmallClientOptions): SmallClient;

/** A worker over a vendor: bytes go to its endpoint, with its keys as lanes. */
export declare function createVendorWorker(vendor: VendorProfile, settings: VendorSettings, context: EngineContext): Promise<Worker>;

/**
 * The engine plugin of a vendor that speaks OpenAI more or less; its package exports the result as default.
 * `docs/plugins/vendor.md` builds one in thirty lines.
 */
export declare function defineVendor<S extends z.ZodRawShape>(definition: VendorDefinition<S>): Plugin<'engine', VendorOptions<S>>;

/** How an engine or a vendor differs from OpenAI, without where it is and who may use it. */
export declare type Differences = Omit<VendorProfile, 'url' | 'hosts' | 'auth'>;

/** Where the parts go, and how. */
export declare interface EmbedderOptions extends Pick<DialTarget, 'proxy' | 'egress' | 'tls' | 'connectTimeoutMs'> {
    readonly vendor: Pick<VendorProfile, 'vendor' | 'parameters' | 'usage' | 'paths' | 'embeddings'>;
    readonly url: string;
    /** The vendor's own name. */
    readonly model: string;
    readonly strict?: boolean;
    /** What is shown beside OpenAI's headers, with the key of the lane. */
    readonly headers: (lane: string) => Readonly<Record<string, string | Secret>>;
    /** Most inputs of one call, where it is learnt; default what the profile says. */
    readonly batch?: () => number;
    readonly profile: Profile;
    /** On the scale of a call's deadline. */
    readonly now: () => number;
}

/** Building blocks for the options of an engine that is a server elsewhere. */
export declare const endpointOption: {
    /** Address of a server, without user info, query, and slashes at its end. */
    url: typeof url;
    /** Headers that are sent with every request, each a secret. */
    headers: typeof headers;
    /** `{ interval: 30s, timeout: 5s }`: how it is found out whether the server is there; what `Worker.probe` takes. */
    probe: typeof probe;
    /** Whether a parameter that would be dropped or clamped is refused. */
    strict: typeof strict;
    /** `env`: through the proxy that the environment names for the server; `none`: directly. */
    proxy: typeof proxy;
    /**
     * `{ ca, cert, key }`: authorities that the server's certificate may come from besides those that Node knows, and the certificate and
     * private key by which SMMF proves itself; what `Endpoint.tls` takes. Each is a PEM text, or the file of one (`ca`: or a list), read
     * when the options are parsed. The config's `${file:PATH}` is the same as the file.
     */
    tls: typeof tls;
};

/**
 * What an error means. `key`, `quota`, `denied`, `missing`: the lane is out for five minutes. `rate`: it rests until the vendor's
 * reset, a minute at most. `plain`: what the router makes of its status. The others are as the codes of the same name.
 */
export declare type FaultKind = 'key' | 'quota' | 'denied' | 'missing' | 'rate' | 'overloaded' | 'timeout' | 'failed' | 'request' | 'context' | 'filter' | 'plain';

declare const headers: () => z.ZodRecord<z.ZodString, z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;

/** What an engine says of itself beside its list of models. */
export declare interface Inspection {
    /** Why it cannot serve although it answers; absent: it can. */
    readonly reason?: string;
    /** What an operator should know although it is ready; goes before what the list of models has shown. */
    readonly note?: string;
    /** Tokens of prompt and answer together. */
    readonly contextLength?: number;
}

/** A model as `GET /v1/models` lists it; `max_model_len` in tokens. */
export declare interface ListedModel {
    readonly id: string;
    readonly tasks?: ModelCard['tasks'] | undefined;
    readonly max_model_len?: number | undefined;
}

/** An engine's metrics by what they tell of its load. Of several names the first that the text holds counts: newest first. */
export declare interface LoadMetrics {
    readonly running?: readonly MetricName[];
    readonly waiting?: readonly MetricName[];
    /** Share of the KV cache in use, 0 to 1. */
    readonly cacheUse?: readonly MetricName[];
    /** Share of prompt tokens found in the prefix cache, 0 to 1; in its place `prefixQueries` and `prefixHits` may be given. */
    readonly prefixHitRate?: readonly MetricName[];
    readonly prefixQueries?: readonly MetricName[];
    readonly prefixHits?: readonly MetricName[];
}

/** One metric of a text in Prometheus' format: by its name alone, or with labels that its lines must carry. */
export declare type MetricName = string | {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
};

/**
 * The numbers of the first of `metrics` that a text in Prometheus' format holds, one for each of its lines (one for each data-parallel
 * engine); empty when it holds none of them. Lines that cannot be read, and values that are no finite number, are left out.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/, read 2026-11
 */
export declare function metricValues(text: string, metrics: readonly MetricName[]): number[];

/** For an engine with `apiKey` and `headers`: says when both would set the same header. */
export declare function oneAuthorization({ apiKey, headers: given, }: {
    readonly apiKey?: unknown;
    readonly headers?: Readonly<Record<string, unknown>> | undefined;
}): boolean;

/** How an OpenAI server is reached and what it serves. */
export declare interface OpenAiWorkerOptions {
    /** Origin and base path with the version: `http://gpu1:8000/v1`. */
    readonly url: string;
    readonly socketPath?: string;
    readonly headers?: Readonly<Record<string, string | Secret>>;
    /** The server's own name of the model; default the public id, or the only model that the server lists. */
    readonly servedModel?: string | undefined;
    /** What the model does; default chat and completions. */
    readonly tasks?: readonly TaskId[] | undefined;
    readonly paths?: Endpoint['paths'];
    readonly slots?: number | undefined;
    readonly connectTimeoutMs?: number;
    /** As {@link Endpoint.proxy}, for requests, probes and `load` alike. */
    readonly proxy?: Endpoint['proxy'];
    /** As {@link Endpoint.egress} and {@link Endpoint.tls}, for requests, probes and `load` alike. */
    readonly egress?: Endpoint['egress'];
    readonly tls?: Endpoint['tls'];
    readonly streamUsage?: boolean;
    /** As {@link Endpoint.profile}: how the server differs from OpenAI. */
    readonly profile?: Endpoint['profile'];
    /** As {@link Endpoint.lanes}: several keys of one vendor. */
    readonly lanes?: Endpoint['lanes'];
    /** Base of what the server has beside the API, such as `/metrics`; default the origin of `url`. */
    readonly root?: string;
    /** How often, and within which limit, the server is asked whether it is there; default as the host does. */
    readonly probe?: Worker['probe'];
    /**
     * Asked with each probe, beside the list of models and within the same limit; gets a client whose base is `root`. What it throws
     * counts as nothing said.
     */
    readonly inspect?: (root: SmallClient, signal: AbortSignal) => Promise<Inspection>;
    /** What to do when the server does not list the model, in words for an operator. */
    readonly missingModel?: string;
    /**
     * The server refuses every name that it does not list: what answers without listing the model is another server, and gets no
     * prompt. Default false: lists are not kept well, and only one that named the model before tells who answers.
     */
    readonly refusesUnlisted?: boolean;
    /** Opens the connections of probes and of `load`; default one that goes straight to the server. */
    readonly dialer?: Dialer | undefined;
    /** Operations that the worker handles itself, in place of its endpoint. */
    readonly handlers?: TaskMap;
    /** A vendor: it is ready when a connection opens, whatever its list of models says. */
    readonly asVendor?: {
        /** Path of the list relative to `url`; false where there is none. */
        readonly listPath: string | false;
        /** What the probe shows beside `headers`. @throws for a key that cannot be used */
        readonly headers: () => Readonly<Record<string, string>>;
        /** Why no request could be sent yet. */
        readonly fault: () => Promise<string | undefined>;
    };
    /** Asks the engine for its load; gets a client whose base is `root`. */
    readonly load?: (root: SmallClient, signal: AbortSignal) => Promise<LoadSample>;
}

/**
 * What happens to the fields of a request. The rules of a list apply one after another, as far as `when` holds. Renamed and reshaped
 * fields mean what they meant; dropped and clamped ones are named to the client, and refused where the operator is strict.
 */
export declare interface ParameterRule {
    readonly when?: {
        /** The vendor's own name of the model. */
        readonly model?: RegExp;
        readonly tasks?: readonly TaskId[];
        readonly stream?: boolean;
        /** A field of the request has such a value, as JSON text. */
        readonly field?: readonly [name: string, text: RegExp];
    };
    /** New names. A field that stands there already under the new name stays, and the old one goes. */
    readonly rename?: Readonly<Record<string, string>>;
    /** The same in another form; undefined leaves it as it is, null takes out what says nothing. */
    readonly reshape?: Readonly<Record<string, (value: unknown) => unknown>>;
    readonly drop?: readonly string[];
    readonly clamp?: Readonly<Record<string, Clamp>>;
    /** What is sent where the client sends nothing. */
    readonly default?: Readonly<Record<string, unknown>>;
    /** All others are dropped. */
    readonly allow?: readonly string[];
    /** Another value cannot be served: the request is refused, strict or not. */
    readonly only?: Readonly<Record<string, unknown>>;
}

/**
 * Options of an engine with the files that its `tls` names looked for from `folder`; PEM texts, and what is no option of that kind,
 * stay as they are.
 */
export declare function placeTlsFiles<T>(options: T, folder: string): T;

declare const probe: () => z.ZodPrefault<z.ZodPipe<z.ZodObject<{
    interval: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    timeout: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
}, z.core.$strict>, z.ZodTransform<{
    intervalMs: number;
    timeoutMs: number;
}, {
    interval: number;
    timeout: number;
}>>>;

/**
 * Asks an OpenAI server whether it is there, by its list of models, over a connection of its own. Follows no redirect; reads at
 * most 64 KiB of head and 1 MiB of body. Never rejects: an abort of `signal` gives `unknown`.
 */
export declare function probeEndpoint(target: ProbeTarget, signal?: AbortSignal): Promise<ProbeResult>;

/** What a probe found. */
export declare interface ProbeResult {
    /**
     * `ready`: an HTTP answer came, whatever it says. `down`: nothing listens, DNS or TLS failed, or it is not HTTP. `unknown`: it
     * took the connection and did not answer in time; what was known before still holds.
     */
    readonly state: 'ready' | 'down' | 'unknown';
    /** Why it is not ready, in words for an operator; holds no secret. */
    readonly reason?: string;
    /** What an operator should know although it is ready: a refused key, no list of models. */
    readonly note?: string;
    /** Of the answer. */
    readonly status?: number;
    /** The list, when one came. */
    readonly models?: ModelList['data'];
}

/** What {@link probeEndpoint} asks, and for what. */
export declare interface ProbeTarget extends Pick<DialTarget, 'socketPath' | 'proxy' | 'egress' | 'tls'> {
    /** Origin and base path with the version: `http://gpu1:8000/v1`. User info and query of it are not sent. */
    readonly url: string;
    readonly headers?: Readonly<Record<string, string | Secret>> | undefined;
    /** The name that the list of models should hold; default any. */
    readonly model?: string | undefined;
    /** A list of one model will do, whatever it is called; default false. */
    readonly takesOnly?: boolean | undefined;
    /** For all of it: connecting, head, body. */
    readonly timeoutMs: number;
    /** Relative to `url`; false: nothing is asked over the connection. Default `/models`. */
    readonly path?: string | false | undefined;
    /** It is ready once there is a connection, TLS included, and behind a proxy in any case; default false. */
    readonly isReadyOnceConnected?: boolean | undefined;
    /** Opens the connection; default one that goes straight to the server. */
    readonly dialer?: Dialer | undefined;
}

/** For what, and how, a profile is made. */
export declare interface ProfileSettings {
    /** The engine's own name of the model. */
    readonly model: string;
    /** Refuse what would be dropped or clamped; default false. */
    readonly strict?: boolean;
    readonly headers?: Profile['headers'];
    readonly wallMs?: () => number;
}

declare const proxy: (standard: 'none' | 'env') => z.ZodDefault<z.ZodEnum<{
    env: "env";
    none: "none";
}>>;

/** What this process knows of a registry's backend, and what the log says of it: one line for each change (three a minute at most), and one a minute while it is bad. */
export declare class Reachability {
    #private;
    /** `onReached` is called when the backend answers again, in that very turn. */
    constructor(clock: Clock, logger: Logger, onReached: () => void);
    /** Told after each exchange with the backend; `reason` says what was wrong, without secrets. */
    note(standing: Standing, reason?: string): void;
}

/** Reads an engine's load out of its metrics; what the text does not hold stays unknown. @param sampledAtMs on the wall clock */
export declare function readLoad(text: string, metrics: LoadMetrics, sampledAtMs: number): LoadSample;

/** What watchers of a registry are told; when it was true is added as they are told it. */
export declare type RegistryView = Omit<Snapshot, 'asOfMs' | 'complete'>;

/** Those who watch a registry, and what each has been told: whole snapshots, at most one in 0.1 s, and nothing twice. A watcher that throws harms nobody else. */
export declare class RegistryWatchers {
    #private;
    constructor(clock: Clock, logger: Logger);
    /** How many there are. */
    get size(): number;
    /** The same function twice is two watchers. Returns its end. */
    add(listener: (snapshot: Snapshot) => void): () => void;
    /** What is true now: whoever has not been told it will be. */
    show(view: RegistryView): void;
    /** Nobody knows what is true now: nothing is told until the next `show`. */
    hide(): void;
    /** Nobody is told anything any more. */
    close(): void;
}

/** Options of an engine that is a server elsewhere, as far as they say how it is reached. */
export declare interface ServerAddress {
    /** With or without `/v1` at its end. */
    readonly url: string;
    readonly apiKey?: Secret | undefined;
    readonly headers?: Readonly<Record<string, Secret>> | undefined;
    /** Milliseconds. */
    readonly connectTimeout: number;
    readonly proxy: 'none' | 'env';
    readonly tls?: TlsSettings | undefined;
}

/**
 * The same as {@link OpenAiWorkerOptions} want it, for servers that have their API below `/v1` and more beside it: the key as a
 * bearer token, `root` for what is beside it.
 */
export declare function serverReach({ url, apiKey, headers, connectTimeout, proxy, tls, }: ServerAddress): Required<Pick<OpenAiWorkerOptions, 'url' | 'root' | 'headers' | 'connectTimeoutMs'>> & Pick<ServerAddress, 'proxy' | 'tls'>;

/** A small answer, read whole. */
export declare interface SmallAnswer {
    readonly status: number;
    readonly text: string;
    /** The body parsed; undefined when it is no JSON. */
    readonly json: unknown;
}

/** Asks one server for small answers: discovery, health, metrics, admin. Never on the path of a request. */
export declare interface SmallClient {
    get(path: string, signal: AbortSignal): Promise<SmallAnswer>;
    post(path: string, body: unknown, signal: AbortSignal): Promise<SmallAnswer>;
    close(): Promise<void>;
}

/** Where a {@link SmallClient} asks. It connects within `connectTimeoutMs`, default 1 000. */
export declare interface SmallClientOptions extends Pick<DialTarget, 'socketPath' | 'proxy' | 'egress' | 'tls' | 'connectTimeoutMs'> {
    /** Base of every path. */
    readonly url: string;
    readonly headers?: () => Record<string, string>;
    /** Opens the connections; default one that goes straight to the server. */
    readonly dialer?: Dialer | undefined;
}

/** How it stands with a registry's backend: it answers, it does not, or it answers that it will not serve us. */
export declare type Standing = 'reached' | 'unreachable' | 'refused';

declare const strict: () => z.ZodDefault<z.ZodBoolean>;

/**
 * The profile of Text Embeddings Inference (1.9.3, 2026-11), which wants `texts` to rank, in place of `documents`, and knows no `top_n`. The router
 * makes a reply of the list that it answers. Its rerank is beside the OpenAI API:
 * `{ url: 'http://tei:3000', paths: { rerank: '/rerank', embeddings: '/v1/embeddings' } }`. More texts than its `--max-client-batch-size` (32)
 * are refused by TEI.
 */
export declare const teiProfile: Profile;

/** See {@link endpointOption.tls}. */
declare const tls: () => z.ZodPipe<z.ZodObject<{
    ca: z.ZodOptional<z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]>>;
    cert: z.ZodOptional<z.ZodString>;
    key: z.ZodOptional<z.ZodString>;
}, z.core.$strict>, z.ZodTransform<TlsSettings, {
    ca?: string | string[] | undefined;
    cert?: string | undefined;
    key?: string | undefined;
}>>;

/**
 * An option for the PEM files of a registry's connections, `{ caFile, certFile, keyFile }`, read and checked while the config is; relative names
 * are looked for from the config's folder.
 */
export declare const tlsFiles: () => z.ZodPipe<z.ZodObject<{
    caFile: z.ZodOptional<z.ZodString>;
    certFile: z.ZodOptional<z.ZodString>;
    keyFile: z.ZodOptional<z.ZodString>;
}, z.core.$strict>, z.ZodTransform<TlsSettings, {
    caFile?: string | undefined;
    certFile?: string | undefined;
    keyFile?: string | undefined;
}>>;

/**
 * What an answer means that is no result, for a worker that asks itself. The words of a refused request are for the client, without
 * addresses and keys.
 *
 * @param name of the vendor or the engine
 */
export declare function typedFault(name: string, profile: Profile, { status, headers, text, json }: HttpAnswer, lane?: string): SmmfError;

declare const url: () => z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>;

/** How a vendor wants to be shown who calls. */
export declare type VendorAuth = 
/** `Authorization: Bearer KEY` */
    {
    readonly kind: 'bearer';
}
/** The key alone in a header of its own. */
| {
    readonly kind: 'header';
    readonly name: string;
}
/** A JWT (HS256) made of a key `id.secret`, sent as a bearer token. `claims` says what each field of the payload holds. */
| {
    readonly kind: 'jwt';
    readonly header: Readonly<Record<string, string>>;
    readonly claims: Readonly<Record<string, 'id' | 'issuedMs' | 'expiresMs'>>;
    /** How long one is good for, milliseconds. */
    readonly lifeMs: number;
}
/** A bearer token by OAuth's client credentials; fetched ahead, at 80 % of its life. */
| {
    readonly kind: 'client-credentials';
    readonly tokenUrl: string;
    /** What is posted beside the secrets. */
    readonly form: Readonly<Record<string, string>>;
    readonly secrets: Readonly<Record<string, Secret>>;
    /** Fields whose value is read from a file each time: federated tokens, which rotate. */
    readonly files?: Readonly<Record<string, string>>;
};

/** A vendor's plugin: its name, what can be told to it beside what every vendor can be told, and its data. */
export declare interface VendorDefinition<S extends z.ZodRawShape> {
    /** Short name: `proxy-acme`. */
    readonly name: string;
    readonly options: S;
    /** Why settings do not fit together, in words; undefined when they do. */
    readonly needs?: (settings: VendorSettings & z.output<z.ZodObject<S>>) => string | undefined;
    readonly profile: (settings: VendorSettings & z.output<z.ZodObject<S>>) => VendorProfile;
}

/** One row of a vendor's error table: all that it names must fit. */
export declare interface VendorError {
    readonly status?: number;
    /** The whole of the vendor's code, or of its type. */
    readonly code?: string | RegExp;
    readonly message?: RegExp;
    readonly is: FaultKind;
}

/** The options of a vendor's plugin: those that every vendor has, and its own. */
export declare type VendorOptions<S extends z.ZodRawShape> = z.ZodObject<typeof common & S>;

/** Makes them; a field of `own` takes the place of a common one. */
export declare function vendorOptions<S extends z.ZodRawShape>(own: S): VendorOptions<S>;

/** How a vendor differs from OpenAI, as data and pure functions. */
export declare interface VendorProfile {
    /** As messages call it: `Acme`. */
    readonly vendor: string;
    /** Origin and base path with the version. */
    readonly url: string;
    /** Hosts that may be reached with its keys, token hosts included; `*.` stands for one or more labels. */
    readonly hosts: readonly string[];
    readonly auth: VendorAuth;
    /** Sent with every request. */
    readonly headers?: Readonly<Record<string, string>>;
    /** Where an operation is served when not at OpenAI's path, relative to `url`. */
    readonly paths?: Readonly<Partial<Record<TaskId, string>>>;
    /** Path of the list of models relative to `url`; false where there is none. Default `/models`. */
    readonly models?: string | false;
    readonly parameters?: readonly ParameterRule[];
    /**
     * How usage comes with a stream: `asked`, by `stream_options.include_usage` (default); `unasked`, in any case or never: then
     * `stream_options` is left out.
     */
    readonly usage?: 'asked' | 'unasked';
    readonly chunks: 'as-is' | ChunkHook;
    readonly errors?: readonly VendorError[];
    /** Headers that tell when a limit of calls is lifted: durations (`1s`, `6m0s`), seconds, or a date. */
    readonly resets?: readonly string[];
    /** What to look at when a key is refused, beside the key itself. */
    readonly keyHint?: string;
    /** `batch`: most inputs of one call; more are sent in parts. `floatsOnly`: it knows no base64. */
    readonly embeddings?: {
        readonly batch?: number;
        readonly floatsOnly?: boolean;
    };
}

/** The options of every vendor, parsed. */
export declare type VendorSettings = z.output<z.ZodObject<typeof common>>;

export { }

// dist/index.d.ts
import { ChatChunk } from '@smmf/protocol';
import { ChatRequest } from '@smmf/protocol';
import { Command } from '@smmf/protocol';
import { Dialer } from '@smmf/core';
import { DialTarget } from '@smmf/core';
import { Endpoint } from '@smmf/core';
import { EngineContext } from '@smmf/core';
import { InstanceView } from '@smmf/protocol';
import type { LoadSample } from '@smmf/protocol';
import { ModelCard } from '@smmf/protocol';
import { ModelList } from '@smmf/protocol';
import { Operation } from '@smmf/protocol';
import { Secret } from '@smmf/core';
import type { TaskId } from '@smmf/protocol';
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

/** A client of the admin API at `options.url`. */
export declare function createAdminClient({ url, key, timeoutMs, dialer }: AdminClientOptions): AdminClient;

/** A client of the OpenAI API at `options.url`. */
export declare function createApiClient({ url, key, dialer }: ApiClientOptions): ApiClient;

/**
 * A worker over any server that speaks OpenAI: the router sends bytes to its endpoint, the worker only looks after it.
 * Resolves also when the server is down; {@link Worker.health} then says so.
 */
export declare function createOpenAiWorker(options: OpenAiWorkerOptions, context: EngineContext): Promise<Worker>;

/** A client with connections of its own; redirects are not followed. */
export declare function createSmallClient(options: SmallClientOptions): SmallClient;

/** Building blocks for the options of an engine that is a server elsewhere. */
export declare const endpointOption: {
    /** Address of a server, without user info, query, and slashes at its end. */
    url: typeof url;
    /** Headers that are sent with every request, each a secret. */
    headers: typeof headers;
    /** `{ interval: 30s, timeout: 5s }`: how it is found out whether the server is there; what `Worker.probe` takes. */
    probe: typeof probe;
    /** `env`: through the proxy that the environment names for the server; `none`: directly. */
    proxy: typeof proxy;
    /**
     * `{ ca, cert, key }`: authorities that the server's certificate may come from besides those that Node knows, and the certificate and
     * private key by which SMMF proves itself; what `Endpoint.tls` takes. Each is a PEM text, or the file of one (`ca`: or a list), read
     * when the options are parsed. The config's `${file:PATH}` is the same as the file.
     */
    tls: typeof tls;
};

declare const headers: () => z.ZodRecord<z.ZodString, z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>;

/** A model as `GET /v1/models` lists it; `max_model_len` in tokens. */
export declare interface ListedModel {
    readonly id: string;
    readonly tasks?: ModelCard['tasks'] | undefined;
    readonly max_model_len?: number | undefined;
}

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
    /** Opens the connections of probes and of `load`; default one that goes straight to the server. */
    readonly dialer?: Dialer | undefined;
    /** Asks the engine for its load; gets a client whose base is `root`. */
    readonly load?: (root: SmallClient, signal: AbortSignal) => Promise<LoadSample>;
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
    /** Relative to `url`; default `/models`. */
    readonly path?: string | undefined;
    /** Opens the connection; default one that goes straight to the server. */
    readonly dialer?: Dialer | undefined;
}

declare const proxy: (standard: 'none' | 'env') => z.ZodDefault<z.ZodEnum<{
    env: "env";
    none: "none";
}>>;

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

declare const url: () => z.ZodPipe<z.ZodURL, z.ZodTransform<string, string>>;

export { }

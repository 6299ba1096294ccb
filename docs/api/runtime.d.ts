// dist/index.d.ts
export { isSmmfError, type Logger, Secret, SmmfError, showPath } from '@smmf/core';
export type { ChatChunk, ChatCompletion, ChatRequest, Completion, CompletionRequest, EmbeddingReply, EmbeddingRequest, ErrorCode, ModelCard, RequestRecord, RerankReply, RerankRequest, RouterStats, Usage, } from '@smmf/protocol';
export { createStopOrder, openAiPlugin } from '@smmf/server';
export { type FetchProgress, formatProgress } from '@smmf/sources';
export { type CallerKey, callerKeys } from './caller-keys.ts';
export { type Config, configSchema, defineConfig, type ParsedConfig } from './config.ts';
export { configNotes } from './config-notes.ts';
export { createSmmf, type Smmf, type SmmfListening, type SmmfOptions } from './create-smmf.ts';
export { desiredOf } from './desired.ts';
export type { EmbeddedApi, EmbeddedRouter } from './embedded.ts';
export { findPlugin, type LoadedPlugin } from './find-plugin.ts';
export { configJsonSchema, installedPlugins } from './json-schema.ts';
export { KNOWN_PLUGINS, type KnownPlugin } from './known-plugins.ts';
export { createLifecycle, type Lifecycle, type Part } from './lifecycle.ts';
export type { CallOptions } from './memory-sink.ts';
export { probeUpstreams, type UpstreamReport } from './probe-upstreams.ts';
export { CONFIG_NAMES, findConfig, type RawConfig, readConfig } from './read-config.ts';
export { type ResolvedConfig, readListeners, resolveConfig } from './resolve-config.ts';
export type { ResolvedWorker } from './resolve-models.ts';
export { type ApiServerConfig, type ApiServerContext, type ApiServerRole, createApiServerRole, } from './roles/api-server-role.ts';
export { type ControllerRole, type ControllerRoleConfig, createControllerRole } from './roles/controller-role.ts';
export type { MemberConfig, MemberContext, Role, RoleContext } from './roles/role-context.ts';
export { createWorkerRole, type WorkerRoleConfig, type WorkerRoleContext } from './roles/worker-role.ts';
export type { SecretBook } from './sealed-options.ts';
export { stateDirOf } from './state-dir.ts';

// dist/caller-keys.d.ts
import type { RawConfig } from './read-config.ts';
/** A key of `server.keys` that may call models: how a person gets at it, never the key. */
export interface CallerKey {
    /** `server.keys[0]` */
    readonly place: string;
    /** The environment variable that holds the key, and nothing beside it; undefined for a key from elsewhere. */
    readonly variable: string | undefined;
    /** Names of the models that it may use; undefined for all. */
    readonly models: readonly string[] | undefined;
}
/** The keys of `server.keys` that may call models, as they are written in the config; undefined for a server without keys. */
export declare function callerKeys(raw: RawConfig, env?: Readonly<Record<string, string | undefined>>): readonly CallerKey[] | undefined;

// dist/config.d.ts
import * as z from 'zod';
/** What a worker may say besides the options of its engine. */
export declare const workerFrame: {
    engine: z.ZodString;
    replicas: z.ZodDefault<z.ZodInt>;
    slots: z.ZodOptional<z.ZodInt>;
    weight: z.ZodDefault<z.ZodNumber>;
    order: z.ZodDefault<z.ZodInt>;
    labels: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
};
/** What a model may say besides. */
export declare const modelFrame: {
    aliases: z.ZodDefault<z.ZodArray<z.ZodString>>;
    balancer: z.ZodDefault<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        use: z.ZodString;
    }, z.core.$loose>]>>;
    fallbacks: z.ZodDefault<z.ZodArray<z.ZodString>>;
    timeouts: z.ZodPrefault<z.ZodObject<{
        queue: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        firstToken: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        interToken: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        total: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    }, z.core.$strict>>;
    retry: z.ZodPrefault<z.ZodObject<{
        waitAtMost: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    }, z.core.$strict>>;
};
/** One model, options of its engine aside. */
export declare const modelSchema: z.ZodObject<{
    replicas: z.ZodDefault<z.ZodInt>;
    slots: z.ZodOptional<z.ZodInt>;
    weight: z.ZodDefault<z.ZodNumber>;
    order: z.ZodDefault<z.ZodInt>;
    labels: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
    aliases: z.ZodDefault<z.ZodArray<z.ZodString>>;
    balancer: z.ZodDefault<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        use: z.ZodString;
    }, z.core.$loose>]>>;
    fallbacks: z.ZodDefault<z.ZodArray<z.ZodString>>;
    timeouts: z.ZodPrefault<z.ZodObject<{
        queue: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        firstToken: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        interToken: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        total: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    }, z.core.$strict>>;
    retry: z.ZodPrefault<z.ZodObject<{
        waitAtMost: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    }, z.core.$strict>>;
    engine: z.ZodOptional<z.ZodString>;
    workers: z.ZodOptional<z.ZodArray<z.ZodObject<{
        engine: z.ZodString;
        replicas: z.ZodDefault<z.ZodInt>;
        slots: z.ZodOptional<z.ZodInt>;
        weight: z.ZodDefault<z.ZodNumber>;
        order: z.ZodDefault<z.ZodInt>;
        labels: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
    }, z.core.$loose>>>;
}, z.core.$loose>;
/** The whole config, options of plugins aside: those are checked by each plugin's own schema. */
export declare const configSchema: z.ZodObject<{
    $schema: z.ZodOptional<z.ZodString>;
    version: z.ZodLiteral<1>;
    server: z.ZodPrefault<z.ZodObject<{
        host: z.ZodDefault<z.ZodString>;
        port: z.ZodDefault<z.ZodInt>;
        keys: z.ZodDefault<z.ZodArray<z.ZodUnion<readonly [z.ZodPipe<z.ZodString, z.ZodTransform<import("@smmf/core").Secret, string>>, z.ZodObject<{
            key: z.ZodPipe<z.ZodString, z.ZodTransform<import("@smmf/core").Secret, string>>;
            name: z.ZodOptional<z.ZodString>;
            scopes: z.ZodOptional<z.ZodArray<z.ZodEnum<{
                "admin:read": "admin:read";
                "admin:write": "admin:write";
                inference: "inference";
                metrics: "metrics";
            }>>>;
            models: z.ZodOptional<z.ZodArray<z.ZodString>>;
        }, z.core.$strict>]>>>;
        allowOpen: z.ZodDefault<z.ZodBoolean>;
        tls: z.ZodOptional<z.ZodObject<{
            certFile: z.ZodString;
            keyFile: z.ZodString;
        }, z.core.$strict>>;
        cors: z.ZodDefault<z.ZodArray<z.ZodString>>;
        trustedProxies: z.ZodDefault<z.ZodArray<z.ZodString>>;
        bodyLimit: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        bodyMemory: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        connectionsPerAddress: z.ZodOptional<z.ZodInt>;
        maxConnections: z.ZodDefault<z.ZodInt>;
        drain: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    }, z.core.$strict>>;
    admin: z.ZodPrefault<z.ZodObject<{
        host: z.ZodDefault<z.ZodString>;
        port: z.ZodDefault<z.ZodInt>;
        keys: z.ZodDefault<z.ZodArray<z.ZodUnion<readonly [z.ZodPipe<z.ZodString, z.ZodTransform<import("@smmf/core").Secret, string>>, z.ZodObject<{
            key: z.ZodPipe<z.ZodString, z.ZodTransform<import("@smmf/core").Secret, string>>;
            name: z.ZodOptional<z.ZodString>;
            scopes: z.ZodOptional<z.ZodArray<z.ZodEnum<{
                "admin:read": "admin:read";
                "admin:write": "admin:write";
                inference: "inference";
                metrics: "metrics";
            }>>>;
            models: z.ZodOptional<z.ZodArray<z.ZodString>>;
        }, z.core.$strict>]>>>;
        hosts: z.ZodDefault<z.ZodArray<z.ZodString>>;
        tls: z.ZodOptional<z.ZodObject<{
            certFile: z.ZodString;
            keyFile: z.ZodString;
        }, z.core.$strict>>;
    }, z.core.$strict>>;
    log: z.ZodPrefault<z.ZodObject<{
        level: z.ZodDefault<z.ZodEnum<{
            debug: "debug";
            error: "error";
            fatal: "fatal";
            info: "info";
            silent: "silent";
            trace: "trace";
            warn: "warn";
        }>>;
        format: z.ZodDefault<z.ZodEnum<{
            auto: "auto";
            json: "json";
            pretty: "pretty";
        }>>;
    }, z.core.$strict>>;
    registry: z.ZodDefault<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        use: z.ZodString;
    }, z.core.$loose>]>>;
    egress: z.ZodPrefault<z.ZodObject<{
        allow: z.ZodDefault<z.ZodArray<z.ZodString>>;
        deny: z.ZodDefault<z.ZodArray<z.ZodString>>;
    }, z.core.$strict>>;
    ca: z.ZodOptional<z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]>>;
    cacheDir: z.ZodOptional<z.ZodString>;
    stateDir: z.ZodOptional<z.ZodString>;
    modelRoots: z.ZodOptional<z.ZodArray<z.ZodString>>;
    models: z.ZodRecord<z.ZodString, z.ZodObject<{
        replicas: z.ZodDefault<z.ZodInt>;
        slots: z.ZodOptional<z.ZodInt>;
        weight: z.ZodDefault<z.ZodNumber>;
        order: z.ZodDefault<z.ZodInt>;
        labels: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
        aliases: z.ZodDefault<z.ZodArray<z.ZodString>>;
        balancer: z.ZodDefault<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
            use: z.ZodString;
        }, z.core.$loose>]>>;
        fallbacks: z.ZodDefault<z.ZodArray<z.ZodString>>;
        timeouts: z.ZodPrefault<z.ZodObject<{
            queue: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
            firstToken: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
            interToken: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
            total: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        }, z.core.$strict>>;
        retry: z.ZodPrefault<z.ZodObject<{
            waitAtMost: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        }, z.core.$strict>>;
        engine: z.ZodOptional<z.ZodString>;
        workers: z.ZodOptional<z.ZodArray<z.ZodObject<{
            engine: z.ZodString;
            replicas: z.ZodDefault<z.ZodInt>;
            slots: z.ZodOptional<z.ZodInt>;
            weight: z.ZodDefault<z.ZodNumber>;
            order: z.ZodDefault<z.ZodInt>;
            labels: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
        }, z.core.$loose>>>;
    }, z.core.$loose>>;
}, z.core.$strict>;
/** A config as it is written. */
export type Config = z.input<typeof configSchema>;
/** A config with every default in place. */
export type ParsedConfig = z.output<typeof configSchema>;
/** Gives a config its type in `smmf.config.ts`; returns it as it is. */
export declare function defineConfig(config: Config): Config;

// dist/config-notes.d.ts
import type { ResolvedConfig } from './resolve-config.ts';
/** What somebody who reads a config may not expect, though nothing in it is wrong; each in one line, with its place. */
export declare function configNotes({ models, workers }: ResolvedConfig): string[];

// dist/create-smmf.d.ts
import { type Controller, type Logger } from '@smmf/core';
import type { RouterStats } from '@smmf/protocol';
import type { Listening } from '@smmf/server';
import type { FetchProgress } from '@smmf/sources';
import type { Config } from './config.ts';
import { type EmbeddedApi, type EmbeddedRouter } from './embedded.ts';
/** What {@link createSmmf} may be given besides the config. */
export interface SmmfOptions {
    /** Where plugins and relative paths are looked for when the config is an object; default the working directory. */
    readonly baseDir?: string;
    /** Default: as the config's `log` says, to standard error, where the config has one; else nothing is logged. `config`: in any case. */
    readonly logger?: Logger | 'config';
    /** Hears how model files come in. */
    readonly onProgress?: (instance: string, progress: FetchProgress) => void;
    /** For `${env:NAME}`; default the process' own. */
    readonly env?: Readonly<Record<string, string | undefined>>;
}
/** Where a running SMMF listens. */
export interface SmmfListening {
    readonly server: Listening;
    readonly admin: Listening;
}
/** A running SMMF: its operations as functions, and its HTTP servers on demand. */
export interface Smmf extends EmbeddedApi, AsyncDisposable {
    /** For routes of one's own: `openAiPlugin({}, { router: smmf.router })`. */
    readonly router: EmbeddedRouter;
    readonly controller: Controller;
    /** Models and instances as the router sees them at this moment, and what it has counted since the start. */
    inspect(): RouterStats;
    /**
     * The OpenAI API as a `fetch`, for SDKs in this process: `new OpenAI({ fetch: smmf.fetch, apiKey: 'none' })`. Whatever host a URL
     * names, this SMMF answers, by the path; no port is opened and no key needed.
     * @throws TypeError with `cause` CLOSED after {@link Smmf.close}
     */
    readonly fetch: typeof globalThis.fetch;
    /** Resolves when every model has a ready instance. @throws MODEL_UNAVAILABLE when one has failed for good; the signal's reason */
    ready(signal?: AbortSignal): Promise<void>;
    /** Opens the OpenAI API and the admin API as the config says. @throws PORT_IN_USE */
    listen(): Promise<SmmfListening>;
    /** Drains: no new work, up to `limitMs` (default the config's `server.drain`) for what runs, then everything ends. Idempotent. */
    close(limitMs?: number): Promise<void>;
}
/**
 * Composes and starts SMMF in this process: no global state, no signal handlers; two may live side by side.
 *
 * @param config a config object, or the path of a config file
 * @throws CONFIG_INVALID with every fault at once
 */
export declare function createSmmf(config: Config | string, options?: SmmfOptions): Promise<Smmf>;

// dist/desired.d.ts
import type { DesiredState } from '@smmf/controller';
import type { ResolvedConfig } from './resolve-config.ts';
import { type SecretBook } from './sealed-options.ts';
/**
 * What a config wants, as data that may leave this machine: references unexpanded, secrets that stand in the config put aside
 * into `book`.
 */
export declare function desiredOf({ workers, models }: ResolvedConfig, book: SecretBook): DesiredState;

// dist/embedded.d.ts
import { type Controller, type Router } from '@smmf/core';
import type { ChatChunk, ChatCompletion, ChatRequest, Completion, CompletionRequest, EmbeddingReply, EmbeddingRequest, ModelCard, RerankReply, RerankRequest } from '@smmf/protocol';
import type { RouterHandle } from '@smmf/router';
import { type CallOptions } from './memory-sink.ts';
type Streamed<Request> = Request & {
    readonly stream: true;
};
type Whole<Request> = Request & {
    readonly stream?: false | null | undefined;
};
/**
 * The OpenAI operations as functions. Each throws what the API would answer, as an `SmmfError`; ABORTED when its signal aborts, with
 * the signal's reason as `cause`; SERVER_SHUTTING_DOWN once SMMF is being closed, and after that.
 */
export interface EmbeddedApi {
    chat(request: Streamed<ChatRequest>, options?: CallOptions): AsyncIterable<ChatChunk>;
    chat(request: Whole<ChatRequest>, options?: CallOptions): Promise<ChatCompletion>;
    completions(request: Streamed<CompletionRequest>, options?: CallOptions): AsyncIterable<Completion>;
    completions(request: Whole<CompletionRequest>, options?: CallOptions): Promise<Completion>;
    embeddings(request: EmbeddingRequest, options?: CallOptions): Promise<EmbeddingReply>;
    rerank(request: RerankRequest, options?: CallOptions): Promise<RerankReply>;
    /** The public models, as they stand now. */
    models(): readonly ModelCard[];
}
/** The operations over a router, without HTTP. */
export declare function embeddedApi(router: Router): EmbeddedApi;
/** A router without what feeds it: whoever embeds SMMF cannot take its table apart. */
export type EmbeddedRouter = Router & Pick<RouterHandle, 'stats'>;
/** The part of a router that whoever embeds SMMF may hold. */
export declare function embeddedRouter(router: RouterHandle): EmbeddedRouter;
/** A controller without its feeds: whoever embeds SMMF can ask and order, and not feed it. */
export declare function embeddedController(controller: Controller): Controller;
export {};

// dist/find-plugin.d.ts
import { type Plugin, type PluginKind } from '@smmf/core';
/** A plugin with the place it came from. */
export interface LoadedPlugin<K extends PluginKind = PluginKind> {
    readonly plugin: Plugin<K>;
    /** `file:` URL of its module, for the process that runs it. */
    readonly url: string;
}
/**
 * Finds and loads the plugin that a config names, looked for from the config's folder.
 * @throws PLUGIN_NOT_FOUND with the command that installs it
 * @throws PLUGIN_INVALID when what is there is no plugin of this kind and contract
 */
export declare function findPlugin<K extends PluginKind>(use: string, kind: K, baseDir: string): Promise<LoadedPlugin<K>>;

// dist/json-schema.d.ts
import { findPlugin } from './find-plugin.ts';
type JsonObject = Record<string, unknown>;
/** Our own plugins that are installed beside a config, by short name. */
export declare function installedPlugins(baseDir: string): Promise<ReadonlyMap<string, Awaited<ReturnType<typeof findPlugin>>>>;
/**
 * The JSON Schema of a config file, for editors: completion and checks, with the options of every plugin of ours that is
 * installed beside it.
 */
export declare function configJsonSchema(baseDir: string): Promise<JsonObject>;
export {};

// dist/known-plugins.d.ts
/** One of our own plugins. */
export interface KnownPlugin {
    /** The package, which the install hint names too. */
    readonly package: string;
    readonly kind: 'engine';
    /** The lines that `smmf init` writes below a model's name, comments included. */
    readonly example: readonly string[];
}
/** Our own plugins by the short name that a config may use. */
export declare const KNOWN_PLUGINS: Readonly<Record<string, KnownPlugin>>;

// dist/lifecycle.d.ts
/** A part of the program with something to start or stop. */
export interface Part {
    readonly name: string;
    start?(signal: AbortSignal): Promise<void>;
    stop?(): Promise<void>;
}
/** Starts parts in the order in which they were added and stops them in reverse. */
export interface Lifecycle {
    add(part: Part): void;
    /** Starts every part; if one fails, those already begun are stopped again and its error is thrown. */
    start(signal?: AbortSignal): Promise<void>;
    /** Stops what was begun, each part within its limit; safe to call twice. Resolves with the errors, each naming its part. */
    stop(): Promise<readonly Error[]>;
}
/** An empty lifecycle. `stopLimitMs` bounds the stop of each part; default 10 000. */
export declare function createLifecycle({ stopLimitMs }?: {
    readonly stopLimitMs?: number;
}): Lifecycle;

// dist/memory-sink.d.ts
import { type Router, type RouterRequest } from '@smmf/core';
import { type RequestRecord, type TaskId } from '@smmf/protocol';
/** How a call from code may be bounded. */
export interface CallOptions {
    readonly signal?: AbortSignal;
    /** Whole time, milliseconds; default the model's own limit. */
    readonly timeoutMs?: number;
    /** Told to observers with the request: log, records. */
    readonly labels?: Readonly<Record<string, string>>;
    /** Hears at the end, also of a failed call, what became of it: the instance that served it, each attempt, times and usage. */
    readonly onRecord?: (record: RequestRecord) => void;
}
/** The checked request for a body that code hands over. @throws INVALID_REQUEST and its kin, as over HTTP */
export declare function requestOf(task: TaskId, body: object, id: string, options: CallOptions): RouterRequest;
/** Runs a request and resolves with its whole reply. */
export declare function callOnce(router: Router, makeRequest: () => RouterRequest, { signal, onRecord }: CallOptions): Promise<unknown>;
/** Runs a request and yields its chunks; breaking off the loop stops the engine. */
export declare function callStream(router: Router, makeRequest: () => RouterRequest, { signal, onRecord }: CallOptions): AsyncGenerator<unknown, void, undefined>;

// dist/probe-upstreams.d.ts
import { type ProbeResult } from '@smmf/client';
import type { ResolvedConfig } from './resolve-config.ts';
/** What a probe of one upstream of the config found. */
export interface UpstreamReport extends ProbeResult {
    readonly model: string;
    readonly engine: string;
    /** Undefined when the engine's plugin could not even make its client. */
    readonly url: string | undefined;
    /** How it is reached, in words: `direct`, `through proxy http://proxy:3128`; absent where `url` is undefined. */
    readonly route?: string;
}
/** Asks every upstream of a config whether it is there, all at once; engines of our own are left out. */
export declare function probeUpstreams({ workers, config, authorities, }: ResolvedConfig): Promise<readonly UpstreamReport[]>;

// dist/read-config.d.ts
/** Names that are looked for when none is given, in this order. */
export declare const CONFIG_NAMES: readonly ['smmf.yaml', 'smmf.yml', 'smmf.json', 'smmf.config.ts', 'smmf.config.js'];
/** A config as it stands in its file, nothing replaced or checked yet. */
export interface RawConfig {
    readonly value: unknown;
    /** For messages: the path as it was given. */
    readonly file: string;
    readonly baseDir: string;
}
/** The first of {@link CONFIG_NAMES} in `folder`; undefined without one. */
export declare function findConfig(folder: string): string | undefined;
/**
 * Reads a config file: YAML or JSON, or a module whose default export is the config.
 * @throws CONFIG_INVALID when it is not there or cannot be read, with line and column
 */
export declare function readConfig(file: string): Promise<RawConfig>;

// dist/resolve-config.d.ts
import type { ModelSpec } from '@smmf/protocol';
import type { KeyRing } from '@smmf/server';
import { type ParsedConfig } from './config.ts';
import type { RawConfig } from './read-config.ts';
import { type ResolvedWorker } from './resolve-models.ts';
/** A config that has passed every check. */
export interface ResolvedConfig {
    /** The paths of certificates are absolute. */
    readonly config: ParsedConfig;
    readonly baseDir: string;
    readonly serverKeys: KeyRing;
    readonly adminKeys: KeyRing;
    /** What {@link ParsedConfig} names as `ca`: each authority's certificate as a PEM text. */
    readonly authorities: readonly string[];
    readonly models: readonly ModelSpec[];
    readonly workers: readonly ResolvedWorker[];
}
/** The sections of a config that are sound, also beside others that are not: all faults come at once. */
declare function readable(value: unknown): {
    server: {
        host: string;
        port: number;
        keys: (import("@smmf/core").Secret | {
            key: import("@smmf/core").Secret;
            name?: string | undefined;
            scopes?: ("admin:read" | "admin:write" | "inference" | "metrics")[] | undefined;
            models?: string[] | undefined;
        })[];
        allowOpen: boolean;
        tls?: {
            certFile: string;
            keyFile: string;
        } | undefined;
        cors: string[];
        trustedProxies: string[];
        bodyLimit: number;
        bodyMemory?: number | undefined;
        connectionsPerAddress?: number | undefined;
        maxConnections: number;
        drain: number;
    } | undefined;
    admin: {
        host: string;
        port: number;
        keys: (import("@smmf/core").Secret | {
            key: import("@smmf/core").Secret;
            name?: string | undefined;
            scopes?: ("admin:read" | "admin:write" | "inference" | "metrics")[] | undefined;
            models?: string[] | undefined;
        })[];
        hosts: string[];
        tls?: {
            certFile: string;
            keyFile: string;
        } | undefined;
    } | undefined;
    ca: string | string[] | undefined;
    models: {
        id: string;
        model: {
            [x: string]: unknown;
            replicas: number;
            slots?: number | undefined;
            weight: number;
            order: number;
            labels: Record<string, string>;
            aliases: string[];
            balancer: string | {
                [x: string]: unknown;
                use: string;
            };
            fallbacks: string[];
            timeouts: {
                queue?: number | undefined;
                firstToken?: number | undefined;
                interToken?: number | undefined;
                total?: number | undefined;
            };
            retry: {
                waitAtMost: number;
            };
            engine?: string | undefined;
            workers?: {
                [x: string]: unknown;
                engine: string;
                replicas: number;
                slots?: number | undefined;
                weight: number;
                order: number;
                labels: Record<string, string>;
            }[] | undefined;
        };
        written: string[];
    }[];
    /** Of faulty models too. */
    ids: string[];
};
/**
 * Checks a config whole: references, frame, plugins, their options, names, keys, certificates. Opens no port, starts nothing,
 * writes nothing.
 * @throws CONFIG_INVALID with every fault at once, each with its path and a remedy
 */
export declare function resolveConfig(raw: RawConfig, env?: Readonly<Record<string, string | undefined>>): Promise<ResolvedConfig>;
/**
 * The sections `server` and `admin` of a config, whatever its models and keys are like: where a running SMMF listens.
 * A section that is faulty is undefined.
 */
export declare function readListeners({ value: written, baseDir }: RawConfig, env?: Readonly<Record<string, string | undefined>>): Pick<ReturnType<typeof readable>, 'server' | 'admin'>;
/** An object given in code, as {@link resolveConfig} takes it. @throws CONFIG_INVALID when it is no object */
export declare function rawFromObject(value: unknown, baseDir: string): RawConfig;
export {};

// dist/resolve-models.d.ts
import type { ModelSpec } from '@smmf/protocol';
import { type ParsedConfig } from './config.ts';
import { type FaultList } from './faults.ts';
import { type LoadedPlugin } from './find-plugin.ts';
import type { RawConfig } from './read-config.ts';
import type { ExpandedConfig } from './references.ts';
/** One worker of a model, its plugin found and its options checked. */
export interface ResolvedWorker {
    readonly model: string;
    /** Short name of the engine. */
    readonly engine: string;
    /** Its plugin as the config names it. */
    readonly use: string;
    readonly plugin: LoadedPlugin<'engine'>;
    /** Runs already, or in a process of ours. */
    readonly form: 'attach' | 'process';
    /** With every reference replaced: the process that runs the engine parses them again. */
    readonly options: Readonly<Record<string, unknown>>;
    /** As they stand in the config. */
    readonly written: Readonly<Record<string, unknown>>;
    /** Where they stand: `models.chat`. */
    readonly place: string;
    readonly replicas: number;
    readonly slots: number | undefined;
    readonly weight: number;
    readonly order: number;
    readonly labels: Readonly<Record<string, string>>;
}
type ModelConfig = ParsedConfig['models'][string];
/** Looks through models one after another, and collects their workers. */
export declare class ModelResolver {
    #private;
    readonly workers: ResolvedWorker[];
    constructor({ baseDir, value }: RawConfig, references: ExpandedConfig['references'], faults: FaultList);
    /** `written`: the keys that stand in the config, without those that have a default only. */
    model(id: string, model: ModelConfig, written: readonly string[]): Promise<ModelSpec>;
    /** Names mean one model each, and fallbacks lead somewhere. `ids`: of all models, also of faulty ones. */
    names(models: readonly {
        readonly id: string;
        readonly model: ModelConfig;
    }[], ids: readonly string[]): void;
}
export {};

// dist/roles/api-server-role.d.ts
import { type Dialer } from '@smmf/core';
import { type RouterHandle } from '@smmf/router';
import { type KeyRing, type Listening, type Metrics } from '@smmf/server';
import type { ParsedConfig } from '../config.ts';
import type { MemberConfig, MemberContext, Role } from './role-context.ts';
/** What an API server is told by its config. */
export interface ApiServerConfig extends MemberConfig {
    readonly server: ParsedConfig['server'];
    readonly serverKeys: KeyRing;
}
/** What an API server is given besides. */
export interface ApiServerContext extends MemberContext {
    readonly dialer: Dialer;
    /** Longest wait for requests in flight when the role is stopped, milliseconds. */
    readonly drainMs: () => number;
}
/** The data plane as a part of a program: a router over the two feeds, and the OpenAI API over the router. */
export interface ApiServerRole extends Role {
    readonly router: RouterHandle;
    readonly metrics: Metrics;
    /** Opens the OpenAI API. @throws PORT_IN_USE */
    listen(): Promise<Listening>;
    /** Refuses new requests and waits up to `limitMs` for those under way; idempotent. */
    drain(limitMs: number): Promise<void>;
    /** Resolves when every model has a ready instance. @throws MODEL_UNAVAILABLE when one has failed for good; CLOSED; the signal's reason */
    ready(signal?: AbortSignal): Promise<void>;
}
/** An API server that serves what the settings of `context.controller` name, on the instances of `context.registry`. */
export declare function createApiServerRole(config: ApiServerConfig, context: ApiServerContext): ApiServerRole;

// dist/roles/controller-role.d.ts
import { type ControllerHandle, type DesiredState } from '@smmf/controller';
import { type KeyRing, type Listening } from '@smmf/server';
import type { ParsedConfig } from '../config.ts';
import type { Role, RoleContext } from './role-context.ts';
/** What a controller is told by its config. */
export interface ControllerRoleConfig {
    readonly desired: DesiredState;
    readonly admin: Pick<ParsedConfig['admin'], 'host' | 'port' | 'hosts' | 'tls'>;
    readonly adminKeys: KeyRing;
}
/** The control plane as a part of a program. */
export interface ControllerRole extends Role {
    readonly controller: ControllerHandle;
    /** Opens the admin API. @throws PORT_IN_USE */
    listen(): Promise<Listening>;
}
/** A controller that follows `context.registry` and feeds the members that follow it. */
export declare function createControllerRole(config: ControllerRoleConfig, context: RoleContext): ControllerRole;

// dist/roles/role-context.d.ts
import type { ControllerLink, EngineKeys } from '@smmf/cluster';
import type { Clock, HttpClient, Logger, Registry, Secret } from '@smmf/core';
import type { Part } from '../lifecycle.ts';
import type { PlaceContext } from '../locate-engine.ts';
/** What every role is given besides its config. */
export interface RoleContext {
    readonly registry: Registry;
    readonly clock: Clock;
    readonly logger: Logger;
}
/** What a member is given: a role that follows a controller. */
export interface MemberContext extends RoleContext, Omit<PlaceContext, 'baseDir'> {
    readonly controller: ControllerLink;
    /** Makes the keys of engines that listen on a port; the same for all members. */
    readonly keyOf: EngineKeys;
    /** Asks model sources, and whatever plugins of this process ask. Closed by whoever made it, after the role has stopped. */
    readonly http: HttpClient;
    /** Held for as long as the role runs: no text shows these. */
    readonly hidden: readonly Secret[];
}
/** What members have in their config. */
export interface MemberConfig {
    /** Unique among the members of a controller. */
    readonly id: string;
    /** Where plugins and relative paths are looked for. */
    readonly baseDir: string;
    /** Where fetched model files are kept. */
    readonly cacheDir?: string | undefined;
    /** Local model files must lie under one of these folders. */
    readonly modelRoots?: readonly string[] | undefined;
    /** Certificates of authorities that engines' processes trust besides those of Node, each a PEM text. */
    readonly authorities?: readonly string[] | undefined;
    readonly egress: {
        readonly allow: readonly string[];
        readonly deny: readonly string[];
    };
}
/** One of the three roles, to be started and stopped by a lifecycle. */
export interface Role extends Part {
    start(signal?: AbortSignal): Promise<void>;
    stop(): Promise<void>;
}

// dist/roles/worker-role.d.ts
import type { FetchProgress } from '@smmf/sources';
import type { MemberConfig, MemberContext, Role } from './role-context.ts';
/** What a worker host is told by its config. */
export interface WorkerRoleConfig extends MemberConfig {
    /** Folder of what outlives this process: the epochs of its instances. */
    readonly stateDir: string;
}
/** What a worker host is given besides. */
export interface WorkerRoleContext extends MemberContext {
    /** Longest wait for what runs when the role is stopped, milliseconds. */
    readonly drainMs: () => number;
    /** Hears how model files come in. */
    readonly onProgress?: (instance: string, progress: FetchProgress) => void;
}
/** A worker host as a part of a program: it runs what its controller assigns to it, and announces that in the registry. */
export declare function createWorkerRole(config: WorkerRoleConfig, context: WorkerRoleContext): Role;

// dist/sealed-options.d.ts
/** Secrets that stand in the config as they are, by the place where they were written. */
export type SecretBook = Map<string, string>;
/** Variables and query parameters whose names say that their values are secret. */
export declare const SECRET_NAME: RegExp;
/** Calls `visit` with every text in `value`. */
export declare function eachText(value: unknown, visit: (text: string) => void): void;
/**
 * The values that are secret among a plugin's options: what its schema calls so, and credentials in URLs.
 *
 * @param options with every reference replaced
 * @param parsed what the plugin's schema makes of them
 */
export declare function secretsAmong(options: unknown, parsed: unknown): ReadonlySet<string>;
/**
 * A copy of `written` in which a text that shows one of `secrets` is put aside into `book`; references stay as they are.
 *
 * @param expanded the same options with every reference replaced
 * @param place where they stand in the config: `models.chat`
 */
export declare function sealOptions(written: unknown, expanded: unknown, secrets: ReadonlySet<string>, place: string, book: SecretBook): unknown;
/** The same with what was put aside in its place again; `onMissing` hears of what `book` does not hold. */
export declare function unsealOptions(value: unknown, book: ReadonlyMap<string, string>, onMissing: (place: string) => void): unknown;

// dist/state-dir.d.ts
/**
 * Where roles keep what outlives them: the config's `stateDir`, from the config's folder; default `$XDG_STATE_HOME/smmf`,
 * `%LOCALAPPDATA%\smmf\state` on Windows, else `~/.local/state/smmf`.
 */
export declare function stateDirOf(written: string | undefined, baseDir: string, env: Readonly<Record<string, string | undefined>>, platform?: NodeJS.Platform): string;

// dist/faults.d.ts
import { SmmfError } from '@smmf/core';
import type * as z from 'zod';
/** One fault of a config: where, and what to do. */
export interface Fault {
    readonly path: readonly PropertyKey[];
    readonly message: string;
}
/** `; did you mean "port"?` when one of `known` is close to `word`, else the list of them, else nothing. */
export declare function didYouMean(word: string, known: readonly string[]): string;
/** The keys that a schema takes at `path`, for suggestions; empty where it takes any. */
export type KnownKeys = (path: readonly PropertyKey[]) => readonly string[];
/** The faults of one config. What follows only from another fault is left out, and values of references are never shown. */
export declare class FaultList {
    #private;
    get size(): number;
    /** Left out where nobody knows what stands at `path`. */
    add(path: readonly PropertyKey[], message: string): void;
    /** A fault after which nobody knows the value at `path`. */
    addUnread(path: readonly PropertyKey[], message: string): void;
    /** What zod found below `prefix`. A rule over a whole group says nothing while a part of the group is unknown. */
    addIssues(error: z.ZodError, prefix: readonly PropertyKey[], knownKeys: KnownKeys): void;
    /** Is everything at and below `path` as the config means it. */
    isKnown(path: readonly PropertyKey[]): boolean;
    /** From now on messages show `reference` where they would show `value`. */
    hide(value: string, reference: string): void;
    /** All faults as one error; each is a line of its message and an entry of `details.faults`. */
    asError(file: string): SmmfError;
}

// dist/references.d.ts
import type { FaultList } from './faults.ts';
/** What references are looked up in. */
export interface ReferenceContext {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly baseDir: string;
}
/** A config whose references are replaced. */
export interface ExpandedConfig {
    /** A copy; nothing of it is shared with the config that was given. */
    readonly value: unknown;
    /** Where one reference and nothing else stood, by {@link placeKey}: `environment variable PORT`. */
    readonly references: ReadonlyMap<string, string>;
}
/** A path as the key of a map. */
export declare const placeKey: (path: readonly PropertyKey[]) => string;
/**
 * The value with `${env:NAME}` and `${file:PATH}` replaced in every text, each with a default after `:-`; `$${` stands for
 * `${` and `$$NAME` for `$NAME`. What looks like a reference of another program is a fault.
 */
export declare function expandReferences(value: unknown, context: ReferenceContext, faults: FaultList): ExpandedConfig;

// dist/locate-engine.d.ts
import type { InstanceSpec } from '@smmf/protocol';
import type { LocatedEngine } from '@smmf/worker';
import type * as z from 'zod';
import { type ReferenceContext } from './references.ts';
/** Where a role finds plugins and what references name. */
export interface PlaceContext extends ReferenceContext {
    /** Secrets that the config holds as they are; only a role in the config's own process has them. */
    readonly secrets: ReadonlyMap<string, string>;
}
/**
 * The options of a plugin with every reference replaced, and what the plugin's schema makes of them.
 *
 * @param place where they stand in the config: `models.chat`
 * @throws CONFIG_INVALID with every fault, a variable that is not set on this machine among them
 */
export declare function optionsHere<S extends z.ZodType>(schema: S, written: unknown, place: readonly string[], context: PlaceContext): {
    readonly options: unknown;
    readonly parsed: z.output<S>;
};
/** Finds the plugin of a spec from `context.baseDir`, and its options. @throws PLUGIN_NOT_FOUND, PLUGIN_INVALID, CONFIG_INVALID */
export declare function locateEngine(spec: InstanceSpec, context: PlaceContext): Promise<LocatedEngine>;

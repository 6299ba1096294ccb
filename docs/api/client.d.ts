// dist/index.d.ts
export { type AdminClient, type AdminClientOptions, createAdminClient } from './admin-client.ts';
export { createSmallClient, type SmallAnswer, type SmallClient, type SmallClientOptions } from './http-json.ts';
export { createOpenAiWorker, type OpenAiWorkerOptions } from './openai-worker.ts';

// dist/admin-client.d.ts
import { type Secret } from '@smmf/core';
import { type Command, type InstanceView, type ModelList, type Operation } from '@smmf/protocol';
/** Where the admin API is. */
export interface AdminClientOptions {
    /** For example `http://127.0.0.1:8010`. */
    readonly url: string;
    readonly key?: Secret | undefined;
    /** Limit of one call; default 10 000. */
    readonly timeoutMs?: number;
}
/** The controller's admin API. Every call throws UNREACHABLE when nothing answers, and the server's own code otherwise. */
export interface AdminClient {
    models(): Promise<ModelList>;
    instances(): Promise<readonly InstanceView[]>;
    apply(command: Command): Promise<Operation>;
    close(): Promise<void>;
}
/** A client of the admin API at `options.url`. */
export declare function createAdminClient({ url, key, timeoutMs }: AdminClientOptions): AdminClient;

// dist/http-json.d.ts
/** A small answer, read whole. */
export interface SmallAnswer {
    readonly status: number;
    readonly text: string;
    /** The body parsed; undefined when it is no JSON. */
    readonly json: unknown;
}
/** Asks one server for small answers: discovery, health, metrics, admin. Never on the path of a request. */
export interface SmallClient {
    get(path: string, signal: AbortSignal): Promise<SmallAnswer>;
    post(path: string, body: unknown, signal: AbortSignal): Promise<SmallAnswer>;
    close(): Promise<void>;
}
/** Where a {@link SmallClient} asks. */
export interface SmallClientOptions {
    /** Base of every path. */
    readonly url: string;
    readonly socketPath?: string;
    readonly headers?: () => Record<string, string>;
    readonly connectTimeoutMs?: number;
}
/** A client with connections of its own; redirects are not followed. */
export declare function createSmallClient({ url, socketPath, headers, connectTimeoutMs, }: SmallClientOptions): SmallClient;

// dist/openai-worker.d.ts
import { type Endpoint, type EngineContext, Secret, type Worker } from '@smmf/core';
import { type LoadSample, type TaskId } from '@smmf/protocol';
import { type SmallClient } from './http-json.ts';
/** How an OpenAI server is reached and what it serves. */
export interface OpenAiWorkerOptions {
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
    readonly streamUsage?: boolean;
    /** Asks for the list of models; default `GET /models`. Rejects only when nothing answers. */
    readonly list?: (signal: AbortSignal) => Promise<{
        readonly status: number;
        readonly json: unknown;
    }>;
    /** Asks the engine for its load; gets a client whose base is the server's origin. */
    readonly load?: (origin: SmallClient, signal: AbortSignal) => Promise<LoadSample>;
}
/**
 * A worker over any server that speaks OpenAI: the router sends bytes to its endpoint, the worker only looks after it.
 * Resolves also when the server is down; {@link Worker.health} then says so.
 */
export declare function createOpenAiWorker(options: OpenAiWorkerOptions, context: EngineContext): Promise<Worker>;

// dist/index.d.ts
import { inspect } from 'node:util';
import type { OnReadOpts } from 'node:net';
import type { Socket } from 'node:net';
import * as z from 'zod';

/** One attempt of a request at one instance. Times are milliseconds from the request's arrival; an absent one never came. */
declare interface AttemptRecord {
    readonly instance: string;
    /** Which of the instance's lanes; absent where it has one. */
    readonly lane?: string | undefined;
    /** The public model that it was asked for: the one of the request, or a fallback. */
    readonly model: string;
    readonly startedMs: number;
    /** A new connection was there; absent for a kept one, and where no connection is needed. */
    readonly connectedMs?: number | undefined;
    /** The request was handed to the connection. */
    readonly sentMs?: number | undefined;
    /** The first line of the answer was there. */
    readonly firstByteMs?: number | undefined;
    /** The first content was there; for an answer that is not streamed, the whole of it. */
    readonly firstTokenMs?: number | undefined;
    readonly endedMs: number;
    /** What the engine answered over HTTP; absent where no answer came, and for an engine in this process. */
    readonly engineStatus?: number | undefined;
    /** Absent for one that succeeded; `ABORTED` for one that the client ended. */
    readonly errorCode?: ErrorCode | undefined;
    /** The reason behind its error, for the operator's log alone. */
    readonly cause?: unknown;
}

/**
 * Chooses among candidates for one call: synchronous, no I/O. Where it throws, returns a promise or something that is none of
 * `candidates`, the router takes the least loaded one in its place, counts that as a fault and logs it, once a minute. Nothing
 * can be done about a loop that never ends: it stops the process.
 */
export declare interface Balancer {
    /** One of `candidates`, the very object; there are always two or more. */
    pick(candidates: readonly Candidate[], info: PickInfo): Candidate | undefined;
    /** Hears how a call that went to `candidate` ended. */
    done?(candidate: Candidate, outcome: PickOutcome): void;
    /** Frees what it holds, once another one has taken its place. */
    close?(): void;
}

/** A synchronous backend that computes many texts at once, of any requests: what `load` of a `backend` module may return. */
export declare interface BatchBackend<Item extends BatchItem = BatchItem> {
    readonly models: readonly ModelCard[];
    readonly limits?: BatchLimits;
    /** Reads one text: short work, in a thread. What it throws refuses the text's request alone. */
    read(input: BatchInput): Item;
    /** The vector of each item, in order. */
    embed?(items: readonly Item[]): readonly Float32Array[];
    /** The score of each item, in order. */
    rerank?(items: readonly Item[]): readonly number[];
}

/** One text that a batch backend is to read: an input of embeddings, or a document of rerank with its query. */
export declare interface BatchInput {
    readonly task: 'embeddings' | 'rerank';
    /** Token ids where the client sent such. */
    readonly text: string | readonly number[];
    /** Rerank alone. */
    readonly query?: string;
    /** Where it stands in the request, for errors: `input[3]`, `documents[0]`. */
    readonly param: string;
    /** What else the request says: `dimensions`, and unknown fields as they came. */
    readonly fields: Readonly<Record<string, unknown>>;
}

/** A text as the backend has read it; plain data, as it crosses threads. What else it holds is the backend's own. */
export declare interface BatchItem {
    /** How long it is, padding apart: what batches are bounded by and usage counts. */
    readonly tokens: number;
    /** The text was longer and its end was left out. */
    readonly wasCut?: boolean;
}

/** How batches are made. */
declare interface BatchLimits {
    /** Texts in one; default 16. */
    readonly items?: number | undefined;
    /** Texts times the longest of them, in tokens; default 2048. A text that is longer runs alone. */
    readonly tokens?: number | undefined;
    /** Longest wait of a text for others, milliseconds; default 2. */
    readonly waitMs?: number | undefined;
    /** Texts that may be under way, those that are read or computed included; default 16 384. One request is always taken. */
    readonly queue?: number | undefined;
}

/** What is changed in a request's body beside the model's name. */
export declare interface BodyEdits {
    /** Fields of the outermost object: the JSON text of a value, in place of the old one or new; undefined takes the field out. */
    readonly fields: Readonly<Record<string, string | undefined>>;
    /** Parameters that the engine does not get as they were asked for: named in `x-smmf-adjusted` and in the log. */
    readonly adjusted?: readonly string[];
}

/** What travels with every call of a worker. */
export declare interface Call {
    /** Id of the request and of this attempt, for logs. */
    readonly id: string;
    /** Aborts when nobody waits for the answer any more; the worker then stops within one step and frees what it holds. */
    readonly signal: AbortSignal;
    /** On {@link Clock.now}'s scale: when the answer must be complete. */
    readonly deadlineMs: number;
    /** Which of the endpoint's lanes was picked; `default` where there is one. */
    readonly lane?: string;
}

/** Who asked. */
declare interface Caller {
    /** Name of the key, never the key. */
    readonly key?: string | undefined;
    /** IP address, where the server tells it. */
    readonly address?: string | undefined;
}

/**
 * What a balancer sees of an instance that may take a call. One frozen object for each instance, for as long as that lives; its
 * numbers are the router's own counts at the moment when they are read.
 */
export declare interface Candidate {
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

/** Body of `POST /v1/chat/completions`. */
declare type ChatRequest = z.infer<typeof chatRequest>;

/**
 * Body of `POST /v1/chat/completions`; unknown fields are kept at every level.
 * @see OpenAI's openapi.yaml, spec version 2.3.0, read 2026-08
 */
declare const chatRequest: z.ZodObject<{
    frequency_penalty: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    logit_bias: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodNumber>>>;
    max_tokens: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    n: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    presence_penalty: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    seed: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    stop: z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]>>>;
    stream: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
    stream_options: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        include_usage: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
    }, z.core.$loose>>>;
    temperature: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    top_p: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    user: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    model: z.ZodString;
    messages: z.ZodArray<z.ZodObject<{
        role: z.ZodEnum<{
            assistant: "assistant";
            developer: "developer";
            function: "function";
            system: "system";
            tool: "tool";
            user: "user";
        }>;
        content: z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodObject<{
            type: z.ZodString;
            text: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        }, z.core.$loose>>]>>>;
        name: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        tool_calls: z.ZodOptional<z.ZodNullable<z.ZodArray<z.ZodObject<{
            id: z.ZodString;
            type: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            function: z.ZodOptional<z.ZodNullable<z.ZodObject<{
                name: z.ZodString;
                arguments: z.ZodString;
            }, z.core.$loose>>>;
        }, z.core.$loose>>>>;
        tool_call_id: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    }, z.core.$loose>>;
    max_completion_tokens: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    logprobs: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
    top_logprobs: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    parallel_tool_calls: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
    response_format: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        type: z.ZodEnum<{
            json_object: "json_object";
            json_schema: "json_schema";
            text: "text";
        }>;
        json_schema: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            name: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            schema: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodUnknown>>>;
        }, z.core.$loose>>>;
    }, z.core.$loose>>>;
    tools: z.ZodOptional<z.ZodNullable<z.ZodArray<z.ZodObject<{
        type: z.ZodString;
        function: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            name: z.ZodString;
            description: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            parameters: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodUnknown>>>;
        }, z.core.$loose>>>;
    }, z.core.$loose>>>>;
    tool_choice: z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodEnum<{
        auto: "auto";
        none: "none";
        required: "required";
    }>, z.ZodObject<{
        type: z.ZodString;
        function: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            name: z.ZodString;
        }, z.core.$loose>>>;
    }, z.core.$loose>]>>>;
    reasoning_effort: z.ZodOptional<z.ZodNullable<z.ZodString>>;
}, z.core.$loose>;

/** Time as SMMF sees it; tests hand in a fake one. */
export declare interface Clock {
    /** Monotonic milliseconds; only differences mean anything. */
    now(): number;
    /** Wall-clock milliseconds of the Unix epoch, for records and logs; never for measuring. */
    wallMs(): number;
    /** Runs `task` once after `delayMs`; the returned function cancels it. The timer does not keep the process alive. */
    after(delayMs: number, task: () => void): () => void;
}

/** An order to the controller. */
declare type Command = z.infer<typeof command>;

/** An order to the controller. `online` undoes `offline` and `drain`. */
declare const command: z.ZodObject<{
    action: z.ZodEnum<{
        drain: "drain";
        offline: "offline";
        online: "online";
        restart: "restart";
    }>;
    instance: z.ZodString;
}, z.core.$strict>;

/** Body of `POST /v1/completions`. */
declare type CompletionRequest = z.infer<typeof completionRequest>;

/** Body of `POST /v1/completions`; unknown fields are kept. */
declare const completionRequest: z.ZodObject<{
    frequency_penalty: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    logit_bias: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodNumber>>>;
    max_tokens: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    n: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    presence_penalty: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    seed: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    stop: z.ZodOptional<z.ZodNullable<z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>]>>>;
    stream: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
    stream_options: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        include_usage: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
    }, z.core.$loose>>>;
    temperature: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    top_p: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    user: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    model: z.ZodString;
    prompt: z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>, z.ZodArray<z.ZodNumber>, z.ZodArray<z.ZodArray<z.ZodNumber>>]>;
    best_of: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    echo: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
    logprobs: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    suffix: z.ZodOptional<z.ZodNullable<z.ZodString>>;
}, z.core.$loose>;

/** What a plugin that talks to others is given besides. */
export declare interface ConnectedContext extends PluginContext {
    /** Opens connections as the operator has set it up: authorities, proxies, the egress rule. */
    readonly dialer: Dialer;
    /** A client over the dialer, for calls beside the path of requests. */
    readonly http: HttpClient;
}

/** Holds one instance of each service, built at its first `get`. */
export declare interface Container {
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

/** The number of the plugin contract; it stays 1. */
export declare const CONTRACT = 1;

/** The control plane: desired state, commands, views. */
export declare interface Controller {
    models(): Promise<readonly ServedModel[]>;
    /** Every wanted instance as it stands now: whoever runs it is asked, for a second at most. */
    instances(): Promise<readonly InstanceView[]>;
    /**
     * Takes an order; what takes long goes on afterwards, as an operation that runs.
     * @throws NOT_FOUND for an unknown instance
     */
    apply(command: Command): Promise<Operation>;
    /**
     * What the engine of an instance wrote last: whoever runs it is asked.
     * @throws NOT_FOUND for an unknown instance, and for an upstream, whose log is where it runs
     */
    logs(instance: string, query: LogQuery): Promise<EngineLog>;
    /** The newest operations, at most 100, the newest first. */
    operations(): readonly Operation[];
}

/** An empty container; no state is shared with any other. */
export declare function createContainer(): Container;

/**
 * Declares a plugin; its package exports the result as default.
 * @throws PLUGIN_INVALID for a bad name, when there is neither `create` nor `backend`, or both without `run`
 */
export declare function definePlugin<K extends PluginKind, S extends z.ZodType>(definition: PluginDefinition<K, S>): Plugin<K, S>;

/** The one way to open a connection. */
export declare interface Dialer {
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

/** The way that a target is reached; nothing of it is secret. */
export declare type DialRoute = {
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

/** Where a connection goes, and how. */
export declare interface DialTarget {
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
    /** Who must answer there: asked on each new connection before it is given away, where the dialer has a check for it. */
    readonly peer?: Peer | undefined;
    /** Limit for all of it: DNS, TCP, proxy, TLS, the hook. Milliseconds; default the dialer's. */
    readonly connectTimeoutMs?: number | undefined;
    /**
     * Reads of a plain, direct connection go through this buffer. Where TLS, a proxy or a hook stands between, the bytes come as
     * `data` events in its place, so that a caller listens to both.
     */
    readonly onread?: OnReadOpts | undefined;
}

/**
 * Who chose an address. `configured`: the operator; loopback and private networks may be reached. `vendor`: a plugin, for a service
 * that it knows by name; private networks may be reached (private endpoints of clouds), this machine not. `public`: a redirect, a
 * record, an answer; only addresses of the public internet may be reached. But for `configured`: at port 80, 443 or from 1024 on.
 */
export declare type EgressZone = 'configured' | 'vendor' | 'public';

/** Body of `POST /v1/embeddings`. */
declare type EmbeddingRequest = z.infer<typeof embeddingRequest>;

/** Body of `POST /v1/embeddings`; unknown fields are kept. */
declare const embeddingRequest: z.ZodObject<{
    model: z.ZodString;
    input: z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodString>, z.ZodArray<z.ZodNumber>, z.ZodArray<z.ZodArray<z.ZodNumber>>]>;
    encoding_format: z.ZodOptional<z.ZodNullable<z.ZodEnum<{
        base64: "base64";
        float: "float";
    }>>>;
    dimensions: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    user: z.ZodOptional<z.ZodNullable<z.ZodString>>;
}, z.core.$loose>;

/** What a typed worker answers: one vector for each input, in order. */
declare interface EmbeddingResult {
    readonly vectors: readonly (Float32Array | readonly number[])[];
    readonly usage: Usage;
    readonly headers?: ResultHeaders;
}

/**
 * Wire path: an OpenAI server that the router sends bytes to, without asking the worker. It is dialled as a {@link DialTarget}; where
 * it names no `connectTimeoutMs`, within 1000 ms. `tls` stays the same object for as long as the certificates in it are the same.
 */
export declare interface Endpoint extends Pick<DialTarget, 'socketPath' | 'egress' | 'tls' | 'connectTimeoutMs'> {
    /** Origin and base path up to and including the version, for example `http://127.0.0.1:8000/v1`. */
    readonly url: string;
    /** Sent with every request; a {@link Secret} is revealed only there. */
    readonly headers?: Readonly<Record<string, string | Secret>>;
    /** The engine's own name of a model where it differs from the public one. */
    readonly models?: Readonly<Record<string, string>>;
    /** Where an operation is served when not at OpenAI's path, relative to `url`: `{ rerank: '/v2/rerank' }`. */
    readonly paths?: Readonly<Partial<Record<TaskId, string>>>;
    /** `env`: through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name for it. Default `none`: directly. */
    readonly proxy?: 'none' | 'env' | undefined;
    /** Does the engine take `stream_options.include_usage`; default true. */
    readonly streamUsage?: boolean;
    /** How the engine differs from OpenAI; default: not at all. */
    readonly profile?: Profile;
    /** Keys of one vendor; default one lane, called `default`. */
    readonly lanes?: readonly Lane[];
}

/** What an engine sent in place of a result. */
export declare interface EngineAnswer {
    /** 200 for an error inside a successful answer: an event of its stream, or its whole body. */
    readonly status: number;
    readonly header: (name: string) => string | undefined;
    /** The first 64 KiB. */
    readonly body: Buffer;
}

/** What an engine plugin is given. */
export declare interface EngineContext extends ConnectedContext {
    /** The public model id that the config gives this worker. */
    readonly model: string;
    /**
     * Brings a model file to this machine and returns its absolute path; progress shows in the instance's state.
     * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT
     */
    modelFile(source: ModelSource): Promise<string>;
}

/** The newest lines of one instance. */
declare type EngineLog = z.infer<typeof engineLog>;

/** The newest lines of one instance, oldest first; credentials are taken out. */
declare const engineLog: z.ZodObject<{
    lines: z.ZodArray<z.ZodObject<{
        seq: z.ZodNumber;
        atMs: z.ZodNumber;
        text: z.ZodString;
    }, z.core.$strip>>;
}, z.core.$strip>;

/**
 * The closed table of error codes: HTTP status, OpenAI type, retry advice, scope. `docs/errors.md` explains each; a
 * published code is never reused.
 */
export declare const ERROR_CODES: {
    readonly INVALID_REQUEST: ErrorRow;
    readonly INVALID_JSON: ErrorRow;
    readonly INVALID_VALUE: ErrorRow;
    readonly MISSING_REQUIRED_PARAMETER: ErrorRow;
    readonly UNSUPPORTED_PARAMETER: ErrorRow;
    readonly CONTEXT_LENGTH_EXCEEDED: ErrorRow;
    readonly CONTENT_FILTER: ErrorRow;
    readonly TASK_NOT_SUPPORTED: ErrorRow;
    readonly INVALID_API_KEY: ErrorRow;
    readonly PERMISSION_DENIED: ErrorRow;
    readonly NOT_FOUND: ErrorRow;
    readonly MODEL_NOT_FOUND: ErrorRow;
    readonly METHOD_NOT_ALLOWED: ErrorRow;
    readonly REQUEST_TIMEOUT: ErrorRow;
    readonly CONFLICT: ErrorRow;
    readonly REQUEST_TOO_LARGE: ErrorRow;
    readonly UNSUPPORTED_MEDIA_TYPE: ErrorRow;
    readonly RATE_LIMIT_EXCEEDED: ErrorRow;
    readonly ABORTED: ErrorRow;
    readonly INTERNAL: ErrorRow;
    readonly ENGINE_UNREACHABLE: ErrorRow;
    readonly ENGINE_FAILED: ErrorRow;
    readonly ENGINE_TRUNCATED: ErrorRow;
    readonly ENGINE_CREDENTIALS: ErrorRow;
    readonly CREDENTIALS_UNUSABLE: ErrorRow;
    readonly MODEL_UNAVAILABLE: ErrorRow;
    readonly OVERLOADED: ErrorRow;
    readonly ENGINE_OVERLOADED: ErrorRow;
    readonly SERVER_SHUTTING_DOWN: ErrorRow;
    readonly TIMEOUT: ErrorRow;
    readonly REGISTRY_UNAVAILABLE: ErrorRow;
    readonly REGISTRY_AUTH: ErrorRow;
    readonly LEASE_LOST: ErrorRow;
    readonly DUPLICATE_INSTANCE_ID: ErrorRow;
    readonly RECORD_TOO_LARGE: ErrorRow;
    readonly RECORD_UNSIGNED: ErrorRow;
    readonly ADVERTISE_LOOPBACK: ErrorRow;
    readonly SECRET_MISSING: ErrorRow;
    readonly CLOSED: ErrorRow;
    readonly CONFIG_INVALID: ErrorRow;
    readonly PLUGIN_NOT_FOUND: ErrorRow;
    readonly PLUGIN_INVALID: ErrorRow;
    readonly SERVICE_MISSING: ErrorRow;
    readonly SERVICE_CYCLE: ErrorRow;
    readonly DUPLICATE_SERVICE: ErrorRow;
    readonly SOURCE_UNAVAILABLE: ErrorRow;
    readonly SOURCE_CORRUPT: ErrorRow;
    readonly MODEL_LOAD_FAILED: ErrorRow;
    readonly ENGINE_START_FAILED: ErrorRow;
    readonly UNREACHABLE: ErrorRow;
    readonly PORT_IN_USE: ErrorRow;
};

/** A code of {@link ERROR_CODES}. */
declare type ErrorCode = keyof typeof ERROR_CODES;

/** What may be said about an error beside its code and message. */
export declare interface ErrorContext {
    readonly cause?: unknown;
    /** The request field at fault, in OpenAI's spelling (`messages[0].content`). */
    readonly param?: string;
    /** When the caller may try again, in milliseconds from now; sent as `Retry-After`. */
    readonly retryAfterMs?: number;
    /** May the call be tried again; default as the code says. */
    readonly retry?: RetryAdvice;
    /**
     * No request goes to the lane that said so (with RATE_LIMIT_EXCEEDED: to its group) for so long, milliseconds. It is no sign of a
     * failing instance.
     */
    readonly pauseMs?: number;
    /** Safe to log and to send: no secret, no prompt. */
    readonly details?: Readonly<Record<string, unknown>>;
}

/** One row of {@link ERROR_CODES}. */
declare interface ErrorRow {
    /** HTTP status when the error reaches a client. */
    readonly status: number;
    /** OpenAI's `error.type`. */
    readonly type: string;
    readonly retry: RetryAdvice;
    readonly scope: ErrorScope;
}

/** What an error speaks of: the caller's request, a credential, the model, one instance, or a vendor behind it. */
declare type ErrorScope = 'request' | 'credential' | 'model' | 'instance' | 'provider' | 'system';

/** Why a choice ended; other engines' words are passed on as they are. */
declare type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call' | (string & {});

/**
 * One step of a generated answer, in the order in which a typed worker yields them. A stream ends well only after a
 * `finish` for every choice; `error` ends it badly. `choice` is the index of the choice, 0 where only one was asked for.
 */
declare type GenerationEvent = 
/** What tells of the answer: headers, and the build and model that write it. Counts before its first content only. */
    {
    readonly type: 'head';
    readonly headers: ResultHeaders;
    readonly systemFingerprint?: string;
} | {
    readonly type: 'text';
    readonly choice: number;
    readonly text: string;
    readonly logprobs?: readonly TokenLogprob[];
} | {
    readonly type: 'reasoning';
    readonly choice: number;
    readonly text: string;
} | {
    readonly type: 'refusal';
    readonly choice: number;
    readonly text: string;
} | {
    readonly type: 'tool-call';
    readonly choice: number;
    /** Position of the call among the calls of its choice. */
    readonly index: number;
    /** `id` and `name` come with the first event of a call only. */
    readonly id?: string;
    readonly name?: string;
    /** The next piece of the arguments' JSON text. */
    readonly arguments: string;
} | {
    readonly type: 'finish';
    readonly choice: number;
    readonly reason: FinishReason;
} | {
    readonly type: 'usage';
    readonly usage: Usage;
} | {
    readonly type: 'error';
    readonly error: WireError;
};

/** What a probe found. */
declare interface Health {
    /** The engine answers at all. */
    readonly live: boolean;
    /** It can serve its models now. */
    readonly ready: boolean;
    /** Why it is not ready, in words for an operator. */
    readonly reason?: string;
    /** What an operator should know although it is ready. */
    readonly note?: string;
    /** Its list of models lacks the name that it is asked for; it may take that all the same, and its list tells nobody who it is. */
    readonly isUnlisted?: boolean;
    /** It was reached and said nothing in time, which a busy engine does, too: its state stays what it was. */
    readonly isUndecided?: boolean;
}

/** An answer that was read whole. */
export declare interface HttpAnswer {
    readonly status: number;
    readonly headers: HttpHeaders;
    readonly url: string;
    readonly text: string;
    /** The body parsed; undefined when it is no JSON. */
    readonly json: unknown;
}

/** A small HTTP client for calls beside the path of requests. Any status is an answer; every call takes a signal. */
export declare interface HttpClient {
    /** @throws UNREACHABLE, CONFIG_INVALID, the signal's reason */
    request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
    /** GET, read whole. @throws as `request` */
    get(url: string, signal: AbortSignal, more?: Omit<HttpRequest, 'url'>): Promise<HttpAnswer>;
    /** POST of `value` as JSON, read whole. @throws as `request` */
    post(url: string, value: unknown, signal: AbortSignal, more?: Omit<HttpRequest, 'url'>): Promise<HttpAnswer>;
    /** For SDKs that take a `fetch`; follows redirects only with `redirect: 'follow'`. */
    readonly fetch: typeof globalThis.fetch;
    /** Closes idle connections, and ends calls that are under way `limitMs` later (default 0); idempotent. */
    close(limitMs?: number): Promise<void>;
}

/** Headers of an answer, names in lower case. */
export declare type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request of an {@link HttpClient}: the target, which may have path and query, and what is sent. */
export declare interface HttpRequest extends Omit<DialTarget, 'onread'> {
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

/** An answer whose body has not been read; either it is read or {@link HttpResponse.discard} is called. */
export declare interface HttpResponse {
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

/** An instance as the control plane sees it. */
declare type InstanceView = z.infer<typeof instanceView>;

/**
 * An instance as the control plane sees it: its record, what the operator ordered, and what whoever runs it says when asked. The
 * latter is absent where it did not answer.
 */
declare const instanceView: z.ZodObject<{
    id: z.ZodString;
    epoch: z.ZodNumber;
    engine: z.ZodString;
    state: z.ZodEnum<{
        degraded: "degraded";
        down: "down";
        draining: "draining";
        failed: "failed";
        gone: "gone";
        ready: "ready";
        starting: "starting";
    }>;
    reason: z.ZodOptional<z.ZodString>;
    models: z.ZodArray<z.ZodObject<{
        id: z.ZodString;
        tasks: z.ZodArray<z.ZodEnum<{
            chat: "chat";
            completions: "completions";
            embeddings: "embeddings";
            rerank: "rerank";
        }>>;
        contextLength: z.ZodOptional<z.ZodNumber>;
        capabilities: z.ZodOptional<z.ZodArray<z.ZodString>>;
        labels: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodString>>;
    }, z.core.$strip>>;
    address: z.ZodOptional<z.ZodObject<{
        url: z.ZodURL;
        socketPath: z.ZodOptional<z.ZodString>;
        node: z.ZodOptional<z.ZodString>;
        keyId: z.ZodOptional<z.ZodString>;
    }, z.core.$strip>>;
    slots: z.ZodOptional<z.ZodNumber>;
    weight: z.ZodDefault<z.ZodNumber>;
    order: z.ZodDefault<z.ZodNumber>;
    labels: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
    host: z.ZodOptional<z.ZodString>;
    identity: z.ZodOptional<z.ZodCatch<z.ZodEnum<{
        none: "none";
        proof: "proof";
        tls: "tls";
        weak: "weak";
    }>>>;
    generation: z.ZodOptional<z.ZodNumber>;
    startedAtMs: z.ZodNumber;
    starts: z.ZodOptional<z.ZodNumber>;
    crashes: z.ZodOptional<z.ZodNumber>;
    load: z.ZodOptional<z.ZodObject<{
        running: z.ZodOptional<z.ZodNumber>;
        waiting: z.ZodOptional<z.ZodNumber>;
        cacheUse: z.ZodOptional<z.ZodNumber>;
        prefixHitRate: z.ZodOptional<z.ZodNumber>;
        sampledAtMs: z.ZodNumber;
    }, z.core.$strip>>;
    lanes: z.ZodOptional<z.ZodArray<z.ZodObject<{
        id: z.ZodString;
        state: z.ZodEnum<{
            ejected: "ejected";
            paused: "paused";
            ready: "ready";
        }>;
        reason: z.ZodOptional<z.ZodString>;
        code: z.ZodOptional<z.ZodString>;
        forMs: z.ZodOptional<z.ZodNumber>;
    }, z.core.$strip>>>;
    sinceMs: z.ZodOptional<z.ZodNumber>;
    administrative: z.ZodEnum<{
        draining: "draining";
        offline: "offline";
        online: "online";
    }>;
}, z.core.$strip>;

/** Does this host name (no port) mean the machine itself: `localhost`, 127.0.0.0/8, `::1` with or without brackets. */
export declare function isLoopbackHost(host: string): boolean;

/** Recognises a {@link Secret}, also one made by another copy of this package. */
export declare function isSecret(value: unknown): value is Secret;

/** Recognises an {@link SmmfError}, also one made by another copy of this package. */
export declare function isSmmfError(error: unknown): error is SmmfError;

/** Kinds of JSON values, told apart by their first byte. */
declare type JsonKind = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

/** One of several ways into the same engine: a key of a vendor. Requests are picked for it, paused and counted on it alone. */
export declare interface Lane {
    /** Unique within its endpoint; shown in logs, so never the key itself. */
    readonly id: string;
    /** Its share of the instance's requests beside the other lanes' weights; default 1. */
    readonly weight?: number;
    /** Lanes with the same limit of calls (keys of one organisation): what pauses one for too many calls pauses all of them. */
    readonly group?: string;
}

/** A command that SMMF starts and watches. Described here, refused by name in this version. */
export declare interface LaunchSpec {
    readonly form: 'launch';
    readonly command: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
}

/**
 * The right of one start to its entry; it can write no other. One I/O for each call and no timers of its own: the one heartbeat
 * loop is `@smmf/cluster`'s announcer.
 */
export declare interface Lease {
    renew(signal: AbortSignal): Promise<LeaseResult>;
    update(value: string, signal: AbortSignal): Promise<LeaseResult>;
    /**
     * Leaves. With a last value (a tombstone) the entry stays readable with it for two times the lease's length, so that every
     * reader sees an orderly leave; without one it is gone at once. Idempotent, and harmless when the lease was lost.
     */
    release(lastValue: string | undefined, signal: AbortSignal): Promise<void>;
}

/** Result of a write under a lease: it stands, the lease had ended, or a higher epoch has taken its place. */
export declare type LeaseResult = 'ok' | 'lost' | 'superseded';

/**
 * Loads a plugin, also one that another copy of this package has made.
 *
 * @param url `file:` URL of its module
 * @param name how messages call it
 * @throws PLUGIN_INVALID when the module cannot be loaded or its default export is no plugin of this kind and contract
 */
export declare function loadPlugin<K extends PluginKind>(url: string, kind: K, name: string): Promise<Plugin<K>>;

/** Load as the engine reports it. */
declare type LoadSample = z.infer<typeof loadSample>;

/** Load as the engine reports it; an absent number is unknown, not zero. */
declare const loadSample: z.ZodObject<{
    running: z.ZodOptional<z.ZodNumber>;
    waiting: z.ZodOptional<z.ZodNumber>;
    cacheUse: z.ZodOptional<z.ZodNumber>;
    prefixHitRate: z.ZodOptional<z.ZodNumber>;
    sampledAtMs: z.ZodNumber;
}, z.core.$strip>;

/**
 * Where log lines go: fields first, then a fixed text without variables. Fields never hold prompts, answers or keys.
 * pino's loggers fit as they are.
 */
export declare type Logger = {
    readonly [level in LogLevel]: (fields: Readonly<Record<string, unknown>>, text: string) => void;
} & {
    /** A logger that adds `fields` to every line. */
    child(fields: Readonly<Record<string, unknown>>): Logger;
};

/** Levels of a log line, loudest first. */
export declare type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Which lines are asked for; default the newest 100. */
declare type LogQuery = z.output<typeof logQuery>;

/** Which lines are asked for, also as the query of a URL: those after one that is known, and of these the newest `limit`. */
declare const logQuery: z.ZodObject<{
    after: z.ZodOptional<z.ZodCoercedNumber<unknown>>;
    limit: z.ZodOptional<z.ZodCoercedNumber<unknown>>;
}, z.core.$strict>;

declare const MARK: unique symbol;

declare const MARK_2: unique symbol;

declare const MARK_3: unique symbol;

/** What a worker says of one model. */
declare type ModelCard = z.infer<typeof modelCard>;

/** What a worker says of one model: its public id, the tasks it serves and its context length in tokens. */
declare const modelCard: z.ZodObject<{
    id: z.ZodString;
    tasks: z.ZodArray<z.ZodEnum<{
        chat: "chat";
        completions: "completions";
        embeddings: "embeddings";
        rerank: "rerank";
    }>>;
    contextLength: z.ZodOptional<z.ZodNumber>;
    capabilities: z.ZodOptional<z.ZodArray<z.ZodString>>;
    labels: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodString>>;
}, z.core.$strip>;

/** What an engine can tell of a model file without loading it; what it does not know is absent. */
declare interface ModelFileFacts {
    /** For example `GGUF 3`. */
    readonly format: string;
    readonly name?: string | undefined;
    readonly architecture?: string | undefined;
    /** How many numbers its weights are. */
    readonly parameters?: number | undefined;
    /** For example `Q4_K_M`. */
    readonly quantization?: string | undefined;
    /** Tokens that it was trained on. */
    readonly contextLength?: number | undefined;
    /** Does it say how messages become a prompt. */
    readonly hasChatTemplate?: boolean | undefined;
    readonly license?: string | undefined;
}

/** A model file, or several places to look for it in order. */
declare type ModelSource = z.infer<ReturnType<typeof modelSource>>;

/**
 * One model file or a list tried in order: a path, `https://`, `hf://`, `modelscope://`, `pypi://`, each with an optional sha256.
 *
 * @param missing what is said where none is given
 */
declare const modelSource: (missing?: string) => z.ZodUnion<readonly [z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
    url: z.ZodString;
    sha256: z.ZodOptional<z.ZodString>;
}, z.core.$strict>]>, z.ZodArray<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
    url: z.ZodString;
    sha256: z.ZodOptional<z.ZodString>;
}, z.core.$strict>]>>]>;

/** What became of a {@link Command}. */
declare type Operation = z.infer<typeof operation>;

/**
 * What becomes of a {@link Command}. A restart runs on after the call that ordered it: ask for the operation again by its id until
 * it is `done` (the instance is ready again) or `failed`.
 */
declare const operation: z.ZodObject<{
    action: z.ZodEnum<{
        drain: "drain";
        offline: "offline";
        online: "online";
        restart: "restart";
    }>;
    instance: z.ZodString;
    id: z.ZodString;
    state: z.ZodEnum<{
        done: "done";
        failed: "failed";
        running: "running";
    }>;
    reason: z.ZodOptional<z.ZodString>;
    progress: z.ZodOptional<z.ZodString>;
    startedAtMs: z.ZodNumber;
    endedAtMs: z.ZodOptional<z.ZodNumber>;
}, z.core.$strict>;

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
    source: (missing?: string) => z.ZodUnion<readonly [z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        url: z.ZodString;
        sha256: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>]>, z.ZodArray<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        url: z.ZodString;
        sha256: z.ZodOptional<z.ZodString>;
    }, z.core.$strict>]>>]>;
};

/**
 * Parses a plugin's options.
 *
 * @param place where they stand in the config, put before each fault: `['models', 'chat']`
 * @throws CONFIG_INVALID with every fault, each with its path, also in `details.faults`
 */
export declare function parseOptions<S extends z.ZodType>(schema: S, input: unknown, place: readonly string[]): z.output<S>;

/** Who must answer at an address: what the check before a connection's first request looks for. */
declare interface Peer {
    readonly instance: string;
    /** Names the key of its start, which proves who it is; absent: its list of models must name `model`. */
    readonly keyId?: string | undefined;
    /** The engine's own name of the model. */
    readonly model?: string | undefined;
}

/** What a balancer may know of the call. */
export declare interface PickInfo {
    readonly model: string;
    readonly task: TaskId;
    readonly promptBytes: number;
    /** Uniform in [0, 1); the only source of chance a balancer uses. */
    readonly random: () => number;
}

/** How a picked call ended. */
export declare interface PickOutcome {
    readonly ok: boolean;
    readonly firstTokenMs: number | undefined;
    readonly totalMs: number;
}

/** The default export of a plugin package. */
export declare type Plugin<K extends PluginKind = PluginKind, S extends z.ZodType = z.ZodType> = PluginDefinition<K, S> & {
    readonly [MARK_3]: true;
    readonly contract: number;
};

/** What every plugin is given: nothing else of the program is in its reach. */
export declare interface PluginContext {
    readonly logger: Logger;
    readonly clock: Clock;
    /** Aborts when the plugin's product must stop coming into being. */
    readonly signal: AbortSignal;
}

/** What an author hands to {@link definePlugin}. */
export declare interface PluginDefinition<K extends PluginKind, S extends z.ZodType> {
    readonly kind: K;
    /** Short name, lower case: `vllm`. */
    readonly name: string;
    /** One strict zod object; types, defaults, the editor's schema and the tables of options all come from it. */
    readonly options: S;
    /** Makes the product; heavy libraries are imported here and not above. */
    create?(options: z.output<S>, context: PluginKinds[K]['context']): Promise<PluginKinds[K]['product']>;
    /** Engines with synchronous code: the URL of a module that exports `load(options, modelId)`, which gives a `SyncBackend` or a `BatchBackend`. In place of `create`, or with `run` beside it: then `create` is for `attach`, `backend` for `process`. */
    readonly backend?: string;
    /** With `backend`, in the engine's process before the threads start: brings model files here and says what `load` is given. */
    prepare?(options: z.output<S>, context: PluginKinds[K]['context']): Promise<PreparedBackend>;
    /** How an engine with these options runs; default in a process of its own. Pure: called whenever a config is read. */
    run?(options: z.output<S>): RunForm;
    /**
     * Engines in a process of their own: how many threads libuv's pool has there, whatever `UV_THREADPOOL_SIZE` says; default what
     * that says, else four more than requests at once. 1 where a library is fast only if the same thread calls it each time.
     */
    readonly poolThreads?: number;
    /**
     * Engines that load files: what a file's header says, read as hostile input.
     * @throws SOURCE_CORRUPT
     */
    describe?(file: string): Promise<ModelFileFacts>;
}

/** A kind of plugin. */
export declare type PluginKind = keyof PluginKinds;

/** What each kind of plugin makes, and what it is given. */
export declare interface PluginKinds {
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
        context: RegistryContext;
    };
}

/** What a plugin's `prepare` hands to its `backend`. */
declare interface PreparedBackend {
    /** Given to `load` in place of the plugin's options; plain data. */
    readonly options: unknown;
    /** Threads of a batch backend, each with one of its own; default 1. Otherwise the config's `slots` say how many. */
    readonly threads?: number | undefined;
}

/**
 * How an OpenAI-shaped engine or vendor differs from OpenAI: pure functions without I/O, each optional. Where none applies, bytes
 * pass as they come. What one throws costs its own request (`classify`: the router then reads the answer itself) and is counted.
 */
export declare interface Profile {
    /** Headers beside the endpoint's, asked for anew for each request (keys that rotate): name, value, name, value, … */
    headers?(lane: string): readonly string[];
    /** Called for each attempt. @throws SmmfError for a request that the engine cannot take: that is its answer */
    edits?(request: RouterRequest): BodyEdits | undefined;
    /**
     * What an answer in place of a result means; its `pauseMs` keeps requests off the lane. Undefined: the router reads it by its
     * status and OpenAI's error body, as vLLM and OpenAI mean it.
     */
    classify?(answer: EngineAnswer, lane: string): SmmfError | undefined;
    /**
     * Another event in place of one of the stream, blank line included; undefined: as it is. Called for each: test bytes first.
     * @param memory empty at the start of an attempt, and the same object for all its events
     */
    event?(event: Buffer, memory: Record<string, unknown>): Buffer | undefined;
    /** The same for a whole answer; one above 1 MiB (embeddings, rerank: 64 MiB) passes as it is. */
    reply?(body: Buffer): Buffer | undefined;
}

/**
 * A foreign text (an engine's, a vendor's, a process's) without credentials: what {@link redactKnown} takes out, and whatever
 * looks like a key. For clients and for the log alike.
 */
export declare function redact(text: string): string;

/**
 * A text without the secrets of this process: each {@link Secret} of 8 characters and more that is alive, as it stands and as
 * it looks in JSON, in a URL and in base64. For texts of our own, whose words are to stay.
 */
export declare function redactKnown(text: string): string;

/** Stores entries under leases. Every call that does I/O takes a signal and ends with it. */
export declare interface Registry {
    readonly capabilities: RegistryCapabilities;
    /**
     * Takes or renews the lease of `(entry.id, entry.epoch)`; the same pair again is the same lease, with the newer value.
     * @throws LEASE_LOST when a higher epoch holds the id
     * @throws INVALID_VALUE for an id or an epoch that the contract does not allow; RECORD_TOO_LARGE for a value over the limit
     * @throws REGISTRY_UNAVAILABLE when the backend cannot be reached; REGISTRY_AUTH when it refuses who asks
     */
    register(entry: RegistryEntry, ttlMs: number, signal: AbortSignal): Promise<Lease>;
    /** The entry of one id, tombstones included; undefined when there is none. @throws REGISTRY_UNAVAILABLE, REGISTRY_AUTH */
    get(id: string, signal: AbortSignal): Promise<RegistryEntry | undefined>;
    /** @throws REGISTRY_UNAVAILABLE, REGISTRY_AUTH */
    snapshot(signal: AbortSignal): Promise<Snapshot>;
    /**
     * Calls `listener` with the present snapshot and after every change, whole and at most each 100 ms; returns its end. While the
     * backend cannot be reached nothing is called. What `listener` throws harms neither the registry nor other listeners.
     */
    watch(listener: (snapshot: Snapshot) => void): () => void;
    /** Frees everything; idempotent. Other calls throw CLOSED from here on. */
    close(): Promise<void>;
}

/** What a registry can and cannot do; the conformance suite holds it to its word. */
export declare interface RegistryCapabilities {
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

/** What a registry plugin is given. */
export declare interface RegistryContext extends ConnectedContext {
    /** Name of the cluster, 1 to 63 letters, digits, dots, dashes and underscores: part of every key, so that two never mix in one backend. */
    readonly namespace: string;
}

/** A record as a registry sees it. */
export declare interface RegistryEntry {
    /** 1 to 128 letters, digits, dots, dashes and underscores. */
    readonly id: string;
    /** Number of the start that wrote it; 1 or more. Of two with the same id the higher one counts. */
    readonly epoch: number;
    /** Text made by `@smmf/cluster`: opaque here, and handed on byte for byte, as it may be signed. */
    readonly value: string;
}

/**
 * Hears of every request that has ended, however it came: over HTTP or by a call in this process. What it throws is dropped.
 * @param body of the request, for comparisons; `gone` once it was let go
 */
export declare type RequestObserver = (record: RequestRecord, body: Buffer | 'gone') => void;

/** What became of a request; the log line and the metrics are made from it. Times are milliseconds from arrival. */
declare interface RequestRecord {
    readonly id: string;
    readonly task: TaskId;
    /** The model as the client wrote it: an alias, too, or a name that nothing has. */
    readonly asked: string;
    /** The public id of the model that served it, or that was to; undefined for an unknown model. */
    readonly model: string | undefined;
    /** The public id of the model asked for, where another one took its place. */
    readonly fallbackFrom?: string | undefined;
    /** How the engine that answered names the model; undefined when it did not say. */
    readonly engineModel?: string | undefined;
    /** Parameters that the engine did not get as they were asked for, as `x-smmf-adjusted` names them. */
    readonly adjusted?: string | undefined;
    readonly instance: string | undefined;
    readonly attempts: number;
    /** 499 when the client went before an answer began. */
    readonly status: number;
    readonly errorCode: ErrorCode | undefined;
    /** The reason behind an error, for the operator's log alone. */
    readonly cause: unknown;
    readonly endedBy: 'engine' | 'client' | 'smmf';
    readonly stream: boolean;
    readonly queueMs: number;
    readonly firstTokenMs: number | undefined;
    readonly totalMs: number;
    /** Events of a stream that carried content. */
    readonly contentEvents: number;
    readonly usage: Usage | undefined;
    readonly requestBytes: number;
    readonly responseBytes: number;
    /** Each attempt, in order. */
    readonly attemptRecords: readonly AttemptRecord[];
    readonly caller?: Caller | undefined;
    /** What the caller's program says of the request. */
    readonly labels?: Readonly<Record<string, string>> | undefined;
    /** W3C trace context, as it came. */
    readonly traceparent?: string | undefined;
    /** More about an error; safe to log. */
    readonly details?: Readonly<Record<string, unknown>> | undefined;
}

/** Body of a rerank. */
declare type RerankRequest = z.infer<typeof rerankRequest>;

/**
 * Body of a rerank, as Cohere (v1 and v2) and Jina defined it and vLLM and llama-server take it; unknown fields are kept. Two fields of Cohere's
 * need no more than that: `max_chunks_per_doc` has no meaning where a document is never split, and `rank_fields` is refused before.
 */
declare const rerankRequest: z.ZodObject<{
    model: z.ZodString;
    query: z.ZodString;
    documents: z.ZodArray<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
        text: z.ZodString;
    }, z.core.$loose>]>>;
    top_n: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    return_documents: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
    raw_scores: z.ZodOptional<z.ZodNullable<z.ZodBoolean>>;
    max_tokens_per_doc: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
}, z.core.$loose>;

/** What a typed worker answers: the score of each document, in the order of the request, higher is closer. */
declare interface RerankResult {
    readonly scores: readonly number[];
    readonly usage: Usage;
    readonly headers?: ResultHeaders;
}

/** First line and headers of an answer. */
export declare interface ResponseHead {
    readonly status: number;
    readonly contentType: string;
    readonly headers: Readonly<Record<string, string>>;
}

/** Where an answer goes. The router calls `start` once, then `write` and `end`; or `fail` at any point before `end`. */
export declare interface ResponseSink {
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

/** Headers by which a result tells of itself: what of the request was changed, what of the input was left out. No other is passed on. */
declare const RESULT_HEADERS: readonly ['x-smmf-adjusted', 'x-smmf-truncated'];

/** Headers of a result, by name. Values are printable ASCII, 1024 characters at most; others are left out. */
declare type ResultHeaders = Readonly<Partial<Record<(typeof RESULT_HEADERS)[number], string>>>;

/** May the same call be tried again: not at all, on the same instance, or on another one. */
declare type RetryAdvice = 'never' | 'same' | 'other';

/** The model handle: takes a checked request, finds an instance and relays its answer. */
export declare interface Router {
    /** Public models, aliases left out, sorted by id. */
    models(): readonly ModelCard[];
    /** The public model behind a name or an alias; undefined for an unknown one. */
    resolve(name: string): ModelCard | undefined;
    /** Starts a request; every result and every error reaches the sink. Never throws. */
    handle(request: RouterRequest, sink: ResponseSink): RunningRequest;
    /** Refuses new work, waits up to `limitMs` for what runs, then cuts it; idempotent. */
    drain(limitMs: number): Promise<void>;
}

/** A request whose frame has been checked: what the router needs, and the untouched bytes of the body. */
export declare interface RouterRequest {
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

/**
 * How an engine runs. `attach`: it runs already, somewhere; `create` makes the worker that speaks to it, in the process of
 * whoever serves. `process`: `create` or `backend` in a process of its own. `launch`: a command.
 */
export declare type RunForm = {
    readonly form: 'attach';
} | {
    readonly form: 'process';
} | LaunchSpec;

/** A request under way. */
export declare interface RunningRequest {
    /** The client is gone: stops the engine and frees everything in this very turn; harmless after the end. */
    cancel(): void;
    /** The sink can take bytes again. */
    resume(): void;
}

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

/** A public model, and the ids of the instances that serve it. */
declare type ServedModel = ModelCard & {
    readonly instances: readonly string[];
};

declare const shown: () => string;

/** A path in a config as people write it: `models.chat.workers[0].url`; names with dots or spaces in brackets. */
export declare function showPath(path: readonly PropertyKey[]): string;

/** A logger that drops everything; the default of embedded use and of tests. */
export declare const silentLogger: Logger;

/** The one error class. The message says what failed, which thing, and what to do; it never holds a secret or a prompt. */
export declare class SmmfError extends Error {
    readonly name = "SmmfError";
    readonly [MARK_2] = true;
    readonly code: ErrorCode;
    readonly param: string | undefined;
    readonly retryAfterMs: number | undefined;
    readonly retry: RetryAdvice;
    readonly pauseMs: number | undefined;
    readonly details: Readonly<Record<string, unknown>> | undefined;
    constructor(code: ErrorCode, message: string, context?: ErrorContext);
    /** Status, OpenAI type, retry advice and scope of the code. */
    get row(): ErrorRow;
    /** The inside of an OpenAI error body; its `code` is this code in lower case. A secret of this process never shows in it. */
    toWire(): WireError;
}

/** Every entry at one moment. Immutable; a later one replaces it whole. */
export declare interface Snapshot {
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

/** A synchronous backend: what the module named by an engine plugin's `backend` exports as `load`. */
export declare interface SyncBackend {
    readonly models: readonly ModelCard[];
    readonly tasks: {
        readonly chat?: (request: ChatRequest) => Iterable<GenerationEvent>;
        readonly completions?: (request: CompletionRequest) => Iterable<GenerationEvent>;
        readonly embeddings?: (request: EmbeddingRequest) => EmbeddingResult;
        readonly rerank?: (request: RerankRequest) => RerankResult;
    };
}

/** The clock of the machine. */
export declare const systemClock: Clock;

/** Operation ids of the OpenAI API that a worker can serve, each with its HTTP route under `/v1`. */
declare const TASK_ROUTES: {
    readonly chat: '/chat/completions';
    readonly completions: '/completions';
    readonly embeddings: '/embeddings';
    readonly rerank: '/rerank';
};

/** An operation of the OpenAI API: `chat`, `completions`, `embeddings` or `rerank`. */
declare type TaskId = keyof typeof TASK_ROUTES;

/** Typed path: a handler for each operation that the worker serves. An absent one is answered TASK_NOT_SUPPORTED before routing. */
export declare interface TaskMap {
    readonly chat?: (request: ChatRequest, call: Call) => AsyncIterable<GenerationEvent>;
    readonly completions?: (request: CompletionRequest, call: Call) => AsyncIterable<GenerationEvent>;
    readonly embeddings?: (request: EmbeddingRequest, call: Call) => Promise<EmbeddingResult>;
    readonly rerank?: (request: RerankRequest, call: Call) => Promise<RerankResult>;
}

/** Certificates of one connection, each a PEM text. */
export declare interface TlsSettings {
    /** Authorities that are trusted besides those that Node trusts, never in place of them. */
    readonly ca?: string | readonly string[] | undefined;
    /** The client's own certificate, followed by what leads to its authority. */
    readonly cert?: string | undefined;
    /** The private key of `cert`. */
    readonly key?: string | Secret | undefined;
}

/** A typed name of a service. Two copies of this package that use the same name mean the same service. */
export declare interface Token<T> {
    readonly key: symbol;
    /** Carries the type only; never set. */
    readonly type?: T;
}

/** Makes the token of a service, for example `token<Router>('router')`. */
export declare function token<T>(name: string): Token<T>;

/** Log probability of one token, as OpenAI writes it in `logprobs.content`. */
declare interface TokenLogprob {
    /** Its text; of a token that is no whole characters its bytes, as `\xf0\x9f`. */
    readonly token: string;
    /** Null for the first token of a prompt. */
    readonly logprob: number | null;
    readonly bytes: readonly number[] | null;
    readonly top_logprobs: readonly Omit<TokenLogprob, 'top_logprobs'>[];
}

/** Where one field of the outermost object stands, as byte offsets into the text. */
declare interface TopLevelField {
    /** The key, escapes decoded. */
    readonly key: string;
    readonly kind: JsonKind;
    /** First byte of the value, and the byte after its last. */
    readonly start: number;
    readonly end: number;
    /** Elements of an array; 0 for other kinds. */
    readonly length: number;
    /** Brackets inside the value at its deepest point: 1 for a flat array or object, 0 for other kinds. */
    readonly depth: number;
}

/** The fields of a JSON object by key. */
declare type TopLevelFields = ReadonlyMap<string, TopLevelField>;

/** Token counts of one answer. */
declare type Usage = z.infer<typeof usage>;

/** Token counts of one answer, as OpenAI reports them; unknown fields (`prompt_tokens_details`, …) are kept. */
declare const usage: z.ZodObject<{
    prompt_tokens: z.ZodNumber;
    completion_tokens: z.ZodOptional<z.ZodNumber>;
    total_tokens: z.ZodNumber;
}, z.core.$loose>;

/** The inside of an OpenAI error body. */
declare interface WireError {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
}

/** One engine, serving one or more models. */
export declare interface Worker {
    readonly models: readonly ModelCard[];
    /** Requests it runs at once; more wait in the router. Default 32; with an `endpoint` as many as come, since that engine says itself when it is full. */
    readonly slots?: number;
    /** Set when the engine speaks OpenAI itself: the router then relays bytes, but for operations that `tasks` handles. */
    readonly endpoint?: Endpoint;
    readonly tasks: TaskMap;
    /** How often it is asked for its health, and how long that may take, milliseconds; default 5000 and 1000. */
    readonly probe?: {
        readonly intervalMs: number;
        readonly timeoutMs: number;
    };
    /** Answers within the signal's limit and never throws for an engine that is merely down. */
    health(signal: AbortSignal): Promise<Health>;
    load?(signal: AbortSignal): Promise<LoadSample>;
    /** Frees the engine; idempotent. Calls after it throw CLOSED. */
    close(): Promise<void>;
}

export { }

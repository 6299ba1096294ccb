// dist/index.d.ts
import type { ClusterKeys } from '@smmf/cluster';
import { ControllerHandle } from '@smmf/controller';
import type { ControllerLink } from '@smmf/cluster';
import { DesiredState } from '@smmf/controller';
import { DestinationStream } from 'pino';
import type { FastifyPluginCallback } from 'fastify';
import { inspect } from 'node:util';
import { MemoryRegistry } from '@smmf/controller';
import type { OnReadOpts } from 'node:net';
import { ProbeResult } from '@smmf/client';
import type { RouterHandle } from '@smmf/router';
import type { Socket } from 'node:net';
import * as z from 'zod';

/** What an API server is told by its config. */
export declare interface ApiServerConfig extends MemberConfig {
    readonly server: ParsedConfig['server'];
    readonly serverKeys: KeyRing;
    /** Fingerprints of `serverKeys`, told to the others. */
    readonly keyPrints?: readonly string[] | undefined;
    /** It is one of several, apart from its controller: ready once it knows settings and instances and can serve any model. */
    readonly isApart?: boolean | undefined;
    /** It has no listener: the router inside an application. */
    readonly isEmbedded?: boolean | undefined;
    /** Processes of their own serve its port: it takes the calls of this program alone, and is not counted among the API servers. */
    readonly isUncounted?: boolean | undefined;
    /** Origins of the controllers it follows, where they are elsewhere. */
    readonly controllers?: readonly string[] | undefined;
}

/** What an API server is given besides. */
export declare interface ApiServerContext extends MemberContext {
    readonly dialer: Dialer;
    /** What a worker host in this process runs, for the metrics. */
    readonly engines?: () => readonly InstanceReport[];
    /** Longest wait for requests in flight when the role is stopped, milliseconds. */
    readonly drainMs: () => number;
    /** The other processes that share its port, where there are any. */
    readonly group?: GroupLink | undefined;
}

/** The data plane as a part of a program: a router over the two feeds, and the OpenAI API over the router. */
export declare interface ApiServerRole extends Role {
    readonly router: RouterHandle;
    readonly metrics: Metrics;
    /** Opens the OpenAI API. @throws PORT_IN_USE */
    listen(): Promise<Listening>;
    /**
     * Leaves: not ready at once, after the grace no new requests, and up to `limitMs` for those under way. A later call with a shorter
     * limit holds for the first one, too.
     */
    drain(limitMs: number): Promise<void>;
    /** May it get work at this moment. */
    readiness(): Readiness;
    /** The state of every model at this moment. */
    statuses(): readonly ModelStatus[];
    /** Calls `listener` whenever the state of a model may have changed. Returns its end. */
    watch(listener: () => void): () => void;
    /** Resolves when every model has a ready instance. @throws MODEL_UNAVAILABLE when one has failed for good; CLOSED; the signal's reason */
    ready(signal?: AbortSignal): Promise<void>;
}

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
declare interface Balancer {
    /** One of `candidates`, the very object; there are always two or more. */
    pick(candidates: readonly Candidate[], info: PickInfo): Candidate | undefined;
    /** Hears how a call that went to `candidate` ended. */
    done?(candidate: Candidate, outcome: PickOutcome): void;
    /** Frees what it holds, once another one has taken its place. */
    close?(): void;
}

/** What is changed in a request's body beside the model's name. */
declare interface BodyEdits {
    /** Fields of the outermost object: the JSON text of a value, in place of the old one or new; undefined takes the field out. */
    readonly fields: Readonly<Record<string, string | undefined>>;
    /** Parameters that the engine does not get as they were asked for: named in `x-smmf-adjusted` and in the log. */
    readonly adjusted?: readonly string[];
}

/** Limits on the body of a request. */
declare interface BodyLimits {
    /** Largest body, bytes. Default 32 MiB. */
    readonly bodyLimitBytes: number;
    /** What all bodies that are held at the same time may take, bytes. Default a quarter of the memory of container or machine. */
    readonly bodyMemoryBytes: number;
    /** A body that is slower than this, over a span of `bodyGraceMs`, is given up. */
    readonly bodyBytesPerSecond: number;
    readonly bodyGraceMs: number;
}

/** A logger with a buffer behind it. */
declare type BufferedLogger = Logger & {
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

/** What travels with every call of a worker. */
declare interface Call {
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

/** A key of `server.keys` that may call models: how a person gets at it, never the key. */
export declare interface CallerKey {
    /** `server.keys[0]` */
    readonly place: string;
    /** The environment variable that holds the key, and nothing beside it; undefined for a key from elsewhere. */
    readonly variable: string | undefined;
    /** Names of the models that it may use; undefined for all. */
    readonly models: readonly string[] | undefined;
}

/** The keys of `server.keys` that may call models, as they are written in the config; undefined for a server without keys. */
export declare function callerKeys(raw: RawConfig, env?: Readonly<Record<string, string | undefined>>): readonly CallerKey[] | undefined;

/** How a call from code may be bounded. */
export declare interface CallOptions {
    readonly signal?: AbortSignal;
    /** Whole time, milliseconds; default the model's own limit. */
    readonly timeoutMs?: number;
    /** Told to observers with the request: log, records. */
    readonly labels?: Readonly<Record<string, string>>;
    /** Hears at the end, also of a failed call, what became of it: the instance that served it, each attempt, times and usage. */
    readonly onRecord?: (record: RequestRecord) => void;
}

/**
 * What a balancer sees of an instance that may take a call. One frozen object for each instance, for as long as that lives; its
 * numbers are the router's own counts at the moment when they are read.
 */
declare interface Candidate {
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

/** One event of a streamed chat. */
export declare type ChatChunk = z.infer<typeof chatChunk>;

/** One event of a streamed chat. */
declare const chatChunk: z.ZodObject<{
    id: z.ZodString;
    object: z.ZodLiteral<"chat.completion.chunk">;
    created: z.ZodNumber;
    model: z.ZodString;
    choices: z.ZodArray<z.ZodObject<{
        index: z.ZodNumber;
        delta: z.ZodObject<{
            role: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            content: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            refusal: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            reasoning_content: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            tool_calls: z.ZodOptional<z.ZodNullable<z.ZodArray<z.ZodObject<{
                index: z.ZodNumber;
                id: z.ZodOptional<z.ZodNullable<z.ZodString>>;
                type: z.ZodOptional<z.ZodNullable<z.ZodString>>;
                function: z.ZodOptional<z.ZodNullable<z.ZodObject<{
                    name: z.ZodOptional<z.ZodNullable<z.ZodString>>;
                    arguments: z.ZodOptional<z.ZodNullable<z.ZodString>>;
                }, z.core.$loose>>>;
            }, z.core.$loose>>>>;
        }, z.core.$loose>;
        finish_reason: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        logprobs: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            content: z.ZodOptional<z.ZodNullable<z.ZodArray<z.ZodObject<{}, z.core.$loose>>>>;
            refusal: z.ZodOptional<z.ZodNullable<z.ZodArray<z.ZodObject<{}, z.core.$loose>>>>;
        }, z.core.$loose>>>;
    }, z.core.$loose>>;
    usage: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        prompt_tokens: z.ZodNumber;
        completion_tokens: z.ZodOptional<z.ZodNumber>;
        total_tokens: z.ZodNumber;
    }, z.core.$loose>>>;
}, z.core.$loose>;

/** Reply of chat without `stream`. */
export declare type ChatCompletion = z.infer<typeof chatCompletion>;

/** Reply of chat without `stream`; engines' answers are read with it, so everything they may leave out is optional. */
declare const chatCompletion: z.ZodObject<{
    id: z.ZodString;
    object: z.ZodLiteral<"chat.completion">;
    created: z.ZodNumber;
    model: z.ZodString;
    choices: z.ZodArray<z.ZodObject<{
        index: z.ZodNumber;
        message: z.ZodObject<{
            role: z.ZodString;
            content: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            refusal: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            reasoning_content: z.ZodOptional<z.ZodNullable<z.ZodString>>;
            tool_calls: z.ZodOptional<z.ZodNullable<z.ZodArray<z.ZodObject<{
                id: z.ZodString;
                type: z.ZodOptional<z.ZodNullable<z.ZodString>>;
                function: z.ZodOptional<z.ZodNullable<z.ZodObject<{
                    name: z.ZodString;
                    arguments: z.ZodString;
                }, z.core.$loose>>>;
            }, z.core.$loose>>>>;
        }, z.core.$loose>;
        finish_reason: z.ZodNullable<z.ZodString>;
        logprobs: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            content: z.ZodOptional<z.ZodNullable<z.ZodArray<z.ZodObject<{}, z.core.$loose>>>>;
            refusal: z.ZodOptional<z.ZodNullable<z.ZodArray<z.ZodObject<{}, z.core.$loose>>>>;
        }, z.core.$loose>>>;
    }, z.core.$loose>>;
    usage: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        prompt_tokens: z.ZodNumber;
        completion_tokens: z.ZodOptional<z.ZodNumber>;
        total_tokens: z.ZodNumber;
    }, z.core.$loose>>>;
}, z.core.$loose>;

/** Body of `POST /v1/chat/completions`. */
export declare type ChatRequest = z.infer<typeof chatRequest>;

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
declare interface Clock {
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

/** Reply of completions, and each event of its stream. */
export declare type Completion = z.infer<typeof completion>;

/** Reply of completions, and each event of its stream: both carry the same object name. */
declare const completion: z.ZodObject<{
    id: z.ZodString;
    object: z.ZodLiteral<"text_completion">;
    created: z.ZodNumber;
    model: z.ZodString;
    choices: z.ZodArray<z.ZodObject<{
        index: z.ZodNumber;
        text: z.ZodString;
        finish_reason: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        logprobs: z.ZodOptional<z.ZodNullable<z.ZodObject<{}, z.core.$loose>>>;
    }, z.core.$loose>>;
    usage: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        prompt_tokens: z.ZodNumber;
        completion_tokens: z.ZodOptional<z.ZodNumber>;
        total_tokens: z.ZodNumber;
    }, z.core.$loose>>>;
}, z.core.$loose>;

/** Body of `POST /v1/completions`. */
export declare type CompletionRequest = z.infer<typeof completionRequest>;

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

/** A config as it is written. */
export declare type Config = z.input<typeof configSchema>;

/** Names that are looked for when none is given, in this order. */
export declare const CONFIG_NAMES: readonly ['smmf.yaml', 'smmf.yml', 'smmf.json', 'smmf.config.ts', 'smmf.config.js'];

/**
 * The JSON Schema of a config file, for editors: completion and checks, with the options of every plugin of ours that is
 * installed beside it.
 */
export declare function configJsonSchema(baseDir: string): Promise<JsonObject>;

/** What somebody who reads a config may not expect, though nothing in it is wrong; each in one line, with its place. */
export declare function configNotes({ models, workers }: ResolvedConfig): string[];

/** The whole config, options of plugins aside: those are checked by each plugin's own schema. */
export declare const configSchema: z.ZodObject<{
    $schema: z.ZodOptional<z.ZodString>;
    version: z.ZodLiteral<1>;
    server: z.ZodPrefault<z.ZodObject<{
        host: z.ZodDefault<z.ZodString>;
        port: z.ZodDefault<z.ZodInt>;
        keys: z.ZodDefault<z.ZodArray<z.ZodUnion<readonly [z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>, z.ZodObject<{
            key: z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>;
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
            caFile: z.ZodOptional<z.ZodString>;
        }, z.core.$strict>>;
        advertise: z.ZodOptional<z.ZodURL>;
        cors: z.ZodDefault<z.ZodArray<z.ZodString>>;
        trustedProxies: z.ZodDefault<z.ZodArray<z.ZodString>>;
        bodyLimit: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        bodyMemory: z.ZodOptional<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        connectionsPerAddress: z.ZodOptional<z.ZodInt>;
        maxConnections: z.ZodDefault<z.ZodInt>;
        processes: z.ZodDefault<z.ZodInt>;
        drain: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
        grace: z.ZodPrefault<z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>>;
    }, z.core.$strict>>;
    admin: z.ZodPrefault<z.ZodObject<{
        host: z.ZodDefault<z.ZodString>;
        port: z.ZodDefault<z.ZodInt>;
        keys: z.ZodDefault<z.ZodArray<z.ZodUnion<readonly [z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>, z.ZodObject<{
            key: z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>;
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
            caFile: z.ZodOptional<z.ZodString>;
        }, z.core.$strict>>;
    }, z.core.$strict>>;
    cluster: z.ZodPrefault<z.ZodObject<{
        namespace: z.ZodDefault<z.ZodString>;
        secrets: z.ZodOptional<z.ZodArray<z.ZodPipe<z.ZodString, z.ZodTransform<Secret, string>>>>;
        allowPlain: z.ZodDefault<z.ZodBoolean>;
    }, z.core.$strict>>;
    controller: z.ZodPrefault<z.ZodObject<{
        id: z.ZodOptional<z.ZodString>;
        host: z.ZodDefault<z.ZodString>;
        port: z.ZodDefault<z.ZodInt>;
        advertise: z.ZodOptional<z.ZodURL>;
        tls: z.ZodOptional<z.ZodObject<{
            certFile: z.ZodString;
            keyFile: z.ZodString;
            caFile: z.ZodOptional<z.ZodString>;
        }, z.core.$strict>>;
        primary: z.ZodOptional<z.ZodURL>;
    }, z.core.$strict>>;
    worker: z.ZodPrefault<z.ZodObject<{
        id: z.ZodOptional<z.ZodString>;
        host: z.ZodDefault<z.ZodString>;
        ports: z.ZodPrefault<z.ZodPipe<z.ZodString, z.ZodTransform<{
            first: number;
            last: number;
        }, string>>>;
        advertise: z.ZodOptional<z.ZodURL>;
        tls: z.ZodOptional<z.ZodObject<{
            certFile: z.ZodString;
            keyFile: z.ZodString;
            caFile: z.ZodOptional<z.ZodString>;
        }, z.core.$strict>>;
        labels: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
    }, z.core.$strict>>;
    join: z.ZodOptional<z.ZodUnion<readonly [z.ZodURL, z.ZodArray<z.ZodURL>]>>;
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
    models: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodObject<{
        replicas: z.ZodDefault<z.ZodInt>;
        slots: z.ZodOptional<z.ZodInt>;
        weight: z.ZodDefault<z.ZodNumber>;
        order: z.ZodDefault<z.ZodInt>;
        labels: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
        on: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodString>>;
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
            on: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodString>>;
        }, z.core.$loose>>>;
    }, z.core.$loose>>>;
}, z.core.$strict>;

/** What a plugin that talks to others is given besides. */
declare interface ConnectedContext extends PluginContext {
    /** Opens connections as the operator has set it up: authorities, proxies, the egress rule. */
    readonly dialer: Dialer;
    /** A client over the dialer, for calls beside the path of requests. */
    readonly http: HttpClient;
}

/** The control plane: desired state, commands, views. */
declare interface Controller {
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

/** The control plane as a part of a program. */
export declare interface ControllerRole extends Role {
    readonly controller: ControllerHandle;
    /** Opens the admin API. @throws PORT_IN_USE */
    listen(): Promise<Listening>;
    /** Opens the registry and the feeds for members; `url` is what they join. @throws PORT_IN_USE */
    listenForMembers(): Promise<Listening>;
}

/** What a controller is told by its config. */
export declare interface ControllerRoleConfig {
    readonly id: string;
    readonly desired: DesiredState;
    readonly admin: Pick<ParsedConfig['admin'], 'host' | 'port' | 'hosts' | 'tls'>;
    readonly adminKeys: KeyRing;
    /** Where members of the cluster call; absent in one process with all of them. */
    readonly listener?: MemberListener | undefined;
    /** Other members are not in this program. */
    readonly isApart?: boolean | undefined;
    /** Folder of what outlives this process; absent: nothing does. */
    readonly stateDir?: string | undefined;
    /** Origin of the controller that owns the models; absent: this one. */
    readonly primary?: string | undefined;
}

/** What a controller is given besides. */
declare interface ControllerRoleContext extends RoleContext {
    /** Asks the members. */
    readonly http: HttpClient;
    /** The registry that it serves to members; absent where they have another one. */
    readonly served?: MemoryRegistry | undefined;
}

/** An API server that serves what the settings of `context.controller` name, on the instances of `context.registry`. */
export declare function createApiServerRole(config: ApiServerConfig, context: ApiServerContext): ApiServerRole;

/** A controller that follows the registries of `context` and feeds the members that follow it. */
export declare function createControllerRole(config: ControllerRoleConfig, context: ControllerRoleContext): ControllerRole;

/** An empty lifecycle. `stopLimitMs` bounds the stop of each part; default 10 000. */
export declare function createLifecycle({ stopLimitMs }?: {
    readonly stopLimitMs?: number;
}): Lifecycle;

/**
 * pino behind the logger contract: JSON lines, buffered for at most 100 ms and 1 MiB, or lines for people on a terminal. Control
 * characters never reach the output raw, nor does the value of any secret that is alive; a text field is cut at 1 KiB.
 */
export declare function createLogger(options?: LoggerOptions): BufferedLogger;

/**
 * Starts one role of a cluster in this process, and listens: no global state, no signal handlers. All roles in one process are
 * `createSmmf`. An API server with `server.processes` above 1 runs in processes of their own, and this one deals out connections.
 *
 * @param config a config object, or the path of a config file
 * @throws CONFIG_INVALID with every fault at once; PORT_IN_USE
 */
export declare function createRole(role: RoleName, config: Config | string, options?: Omit<SmmfOptions, 'willListen'>): Promise<RunningRole>;

/**
 * Composes and starts SMMF in this process: no global state, no signal handlers; two may live side by side. With `join` in the config it
 * is a member of a cluster: the router alone, over the models and instances that the cluster has.
 *
 * @param config a config object, or the path of a config file
 * @throws CONFIG_INVALID with every fault at once; a local model file that is not there is one only while no other model can be served
 * @throws PORT_IN_USE with {@link SmmfOptions.willListen}
 */
export declare function createSmmf(config: Config | string, options?: SmmfOptions): Promise<Smmf>;

/** Turns signals into orders: the first calls `stop`, and each that comes a second after the last one that counted, or later, calls `stopNow`. */
export declare function createStopOrder(stop: () => void, stopNow: () => void): () => void;

/** A worker host as a part of a program: it runs what its controller assigns to it, and announces that in the registries. */
export declare function createWorkerRole(config: WorkerRoleConfig, context: WorkerRoleContext): WorkerRole;

/** Gives a config its type in `smmf.config.ts`; returns it as it is. */
export declare function defineConfig(config: Config): Config;

/**
 * What a config wants, as data that may leave this machine: references unexpanded, secrets that stand in the config put aside
 * into `book`.
 */
export declare function desiredOf({ workers, models, balancers }: ResolvedConfig, book: SecretBook): DesiredState;

/** The one way to open a connection. */
declare interface Dialer {
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
declare type DialRoute = {
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
declare interface DialTarget {
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

/** `; did you mean "port"?` when one of `known` is close to `word`, else the list of them, else nothing. */
export declare function didYouMean(word: string, known: readonly string[]): string;

/**
 * Who chose an address. `configured`: the operator; loopback and private networks may be reached. `vendor`: a plugin, for a service
 * that it knows by name; private networks may be reached (private endpoints of clouds), this machine not. `public`: a redirect, a
 * record, an answer; only addresses of the public internet may be reached. But for `configured`: at port 80, 443 or from 1024 on.
 */
declare type EgressZone = 'configured' | 'vendor' | 'public';

/**
 * The OpenAI operations as functions. Each throws what the API would answer, as an `SmmfError`; ABORTED when its signal aborts, with
 * the signal's reason as `cause`; SERVER_SHUTTING_DOWN once SMMF is being closed, and after that.
 */
export declare interface EmbeddedApi {
    chat(request: Streamed<ChatRequest>, options?: CallOptions): AsyncIterable<ChatChunk>;
    chat(request: Whole<ChatRequest>, options?: CallOptions): Promise<ChatCompletion>;
    completions(request: Streamed<CompletionRequest>, options?: CallOptions): AsyncIterable<Completion>;
    completions(request: Whole<CompletionRequest>, options?: CallOptions): Promise<Completion>;
    embeddings(request: EmbeddingRequest, options?: CallOptions): Promise<EmbeddingReply>;
    rerank(request: RerankRequest, options?: CallOptions): Promise<RerankReply>;
    /** The public models, as they stand now. */
    models(): readonly ModelCard[];
}

/** A router without what feeds it: whoever embeds SMMF cannot take its table apart. */
export declare type EmbeddedRouter = Router & {
    stats(): RouterStats;
};

/** Reply of embeddings. */
export declare type EmbeddingReply = z.infer<typeof embeddingReply>;

/** Reply of embeddings; each vector is a list of numbers, or base64 of little-endian 32-bit floats. */
declare const embeddingReply: z.ZodObject<{
    object: z.ZodLiteral<"list">;
    data: z.ZodArray<z.ZodObject<{
        object: z.ZodString;
        index: z.ZodNumber;
        embedding: z.ZodUnion<readonly [z.ZodString, z.ZodArray<z.ZodNumber>]>;
    }, z.core.$loose>>;
    model: z.ZodString;
    usage: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        prompt_tokens: z.ZodNumber;
        completion_tokens: z.ZodOptional<z.ZodNumber>;
        total_tokens: z.ZodNumber;
    }, z.core.$loose>>>;
}, z.core.$loose>;

/** Body of `POST /v1/embeddings`. */
export declare type EmbeddingRequest = z.infer<typeof embeddingRequest>;

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
declare interface Endpoint extends Pick<DialTarget, 'socketPath' | 'egress' | 'tls' | 'connectTimeoutMs'> {
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
declare interface EngineAnswer {
    /** 200 for an error inside a successful answer: an event of its stream, or its whole body. */
    readonly status: number;
    readonly header: (name: string) => string | undefined;
    /** The first 64 KiB. */
    readonly body: Buffer;
}

/** What an engine plugin is given. */
declare interface EngineContext extends ConnectedContext {
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
declare const ERROR_CODES: {
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
export declare type ErrorCode = keyof typeof ERROR_CODES;

/** What may be said about an error beside its code and message. */
declare interface ErrorContext {
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

/** What one call of {@link ModelStore.fetch} may be given. */
declare interface FetchOptions {
    readonly signal?: AbortSignal;
    /** Called at most ten times a second, and once for each new phase. */
    readonly onProgress?: (progress: FetchProgress) => void;
}

/** What a fetch is doing. `waiting`: another process fetches the same file. */
declare type FetchPhase = 'connecting' | 'waiting' | 'downloading' | 'verifying' | 'done';

/** How far a model file has come. */
export declare interface FetchProgress {
    /** The source as messages name it; its last path segment is the file's name. */
    readonly source: string;
    readonly phase: FetchPhase;
    /** Bytes that are on this machine, those of an earlier, broken-off fetch included. */
    readonly receivedBytes: number;
    /** Size of the whole; absent while it is not known. */
    readonly totalBytes?: number;
    /** Smoothed over about 2 s; present while downloading. */
    readonly bytesPerSecond?: number;
}

/** The first of {@link CONFIG_NAMES} in `folder`; undefined without one. */
export declare function findConfig(folder: string): string | undefined;

/**
 * Finds and loads the plugin that a config names, looked for from the config's folder.
 * @param builtIn names of this kind that need no plugin
 * @throws PLUGIN_NOT_FOUND with the command that installs it, or with the names that are known
 * @throws PLUGIN_INVALID when what is there is no plugin of this kind and contract
 */
export declare function findPlugin<K extends PluginKind>(use: string, kind: K, baseDir: string, builtIn?: readonly string[]): Promise<LoadedPlugin<K>>;

/** Why a choice ended; other engines' words are passed on as they are. */
declare type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call' | (string & {});

/** A size for people: `98 MB`, `1.2 GB`. */
export declare function formatBytes(bytes: number): string;

/** One line for a terminal or an instance's state: `model.gguf  34 %  33/98 MB  12 MB/s`. */
export declare function formatProgress(progress: FetchProgress): string;

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

/** What an API server has to do with the others that share its port. */
declare interface GroupLink {
    readonly copies: KeptCopies;
    /** What is amiss with the others; undefined while nothing is. */
    readonly others: Readiness | undefined;
    /** The metrics of all together. */
    text(): Promise<string>;
    /** Whose values are told when they are asked for. */
    measure(metrics: Metrics): void;
    /** Tells the others how this one fares. */
    tell(state: ServerState): void;
}

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
declare interface HttpAnswer {
    readonly status: number;
    readonly headers: HttpHeaders;
    readonly url: string;
    readonly text: string;
    /** The body parsed; undefined when it is no JSON. */
    readonly json: unknown;
}

/** A small HTTP client for calls beside the path of requests. Any status is an answer; every call takes a signal. */
declare interface HttpClient {
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
declare type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A request of an {@link HttpClient}: the target, which may have path and query, and what is sent. */
declare interface HttpRequest extends Omit<DialTarget, 'onread'> {
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
declare interface HttpResponse {
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

/** Our own plugins that are installed beside a config, by short name. */
export declare function installedPlugins(baseDir: string): Promise<ReadonlyMap<string, Awaited<ReturnType<typeof findPlugin>>>>;

/**
 * States that an instance's host writes. `starting`: it is coming up, and requests wait for it. `down`: it does not answer,
 * and nobody here is starting it; requests go elsewhere or fail. `gone` is the tombstone of one that left in order.
 */
declare const INSTANCE_STATES: readonly ['starting', 'ready', 'degraded', 'down', 'draining', 'failed', 'gone'];

/** What whoever runs an instance says of it. */
declare type InstanceReport = z.infer<typeof instanceReport>;

/** What whoever runs an instance says of it when asked; `reason` also tells the progress of a start. */
declare const instanceReport: z.ZodObject<{
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
    starts: z.ZodNumber;
    crashes: z.ZodNumber;
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
    sinceMs: z.ZodNumber;
}, z.core.$strip>;

/** State of an instance as its host writes it. */
declare type InstanceState = (typeof INSTANCE_STATES)[number];

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

/** Recognises an {@link SmmfError}, also one made by another copy of this package. */
export declare function isSmmfError(error: unknown): error is SmmfError;

/** Kinds of JSON values, told apart by their first byte. */
declare type JsonKind = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

declare type JsonObject = Record<string, unknown>;

/** What a process does with the last good copies of the feeds in `stateDir`: one of several writes them, and all begin with them. */
declare type KeptCopies = 'written' | 'read' | 'none';

/** A bearer key as the config gives it. */
declare interface KeyEntry {
    readonly key: Secret | string;
    /** Default: what {@link createKeyRing} was given as default. */
    readonly scopes?: readonly KeyScope[] | undefined;
    /** Public model ids that the key may use and see; default all. */
    readonly models?: readonly string[] | undefined;
    /** Shown in the log in place of the key. */
    readonly name?: string | undefined;
}

/** Whose key came with a request. */
declare interface KeyIdentity {
    readonly name: string;
    readonly scopes: ReadonlySet<KeyScope>;
    /** Undefined when the key may use every model. */
    readonly models: ReadonlySet<string> | undefined;
}

/** The keys of one server. Holds digests only; the keys themselves are forgotten. */
declare interface KeyRing {
    readonly size: number;
    /** Names of keys that are shorter than 16 bytes or known from examples. */
    readonly weak: readonly string[];
    /** Whose key `token` is; undefined for a wrong one. */
    find(token: string): KeyIdentity | undefined;
}

/** What a key may be used for; no scope includes another one. */
declare type KeyScope = Exclude<Scope, 'public'>;

/** Our own plugins by the short name that a config may use. */
export declare const KNOWN_PLUGINS: Readonly<Record<string, KnownPlugin>>;

/** One of our own plugins. */
export declare interface KnownPlugin {
    /** The package, which the install hint names too. */
    readonly package: string;
    readonly kind: 'engine' | 'registry';
    /** The lines that `smmf init` writes, comments included: below a model's name, or below `registry`. */
    readonly example: readonly string[];
}

/** One of several ways into the same engine: a key of a vendor. Requests are picked for it, paused and counted on it alone. */
declare interface Lane {
    /** Unique within its endpoint; shown in logs, so never the key itself. */
    readonly id: string;
    /** Its share of the instance's requests beside the other lanes' weights; default 1. */
    readonly weight?: number;
    /** Lanes with the same limit of calls (keys of one organisation): what pauses one for too many calls pauses all of them. */
    readonly group?: string;
}

/** One lane of an upstream as an API server sees it. */
declare type LaneReport = z.infer<typeof laneReport>;

/** One lane of an upstream (a key of a vendor) as an API server sees it. */
declare const laneReport: z.ZodObject<{
    id: z.ZodString;
    state: z.ZodEnum<{
        ejected: "ejected";
        paused: "paused";
        ready: "ready";
    }>;
    reason: z.ZodOptional<z.ZodString>;
    code: z.ZodOptional<z.ZodString>;
    forMs: z.ZodOptional<z.ZodNumber>;
}, z.core.$strip>;

/** A command that SMMF starts and watches. Described here, refused by name in this version. */
declare interface LaunchSpec {
    readonly form: 'launch';
    readonly command: string;
    readonly args: readonly string[];
    readonly env?: Readonly<Record<string, string>>;
}

/**
 * The right of one start to its entry; it can write no other. One I/O for each call and no timers of its own: the one heartbeat
 * loop is `@smmf/cluster`'s announcer.
 */
declare interface Lease {
    renew(signal: AbortSignal): Promise<LeaseResult>;
    update(value: string, signal: AbortSignal): Promise<LeaseResult>;
    /**
     * Leaves. With a last value (a tombstone) the entry stays readable with it for two times the lease's length, so that every
     * reader sees an orderly leave; without one it is gone at once. Idempotent, and harmless when the lease was lost.
     */
    release(lastValue: string | undefined, signal: AbortSignal): Promise<void>;
}

/** Result of a write under a lease: it stands, the lease had ended, or a higher epoch has taken its place. */
declare type LeaseResult = 'ok' | 'lost' | 'superseded';

/** Starts parts in the order in which they were added and stops them in reverse. */
export declare interface Lifecycle {
    add(part: Part): void;
    /** Starts every part; if one fails, those already begun are stopped again and its error is thrown. */
    start(signal?: AbortSignal): Promise<void>;
    /** Stops what was begun, each part within its limit; safe to call twice. Resolves with the errors, each naming its part. */
    stop(): Promise<readonly Error[]>;
}

/** Where to listen, in place of what the config says. */
export declare interface ListenerOverrides {
    /** Of the OpenAI API. */
    readonly host?: string | undefined;
    readonly port?: number | undefined;
    readonly adminPort?: number | undefined;
    /** Controllers of the cluster to join. */
    readonly join?: readonly string[] | undefined;
}

/** Where a server listens. */
declare interface Listening {
    /** Origin to call it at from this machine: `http://127.0.0.1:8100`; `http://localhost` for a unix socket. */
    readonly url: string;
    /** Absent for a unix socket. */
    readonly host?: string;
    readonly port?: number;
    readonly socketPath?: string;
}

/** A plugin with the place it came from. */
export declare interface LoadedPlugin<K extends PluginKind = PluginKind> {
    readonly plugin: Plugin<K>;
    /** `file:` URL of its module, for the process that runs it. */
    readonly url: string;
}

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

/** Options of {@link createLogger}. */
declare interface LoggerOptions {
    /** Quietest level that is written; default `info`. */
    readonly level?: LogLevel | 'silent';
    /** Lines for people instead of JSON; default: when the destination is a terminal. Colours only there, and not with `NO_COLOR`. */
    readonly pretty?: boolean;
    /** A file descriptor or a stream; default 1, the standard output. */
    readonly destination?: number | (DestinationStream & {
        readonly isTTY?: boolean;
    });
}

/** Levels of a log line, loudest first. */
declare type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

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

/** What members have in their config. */
export declare interface MemberConfig {
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
    /** Folder of what outlives this process; absent: nothing does. */
    readonly stateDir?: string | undefined;
}

/** What a member is given: a role that follows a controller. */
export declare interface MemberContext extends RoleContext, Omit<PlaceContext, 'baseDir'> {
    readonly controller: ControllerLink;
    /** Asks model sources, and whatever plugins of this process ask. Closed by whoever made it, after the role has stopped. */
    readonly http: HttpClient;
    /** Held for as long as the role runs: no text shows these. */
    readonly hidden: readonly Secret[];
}

/** Where a role listens for other members. */
declare interface MemberListener {
    readonly host: string;
    readonly port: number;
    readonly tls?: TlsFiles | undefined;
    /** URL at which other members reach it, with or without a port; default made from what is listened at. */
    readonly advertise?: string | undefined;
}

/** The metrics of one server. */
declare interface Metrics {
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

/** What the metrics of one process say, one object of JSON for each. */
declare type MetricValues = readonly object[];

/** The model files that were fetched to this machine. */
export declare interface ModelCache {
    readonly cacheDir: string;
    /**
     * The absolute path of the file or folder, fetched where it is not here.
     * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT, CONFIG_INVALID for a source that is malformed, ABORTED
     */
    fetch(source: ModelSource, options?: FetchOptions): Promise<string>;
    /** The newest first; also what has come in part only. */
    list(): Promise<readonly StoredModel[]>;
    /** Returns the bytes that were freed. @throws SOURCE_UNAVAILABLE while another process fetches it */
    remove(model: StoredModel): Promise<number>;
    close(): Promise<void>;
}

/** What a worker says of one model. */
export declare type ModelCard = z.infer<typeof modelCard>;

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
export declare interface ModelFileFacts {
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

/** One model, as probes are told of it. */
declare interface ModelReadiness {
    readonly id: string;
    /** `ready` and `degraded` answer; any other one does not. */
    readonly state: string;
    /** Why not, in words for an operator. */
    readonly reason?: string;
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

/** What API servers are told about one public model. */
declare type ModelSpec = z.infer<typeof modelSpec>;

/** What API servers are told about one public model. */
declare const modelSpec: z.ZodObject<{
    id: z.ZodString;
    aliases: z.ZodDefault<z.ZodArray<z.ZodString>>;
    balancer: z.ZodDefault<z.ZodObject<{
        use: z.ZodString;
        options: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
    }, z.core.$strip>>;
    fallbacks: z.ZodDefault<z.ZodArray<z.ZodString>>;
    timeouts: z.ZodDefault<z.ZodObject<{
        queueMs: z.ZodOptional<z.ZodNumber>;
        firstTokenMs: z.ZodOptional<z.ZodNumber>;
        firstTokenPerKibMs: z.ZodOptional<z.ZodNumber>;
        interTokenMs: z.ZodOptional<z.ZodNumber>;
        totalMs: z.ZodOptional<z.ZodNumber>;
    }, z.core.$strip>>;
    waitAtMostMs: z.ZodOptional<z.ZodNumber>;
}, z.core.$strip>;

/** State of one public model: the best of its instances. */
export declare interface ModelStatus {
    readonly id: string;
    /** Whether it answers now: `ready` or `degraded`. `offline`: taken out by an operator. */
    readonly state: Exclude<InstanceState, 'gone'> | 'offline';
    /** Why it is not ready, where that is known: that of the instance whose state is the model's. */
    readonly reason?: string;
    /** Instances that answer, and all. */
    readonly ready: number;
    readonly instances: number;
}

/** Options of {@link openAiRoutes}. */
declare interface OpenAiOptions {
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
declare interface OpenAiPluginContext {
    readonly router: Router;
    readonly logger?: Logger;
    readonly metrics?: Metrics;
    readonly clock?: Clock;
}

/** Options of {@link openAiPlugin}. */
declare interface OpenAiPluginOptions extends OpenAiOptions {
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
 * Opens the cache that a server with the config `file` would use; default the config in this folder, where there is one.
 * Relative paths start from the working directory.
 * @throws CONFIG_INVALID for a config, or authorities in it, that cannot be read
 */
export declare function openModelCache(file?: string | undefined, env?: Readonly<Record<string, string | undefined>>): Promise<ModelCache>;

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

/** A config with every default in place. */
export declare type ParsedConfig = z.output<typeof configSchema>;

/** A part of the program with something to start or stop. */
export declare interface Part {
    readonly name: string;
    start?(signal: AbortSignal): Promise<void>;
    stop?(): Promise<void>;
}

/** Who must answer at an address: what the check before a connection's first request looks for. */
declare interface Peer {
    readonly instance: string;
    /** Names the key of its start, which proves who it is; absent: its list of models must name `model`. */
    readonly keyId?: string | undefined;
    /** The engine's own name of the model. */
    readonly model?: string | undefined;
}

/** What a balancer may know of the call. */
declare interface PickInfo {
    readonly model: string;
    readonly task: TaskId;
    readonly promptBytes: number;
    /** Uniform in [0, 1); the only source of chance a balancer uses. */
    readonly random: () => number;
}

/** How a picked call ended. */
declare interface PickOutcome {
    readonly ok: boolean;
    readonly firstTokenMs: number | undefined;
    readonly totalMs: number;
}

/** Where a role finds plugins and what references name. */
declare interface PlaceContext extends ReferenceContext {
    /** Secrets that the config holds as they are; only a role in the config's own process has them. */
    readonly secrets: ReadonlyMap<string, string>;
}

/** The default export of a plugin package. */
declare type Plugin<K extends PluginKind = PluginKind, S extends z.ZodType = z.ZodType> = PluginDefinition<K, S> & {
    readonly [MARK_3]: true;
    readonly contract: number;
};

/** What every plugin is given: nothing else of the program is in its reach. */
declare interface PluginContext {
    readonly logger: Logger;
    readonly clock: Clock;
    /** Aborts when the plugin's product must stop coming into being. */
    readonly signal: AbortSignal;
}

/** What an author hands to {@link definePlugin}. */
declare interface PluginDefinition<K extends PluginKind, S extends z.ZodType> {
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
declare type PluginKind = keyof PluginKinds;

/** What each kind of plugin makes, and what it is given. */
declare interface PluginKinds {
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

/** Asks every upstream of a config whether it is there, all at once; engines of our own are left out. */
export declare function probeUpstreams({ workers, config, authorities, baseDir, }: ResolvedConfig): Promise<readonly UpstreamReport[]>;

/**
 * How an OpenAI-shaped engine or vendor differs from OpenAI: pure functions without I/O, each optional. Where none applies, bytes
 * pass as they come. What one throws costs its own request (`classify`: the router then reads the answer itself) and is counted.
 */
declare interface Profile {
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

/** A config as it stands in its file, nothing replaced or checked yet. */
export declare interface RawConfig {
    readonly value: unknown;
    /** For messages: the path as it was given. */
    readonly file: string;
    readonly baseDir: string;
}

/** The sections of a config that are sound, also beside others that are not: all faults come at once. */
declare function readable(value: unknown): {
    server: {
        host: string;
        port: number;
        keys: (Secret | {
            key: Secret;
            name?: string | undefined;
            scopes?: ("admin:read" | "admin:write" | "inference" | "metrics")[] | undefined;
            models?: string[] | undefined;
        })[];
        allowOpen: boolean;
        tls?: {
            certFile: string;
            keyFile: string;
            caFile?: string | undefined;
        } | undefined;
        advertise?: string | undefined;
        cors: string[];
        trustedProxies: string[];
        bodyLimit: number;
        bodyMemory?: number | undefined;
        connectionsPerAddress?: number | undefined;
        maxConnections: number;
        processes: number;
        drain: number;
        grace: number;
    } | undefined;
    admin: {
        host: string;
        port: number;
        keys: (Secret | {
            key: Secret;
            name?: string | undefined;
            scopes?: ("admin:read" | "admin:write" | "inference" | "metrics")[] | undefined;
            models?: string[] | undefined;
        })[];
        hosts: string[];
        tls?: {
            certFile: string;
            keyFile: string;
            caFile?: string | undefined;
        } | undefined;
    } | undefined;
    registry: string | {
        [x: string]: unknown;
        use: string;
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
            on?: Record<string, string> | undefined;
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
                on?: Record<string, string> | undefined;
            }[] | undefined;
        };
        written: string[];
    }[];
    /** Of faulty models too. */
    ids: string[];
};

/**
 * Reads a config file: YAML or JSON, or a module whose default export is the config.
 * @throws CONFIG_INVALID when it is not there or cannot be read, with line and column
 */
export declare function readConfig(file: string): Promise<RawConfig>;

/** May the server take work; `reasons` say what is not well, in words for an operator. */
declare interface Readiness {
    readonly ready: boolean;
    readonly reasons?: readonly string[];
    readonly models?: readonly ModelReadiness[];
}

/**
 * The sections `server` and `admin` of a config, whatever its models and keys are like: where a running SMMF listens.
 * A section that is faulty is undefined.
 */
export declare function readListeners({ value: written, baseDir }: RawConfig, env?: Readonly<Record<string, string | undefined>>): Pick<ReturnType<typeof readable>, 'server' | 'admin'>;

/** What references are looked up in. */
declare interface ReferenceContext {
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly baseDir: string;
    /** Where a reference that names nothing on this machine stays as it is: another machine replaces it. */
    readonly mayLack?: (path: readonly PropertyKey[]) => boolean;
    /** Hears of each variable or file that is not there, besides the fault: `NAME`, and `environment variable NAME`. */
    readonly onLack?: (name: string, what: string) => void;
}

/** Stores entries under leases. Every call that does I/O takes a signal and ends with it. */
declare interface Registry {
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
declare interface RegistryCapabilities {
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
declare interface RegistryContext extends ConnectedContext {
    /** Name of the cluster, 1 to 63 letters, digits, dots, dashes and underscores: part of every key, so that two never mix in one backend. */
    readonly namespace: string;
}

/** A record as a registry sees it. */
declare interface RegistryEntry {
    /** 1 to 128 letters, digits, dots, dashes and underscores. */
    readonly id: string;
    /** Number of the start that wrote it; 1 or more. Of two with the same id the higher one counts. */
    readonly epoch: number;
    /** Text made by `@smmf/cluster`: opaque here, and handed on byte for byte, as it may be signed. */
    readonly value: string;
}

/** What became of a request; the log line and the metrics are made from it. Times are milliseconds from arrival. */
export declare interface RequestRecord {
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

/** Reply of rerank. */
export declare type RerankReply = z.infer<typeof rerankReply>;

/** Reply of rerank: best document first. Engines may leave out what is optional here; SMMF's own answers have all of it. */
declare const rerankReply: z.ZodObject<{
    id: z.ZodOptional<z.ZodString>;
    model: z.ZodOptional<z.ZodString>;
    results: z.ZodArray<z.ZodObject<{
        index: z.ZodNumber;
        relevance_score: z.ZodNumber;
        document: z.ZodOptional<z.ZodUnknown>;
    }, z.core.$loose>>;
    usage: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        prompt_tokens: z.ZodOptional<z.ZodNumber>;
        completion_tokens: z.ZodOptional<z.ZodOptional<z.ZodNumber>>;
        total_tokens: z.ZodOptional<z.ZodNumber>;
    }, z.core.$loose>>>;
    meta: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        api_version: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            version: z.ZodString;
        }, z.core.$loose>>>;
        billed_units: z.ZodOptional<z.ZodNullable<z.ZodObject<{
            search_units: z.ZodOptional<z.ZodNumber>;
        }, z.core.$loose>>>;
    }, z.core.$loose>>>;
}, z.core.$loose>;

/** Body of a rerank. */
export declare type RerankRequest = z.infer<typeof rerankRequest>;

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

/**
 * Checks a config whole: references, frame, plugins, their options, names, keys, certificates. Opens no port, starts nothing,
 * writes nothing.
 * @throws CONFIG_INVALID with every fault at once, each with its path and a remedy
 */
export declare function resolveConfig(raw: RawConfig, env?: Readonly<Record<string, string | undefined>>, { mayLackFiles, role }?: ResolveOptions): Promise<ResolvedConfig>;

/** The options of a balancer that is a plugin. */
declare interface ResolvedBalancer {
    /** With every reference replaced. */
    readonly options: unknown;
    /** What the plugin's schema makes of them. */
    readonly parsed: unknown;
}

/** A config that has passed every check. */
export declare interface ResolvedConfig {
    /** The paths of certificates are absolute. */
    readonly config: ParsedConfig;
    readonly baseDir: string;
    readonly serverKeys: KeyRing;
    readonly adminKeys: KeyRing;
    /** What {@link ParsedConfig} names as `ca`: each authority's certificate as a PEM text. */
    readonly authorities: readonly string[];
    readonly models: readonly ModelSpec[];
    readonly workers: readonly ResolvedWorker[];
    /** By model, for balancers that are plugins. */
    readonly balancers: ReadonlyMap<string, ResolvedBalancer>;
    /** Absent for the built-in one. */
    readonly registry: ResolvedRegistry | undefined;
}

/** A registry plugin with its options checked. */
declare interface ResolvedRegistry {
    readonly plugin: Plugin<'registry'>;
    readonly options: unknown;
}

/** One worker of a model, its plugin found and its options checked. */
export declare interface ResolvedWorker {
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
    /** Labels that its worker host must carry. */
    readonly on: Readonly<Record<string, string>> | undefined;
}

/** What {@link resolveConfig} may let pass. */
declare interface ResolveOptions {
    /** What the config is for; default every role in one process. */
    readonly role?: Roles | undefined;
    /** Local model files that are not there are no fault while another model can be served: that of a start. Default false. */
    readonly mayLackFiles?: boolean;
}

/** First line and headers of an answer. */
declare interface ResponseHead {
    readonly status: number;
    readonly contentType: string;
    readonly headers: Readonly<Record<string, string>>;
}

/** Where an answer goes. The router calls `start` once, then `write` and `end`; or `fail` at any point before `end`. */
declare interface ResponseSink {
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

/** One of the three roles, to be started and stopped by a lifecycle. */
export declare interface Role extends Part {
    start(signal?: AbortSignal): Promise<void>;
    stop(): Promise<void>;
}

/** What every role is given besides its config. */
export declare interface RoleContext {
    /** Each is written to, and what one of them shows is there. */
    readonly registries: readonly Registry[];
    /** What the members of the cluster sign, prove and call each other with. */
    readonly keys: ClusterKeys;
    readonly clock: Clock;
    readonly logger: Logger;
}

/** A role that runs in a process of its own. */
export declare type RoleName = Exclude<Roles, 'all'>;

/** What a config is for: one role in a process of its own, or all of them in one. */
declare type Roles = 'all' | 'controller' | 'worker' | 'apiserver';

/** The model handle: takes a checked request, finds an instance and relays its answer. */
declare interface Router {
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
declare interface RouterRequest {
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

/** What a router has counted, and what it sees at this moment. */
export declare interface RouterStats {
    /** Each public model's requests on instances and in the queue. */
    readonly models: readonly {
        readonly id: string;
        readonly inFlight: number;
        readonly queueDepth: number;
    }[];
    /**
     * `state` is the record's; `ejected` while the router keeps away from it, `paused` while it asked for that itself, `suspect` once
     * the registry no longer shows it.
     */
    readonly instances: readonly {
        readonly id: string;
        readonly models: readonly string[];
        readonly state: string;
        readonly inFlight: number;
        /** Where there are several, or one that is not used at the moment. */
        readonly lanes?: readonly LaneReport[];
    }[];
    /** Ejections since the start. */
    readonly ejections: number;
    /** States of the registry that showed less than half of what was there, and were not believed. */
    readonly panics: number;
    /** Slots in use that no request holds; anything but 0 is a defect. */
    readonly leaks: number;
    /** What code that is not ours threw since the start, by part: `balancer`, `sink`, … */
    readonly faults: Readonly<Record<string, number>>;
}

/**
 * How an engine runs. `attach`: it runs already, somewhere; `create` makes the worker that speaks to it, in the process of
 * whoever serves. `process`: `create` or `backend` in a process of its own. `launch`: a command.
 */
declare type RunForm = {
    readonly form: 'attach';
} | {
    readonly form: 'process';
} | LaunchSpec;

/** A request under way. */
declare interface RunningRequest {
    /** The client is gone: stops the engine and frees everything in this very turn; harmless after the end. */
    cancel(): void;
    /** The sink can take bytes again. */
    resume(): void;
}

/** One role of a cluster, running. */
export declare interface RunningRole extends AsyncDisposable {
    readonly role: RoleName;
    /** Where it listens, each by what it is for. */
    readonly listening: {
        readonly 'OpenAI API'?: Listening;
        readonly 'admin API'?: Listening;
        /** Its `url` is what members join: `controller.advertise`, where that is set. */
        readonly 'registry and feeds'?: Listening;
        readonly 'worker host'?: {
            readonly url: string;
        };
    };
    /** Controllers that it follows. */
    readonly controllers: readonly string[];
    /** Listens beyond this machine without TLS, as the config allows. */
    readonly isPlain: boolean;
    /** Of an API server: the state of each model. */
    statuses(): readonly ModelStatus[];
    /** Of an API server: calls `listener` whenever the state of a model may have changed. Returns its end. */
    watch(listener: () => void): () => void;
    /** Drains up to `limitMs` (default the config's `server.drain`) and ends. A later call with a shorter limit holds for the first one, too. */
    close(limitMs?: number): Promise<void>;
}

/** What a route needs of its caller. */
declare type Scope = (typeof SCOPES)[number];

/** What a route needs of its caller; every route declares one. `public` needs nothing; `join` is for members of the cluster. */
declare const SCOPES: readonly ['public', 'inference', 'metrics', 'admin:read', 'admin:write', 'join'];

/**
 * A value that shows as `[secret]` wherever it is printed, logged or made JSON. For as long as it is alive, {@link redact} takes
 * its value out of texts. Ask {@link isSecret} whether a value is one: a plugin may bring another copy of this package.
 */
export declare class Secret {
    #private;
    readonly [MARK_2] = true;
    readonly toString: typeof shown;
    readonly toJSON: typeof shown;
    readonly [inspect.custom]: typeof shown;
    constructor(value: string);
    /** A secret made from this one: a header's value from a key. */
    map(change: (value: string) => string): Secret;
    /** The value itself: for the header or the comparison that needs it, nowhere else. */
    reveal(): string;
}

/** Secrets that stand in the config as they are, by the place where they were written. */
export declare type SecretBook = Map<string, string>;

/** A public model, and the ids of the instances that serve it. */
declare type ServedModel = ModelCard & {
    readonly instances: readonly string[];
};

/** How a process of several fares. */
declare interface ServerState {
    readonly readiness: Readiness;
    readonly statuses: readonly ModelStatus[];
}

declare const shown: () => string;

/** A path in a config as people write it: `models.chat.workers[0].url`; names with dots or spaces in brackets. */
export declare function showPath(path: readonly PropertyKey[]): string;

/** A running SMMF: its operations as functions, and its HTTP servers on demand. */
export declare interface Smmf extends EmbeddedApi, AsyncDisposable {
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
    /** The state of each model at this moment, with the reason of one that does not answer. */
    statuses(): readonly ModelStatus[];
    /** How long new requests are still taken when it is closed, and how long what runs may go on, as the config says. */
    readonly stopTimes: {
        readonly graceMs: number;
        readonly drainMs: number;
    };
    /** How many processes serve the OpenAI API: as many as the config says, 1 for this one. {@link Smmf.inspect} tells of this one alone. */
    readonly processes: number;
    /** Calls `listener` whenever the state of a model may have changed. Returns its end. */
    watch(listener: () => void): () => void;
    /**
     * Opens the OpenAI API and the admin API as the config says.
     * @throws PORT_IN_USE; CONFIG_INVALID for an embedded member of a cluster, which has no listener
     */
    listen(): Promise<SmmfListening>;
    /**
     * Drains: after the config's `server.grace` no new work, up to `limitMs` (default `server.drain`) for what runs, then everything ends.
     * A later call ends the grace, and with a shorter limit what still runs: streams end with an error.
     */
    close(limitMs?: number): Promise<void>;
}

/** The one error class. The message says what failed, which thing, and what to do; it never holds a secret or a prompt. */
export declare class SmmfError extends Error {
    readonly name = "SmmfError";
    readonly [MARK] = true;
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

/** Where a running SMMF listens. */
export declare interface SmmfListening {
    readonly server: Listening;
    readonly admin: Listening;
}

/** What {@link createSmmf} may be given besides the config. */
export declare interface SmmfOptions {
    /** Where plugins and relative paths are looked for when the config is an object; default the working directory. */
    readonly baseDir?: string;
    /** Default: as the config's `log` says, to standard error, where the config has one; else nothing is logged. `config`: in any case. */
    readonly logger?: Logger | 'config';
    /** Hears how model files come in. */
    readonly onProgress?: (instance: string, progress: FetchProgress) => void;
    /** Where to listen, in place of what the config says. */
    readonly listenAt?: ListenerOverrides;
    /** It is going to listen: a port that is taken is told before anything is started. Default false. */
    readonly willListen?: boolean;
    /** For `${env:NAME}`; default the process' own. */
    readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Every entry at one moment. Immutable; a later one replaces it whole. */
declare interface Snapshot {
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

/**
 * How messages and the cache name each of the places of a source.
 * @throws CONFIG_INVALID for a malformed one
 */
export declare function sourceLabels(source: ModelSource): readonly string[];

/**
 * Where roles keep what outlives them: the config's `stateDir`, from the config's folder; default `$XDG_STATE_HOME/smmf`,
 * `%LOCALAPPDATA%\smmf\state` on Windows, else `~/.local/state/smmf`.
 */
export declare function stateDirOf(written: string | undefined, baseDir: string, env: Readonly<Record<string, string | undefined>>, platform?: NodeJS.Platform): string;

/** What the cache holds of one source. */
export declare interface StoredModel {
    /** As messages name it: `hf://org/repo@main/file.gguf`; undefined for a single file of which a part is here alone. */
    readonly source: string | undefined;
    /** Name of the file or folder. */
    readonly name: string;
    /** Absolute path of the file or folder. */
    readonly path: string;
    /** All of it is here. */
    readonly isWhole: boolean;
    /** The file lies in the cache of another program; ours holds a note that it was checked. */
    readonly isElsewhere: boolean;
    /** Size of the whole; undefined while it is not known. */
    readonly sizeBytes: number | undefined;
    /** What removing it would free. */
    readonly diskBytes: number;
    /** When it was last written, milliseconds of the Unix epoch. */
    readonly modifiedMs: number;
    /** The folder of all that belongs to it. */
    readonly folder: string;
}

declare type Streamed<Request> = Request & {
    readonly stream: true;
};

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
declare interface TaskMap {
    readonly chat?: (request: ChatRequest, call: Call) => AsyncIterable<GenerationEvent>;
    readonly completions?: (request: CompletionRequest, call: Call) => AsyncIterable<GenerationEvent>;
    readonly embeddings?: (request: EmbeddingRequest, call: Call) => Promise<EmbeddingResult>;
    readonly rerank?: (request: RerankRequest, call: Call) => Promise<RerankResult>;
}

/** Certificate and key, as PEM files. */
declare interface TlsFiles {
    readonly certFile: string;
    readonly keyFile: string;
    /** Authorities of callers: with it, nobody without a certificate of one of them gets a connection. */
    readonly caFile?: string | undefined;
}

/** Certificates of one connection, each a PEM text. */
declare interface TlsSettings {
    /** Authorities that are trusted besides those that Node trusts, never in place of them. */
    readonly ca?: string | readonly string[] | undefined;
    /** The client's own certificate, followed by what leads to its authority. */
    readonly cert?: string | undefined;
    /** The private key of `cert`. */
    readonly key?: string | Secret | undefined;
}

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

/**
 * Makes one real call with each key of each worker of a model that a config names, and says what came of it; the calls cost what the
 * vendor takes for a few tokens. Nothing is listened on.
 *
 * @param file the config file
 * @throws CONFIG_INVALID for a config that is wrong, or a model that it does not have
 */
export declare function tryVendor(file: string, model: string): Promise<readonly VendorTrial[]>;

/** What a probe of one upstream of the config found. */
export declare interface UpstreamReport extends ProbeResult {
    readonly model: string;
    readonly engine: string;
    /** Undefined for an engine that speaks another protocol, and when its plugin could not even make its client. */
    readonly url: string | undefined;
    /** How it is reached, in words: `direct`, `through proxy http://proxy:3128`; absent where `url` is undefined. */
    readonly route?: string;
}

/** Token counts of one answer. */
export declare type Usage = z.infer<typeof usage>;

/** Token counts of one answer, as OpenAI reports them; unknown fields (`prompt_tokens_details`, …) are kept. */
declare const usage: z.ZodObject<{
    prompt_tokens: z.ZodNumber;
    completion_tokens: z.ZodOptional<z.ZodNumber>;
    total_tokens: z.ZodNumber;
}, z.core.$loose>;

/** One real call at one key of one worker. */
export declare interface VendorTrial {
    readonly engine: string;
    /** The key's name, where the worker has several. */
    readonly key?: string | undefined;
    readonly task: TaskId;
    readonly ok: boolean;
    /** How the vendor names the model. */
    readonly servedAs?: string | undefined;
    /** Times in milliseconds from the start of the call; absent ones never came. */
    readonly connectedMs?: number | undefined;
    readonly firstByteMs?: number | undefined;
    readonly firstTokenMs?: number | undefined;
    readonly totalMs: number;
    readonly tokens?: number | undefined;
    /** What failed, in words and as a code. */
    readonly reason?: string | undefined;
    readonly code?: string | undefined;
}

declare type Whole<Request> = Request & {
    readonly stream?: false | null | undefined;
};

/** The inside of an OpenAI error body. */
declare interface WireError {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
}

/** One engine, serving one or more models. */
declare interface Worker {
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

/** Where a worker host and its engines listen for other machines. */
declare interface WorkerListener extends Omit<MemberListener, 'port'> {
    readonly ports: {
        readonly first: number;
        readonly last: number;
    };
}

/** A worker host as a part of a program. */
declare interface WorkerRole extends Role {
    /** Where it answers other members; undefined in one process with its controller. */
    readonly url: string | undefined;
    /** What runs here at this moment. */
    reports(): readonly InstanceReport[];
}

/** What a worker host is told by its config. */
export declare interface WorkerRoleConfig extends MemberConfig {
    /** Folder of what outlives this process: the epochs of its instances, its last assignment. */
    readonly stateDir: string;
    readonly labels?: Readonly<Record<string, string>> | undefined;
    /** Absent in one process with its controller. */
    readonly listener?: WorkerListener | undefined;
    /** Origins of the controllers it follows, where they are elsewhere. */
    readonly controllers?: readonly string[] | undefined;
}

/** What a worker host is given besides. */
export declare interface WorkerRoleContext extends MemberContext {
    /** Longest wait for what runs when the role is stopped, milliseconds. */
    readonly drainMs: () => number;
    /** Hears how model files come in. */
    readonly onProgress?: (instance: string, progress: FetchProgress) => void;
}

export { }

// dist/processes/server-process.d.ts
export { }

// dist/index.d.ts
import type { FastifyPluginCallback } from 'fastify';
import { inspect } from 'node:util';
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

/** Who asked. */
declare interface Caller {
    /** Name of the key, never the key. */
    readonly key?: string | undefined;
    /** IP address, where the server tells it. */
    readonly address?: string | undefined;
}

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

/** The whole config, options of plugins aside: those are checked by each plugin's own schema. */
declare const configSchema: z.ZodObject<{
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

/** Gives a config its type in `smmf.config.ts`; returns it as it is. */
export declare function defineConfig(config: Config): Config;

/**
 * The OpenAI operations as functions. Each throws what the API would answer, as an `SmmfError`; ABORTED when its signal aborts, with
 * the signal's reason as `cause`; SERVER_SHUTTING_DOWN once SMMF is being closed, and after that.
 */
declare interface EmbeddedApi {
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
declare type EmbeddedRouter = Router & {
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

/** What a fetch is doing. `waiting`: another process fetches the same file. */
declare type FetchPhase = 'connecting' | 'waiting' | 'downloading' | 'verifying' | 'done';

/** How far a model file has come. */
declare interface FetchProgress {
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

/**
 * States that an instance's host writes. `starting`: it is coming up, and requests wait for it. `down`: it does not answer,
 * and nobody here is starting it; requests go elsewhere or fail. `gone` is the tombstone of one that left in order.
 */
declare const INSTANCE_STATES: readonly ['starting', 'ready', 'degraded', 'down', 'draining', 'failed', 'gone'];

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

/** Where to listen, in place of what the config says. */
declare interface ListenerOverrides {
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

/** State of one public model: the best of its instances. */
declare interface ModelStatus {
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

/** May the same call be tried again: not at all, on the same instance, or on another one. */
declare type RetryAdvice = 'never' | 'same' | 'other';

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
declare class Secret {
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
export declare type Usage = z.infer<typeof usage>;

/** Token counts of one answer, as OpenAI reports them; unknown fields (`prompt_tokens_details`, …) are kept. */
declare const usage: z.ZodObject<{
    prompt_tokens: z.ZodNumber;
    completion_tokens: z.ZodOptional<z.ZodNumber>;
    total_tokens: z.ZodNumber;
}, z.core.$loose>;

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

export { }

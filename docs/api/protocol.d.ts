// dist/index.d.ts
import * as z from 'zod';

/** Where an instance listens. */
export declare type Address = z.infer<typeof address>;

/**
 * Where an instance listens: an `http(s)` origin with an optional base path, or a unix socket beside it, which only the machine
 * that is called `node` can dial.
 */
declare const address: z.ZodObject<{
    url: z.ZodURL;
    socketPath: z.ZodOptional<z.ZodString>;
    node: z.ZodOptional<z.ZodString>;
    keyId: z.ZodOptional<z.ZodString>;
}, z.core.$strip>;

/** What an operator orders for an instance. */
export declare type AdministrativeState = z.infer<typeof administrativeState>;

/** What an operator orders for an instance; the effective state is the stricter of this and the record's own. */
export declare const administrativeState: z.ZodEnum<{
    draining: "draining";
    offline: "offline";
    online: "online";
}>;

/** What every chunk of an answer repeats. */
export declare interface AnswerInfo {
    readonly task: 'chat' | 'completions';
    readonly id: string;
    /** The name that the client used. */
    readonly model: string;
    /** Seconds of the Unix epoch. */
    readonly created: number;
    /** Choices that were asked for; the answer is whole only when each has finished. */
    readonly choices: number;
}

/** How far an answer has come. */
export declare interface AnswerProgress {
    /** Every choice has finished. */
    readonly finished: boolean;
    readonly usage: Usage | undefined;
    /** Set by an `error` event; the answer is broken. */
    readonly error: WireError | undefined;
    readonly contentEvents: number;
}

/** The request behind an answer, as far as an answer is completed from it. */
export declare interface AskedRerank {
    readonly id: string;
    /** As the client named it. */
    readonly model: string;
    readonly body: Buffer;
    readonly fields: TopLevelFields;
}

/** TEI answers with the bare list of results: it is put into an object. Other bytes are returned as they are. */
export declare function asRerankObject(answer: Buffer): Buffer;

/** What a controller wants of one worker host. */
export declare type Assignment = z.infer<typeof assignment>;

/** What a controller wants of one worker host, whole each time. */
export declare const assignment: z.ZodObject<{
    storeId: z.ZodString;
    term: z.ZodDefault<z.ZodNumber>;
    generation: z.ZodNumber;
    complete: z.ZodDefault<z.ZodBoolean>;
    instances: z.ZodArray<z.ZodObject<{
        id: z.ZodString;
        generation: z.ZodDefault<z.ZodNumber>;
        model: z.ZodString;
        engine: z.ZodString;
        plugin: z.ZodString;
        options: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
        weight: z.ZodDefault<z.ZodNumber>;
        order: z.ZodDefault<z.ZodNumber>;
        labels: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
        on: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodString>>;
        slots: z.ZodOptional<z.ZodNumber>;
    }, z.core.$strip>>;
}, z.core.$strip>;

/** One attempt of a request at one instance. Times are milliseconds from the request's arrival; an absent one never came. */
export declare interface AttemptRecord {
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
export declare interface BatchLimits {
    /** Texts in one; default 16. */
    readonly items?: number | undefined;
    /** Texts times the longest of them, in tokens; default 2048. A text that is longer runs alone. */
    readonly tokens?: number | undefined;
    /** Longest wait of a text for others, milliseconds; default 2. */
    readonly waitMs?: number | undefined;
    /** Texts that may be under way, those that are read or computed included; default 16 384. One request is always taken. */
    readonly queue?: number | undefined;
}

/** What must differ in the body that goes upstream. */
export declare interface BodyChanges {
    /** The engine's own name of the model. */
    readonly model?: string;
    /** Ask for usage at the end of the stream. */
    readonly includeUsage?: boolean;
    /** Leave out `stream_options`, which engines refuse without `stream`. */
    readonly withoutStreamOptions?: boolean;
    /** Further ones: the JSON text of a field's new value, undefined to take it out. They come before those above. */
    readonly fields?: Readonly<Record<string, string | undefined>>;
}

/** Who asked. */
export declare interface Caller {
    /** Name of the key, never the key. */
    readonly key?: string | undefined;
    /** IP address, where the server tells it. */
    readonly address?: string | undefined;
}

/** One event of a streamed chat. */
export declare type ChatChunk = z.infer<typeof chatChunk>;

/** One event of a streamed chat. */
export declare const chatChunk: z.ZodObject<{
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
export declare const chatCompletion: z.ZodObject<{
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

/** One message of a conversation. */
export declare type ChatMessage = z.infer<typeof chatMessage>;

/** One message of a conversation. */
export declare const chatMessage: z.ZodObject<{
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
}, z.core.$loose>;

/** Body of `POST /v1/chat/completions`. */
export declare type ChatRequest = z.infer<typeof chatRequest>;

/**
 * Body of `POST /v1/chat/completions`; unknown fields are kept at every level.
 * @see OpenAI's openapi.yaml, spec version 2.3.0, read 2026-08
 */
export declare const chatRequest: z.ZodObject<{
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

/** A function that the model may call. */
export declare type ChatTool = z.infer<typeof chatTool>;

/** A function that the model may call. */
export declare const chatTool: z.ZodObject<{
    type: z.ZodString;
    function: z.ZodOptional<z.ZodNullable<z.ZodObject<{
        name: z.ZodString;
        description: z.ZodOptional<z.ZodNullable<z.ZodString>>;
        parameters: z.ZodOptional<z.ZodNullable<z.ZodRecord<z.ZodString, z.ZodUnknown>>>;
    }, z.core.$loose>>>;
}, z.core.$loose>;

/** The cluster at one moment, as a controller sees it. */
export declare interface ClusterView {
    readonly namespace: string;
    readonly members: readonly (MemberRecord & {
        readonly kind: MemberKind;
    })[];
    readonly hosts: readonly HostView[];
    /** `starting`: those that nobody has to do anything about, and that do not serve yet. */
    readonly instances: {
        readonly ready: number;
        readonly starting: number;
        readonly all: number;
    };
    /** What is not well, each with what to do about it; empty when the cluster is whole. */
    readonly problems: readonly {
        readonly what: string;
        readonly remedy: string;
    }[];
}

/** An order to the controller. */
export declare type Command = z.infer<typeof command>;

/** An order to the controller. `online` undoes `offline` and `drain`. */
export declare const command: z.ZodObject<{
    action: z.ZodEnum<{
        drain: "drain";
        offline: "offline";
        online: "online";
        restart: "restart";
    }>;
    instance: z.ZodString;
}, z.core.$strict>;

/**
 * An engine's answer to a rerank with the keys that it lacks, so that the clients of Cohere (v1 and v2), Jina and vLLM read it: `id`, `model`,
 * `results` with `relevance_score`, `usage` (empty: nothing was counted), `meta`; `document` where the client asked for it. No other byte is changed: not
 * a number is written anew.
 *
 * @param answer a JSON object
 * @returns undefined for what is no ranking: an entry without a document's index or a score
 */
export declare function completeRerank(answer: Buffer, asked: AskedRerank): Buffer | undefined;

/** Reply of completions, and each event of its stream. */
export declare type Completion = z.infer<typeof completion>;

/** Reply of completions, and each event of its stream: both carry the same object name. */
export declare const completion: z.ZodObject<{
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
export declare const completionRequest: z.ZodObject<{
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

/** A collector for one answer without `stream`. */
export declare function createReplyCollector(info: AnswerInfo): ReplyCollector;

/** A framer for one stream: survives any cut, CR, LF and CRLF. */
export declare function createSseFramer(): SseFramer;

/** A renderer for one streamed answer. `includeUsage` follows the client's `stream_options`. */
export declare function createStreamRenderer(info: AnswerInfo, includeUsage: boolean): StreamRenderer;

/** The texts of a checked request's `documents`, without what else stands in those that are objects: the JSON text of a list. */
export declare function documentTexts(body: Buffer, fields: TopLevelFields): string;

/** Text such as `500ms`, `10s`, `5m`, `1h`; milliseconds after parsing. */
export declare const durationMs: () => z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>;

/** Reply of embeddings. */
export declare type EmbeddingReply = z.infer<typeof embeddingReply>;

/** Reply of embeddings; each vector is a list of numbers, or base64 of little-endian 32-bit floats. */
export declare const embeddingReply: z.ZodObject<{
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
export declare const embeddingRequest: z.ZodObject<{
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
export declare interface EmbeddingResult {
    readonly vectors: readonly (Float32Array | readonly number[])[];
    readonly usage: Usage;
    readonly headers?: ResultHeaders;
}

/** One event with `data`, on as many lines as it needs. */
export declare function encodeSse(data: string, event?: string): string;

/** The byte after the event that begins at `begin`, its blank line included; the end of `bytes` when it has none. */
export declare function endOfSseEvent(bytes: Buffer, begin: number): number;

/** The newest lines of one instance. */
export declare type EngineLog = z.infer<typeof engineLog>;

/** The newest lines of one instance, oldest first; credentials are taken out. */
export declare const engineLog: z.ZodObject<{
    lines: z.ZodArray<z.ZodObject<{
        seq: z.ZodNumber;
        atMs: z.ZodNumber;
        text: z.ZodString;
    }, z.core.$strip>>;
}, z.core.$strip>;

/** What the contract of registries says against an entry, as code and message of an error; undefined for one that may be registered. */
export declare function entryFault({ id, epoch, value }: {
    readonly id: string;
    readonly epoch: number;
    readonly value: string;
}, limitBytes: number): {
    readonly code: ErrorCode;
    readonly message: string;
} | undefined;

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

/** An OpenAI error body. */
export declare function errorBody(error: WireError): {
    readonly error: WireError;
};

/** A code of {@link ERROR_CODES}. */
export declare type ErrorCode = keyof typeof ERROR_CODES;

/** One row of {@link ERROR_CODES}. */
export declare interface ErrorRow {
    /** HTTP status when the error reaches a client. */
    readonly status: number;
    /** OpenAI's `error.type`. */
    readonly type: string;
    readonly retry: RetryAdvice;
    readonly scope: ErrorScope;
}

/** What an error speaks of: the caller's request, a credential, the model, one instance, or a vendor behind it. */
export declare type ErrorScope = 'request' | 'credential' | 'model' | 'instance' | 'provider' | 'system';

/** The events in one chunk of a streamed chat, in order; reasoning is read under either of its two names. */
export declare function eventsOfChunk(chunk: ChatChunk): Generator<GenerationEvent>;

/** The events in a completion, whole or one event of its stream; the older form of logprobs is not carried over. */
export declare function eventsOfCompletion(completion: Completion): Generator<GenerationEvent>;

/** The events of a whole chat reply, as if it had been streamed in one piece. */
export declare function eventsOfReply(reply: ChatCompletion): Generator<GenerationEvent>;

/** The value of a top-level field, parsed; undefined when the field is absent or its text is no JSON. */
export declare function fieldValue(text: Buffer, field: TopLevelField | undefined): unknown;

/** Why a choice ended; other engines' words are passed on as they are. */
export declare type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call' | (string & {});

/** What could be read from an error body of an engine or vendor, whatever its shape. */
export declare interface ForeignError {
    readonly message: string | undefined;
    readonly type: string | undefined;
    readonly param: string | undefined;
    /** As text, also when the engine sent a number. */
    readonly code: string | undefined;
}

/** What SMMF itself needs of a request's body; everything else in it is the engine's business. */
export declare interface Frame {
    readonly model: string;
    readonly stream: boolean;
    readonly includeUsage: boolean;
    readonly base64: boolean;
    readonly fields: TopLevelFields;
    /** The token limit that the client set, and the field where it stands. */
    readonly maxTokens: {
        readonly param: string;
        readonly value: number;
    } | undefined;
}

/** Limits on the frame of a request's body. */
export declare const FRAME_LIMITS: {
    /** Brackets inside each other, in the whole body. */
    readonly depth: 64;
    /** Brackets inside each other, in one JSON Schema. */
    readonly schemaDepth: 32;
    readonly messages: 2048;
    readonly tools: 256;
    /** Of a rerank: Cohere's own bound, where it reads one piece of each (docs.cohere.com, 2026-11). */
    readonly documents: 10000;
};

/** Why a body is no request. */
export declare interface FrameFault {
    readonly code: ErrorCode;
    readonly message: string;
    /** The field at fault, in OpenAI's spelling. */
    readonly param: string | undefined;
}

/** The numbers behind {@link toBase64}. */
export declare function fromBase64(text: string): number[];

/** With a 503 of an engine of ours, nothing of whose request was read: `full`, every slot is taken; `leaving`, it is about to end. */
export declare const FULL_HEADER = "x-smmf-full";

/**
 * One step of a generated answer, in the order in which a typed worker yields them. A stream ends well only after a
 * `finish` for every choice; `error` ends it badly. `choice` is the index of the choice, 0 where only one was asked for.
 */
export declare type GenerationEvent = 
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

/** Is one of a request's `documents` an object. */
export declare function hasObjectDocuments(body: Buffer, fields: TopLevelFields): boolean;

/** Text that can be the value of an HTTP header: visible ASCII, spaces and tabs within. */
export declare const headerText: () => z.ZodString;

/** What a probe found. */
export declare interface Health {
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

/**
 * The entries with the highest epoch of each id, in their order: of two starts of one id the later one counts. A registry whose
 * backend does not compare epochs (`fence: reader`) may show both.
 */
export declare function highestEpochs<Entry extends {
    readonly id: string;
    readonly epoch: number;
}>(entries: readonly Entry[]): readonly Entry[];

/** An order for a whole worker host. */
export declare type HostCommand = z.infer<typeof hostCommand>;

/** An order for a whole worker host. `drain`: no new instances and no new work; `resume` undoes it, `uncordon` undoes `cordon`. */
export declare const hostCommand: z.ZodObject<{
    action: z.ZodEnum<{
        cordon: "cordon";
        drain: "drain";
        resume: "resume";
        uncordon: "uncordon";
    }>;
    host: z.ZodString;
}, z.core.$strict>;

/** A worker host as the control plane sees it. */
export declare interface HostView extends Partial<MemberRecord> {
    readonly id: string;
    /** `lost`: instances are placed on it and nobody hears of it. */
    readonly standing: 'up' | 'cordoned' | 'draining' | 'leaving' | 'lost';
    /** Ids of the instances that are placed on it. */
    readonly instances: readonly string[];
}

/** The reply with every vector in the form that the client asked for; the same object when all are in it already. */
export declare function inEncoding(reply: EmbeddingReply, base64: boolean): EmbeddingReply;

/**
 * States that an instance's host writes. `starting`: it is coming up, and requests wait for it. `down`: it does not answer,
 * and nobody here is starting it; requests go elsewhere or fail. `gone` is the tombstone of one that left in order.
 */
export declare const INSTANCE_STATES: readonly ['starting', 'ready', 'degraded', 'down', 'draining', 'failed', 'gone'];

/** Every announced instance at one moment, as far as the registry could tell. Whoever follows it gets it whole each time. */
export declare interface InstanceFeed {
    /** As in a registry's snapshot: revisions compare within one generation only. */
    readonly generation: string;
    readonly revision: number;
    /** False when something may be missing: what is not in it may be there all the same. */
    readonly complete: boolean;
    /** When it was true, milliseconds of the Unix epoch. */
    readonly asOfMs: number;
    readonly instances: readonly InstanceRecord[];
    /** API servers that are there; undefined where that is not known. */
    readonly apiServers?: number | undefined;
}

/** A worker as the registry holds it. */
export declare type InstanceRecord = z.infer<typeof instanceRecord>;

/** A worker as the registry holds it. Holds no secret and no prompt; unknown keys of a newer writer are dropped. */
export declare const instanceRecord: z.ZodObject<{
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
}, z.core.$strip>;

/** What whoever runs an instance says of it. */
export declare type InstanceReport = z.infer<typeof instanceReport>;

/** What whoever runs an instance says of it when asked; `reason` also tells the progress of a start. */
export declare const instanceReport: z.ZodObject<{
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

/** An instance as it is wanted. */
export declare type InstanceSpec = z.infer<typeof instanceSpec>;

/** An instance as it is wanted: what a worker host runs, or what an API server makes of an upstream. */
export declare const instanceSpec: z.ZodObject<{
    id: z.ZodString;
    generation: z.ZodDefault<z.ZodNumber>;
    model: z.ZodString;
    engine: z.ZodString;
    plugin: z.ZodString;
    options: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
    weight: z.ZodDefault<z.ZodNumber>;
    order: z.ZodDefault<z.ZodNumber>;
    labels: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
    on: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodString>>;
    slots: z.ZodOptional<z.ZodNumber>;
}, z.core.$strip>;

/** State of an instance as its host writes it. */
export declare type InstanceState = (typeof INSTANCE_STATES)[number];

/** An instance as the control plane sees it. */
export declare type InstanceView = z.infer<typeof instanceView>;

/**
 * An instance as the control plane sees it: its record, what the operator ordered, and what whoever runs it says when asked. The
 * latter is absent where it did not answer.
 */
export declare const instanceView: z.ZodObject<{
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

/** Is `next` of another state than `before`, or a later one of the same. */
export declare function isLater(next: Pick<Assignment, 'storeId' | 'term' | 'generation'>, before: Pick<Assignment, 'storeId' | 'term' | 'generation'> | undefined): boolean;

/** Does a list that has `id` name `model`: some services put a prefix or a tag around the name under which they take a model. */
export declare const isListedAs: (id: string, model: string) => boolean;

/** Is this IP address, as `socket.remoteAddress` gives it, of the loopback network. */
export declare function isLoopbackAddress(address: string): boolean;

/** Does this host name (no port) mean the machine itself: `localhost`, 127.0.0.0/8, `::1` with or without brackets. */
export declare function isLoopbackHost(host: string): boolean;

/** Does a typed worker's answer have a number for each document. */
export declare function isRanking({ scores }: RerankResult, { documents }: RerankRequest): boolean;

/** Does an engine's `usage` hold counts that can be added up: what else it may hold is not looked at. */
export declare function isUsage(value: unknown): value is Usage;

/** Why a JSON text was refused. */
declare type JsonFaultKind = 'not-object' | 'syntax' | 'duplicate-key' | 'too-deep';

/** Kinds of JSON values, told apart by their first byte. */
export declare type JsonKind = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

/** One lane of an upstream as an API server sees it. */
export declare type LaneReport = z.infer<typeof laneReport>;

/** One lane of an upstream (a key of a vendor) as an API server sees it. */
export declare const laneReport: z.ZodObject<{
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

/** Load as the engine reports it. */
export declare type LoadSample = z.infer<typeof loadSample>;

/** Load as the engine reports it; an absent number is unknown, not zero. */
export declare const loadSample: z.ZodObject<{
    running: z.ZodOptional<z.ZodNumber>;
    waiting: z.ZodOptional<z.ZodNumber>;
    cacheUse: z.ZodOptional<z.ZodNumber>;
    prefixHitRate: z.ZodOptional<z.ZodNumber>;
    sampledAtMs: z.ZodNumber;
}, z.core.$strip>;

/** Which lines are asked for; default the newest 100. */
export declare type LogQuery = z.output<typeof logQuery>;

/** Which lines are asked for, also as the query of a URL: those after one that is known, and of these the newest `limit`. */
export declare const logQuery: z.ZodObject<{
    after: z.ZodOptional<z.ZodCoercedNumber<unknown>>;
    limit: z.ZodOptional<z.ZodCoercedNumber<unknown>>;
}, z.core.$strict>;

/** States of a member: `up`; `leaving`: it drains and goes; `gone` is the tombstone of one that left in order. */
export declare const MEMBER_STATES: readonly ['up', 'leaving', 'gone'];

/** What a member is. */
export declare type MemberKind = 'worker' | 'apiserver' | 'controller';

/** A worker host, an API server or a controller as the registry holds it. */
export declare type MemberRecord = z.infer<typeof memberRecord>;

/**
 * A worker host, an API server or a controller as the registry holds it. Holds no secret; unknown keys of a newer writer are dropped,
 * a state that this version does not know counts as `leaving`.
 */
export declare const memberRecord: z.ZodObject<{
    id: z.ZodString;
    epoch: z.ZodNumber;
    state: z.ZodCatch<z.ZodEnum<{
        gone: "gone";
        leaving: "leaving";
        up: "up";
    }>>;
    url: z.ZodOptional<z.ZodURL>;
    node: z.ZodOptional<z.ZodString>;
    version: z.ZodDefault<z.ZodString>;
    labels: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
    engines: z.ZodDefault<z.ZodArray<z.ZodString>>;
    keyPrints: z.ZodDefault<z.ZodArray<z.ZodString>>;
    primary: z.ZodDefault<z.ZodBoolean>;
    plain: z.ZodDefault<z.ZodBoolean>;
    startedAtMs: z.ZodDefault<z.ZodNumber>;
}, z.core.$strip>;

/** What runs at one member. */
export declare type MemberReport = z.infer<typeof memberReport>;

/** Answer of a worker host or an API server that is asked what runs there. */
export declare const memberReport: z.ZodObject<{
    instances: z.ZodArray<z.ZodObject<{
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
    }, z.core.$strip>>;
}, z.core.$strip>;

/** What a worker says of one model. */
export declare type ModelCard = z.infer<typeof modelCard>;

/** What a worker says of one model: its public id, the tasks it serves and its context length in tokens. */
export declare const modelCard: z.ZodObject<{
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

/** Reply of `GET /v1/models`. */
export declare type ModelList = z.infer<typeof modelList>;

/** Reply of `GET /v1/models`. */
export declare const modelList: z.ZodObject<{
    object: z.ZodOptional<z.ZodLiteral<"list">>;
    data: z.ZodArray<z.ZodObject<{
        id: z.ZodString;
        object: z.ZodDefault<z.ZodString>;
        created: z.ZodOptional<z.ZodNumber>;
        owned_by: z.ZodOptional<z.ZodString>;
        max_model_len: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
        parent: z.ZodOptional<z.ZodNullable<z.ZodString>>;
    }, z.core.$loose>>;
}, z.core.$loose>;

/** One model in `GET /v1/models`. */
export declare type ModelObject = z.infer<typeof modelObject>;

/** One model in `GET /v1/models`; engines' own fields (`max_model_len`, `root`, …) are kept. */
export declare const modelObject: z.ZodObject<{
    id: z.ZodString;
    object: z.ZodDefault<z.ZodString>;
    created: z.ZodOptional<z.ZodNumber>;
    owned_by: z.ZodOptional<z.ZodString>;
    max_model_len: z.ZodOptional<z.ZodNullable<z.ZodNumber>>;
    parent: z.ZodOptional<z.ZodNullable<z.ZodString>>;
}, z.core.$loose>;

/** A model file, or several places to look for it in order. */
export declare type ModelSource = z.infer<ReturnType<typeof modelSource>>;

/**
 * One model file or a list tried in order: a path, `https://`, `hf://`, `modelscope://`, `pypi://`, each with an optional sha256.
 *
 * @param missing what is said where none is given
 */
export declare const modelSource: (missing?: string) => z.ZodUnion<readonly [z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
    url: z.ZodString;
    sha256: z.ZodOptional<z.ZodString>;
}, z.core.$strict>]>, z.ZodArray<z.ZodUnion<readonly [z.ZodString, z.ZodObject<{
    url: z.ZodString;
    sha256: z.ZodOptional<z.ZodString>;
}, z.core.$strict>]>>]>;

/** What API servers are told about one public model. */
export declare type ModelSpec = z.infer<typeof modelSpec>;

/** What API servers are told about one public model. */
export declare const modelSpec: z.ZodObject<{
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

/** What became of a {@link Command}. */
export declare type Operation = z.infer<typeof operation>;

/**
 * What becomes of a {@link Command}. A restart runs on after the call that ordered it: ask for the operation again by its id until
 * it is `done` (the instance is ready again) or `failed`.
 */
export declare const operation: z.ZodObject<{
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

/**
 * Reads one whole event as the HTML standard says: comments and unknown fields are skipped, one space after the colon
 * is dropped, several `data` lines are joined by line feeds.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html, read 2026-11
 */
export declare function parseSseEvent(bytes: Buffer): SseEvent;

/** Who must answer at an address: what the check before a connection's first request looks for. */
export declare interface Peer {
    readonly instance: string;
    /** Names the key of its start, which proves who it is; absent: its list of models must name `model`. */
    readonly keyId?: string | undefined;
    /** The engine's own name of the model. */
    readonly model?: string | undefined;
}

/** What a plugin's `prepare` hands to its `backend`. */
export declare interface PreparedBackend {
    /** Given to `load` in place of the plugin's options; plain data. */
    readonly options: unknown;
    /** Threads of a batch backend, each with one of its own; default 1. Otherwise the config's `slots` say how many. */
    readonly threads?: number | undefined;
}

/** The public model `id`, made of what the instances that serve it say; one that knows no tasks yet says nothing. */
export declare function publicCard(id: string, instances: readonly Pick<InstanceRecord, 'models'>[]): ModelCard;

/**
 * Reads the error in a parsed body: the shapes of OpenAI, vLLM, Gemini, Anthropic, TGI, TEI, FastChat, FastAPI,
 * DashScope, MiniMax, old ERNIE and Spark. Undefined when the body holds none of them.
 * @param value a parsed JSON value, from a body of any status or from one event of a stream
 */
export declare function readErrorBody(value: unknown): ForeignError | undefined;

/**
 * What a request is to SMMF, over HTTP and in code: reads what it uses of a body, without parsing the whole of it, and checks UTF-8,
 * nesting, repeated keys, kinds and sizes. A fault's code is INVALID_JSON, INVALID_REQUEST, INVALID_VALUE, MISSING_REQUIRED_PARAMETER
 * or UNSUPPORTED_PARAMETER.
 */
export declare function readFrame(task: TaskId, body: Buffer): {
    readonly frame: Frame;
} | {
    readonly fault: FrameFault;
};

/**
 * The answer of DB-GPT's `POST /beta/relevance` made of one of rerank: the scores in the order of the documents. No number is written anew.
 *
 * @param answer a complete answer of SMMF to a rerank
 * @param documents how many there are
 * @returns undefined when a document has no score
 */
export declare function relevanceReply(answer: Buffer, documents: number): string | undefined;

/** Renders what a typed worker answered. */
export declare function renderEmbeddings(result: EmbeddingResult, model: string, base64: boolean): EmbeddingReply;

/** Renders what a typed worker answered: sorted by score, cut to `top_n` (0 or absent: all). */
export declare function renderRerank(result: RerankResult, request: RerankRequest, id: string): RerankReply;

/** All that a controller wants and tells. */
export declare type Replica = z.infer<typeof replica>;

/** All that a controller wants and tells, for other controllers that tell the same. */
export declare const replica: z.ZodObject<{
    settings: z.ZodString;
    assignments: z.ZodRecord<z.ZodString, z.ZodString>;
}, z.core.$strip>;

/** Renders events as one OpenAI reply. */
export declare interface ReplyCollector extends AnswerProgress {
    push(event: GenerationEvent): void;
    /** Call only when `finished` and without `error`. */
    reply(): ChatCompletion | Completion;
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
export declare const rerankReply: z.ZodObject<{
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
export declare const rerankRequest: z.ZodObject<{
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
export declare interface RerankResult {
    readonly scores: readonly number[];
    readonly usage: Usage;
    readonly headers?: ResultHeaders;
}

/** Headers by which a result tells of itself: what of the request was changed, what of the input was left out. No other is passed on. */
export declare const RESULT_HEADERS: readonly ['x-smmf-adjusted', 'x-smmf-truncated'];

/** Headers of a result, by name. Values are printable ASCII, 1024 characters at most; others are left out. */
export declare type ResultHeaders = Readonly<Partial<Record<(typeof RESULT_HEADERS)[number], string>>>;

/** Those of the headers that may be passed on. @param read gives a header by its name */
export declare function resultHeaders(read: (name: string) => string | undefined): ResultHeaders;

/** May the same call be tried again: not at all, on the same instance, or on another one. */
export declare type RetryAdvice = 'never' | 'same' | 'other';

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

/** Why a text was refused. */
export declare type ScanFault = JsonFaultKind;

/**
 * Reads the outermost object of a JSON text in one pass, without building what is inside: where each field stands, its
 * kind and size. Refuses a repeated key, also when spelled with escapes, so that two readers cannot see different values.
 * A text is accepted only when it is JSON, whatever its size.
 *
 * @param text UTF-8
 * @param maxDepth deepest nesting of brackets that is accepted, the outermost object included; default 64
 */
export declare function scanFields(text: Buffer, maxDepth?: number): ScanResult;

/** What {@link scanFields} found: the fields, or a fault with its place (a byte offset, or the repeated key). */
export declare type ScanResult = {
    readonly fields: TopLevelFields;
    readonly fault?: undefined;
} | {
    readonly fields?: undefined;
    readonly fault: ScanFault;
    readonly at: number;
    readonly key?: string;
};

/** A public model, and the ids of the instances that serve it. */
export declare type ServedModel = ModelCard & {
    readonly instances: readonly string[];
};

/** The feed of settings. */
export declare type Settings = z.infer<typeof settings>;

/** The feed of settings: what every API server serves, whole each time. */
export declare const settings: z.ZodObject<{
    storeId: z.ZodString;
    term: z.ZodDefault<z.ZodNumber>;
    generation: z.ZodNumber;
    models: z.ZodArray<z.ZodObject<{
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
    }, z.core.$strip>>;
    upstreams: z.ZodDefault<z.ZodArray<z.ZodObject<{
        id: z.ZodString;
        generation: z.ZodDefault<z.ZodNumber>;
        model: z.ZodString;
        engine: z.ZodString;
        plugin: z.ZodString;
        options: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodUnknown>>;
        weight: z.ZodDefault<z.ZodNumber>;
        order: z.ZodDefault<z.ZodNumber>;
        labels: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodString>>;
        on: z.ZodOptional<z.ZodRecord<z.ZodString, z.ZodString>>;
        slots: z.ZodOptional<z.ZodNumber>;
    }, z.core.$strip>>>;
    administrative: z.ZodDefault<z.ZodRecord<z.ZodString, z.ZodEnum<{
        draining: "draining";
        offline: "offline";
        online: "online";
    }>>>;
}, z.core.$strip>;

/** A path in a config as people write it: `models.chat.workers[0].url`; names with dots or spaces in brackets. */
export declare function showPath(path: readonly PropertyKey[]): string;

/** Text such as `512KiB`, `4MiB`, `2GB`; bytes after parsing. */
export declare const sizeBytes: () => z.ZodType<number, string | number, z.core.$ZodTypeInternals<number, string | number>>;

/**
 * The body with the wanted fields changed; every other byte stays as it was. The same buffer when nothing changes.
 *
 * @param body the JSON text
 * @param fields what {@link scanFields} found in this very text
 */
export declare function spliceBody(body: Buffer, fields: TopLevelFields, changes: BodyChanges): Buffer;

/** Splits what a framer returned into its events, each with its closing blank line. */
export declare function splitSse(bytes: Buffer): Buffer[];

/** The event that ends every OpenAI stream. */
export declare const SSE_DONE = "data: [DONE]\n\n";

/** One server-sent event: its `event` and `id` fields where given, and the joined `data` lines (absent for a comment). */
export declare interface SseEvent {
    readonly event?: string;
    readonly id?: string;
    readonly data?: string;
}

/** Cuts a stream of server-sent events after whole events, bytes untouched. */
export declare interface SseFramer {
    /** The bytes of every event that is complete now, one after another; empty when none is. */
    push(chunk: Buffer): Buffer;
    /** Bytes of an event that is not complete yet. */
    readonly rest: Buffer;
}

/** Renders events as an OpenAI stream. */
export declare interface StreamRenderer extends AnswerProgress {
    /** The server-sent events for one event; empty text for one that shows nothing. */
    push(event: GenerationEvent): string;
    /** Usage where asked for, and `[DONE]`; call only when `finished` and without `error`. */
    close(): string;
}

/** Every {@link TaskId}, in the order of {@link TASK_ROUTES}. */
export declare const TASK_IDS: readonly TaskId[];

/** Operation ids of the OpenAI API that a worker can serve, each with its HTTP route under `/v1`. */
export declare const TASK_ROUTES: {
    readonly chat: '/chat/completions';
    readonly completions: '/completions';
    readonly embeddings: '/embeddings';
    readonly rerank: '/rerank';
};

/** An operation of the OpenAI API: `chat`, `completions`, `embeddings` or `rerank`. */
export declare type TaskId = keyof typeof TASK_ROUTES;

/** Base64 of little-endian 32-bit floats, as the OpenAI SDKs decode it. */
export declare function toBase64(vector: Float32Array | readonly number[]): string;

/** Log probability of one token, as OpenAI writes it in `logprobs.content`. */
export declare interface TokenLogprob {
    /** Its text; of a token that is no whole characters its bytes, as `\xf0\x9f`. */
    readonly token: string;
    /** Null for the first token of a prompt. */
    readonly logprob: number | null;
    readonly bytes: readonly number[] | null;
    readonly top_logprobs: readonly Omit<TokenLogprob, 'top_logprobs'>[];
}

/** Where one field of the outermost object stands, as byte offsets into the text. */
export declare interface TopLevelField {
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
export declare type TopLevelFields = ReadonlyMap<string, TopLevelField>;

/** Token counts of one answer. */
export declare type Usage = z.infer<typeof usage>;

/** Token counts of one answer, as OpenAI reports them; unknown fields (`prompt_tokens_details`, …) are kept. */
export declare const usage: z.ZodObject<{
    prompt_tokens: z.ZodNumber;
    completion_tokens: z.ZodOptional<z.ZodNumber>;
    total_tokens: z.ZodNumber;
}, z.core.$loose>;

/** The inside of an OpenAI error body. */
export declare interface WireError {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
}

export { }

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** Where a fact of a dialect was read, and when. */
export interface Source {
  readonly of: string;
  readonly at: string;
  readonly seen: string;
}

/** A tool call as a model makes it. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** What the model says, before a vendor puts it into its own shape. */
export interface Said {
  readonly reasoning?: string;
  readonly text?: string;
  readonly calls?: readonly ToolCall[];
  /** The vendor's own word; default `stop`, or what it says after tool calls. */
  readonly finish?: string;
}

/** A status with the body that goes with it; a text is sent as HTML. */
export interface Refusal {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an error of a vendor means, and so what the client gets: see `expected-errors.ts`. */
export type ErrorKind =
  | 'request'
  | 'context'
  | 'filter'
  | 'credential'
  | 'model'
  | 'rate'
  | 'overload'
  | 'failed'
  | 'timeout'
  | 'too large';

/** One error that a vendor sends. */
export interface ErrorRow extends Refusal {
  readonly name: string;
  readonly kind: ErrorKind;
  /** `answer` (default): in place of one. `event`: the first event of a stream. `late`: an event after content. */
  readonly place?: 'answer' | 'event' | 'late';
  /** What it asks to wait, seconds, as the client gets it in Retry-After. */
  readonly retryAfterS?: number;
}

/** A request as a client sends it and as the vendor gets it, model, messages and stream aside. */
export interface RequestRow {
  readonly name: string;
  /** The vendor's own name of the model that is asked; default the dialect's chat model. */
  readonly model?: string;
  readonly sends: Json;
  readonly arrives: Json;
  /** Parameters that `x-smmf-adjusted` names, and that `strict: true` refuses. */
  readonly adjusted?: readonly string[];
}

/** How a vendor finds out who asks. */
export type Auth =
  | { readonly kind: 'none' }
  /** `bearer KEY`, or the bare key in a header of its own. */
  | { readonly kind: 'bearer' }
  | { readonly kind: 'header'; readonly name: string }
  /** A token signed with the secret of a key `ID.SECRET`. */
  | { readonly kind: 'zhipu-jwt' }
  /** A bearer token that the same server gives out at `path`, for a form with these fields. */
  | { readonly kind: 'client-credentials'; readonly path: string; readonly form: Readonly<Record<string, string>> };

/** What a vendor asks of a request's body. */
export interface RequestRules {
  /** Fields it takes: any other is refused. Absent: it ignores what it does not know. */
  readonly takes?: readonly string[];
  /** Fields that it refuses by name. */
  readonly refuses?: readonly string[];
  /** Least and greatest value of a number; `above` and `below` exclude the limit itself. */
  readonly ranges?: Readonly<Record<string, { min?: number; max?: number; above?: number; below?: number }>>;
  /** Anything else: what is wrong with the body. */
  readonly check?: (body: Json) => { readonly param: string; readonly message: string } | undefined;
  /** Its answer to a body that breaks a rule. */
  readonly refusal: (param: string, message: string, value: unknown) => Refusal;
}

/** Where a chunk stands in its stream. */
export interface ChunkPlace {
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly model: string;
}

/** How a vendor streams. */
export interface StreamRules {
  /** `asked`: a chunk of its own when `include_usage` is sent; `last`: in the finishing chunk; `every`: in all, growing. */
  readonly usage: 'asked' | 'last' | 'every';
  /** The role: in a first chunk of its own (default), or in every delta. */
  readonly role?: 'first' | 'every';
  /** The finish reason: in a chunk of its own (default), or with the last content. */
  readonly finish?: 'own' | 'with content';
  /** A tool call: its arguments in pieces (default), or in one delta. */
  readonly calls?: 'pieces' | 'whole';
  /** What stands before the JSON; default `data: `. */
  readonly prefix?: string;
  /** How a line ends; default `\n`. */
  readonly lineEnd?: '\n' | '\r\n';
  /** What comes while the model has not begun. */
  readonly keepAlive?: string;
  /** Events before all others, as JSON. */
  readonly before?: readonly Json[];
}

/** What a vendor serves beside chat. */
export interface EmbeddingRules {
  readonly path: string;
  /** Inputs of one call at most. */
  readonly batch: number;
  /** Does it answer base64 when asked to; else it refuses the field. */
  readonly base64: boolean;
  readonly refusal: Refusal;
}

/** A vendor's own way to rank documents. */
export interface RerankRules {
  /** From the root of the server. */
  readonly path: string;
  /** Turns scored documents, best first, into its answer. */
  readonly answer: (results: readonly { index: number; relevance_score: number }[], model: string) => Json;
}

/** Which SDK reads the vendor as a witness, and which fields of its requests differ from ours. */
export interface Witness {
  readonly sdk: 'openai' | 'azure' | 'mistral' | 'huggingface';
  /** Fields of a request's body, each with the reason why ours has another one. */
  readonly differences: Readonly<Record<string, string>>;
  /** What one must send beside a plain request to be answered as OpenAI does. */
  readonly sends?: Json;
}

/** One vendor's way to speak, as its documents say: what `scripted-vendor.ts` plays and what SMMF is held to. */
export interface Dialect {
  /** As the table names it. */
  readonly vendor: string;
  /** As messages name it; default the same. */
  readonly name?: string;
  /** Folder of its package under `plugins/`. */
  readonly plugin: string;
  readonly sources: readonly Source[];
  /**
   * The name by which SMMF is told to reach it: for rules that hold at that address alone. A proxy leads it to loopback. Default: the
   * address of the scripted vendor.
   */
  readonly host?: string;
  /** Path of its base address; default `/v1`. */
  readonly base: string;
  readonly auth: Auth;
  /** The secret that the scripted vendor takes. */
  readonly key: string;
  /** The option that says how the server calls the model; default `model`. `none`: it serves one, whatever it is called. */
  readonly nameOption?: 'model' | 'served' | 'none';
  /** Options of the plugin beside url, key and model; gets the origin of the scripted vendor. */
  readonly options?: (origin: string) => Json;
  readonly models: { readonly chat: string; readonly embeddings?: string; readonly rerank?: string };
  /** Where chat is; default `/chat/completions` below `base`. May hold a query. */
  readonly chatPath?: string;
  /** Its list of models; absent where it has none. */
  readonly list?: (models: readonly string[]) => Json;
  readonly request: RequestRules;
  readonly stream: StreamRules;
  /** White space that it sends ahead of a whole answer while a request waits. */
  readonly blanks?: string;
  /** Puts a whole answer, and each chunk, into its own shape; gets the request's body. */
  readonly reply?: (reply: Json, body: Json) => Json;
  readonly chunk?: (chunk: Json, place: ChunkPlace, body: Json) => Json;
  /** How ids of tool calls look; default as OpenAI's. */
  readonly callId?: (n: number) => string;
  /** Its finish reasons, and what each is in OpenAI's words. */
  readonly finishes: Readonly<Record<string, 'stop' | 'length' | 'tool_calls' | 'content_filter'>>;
  /** What it says at the end of tool calls; default `tool_calls`. */
  readonly finishOfTools?: string;
  /** Where reasoning stands; absent where it shows none. */
  readonly reasoning?: 'reasoning_content' | 'reasoning' | 'parts';
  readonly tools: boolean;
  /** Several calls in one answer; default it can. */
  readonly parallelTools?: boolean;
  /** What it gets for OpenAI's `response_format` with a JSON schema; absent where it has none. */
  readonly jsonSchema?: (format: Json) => Json;
  readonly images: boolean;
  /** More than one choice: served, refused, or ignored, so that one comes. */
  readonly n: boolean | 'ignored';
  readonly errors: readonly ErrorRow[];
  readonly requests: readonly RequestRow[];
  readonly embeddings?: EmbeddingRules;
  readonly rerank?: RerankRules;
  readonly witness: Witness;
}

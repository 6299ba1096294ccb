import type { ModelCard } from './instance.ts';

/** One text that a batch backend is to read: an input of embeddings, or a document of rerank with its query. */
export interface BatchInput {
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
export interface BatchItem {
  /** How long it is, padding apart: what batches are bounded by and usage counts. */
  readonly tokens: number;
  /** The text was longer and its end was left out. */
  readonly wasCut?: boolean;
}

/** How batches are made. */
export interface BatchLimits {
  /** Texts in one; default 16. */
  readonly items?: number | undefined;
  /** Texts times the longest of them, in tokens; default 2048. A text that is longer runs alone. */
  readonly tokens?: number | undefined;
  /** Longest wait of a text for others, milliseconds; default 2. */
  readonly waitMs?: number | undefined;
  /** Texts that may be under way, those that are read or computed included; default 16 384. One request is always taken. */
  readonly queue?: number | undefined;
}

/** A synchronous backend that computes many texts at once, of any requests: what `load` of a `backend` module may return. */
export interface BatchBackend<Item extends BatchItem = BatchItem> {
  readonly models: readonly ModelCard[];
  readonly limits?: BatchLimits;
  /** Reads one text: short work, in a thread. What it throws refuses the text's request alone. */
  read(input: BatchInput): Item;
  /** The vector of each item, in order. */
  embed?(items: readonly Item[]): readonly Float32Array[];
  /** The score of each item, in order. */
  rerank?(items: readonly Item[]): readonly number[];
}

/** What a plugin's `prepare` hands to its `backend`. */
export interface PreparedBackend {
  /** Given to `load` in place of the plugin's options; plain data. */
  readonly options: unknown;
  /** Threads of a batch backend, each with one of its own; default 1. Otherwise the config's `slots` say how many. */
  readonly threads?: number | undefined;
}

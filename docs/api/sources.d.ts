// dist/index.d.ts
import { HttpClient } from '@smmf/core';
import { Logger } from '@smmf/core';
import type { ModelSource } from '@smmf/protocol';

/** Makes a model store; between calls it holds nothing open but what its HTTP client keeps. */
export declare function createModelStore(options: ModelStoreOptions): ModelStore;

/** Environment variables, as `process.env` has them. */
export declare type Environment = Readonly<Record<string, string | undefined>>;

/** How long a fetch waits for the other side, in milliseconds. */
export declare interface FetchLimits {
    /** Until a connection stands, name look-up included. Default 3 s. */
    readonly connectMs: number;
    /** From a request to its answer's first byte. Default 15 s. */
    readonly firstByteMs: number;
    /** Without a single byte while a body comes in. Default 30 s. */
    readonly stallMs: number;
    /** Before a download that was cut off goes on; doubled each time. Default 500 ms. */
    readonly retryMs: number;
}

/** What one call of {@link ModelStore.fetch} may be given. */
export declare interface FetchOptions {
    readonly signal?: AbortSignal;
    /** Called at most ten times a second, and once for each new phase. */
    readonly onProgress?: (progress: FetchProgress) => void;
}

/** What a fetch is doing. `waiting`: another process fetches the same file. */
export declare type FetchPhase = 'connecting' | 'waiting' | 'downloading' | 'verifying' | 'done';

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

/** A file or folder that is on this machine already. */
export declare interface FileReference extends ModelReference {
    readonly kind: 'file';
    /** As written: absolute, or relative to the config's folder. */
    readonly path: string;
}

/** A size for people: `98 MB`, `1.2 GB`. */
export declare function formatBytes(bytes: number): string;

/** One line for a terminal or an instance's state: `model.gguf  34 %  33/98 MB  12 MB/s`. */
export declare function formatProgress(progress: FetchProgress): string;

/** Does the reference name a path of this machine? */
export declare function isLocal(reference: ModelReference): reference is FileReference;

/** What a cache holds, the newest first; also what has come in part only. */
export declare function listStored(cacheDir: string): Promise<readonly StoredModel[]>;

/** One element of a `ModelSource` after parsing: what is wanted from one place. Plain data; a source adds fields of its own. */
export declare interface ModelReference {
    /** The kind of the source that made it, and that resolves or fetches it. */
    readonly kind: string;
    /** How messages, logs and progress name it: without query, never with a secret. Its last path segment names the file or folder. */
    readonly label: string;
    /** Hex digest that the file must have; undefined when the config gives none. */
    readonly sha256: string | undefined;
}

/** Brings model files to this machine. */
export declare interface ModelStore {
    /** Absolute path of the cache folder. */
    readonly cacheDir: string;
    /**
     * The absolute path of a verified file, or of a folder of such files where the source names one. A list is tried in order; but
     * what a cache has already is used without asking the network, also when it belongs to a later source (never before a
     * local path that stands in front of it).
     * @throws CONFIG_INVALID a source, `HF_ENDPOINT`, `MODELSCOPE_ENDPOINT` or `HF_TOKEN` is malformed
     * @throws SOURCE_UNAVAILABLE no source could be fetched; each is named with its reason
     * @throws SOURCE_CORRUPT the only source has the wrong digest or size
     * @throws ABORTED by the signal
     * @throws CLOSED when the HTTP client was closed
     */
    fetch(source: ModelSource, options?: FetchOptions): Promise<string>;
}

/** How model files and folders are found and kept. */
export declare interface ModelStoreOptions {
    /**
     * What sources are asked with, such as `createHttpClient(createDialer())` of `@smmf/net`; whoever made it closes it. Its dialer decides on
     * authorities and addresses, and reads the proxies of the environment, which every request asks for.
     */
    readonly http: HttpClient;
    /** Folder of fetched files. Default: `SMMF_CACHE`, else `XDG_CACHE_HOME/smmf`, else `~/Library/Caches/smmf` (Mac), else `~/.cache/smmf`. */
    readonly cacheDir?: string;
    /** Folder that relative paths start from: the config file's. Default: the working directory. */
    readonly baseDir?: string;
    /** When given, local files must really lie under one of these folders, links followed. */
    readonly roots?: readonly string[];
    /** Never use the network. Default: `SMMF_OFFLINE` or `HF_HUB_OFFLINE` is 1, true, yes or on. */
    readonly offline?: boolean;
    /** Waits, in milliseconds; see {@link FetchLimits} for the defaults. */
    readonly limits?: Partial<FetchLimits>;
    /** Settings of sources and caches, and what `pip` is started with; default `process.env`. Not the proxies of `http`. */
    readonly env?: Environment;
    readonly logger?: Logger;
}

/**
 * Parses what a config says of where a model comes from; one element or a list to try in order.
 * @throws CONFIG_INVALID for a form that is not known, an unsafe path inside a repository or wheel, or a bad digest
 */
export declare function parseSources(source: ModelSource): readonly ModelReference[];

/**
 * Removes what the cache holds of one source. Returns the bytes that were freed.
 * @throws SOURCE_UNAVAILABLE when another process still fetches it after `waitMs`
 */
export declare function removeStored({ folder, name }: StoredModel, waitMs?: number): Promise<number>;

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

export { }

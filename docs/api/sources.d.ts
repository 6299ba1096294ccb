// dist/index.d.ts
export type { Environment, FetchLimits } from './http.ts';
export { createModelStore, type FetchOptions, type ModelStore, type ModelStoreOptions } from './model-store.ts';
export { parseSources } from './parse-sources.ts';
export { type FileReference, isLocal } from './places/local.ts';
export { type FetchPhase, type FetchProgress, formatProgress } from './progress.ts';
export type { ModelReference } from './source.ts';

// dist/http.d.ts
import { type HttpClient, type HttpHeaders, type HttpResponse } from '@smmf/core';
/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;
/** How long a fetch waits for the other side, in milliseconds. */
export interface FetchLimits {
    /** Until a connection stands, name look-up included. Default 3 s. */
    readonly connectMs: number;
    /** From a request to its answer's first byte. Default 15 s. */
    readonly firstByteMs: number;
    /** Without a single byte while a body comes in. Default 30 s. */
    readonly stallMs: number;
    /** Before a download that was cut off goes on; doubled each time. Default 500 ms. */
    readonly retryMs: number;
}
/** What a request needs besides its target. */
export interface RequestContext {
    readonly http: HttpClient;
    readonly limits: FetchLimits;
    readonly signal: AbortSignal;
}
/** An answer whose body throws SOURCE_UNAVAILABLE, in words, where the network fails. It is read or discarded. */
export type OpenAnswer = Pick<HttpResponse, 'status' | 'headers' | 'body' | 'discard'>;
/**
 * Sends a GET with these headers, through the proxy that the environment names; follows no redirect.
 * @param egress `public` where a server, not the config, has named the host; else the client's default
 * @throws SOURCE_UNAVAILABLE for a network fault; the signal's reason when it aborts; CONFIG_INVALID, CLOSED by the client
 */
export declare function get(url: URL, headers: Readonly<Record<string, string>>, egress: 'public' | undefined, context: RequestContext): Promise<OpenAnswer>;
/** Was it the body that stalled? It has cost its whole limit already. */
export declare function isStall(error: unknown): boolean;
/** Header value as one string. */
export declare function header(headers: HttpHeaders, name: string): string | undefined;

// dist/model-store.d.ts
import { type HttpClient, type Logger } from '@smmf/core';
import type { ModelSource } from '@smmf/protocol';
import type { Environment, FetchLimits } from './http.ts';
import { type FetchProgress } from './progress.ts';
/** How model files and folders are found and kept. */
export interface ModelStoreOptions {
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
/** What one call of {@link ModelStore.fetch} may be given. */
export interface FetchOptions {
    readonly signal?: AbortSignal;
    /** Called at most ten times a second, and once for each new phase. */
    readonly onProgress?: (progress: FetchProgress) => void;
}
/** Brings model files to this machine. */
export interface ModelStore {
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
/** Makes a model store; between calls it holds nothing open but what its HTTP client keeps. */
export declare function createModelStore(options: ModelStoreOptions): ModelStore;

// dist/parse-sources.d.ts
import type { ModelSource } from '@smmf/protocol';
import type { ModelReference, Source } from './source.ts';
/**
 * Parses what a config says of where a model comes from; one element or a list to try in order.
 * @throws CONFIG_INVALID for a form that is not known, an unsafe path inside a repository or wheel, or a bad digest
 */
export declare function parseSources(source: ModelSource): readonly ModelReference[];
/** The source that made a reference. */
export declare function sourceOf({ kind }: ModelReference): Source;

// dist/places/local.d.ts
import type { LocalSource, ModelReference } from '../source.ts';
/** A file or folder that is on this machine already. */
export interface FileReference extends ModelReference {
    readonly kind: 'file';
    /** As written: absolute, or relative to the config's folder. */
    readonly path: string;
}
/** Files and folders of this machine. */
export declare const local: LocalSource<FileReference>;
/** Does the reference name a path of this machine? */
export declare function isLocal(reference: ModelReference): reference is FileReference;

// dist/progress.d.ts
/** What a fetch is doing. `waiting`: another process fetches the same file. */
export type FetchPhase = 'connecting' | 'waiting' | 'downloading' | 'verifying' | 'done';
/** How far a model file has come. */
export interface FetchProgress {
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
/** Reports one step; `totalBytes` undefined = not known. */
export type Report = (phase: FetchPhase, receivedBytes: number, totalBytes?: number) => void;
/** Turns many small steps into at most ten calls a second; a new phase is passed on at once. */
export declare function createReport(source: string, listener: (progress: FetchProgress) => void, now?: () => number): Report;
/** One line for a terminal or an instance's state: `model.gguf  34 %  33/98 MB  12 MB/s`. */
export declare function formatProgress(progress: FetchProgress): string;

// dist/source.d.ts
import type { HttpClient, Logger, SmmfError } from '@smmf/core';
import type { CachePlace, PartFile } from './cache-entry.ts';
import type { Environment, FetchLimits } from './http.ts';
import type { Report } from './progress.ts';
import type { ExpectedFile } from './verify-file.ts';
/** One element of a `ModelSource` after parsing: what is wanted from one place. Plain data; a source adds fields of its own. */
export interface ModelReference {
    /** The kind of the source that made it, and that resolves or fetches it. */
    readonly kind: string;
    /** How messages, logs and progress name it: without query, never with a secret. Its last path segment names the file or folder. */
    readonly label: string;
    /** Hex digest that the file must have; undefined when the config gives none. */
    readonly sha256: string | undefined;
}
/** One element of a `ModelSource` before its source parses it. */
export interface WrittenSource {
    /** As the config has it. */
    readonly text: string;
    /** {@link text} as messages may show it: without control characters, credentials and query. */
    readonly printable: string;
    /** Lower case, without the colon; undefined for a path. */
    readonly scheme: string | undefined;
    /** {@link text} without scheme, `//` and fragment: `org/repo/file`. For a path, {@link text}. */
    readonly rest: string;
    /** {@link text} without fragment. */
    readonly address: string;
    readonly sha256: string | undefined;
    /** Patterns of `#include=` and `#exclude=`; undefined where the config gives none. */
    readonly choice: FileChoice | undefined;
    /** A CONFIG_INVALID error that shows the source and all forms; `what` begins with a verb. */
    fault(what: string, cause?: unknown): SmmfError;
}
/** Which files of a folder are wanted; patterns as in .gitignore: without a slash they match the name in every folder. */
export interface FileChoice {
    readonly include: readonly string[];
    readonly exclude: readonly string[];
}
/** What every source is given. */
export interface SourceContext {
    /** The folder that relative paths start from. */
    readonly baseDir: string;
    /** When given, local files must really lie under one of these folders. */
    readonly roots: readonly string[] | undefined;
    readonly home: string;
    readonly env: Environment;
    readonly limits: FetchLimits;
    readonly logger: Logger;
    readonly signal: AbortSignal;
    readonly report: Report;
}
/** What a source is given to fetch with. */
export interface FetchContext extends SourceContext {
    readonly http: HttpClient;
}
/** What a source knows of the file that it has put into the part. */
export interface Fetched {
    /** What the place says the file is; checked by the caller. Empty when it says nothing. */
    readonly expected: ExpectedFile;
    /** Part of it came from an earlier, broken-off fetch. */
    readonly isResumed: boolean;
}
/** The files of a folder as they were at one commit. */
export interface Listing {
    /** The commit: files of another one never mix with these. */
    readonly revision: string;
    /** Paths inside the folder, with forward slashes; every part is a plain name. */
    readonly files: readonly {
        readonly path: string;
        readonly expected: ExpectedFile & {
            readonly sizeBytes: number;
        };
    }[];
}
/** The part of a source that knows folders. */
export interface FolderSource<R extends ModelReference> {
    isFolder(reference: R): boolean;
    /**
     * The files that a reference to a folder means, chosen from all that are there.
     * @throws SOURCE_UNAVAILABLE
     */
    list(reference: R, context: FetchContext): Promise<Listing>;
    /** The reference to one file of a listing. */
    fileOf(reference: R, revision: string, path: string): R;
}
interface SourceBase<R extends ModelReference> {
    readonly kind: string;
    /** Schemes that lead here, lower case. */
    readonly schemes: readonly string[];
    /** How references are written, for messages: `hf://org/repo[@revision][/file]`. */
    readonly form: string;
    /** @throws CONFIG_INVALID, made by `written.fault` */
    parse(written: WrittenSource): R;
}
/** A source of this machine: nothing is fetched. */
export interface LocalSource<R extends ModelReference = ModelReference> extends SourceBase<R> {
    /**
     * The absolute path of the file or folder.
     * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT
     */
    locate(reference: R, context: SourceContext): Promise<string>;
}
/** A source elsewhere: what it brings goes into the cache. */
export interface RemoteSource<R extends ModelReference = ModelReference> extends SourceBase<R> {
    /** Where the reference lies in the cache. The same reference has the same place in every process. */
    placeOf(reference: R): CachePlace;
    /** The file in a cache that another program has filled, and what it must be; undefined when it is not there. */
    findElsewhere?(reference: R, context: SourceContext): Promise<FoundFile | undefined>;
    /**
     * Puts the file into the part, going on with what is there already. Counting, checking, naming and locking are the caller's.
     * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT, CONFIG_INVALID for a setting of the environment
     */
    fetch(reference: R, part: PartFile, context: FetchContext): Promise<Fetched>;
    /** Absent where the source has single files only. */
    readonly folders?: FolderSource<R>;
}
/** A file that another program has put on this machine. */
export interface FoundFile {
    /** Real path, without a symbolic link. */
    readonly file: string;
    readonly expected: ExpectedFile;
}
/** A place that model files come from. */
export type Source = LocalSource | RemoteSource;
export {};

// dist/cache-entry.d.ts
import * as z from 'zod';
import type { Environment } from './http.ts';
import { type FileFacts, type VerifyContext } from './verify-file.ts';
/** What a place in the cache is made from. */
export interface CachePlace {
    /** Different for different content; never shown. */
    readonly identity: string;
    /** Name that the file or folder should have. */
    readonly name: string;
}
/** An unfinished file. */
export interface PartFile {
    /** The folder of all that belongs to the reference. */
    readonly folder: string;
    readonly part: string;
    /** What is needed to go on with the part. */
    readonly partRecord: string;
}
/** Where one reference lies in the cache. All of it is in one folder, so that removing the folder removes all. */
export interface CacheEntry extends PartFile {
    /** The verified file, whose name keeps the ending that engines look at; or the folder of verified files. */
    readonly target: string;
    /** What `target` holds. */
    readonly record: string;
    /** What was checked in the cache of another program. */
    readonly elsewhere: string;
    readonly lock: string;
}
declare const recordedFile: z.ZodObject<{
    path: z.ZodString;
    sizeBytes: z.ZodNumber;
    sha256: z.ZodOptional<z.ZodString>;
    gitOid: z.ZodOptional<z.ZodString>;
    mtimeMs: z.ZodOptional<z.ZodNumber>;
}, z.core.$strip>;
declare const recorded: z.ZodObject<{
    source: z.ZodString;
    revision: z.ZodOptional<z.ZodString>;
    files: z.ZodArray<z.ZodObject<{
        path: z.ZodString;
        sizeBytes: z.ZodNumber;
        sha256: z.ZodOptional<z.ZodString>;
        gitOid: z.ZodOptional<z.ZodString>;
        mtimeMs: z.ZodOptional<z.ZodNumber>;
    }, z.core.$strip>>;
}, z.core.$strip>;
/** What is written down of a reference's content: for a folder before its files come, and again with each. */
export type CacheRecord = z.infer<typeof recorded>;
/** One file of a {@link CacheRecord}. */
export type RecordedFile = z.infer<typeof recordedFile>;
/** The cache folder: `SMMF_CACHE`, else `XDG_CACHE_HOME/smmf`, else the platform's usual place. */
export declare function defaultCacheDir(env: Environment, home: string, platform: NodeJS.Platform): string;
/** The entry of a place; the same for every process. */
export declare function cacheEntry(cacheDir: string, place: CachePlace): CacheEntry;
/** Reads a record; undefined when there is none that can be used. */
export declare function readRecord(path: string): Promise<CacheRecord | undefined>;
/** Writes a record so that it is whole or absent, also after a power cut. */
export declare function writeRecord(path: string, record: CacheRecord): Promise<void>;
/**
 * Is the file still the one that was recorded? Its size and time of change tell; a file that was touched since is read
 * and compared. Gives the file as it is to be recorded now, undefined when it is missing or another one.
 */
export declare function checkRecorded(path: string, file: RecordedFile, context: VerifyContext): Promise<RecordedFile | undefined>;
/** Moves a verified part to its final name. A crash at any point leaves the whole file or none. */
export declare function moveIntoPlace(part: PartFile, file: string): Promise<void>;
/** Makes the verified part the entry's file. */
export declare function commitFile(entry: CacheEntry, source: string, facts: FileFacts): Promise<void>;
/** Makes a folder, readable for this user alone: a gated model is not for everyone on the machine. */
export declare function makeFolder(folder: string): Promise<void>;
/** Removes what an unfinished fetch has left. */
export declare function dropPart(part: PartFile): Promise<void>;
/** Writes a small file so that it is whole or absent also after a power cut. */
export declare function writeDurably(path: string, text: string): Promise<void>;
export {};

// dist/verify-file.d.ts
/** What a file must be, as far as somebody says it. */
export interface ExpectedFile {
    readonly sizeBytes?: number | undefined;
    /** Hex SHA-256 of the content. */
    readonly sha256?: string | undefined;
    /** Hex name of the content as a git blob: SHA-1 of `blob <size>`, a NUL and the content. Hubs give it for files that are not in LFS. */
    readonly gitOid?: string | undefined;
}
/** What a file is. */
export interface FileFacts {
    readonly sizeBytes: number;
    readonly sha256: string;
    /** Milliseconds since 1970; a fraction on most file systems. */
    readonly mtimeMs: number;
}
/** How a file is read while it is checked. */
export interface VerifyContext {
    readonly signal: AbortSignal;
    onBytes?(bytes: number, sizeBytes: number): void;
}
/**
 * Reads a file once, and holds its size and its digests against what is expected.
 * @param name how messages name the file
 * @throws SOURCE_CORRUPT
 */
export declare function verifyFile(file: string, name: string, expected: ExpectedFile, { signal, onBytes }: VerifyContext): Promise<FileFacts>;

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
    readonly expected: ExpectedFile & { readonly sizeBytes: number };
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

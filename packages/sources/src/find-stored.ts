import { basename, join } from 'node:path';
import { isSmmfError } from '@smmf/core';
import {
  type CacheEntry,
  type CacheRecord,
  cacheEntry,
  checkRecorded,
  makeFolder,
  type RecordedFile,
  readRecord,
  writeRecord,
} from './cache-entry.ts';
import type { FoundFile, ModelReference, RemoteSource, SourceContext } from './source.ts';
import { verifyFile } from './verify-file.ts';

/** A file or folder that is on this machine, whole and checked. */
export interface Stored {
  readonly path: string;
  readonly sizeBytes: number;
}

/** What looking into the caches needs. */
type LookContext = SourceContext & { readonly cacheDir: string };

/** The reference's file or folder when a cache of this machine has it, whole and with the wanted digest; undefined otherwise. */
export async function findStored<R extends ModelReference>(
  source: RemoteSource<R>,
  reference: R,
  context: LookContext,
): Promise<Stored | undefined> {
  const entry = cacheEntry(context.cacheDir, source.placeOf(reference));
  const own = await findOwn(entry, reference, context);
  if (own !== undefined) return own;
  const found = await source.findElsewhere?.(reference, context);
  return found === undefined ? undefined : useElsewhere(found, entry, reference, context);
}

async function findOwn(
  entry: CacheEntry,
  { label, sha256 }: ModelReference,
  context: LookContext,
): Promise<Stored | undefined> {
  const record = await readRecord(entry.record);
  if (record === undefined || !isWhole(record)) return undefined;
  if (sha256 !== undefined && record.files[0]?.sha256 !== sha256) return undefined;
  const checked = await recheck(entry, record, context);
  if (!isWhole(checked)) {
    context.logger.warn({ source: label }, 'cached model is damaged and will be fetched anew');
    return undefined;
  }
  // What was touched and is the same need not be read at each start; a cache that only can be read serves all the same.
  if (checked.files.some((file, index) => file !== record.files[index])) {
    await writeRecord(entry.record, checked).catch(() => undefined);
  }
  return { path: entry.target, sizeBytes: totalBytes(checked) };
}

/** Are all files there? */
export function isWhole(record: CacheRecord): boolean {
  return record.files.every(({ mtimeMs }) => mtimeMs !== undefined);
}

/** Size of all files, those that are not there yet included. */
export function totalBytes({ files }: CacheRecord): number {
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** The record as it is now: a file that is missing or damaged counts as not there. */
export async function recheck(entry: CacheEntry, record: CacheRecord, context: SourceContext): Promise<CacheRecord> {
  const { signal, report } = context;
  const onBytes = (bytes: number, sizeBytes: number): void => report('verifying', bytes, sizeBytes);
  const files: CacheRecord['files'] = [];
  for (const file of record.files) {
    const { mtimeMs: _, ...absent } = file;
    files.push((await checkRecorded(join(entry.target, file.path), file, { signal, onBytes })) ?? absent);
  }
  return { ...record, files };
}

/** The file of another program's cache, once it has been read and compared; that is done again when it was touched. */
async function useElsewhere(
  { file, expected }: FoundFile,
  entry: CacheEntry,
  { label, sha256 }: ModelReference,
  context: LookContext,
): Promise<Stored | undefined> {
  const { signal, report, logger } = context;
  const onBytes = (bytes: number, sizeBytes: number): void => report('verifying', bytes, sizeBytes);
  const keep = (checked: RecordedFile): Promise<void> =>
    makeFolder(entry.folder)
      .then(() => writeRecord(entry.elsewhere, { source: label, files: [checked] }))
      .catch(() => undefined);
  const [known] = (await readRecord(entry.elsewhere))?.files ?? [];
  if (known?.path === file && (sha256 === undefined || known.sha256 === sha256)) {
    const checked = await checkRecorded(file, known, { signal, onBytes });
    if (checked !== undefined && checked !== known) await keep(checked);
    if (checked !== undefined) return { path: file, sizeBytes: checked.sizeBytes };
  }
  try {
    const wanted = sha256 === undefined ? expected : { ...expected, sha256 };
    const facts = await verifyFile(file, basename(file), wanted, { signal, onBytes });
    await keep({ path: file, ...facts });
    return { path: file, sizeBytes: facts.sizeBytes };
  } catch (error) {
    if (!isSmmfError(error) || error.code !== 'SOURCE_CORRUPT') throw error;
    logger.warn({ source: label }, "file in another program's cache is damaged or not the wanted one");
    return undefined;
  }
}

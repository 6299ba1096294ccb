import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSmmfError } from '@smmf/core';
import {
  type CacheEntry,
  type CacheRecord,
  makeFolder,
  moveIntoPlace,
  type PartFile,
  type RecordedFile,
  readRecord,
  writeRecord,
} from './cache-entry.ts';
import { assertSpace } from './disk-space.ts';
import { fetchVerified } from './fetch-verified.ts';
import { recheck, type Stored, totalBytes } from './find-stored.ts';
import type { Report } from './progress.ts';
import type { FetchContext, FolderSource, ModelReference, RemoteSource } from './source.ts';
import { verifyFile } from './verify-file.ts';

/** What is known of the folder that is being fetched. */
type FolderRecord = CacheRecord & { readonly revision: string };

/**
 * Fetches a folder, one file after another. The list of its files is written down first, with the commit that it is of: a
 * fetch that goes on later, in this process or in another one, goes on with the same files.
 * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT
 */
export async function fetchFolder<R extends ModelReference>(
  source: RemoteSource<R>,
  folders: FolderSource<R>,
  reference: R,
  entry: CacheEntry,
  context: FetchContext,
): Promise<Stored> {
  let record = (await readFolder(entry, context)) ?? (await list(folders, reference, entry, context));
  const allBytes = totalBytes(record);
  let hereBytes = record.files.reduce((sum, file) => sum + (file.mtimeMs === undefined ? 0 : file.sizeBytes), 0);
  await assertSpace(entry.folder, allBytes - hereBytes);
  for (const [index, file] of record.files.entries()) {
    if (file.mtimeMs !== undefined) continue;
    const report = reportOfFile(context.report, hereBytes, allBytes);
    const there = folders.fileOf(reference, record.revision, file.path);
    const facts = await fetchInto(source, there, entry, file, { ...context, report });
    record = { ...record, files: record.files.with(index, { ...file, ...facts }) };
    await writeRecord(entry.record, record);
    hereBytes += file.sizeBytes;
  }
  await rm(partsOf(entry), { recursive: true, force: true });
  return { path: entry.target, sizeBytes: allBytes };
}

/** What an earlier fetch has written down and brought; undefined when there was none. */
async function readFolder(entry: CacheEntry, context: FetchContext): Promise<FolderRecord | undefined> {
  const record = await readRecord(entry.record);
  if (record?.revision === undefined) return undefined;
  return { ...(await recheck(entry, record, context)), revision: record.revision };
}

async function list<R extends ModelReference>(
  folders: FolderSource<R>,
  reference: R,
  entry: CacheEntry,
  context: FetchContext,
): Promise<FolderRecord> {
  context.report('connecting', 0);
  const { revision, files } = await folders.list(reference, context);
  const record = {
    source: reference.label,
    revision,
    files: files.map(({ path, expected }) => ({ path, ...expected })),
  };
  // Files of another commit must not lie between these.
  await rm(entry.target, { recursive: true, force: true });
  await makeFolder(entry.target);
  await writeRecord(entry.record, record);
  context.logger.info({ source: reference.label, revision, files: files.length }, 'model folder is pinned to a commit');
  return record;
}

/** Brings one file to its place in the folder. */
async function fetchInto<R extends ModelReference>(
  source: RemoteSource<R>,
  reference: R,
  entry: CacheEntry,
  file: RecordedFile,
  context: FetchContext,
): Promise<RecordedFile> {
  const { path, sizeBytes, sha256, gitOid } = file;
  const wanted = {
    sizeBytes,
    ...(sha256 === undefined ? {} : { sha256 }),
    ...(gitOid === undefined ? {} : { gitOid }),
  };
  const target = join(entry.target, ...path.split('/'));
  // A crash may have come between the file and the record of it.
  const here = await verifyFile(target, path, wanted, context).catch(() => undefined);
  context.signal.throwIfAborted();
  if (here !== undefined) return { path, ...wanted, ...here };
  const part = partOf(entry, path);
  await makeFolder(partsOf(entry));
  try {
    const facts = await fetchVerified(source, reference, part, wanted, path, context);
    context.signal.throwIfAborted();
    await makeFolder(dirname(target));
    await moveIntoPlace(part, target);
    return { path, ...wanted, ...facts };
  } catch (error) {
    // The commit is gone (its branch was rewritten): the next fetch asks which one it is now.
    if (isSmmfError(error) && error.details?.status === 404) await rm(entry.record, { force: true });
    throw error;
  }
}

function partsOf(entry: CacheEntry): string {
  return join(entry.folder, 'parts');
}

function partOf(entry: CacheEntry, path: string): PartFile {
  const part = join(partsOf(entry), createHash('sha256').update(path).digest('hex').slice(0, 20));
  return { folder: entry.folder, part, partRecord: `${part}.json` };
}

/** Turns what is reported of one file into the progress of the whole folder. */
function reportOfFile(report: Report, hereBytes: number, allBytes: number): Report {
  return (phase, receivedBytes) => {
    if (phase === 'downloading') report(phase, hereBytes + receivedBytes, allBytes);
  };
}

import { lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SmmfError } from '@smmf/core';
import { type CacheRecord, readRecord } from './cache-entry.ts';
import { acquireLock } from './cache-lock.ts';
import { isWhole, totalBytes } from './find-stored.ts';

/** What the cache holds of one source. */
export interface StoredModel {
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

const OWN = ['source.json', 'elsewhere.json', 'part.json', 'parts', 'lock', 'lock.break'];

async function diskUse(folder: string): Promise<{ readonly bytes: number; readonly modifiedMs: number }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const stats = await Promise.all(files.map((file) => lstat(join(file.parentPath, file.name)).catch(() => undefined)));
  return {
    bytes: stats.reduce((sum, one) => sum + (one?.size ?? 0), 0),
    modifiedMs: stats.reduce((last, one) => Math.max(last, one?.mtimeMs ?? 0), 0),
  };
}

function wholeOf(record: CacheRecord | undefined): boolean {
  return record !== undefined && isWhole(record);
}

async function readEntry(folder: string): Promise<StoredModel | undefined> {
  const names = await readdir(folder).catch((): string[] => []);
  const { bytes: diskBytes, modifiedMs } = await diskUse(folder);
  const record = await readRecord(join(folder, 'source.json'));
  const name = names.find((one) => !OWN.includes(one) && !one.endsWith('.new'))?.replace(/\.part$/, '');
  if (name !== undefined) {
    const sizeBytes = record && totalBytes(record);
    const path = join(folder, name);
    const isHere = wholeOf(record) && names.includes(name);
    return {
      source: record?.source,
      name,
      path,
      isWhole: isHere,
      isElsewhere: false,
      sizeBytes,
      diskBytes,
      modifiedMs,
      folder,
    };
  }
  const elsewhere = await readRecord(join(folder, 'elsewhere.json'));
  const [file] = elsewhere?.files ?? [];
  const found = file && (await lstat(file.path).catch(() => undefined));
  if (!elsewhere || !file || !found) return undefined;
  const { source } = elsewhere;
  const [sizeBytes, path] = [file.sizeBytes, file.path];
  const own = source.slice(source.lastIndexOf('/') + 1);
  return { source, name: own, path, isWhole: true, isElsewhere: true, sizeBytes, diskBytes, modifiedMs, folder };
}

/** What a cache holds, the newest first; also what has come in part only. */
export async function listStored(cacheDir: string): Promise<readonly StoredModel[]> {
  const models = join(cacheDir, 'models');
  const folders = await readdir(models, { withFileTypes: true }).catch(() => []);
  const read = folders.filter((entry) => entry.isDirectory()).map(({ name }) => readEntry(join(models, name)));
  const found = (await Promise.all(read)).filter((model) => model !== undefined);
  return found.sort((a, b) => b.modifiedMs - a.modifiedMs);
}

/** Longer than it takes until the lock of a process that was killed is known to be nobody's. */
const WAIT_MS = 20_000;

/**
 * Removes what the cache holds of one source. Returns the bytes that were freed.
 * @throws SOURCE_UNAVAILABLE when another process still fetches it after `waitMs`
 */
export async function removeStored({ folder, name }: StoredModel, waitMs = WAIT_MS): Promise<number> {
  const startMs = performance.now();
  const onWait = async (): Promise<void> => {
    if (performance.now() - startMs < waitMs) return;
    throw new SmmfError('SOURCE_UNAVAILABLE', `${name} is being fetched by another process; end that first`);
  };
  const lock = await acquireLock(join(folder, 'lock'), { signal: new AbortController().signal, onWait });
  try {
    const { bytes } = await diskUse(folder);
    const names = await readdir(folder);
    // The record goes first: what is left after a crash must not look whole.
    for (const one of [...OWN.slice(0, 3), ...names.filter((other) => !OWN.includes(other)), 'parts']) {
      await rm(join(folder, one), { recursive: true, force: true });
    }
    return bytes;
  } finally {
    await lock.release();
    await rmdir(folder).catch(() => undefined);
  }
}

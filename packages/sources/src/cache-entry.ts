import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import type { Environment } from './http.ts';
import { type FileFacts, type VerifyContext, verifyFile } from './verify-file.ts';

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

const recordedFile = z.object({
  /** Below `target`; empty for a single file. */
  path: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  sha256: z.string().optional(),
  gitOid: z.string().optional(),
  /** Of the verified file; absent while it is not there yet. */
  mtimeMs: z.number().optional(),
});

const recorded = z.object({
  source: z.string(),
  revision: z.string().optional(),
  files: z.array(recordedFile).min(1),
});

/** What is written down of a reference's content: for a folder before its files come, and again with each. */
export type CacheRecord = z.infer<typeof recorded>;

/** One file of a {@link CacheRecord}. */
export type RecordedFile = z.infer<typeof recordedFile>;

/** The cache folder: `SMMF_CACHE`, else `XDG_CACHE_HOME/smmf`, else the platform's usual place. */
export function defaultCacheDir(env: Environment, home: string, platform: NodeJS.Platform): string {
  if (env.SMMF_CACHE) return env.SMMF_CACHE;
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'smmf');
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'smmf') : join(home, '.cache', 'smmf');
}

/** The entry of a place; the same for every process. */
export function cacheEntry(cacheDir: string, place: CachePlace): CacheEntry {
  const name = plainName(place.name);
  const key = createHash('sha256').update(place.identity).digest('hex').slice(0, 20);
  const folder = join(cacheDir, 'models', `${name.replace(/\.[^.]*$/, '').slice(0, 40)}-${key}`);
  const target = join(folder, name);
  return {
    folder,
    target,
    record: join(folder, 'source.json'),
    elsewhere: join(folder, 'elsewhere.json'),
    part: `${target}.part`,
    partRecord: join(folder, 'part.json'),
    lock: join(folder, 'lock'),
  };
}

/** A file name that is safe on every system; the last 100 characters, because the ending matters. */
function plainName(name: string): string {
  const plain = name
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .slice(-100)
    .replace(/^[.-]+/, '_');
  return ['', 'lock', 'lock.break', 'parts', 'source.json', 'part.json', 'elsewhere.json'].includes(plain)
    ? `model-${plain}`
    : plain;
}

/** Reads a record; undefined when there is none that can be used. */
export async function readRecord(path: string): Promise<CacheRecord | undefined> {
  try {
    return recorded.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** Writes a record so that it is whole or absent, also after a power cut. */
export function writeRecord(path: string, record: CacheRecord): Promise<void> {
  return writeDurably(path, JSON.stringify(record));
}

/**
 * Is the file still the one that was recorded? Its size and time of change tell; a file that was touched since is read
 * and compared. Gives the file as it is to be recorded now, undefined when it is missing or another one.
 */
export async function checkRecorded(
  path: string,
  file: RecordedFile,
  context: VerifyContext,
): Promise<RecordedFile | undefined> {
  if (file.mtimeMs === undefined) return undefined;
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size !== file.sizeBytes) return undefined;
    if (found.mtimeMs === file.mtimeMs) return file;
    return { ...file, ...(await verifyFile(path, basename(path), file, context)) };
  } catch {
    context.signal.throwIfAborted();
    return undefined;
  }
}

/** Moves a verified part to its final name. A crash at any point leaves the whole file or none. */
export async function moveIntoPlace(part: PartFile, file: string): Promise<void> {
  await rename(part.part, file);
  await rm(part.partRecord, { force: true });
  await syncFolder(dirname(file));
}

/** Makes the verified part the entry's file. */
export async function commitFile(entry: CacheEntry, source: string, facts: FileFacts): Promise<void> {
  // The old file goes first: a new record must never stand beside an old file.
  await rm(entry.target, { force: true, recursive: true });
  await writeRecord(entry.record, { source, files: [{ path: '', ...facts }] });
  await moveIntoPlace(entry, entry.target);
}

/** Makes a folder, readable for this user alone: a gated model is not for everyone on the machine. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** Removes what an unfinished fetch has left. */
export async function dropPart(part: PartFile): Promise<void> {
  await rm(part.part, { force: true });
  await rm(part.partRecord, { force: true });
}

/** Writes a small file so that it is whole or absent also after a power cut. */
export async function writeDurably(path: string, text: string): Promise<void> {
  // A name of its own: another process may write the same record now.
  const draft = `${path}.${randomUUID()}.new`;
  try {
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  // Windows cannot sync a folder; there the rename's own durability has to do.
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

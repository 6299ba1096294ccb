import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Environment } from './http-request.ts';
import type { RemoteSource } from './parse-source.ts';

/** Where one source's file lies in the cache. All of it is in one folder, so that removing the folder removes all. */
export interface CacheEntry {
  readonly folder: string;
  /** The verified file; its name keeps the ending that engines look at. */
  readonly file: string;
  /** Size and digest of `file`. */
  readonly record: string;
  /** The unfinished file, and what is needed to go on with it. */
  readonly part: string;
  readonly partRecord: string;
  readonly lock: string;
}

const RECORD = z.object({
  source: z.string(),
  sizeBytes: z.number().int().nonnegative(),
  sha256: z.string().optional(),
});

/** The cache folder: `SMMF_CACHE`, else `XDG_CACHE_HOME/smmf`, else the platform's usual place. */
export function defaultCacheDir(env: Environment, home: string, platform: NodeJS.Platform): string {
  if (env.SMMF_CACHE) return env.SMMF_CACHE;
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, 'smmf');
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'smmf') : join(home, '.cache', 'smmf');
}

/** The place of a source in the cache; the same for every process. */
export function cacheEntry(cacheDir: string, source: RemoteSource): CacheEntry {
  const identity = source.kind === 'url' ? source.url.href : source.label;
  const path =
    source.kind === 'url' ? decodePath(source.url.pathname) : source.kind === 'pypi' ? source.member : source.path;
  const name = plainName(path.slice(path.lastIndexOf('/') + 1));
  const key = createHash('sha256').update(identity).digest('hex').slice(0, 20);
  const folder = join(cacheDir, 'models', `${name.replace(/\.[^.]*$/, '').slice(0, 40)}-${key}`);
  const file = join(folder, name);
  return {
    folder,
    file,
    record: join(folder, 'source.json'),
    part: `${file}.part`,
    partRecord: join(folder, 'part.json'),
    lock: join(folder, 'lock'),
  };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A file name that is safe on every system; the last 100 characters, because the ending matters. */
function plainName(name: string): string {
  const plain = name
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .slice(-100)
    .replace(/^[.-]+/, '_');
  return ['', 'lock', 'source.json', 'part.json'].includes(plain) ? `model-${plain}` : plain;
}

/** The finished file when it is there, whole, and has the wanted digest; undefined otherwise. */
export async function findInCache(
  entry: CacheEntry,
  sha256: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const record = RECORD.parse(JSON.parse(await readFile(entry.record, 'utf8')));
    const found = await stat(entry.file);
    if (!found.isFile() || found.size !== record.sizeBytes) return undefined;
    if (sha256 === undefined || record.sha256 === sha256) return entry.file;
    if (record.sha256 !== undefined || (await sha256OfFile(entry.file, signal)) !== sha256) return undefined;
    await writeDurably(entry.record, JSON.stringify({ ...record, sha256 }));
    return entry.file;
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
}

/** Gives the verified part its final name. A crash at any point leaves the whole file or none. */
export async function commitToCache(entry: CacheEntry, label: string, sha256: string | undefined): Promise<void> {
  const { size: sizeBytes } = await stat(entry.part);
  // The old file goes first: a new record must never stand beside an old file.
  await rm(entry.file, { force: true });
  await writeDurably(
    entry.record,
    JSON.stringify({ source: label, sizeBytes, ...(sha256 === undefined ? {} : { sha256 }) }),
  );
  await rename(entry.part, entry.file);
  await rm(entry.partRecord, { force: true });
  await syncFolder(entry.folder);
}

/** Makes the entry's folder, readable for this user alone: a gated model is not for everyone on the machine. */
export async function makeFolder(entry: CacheEntry): Promise<void> {
  await mkdir(entry.folder, { recursive: true, mode: 0o700 });
}

/** Removes what an unfinished fetch has left. */
export async function dropPart(entry: CacheEntry): Promise<void> {
  await rm(entry.part, { force: true });
  await rm(entry.partRecord, { force: true });
}

/** Writes a small file so that it is whole or absent also after a power cut. */
export async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(`${path}.new`, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${path}.new`, path);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  // Windows cannot sync a folder; there the rename's own durability has to do.
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Hex SHA-256 of a file. */
export async function sha256OfFile(
  file: string,
  signal: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024, signal })) {
    hash.update(chunk);
    bytes += (chunk as Buffer).length;
    onBytes?.(bytes);
  }
  return hash.digest('hex');
}

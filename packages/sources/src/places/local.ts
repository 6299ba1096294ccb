import { constants } from 'node:fs';
import { type FileHandle, lstat, open, opendir, realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SmmfError } from '@smmf/core';
import type { LocalSource, ModelReference, SourceContext, WrittenSource } from '../source.ts';
import { verifyFile } from '../verify-file.ts';
import { isInside } from './safe-path.ts';

/** A file or folder that is on this machine already. */
export interface FileReference extends ModelReference {
  readonly kind: 'file';
  /** As written: absolute, or relative to the config's folder. */
  readonly path: string;
}

/** Files and folders of this machine. */
export const local: LocalSource<FileReference> = {
  kind: 'file',
  schemes: ['file'],
  form: './path/to/model.gguf, ./path/to/folder, /path, file:…',
  parse: parseFile,
  locate,
};

/** Does the reference name a path of this machine? */
export function isLocal(reference: ModelReference): reference is FileReference {
  return reference.kind === 'file';
}

const MAX_FOLDER_ENTRIES = 10_000;

function parseFile({ text, printable, scheme, sha256, fault }: WrittenSource): FileReference {
  const base = { kind: 'file', label: printable, sha256 } as const;
  if (scheme !== 'file') return { ...base, path: text };
  if (!/^file:\/\//i.test(text)) return { ...base, path: text.slice('file:'.length) };
  try {
    return { ...base, path: fileURLToPath(text) };
  } catch (cause) {
    throw fault('is not a usable file URL; write file:///path/to/model.gguf', cause);
  }
}

/**
 * The real path (no symbolic link in it) of a readable regular file with the wanted digest, or of a folder.
 * @throws SOURCE_UNAVAILABLE when it is missing, unreadable, neither of the two, or outside the allowed folders
 */
async function locate(reference: FileReference, context: SourceContext): Promise<string> {
  const { baseDir, roots, signal, report } = context;
  const wanted = resolve(baseDir, reference.path);
  const real = await realpath(wanted).catch((cause: unknown) => {
    throw unavailable(wanted, cause);
  });
  // Checked before the file is touched, so that a path outside tells nothing about what lies there.
  const realRoots = roots === undefined ? undefined : await realPaths(baseDir, roots);
  if (realRoots !== undefined && !isUnder(realRoots, real)) throw outsideRoots();
  const kind = await openAndLook(wanted, real, realRoots !== undefined);
  const { sha256 } = reference;
  if (kind === 'folder') {
    if (sha256 !== undefined) throw new SmmfError('SOURCE_CORRUPT', `${wanted} is a folder, which has no sha256`);
    await checkFolder(wanted, real, realRoots);
  } else if (sha256 !== undefined) {
    const onBytes = (bytes: number, size: number): void => report('verifying', bytes, size);
    await verifyFile(real, basename(reference.path), { sha256 }, { signal, onBytes });
  }
  return real;
}

async function openAndLook(wanted: string, real: string, isBounded: boolean): Promise<'file' | 'folder'> {
  // O_NOFOLLOW: a link put in place of the file after the check is refused. O_NONBLOCK: a named pipe does not hang us.
  const handle = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)).catch(
    (cause: unknown) => {
      throw unavailable(wanted, cause);
    },
  );
  try {
    const stats = await handle.stat();
    if (!stats.isFile() && !stats.isDirectory()) {
      throw new SmmfError('SOURCE_UNAVAILABLE', `${wanted} is not a regular file; name the model file or its folder`);
    }
    if (isBounded && !(await isOpened(handle, real))) throw outsideRoots();
    return stats.isFile() ? 'file' : 'folder';
  } finally {
    await handle.close();
  }
}

/** A folder must hold a file, and with roots no link in it may lead out of them. */
async function checkFolder(wanted: string, real: string, realRoots: readonly string[] | undefined): Promise<void> {
  const folder = await opendir(real, { recursive: true }).catch((cause: unknown) => {
    throw unavailable(wanted, cause);
  });
  let [entries, files] = [0, 0];
  for await (const item of folder) {
    entries += 1;
    if (item.isFile() || item.isSymbolicLink()) files += 1;
    if (realRoots === undefined && files > 0) return;
    if (entries > MAX_FOLDER_ENTRIES) {
      const message = `the folder ${wanted} holds more than ${MAX_FOLDER_ENTRIES} files; name the model's own folder`;
      throw new SmmfError('SOURCE_UNAVAILABLE', message);
    }
    if (realRoots === undefined || !item.isSymbolicLink()) continue;
    const target = await realpath(join(item.parentPath, item.name)).catch(() => undefined);
    if (target === undefined || !isUnder(realRoots, target)) throw outsideRoots(item.name);
  }
  if (files === 0) throw new SmmfError('SOURCE_UNAVAILABLE', `the folder ${wanted} holds no files`);
}

/** Is the open file the one at the path that was judged? A folder above it may have become a link in between. */
async function isOpened(handle: FileHandle, real: string): Promise<boolean> {
  if ((await realpath(real).catch(() => undefined)) !== real) return false;
  const [opened, named] = await Promise.all([handle.stat({ bigint: true }), lstat(real, { bigint: true })]);
  return opened.ino === named.ino && opened.dev === named.dev;
}

function outsideRoots(link?: string): SmmfError {
  const what = link === undefined ? 'it lies' : `its file ${link} is a link and lies`;
  const message = `${what} outside the allowed model folders; move it there or add its folder to the model roots`;
  return new SmmfError('SOURCE_UNAVAILABLE', message);
}

/** The folders that exist, without links. */
async function realPaths(baseDir: string, folders: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(folders.map((folder) => realpath(resolve(baseDir, folder)).catch(() => undefined)));
  return found.filter((folder) => folder !== undefined);
}

function isUnder(folders: readonly string[], path: string): boolean {
  return folders.some((folder) => isInside(folder, path));
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist; check the path',
  ENOTDIR: 'does not exist; a part of its path is a file',
  EACCES: 'may not be read by this user; check its permissions',
  EPERM: 'may not be read by this user; check its permissions',
  ELOOP: 'goes through a loop of symbolic links',
  ENAMETOOLONG: 'has a name that is too long',
};

function unavailable(wanted: string, cause: unknown): SmmfError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  const reason = REASONS[code] ?? `cannot be opened (${code})`;
  return new SmmfError('SOURCE_UNAVAILABLE', `${wanted} ${reason}`, { cause });
}

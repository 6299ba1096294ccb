import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { SmmfError } from '@smmf/core';
import type { FileSource } from './parse-source.ts';

/** Where local model files may lie. */
export interface LocalFileOptions {
  /** Folder that relative paths start from. */
  readonly baseDir: string;
  /** When given, the real path of every file must lie under one of these folders (relative ones under `baseDir`). */
  readonly roots: readonly string[] | undefined;
}

/**
 * The real path (no symbolic link in it) of a readable regular file.
 * @throws SOURCE_UNAVAILABLE when it is missing, unreadable, no regular file, or outside the allowed folders
 */
export async function resolveLocalFile(source: FileSource, options: LocalFileOptions): Promise<string> {
  const wanted = resolve(options.baseDir, source.path);
  const real = await realpath(wanted).catch((cause: unknown) => {
    throw unavailable(wanted, cause);
  });
  // Checked before the file is touched, so that a path outside tells nothing about what lies there.
  if (options.roots !== undefined && !(await isUnderRoot(real, options.baseDir, options.roots))) throw outsideRoots();
  // O_NOFOLLOW: a link put in place of the file after the check is refused. O_NONBLOCK: a named pipe does not hang us.
  const handle = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)).catch(
    (cause: unknown) => {
      throw unavailable(wanted, cause);
    },
  );
  try {
    if (!(await handle.stat()).isFile()) {
      throw new SmmfError('SOURCE_UNAVAILABLE', `${wanted} is not a regular file; name the model file itself`);
    }
    if (options.roots !== undefined && !(await isOpened(handle, real))) throw outsideRoots();
  } finally {
    await handle.close();
  }
  return real;
}

/** Is the open file the one at the path that was judged? A folder above it may have become a link in between. */
async function isOpened(handle: FileHandle, real: string): Promise<boolean> {
  if ((await realpath(real).catch(() => undefined)) !== real) return false;
  const [opened, named] = await Promise.all([handle.stat({ bigint: true }), lstat(real, { bigint: true })]);
  return opened.ino === named.ino && opened.dev === named.dev;
}

function outsideRoots(): SmmfError {
  const message = 'it lies outside the allowed model folders; move it there or add its folder to the model roots';
  return new SmmfError('SOURCE_UNAVAILABLE', message);
}

async function isUnderRoot(real: string, baseDir: string, roots: readonly string[]): Promise<boolean> {
  for (const root of roots) {
    const realRoot = await realpath(resolve(baseDir, root)).catch(() => undefined);
    if (realRoot !== undefined && isInside(realRoot, real)) return true;
  }
  return false;
}

/** Does `path` lie under `folder`? Both real and absolute. */
export function isInside(folder: string, path: string): boolean {
  const step = relative(folder, path);
  return step !== '' && step !== '..' && !step.startsWith(`..${sep}`) && !isAbsolute(step);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "does not exist; check the path (a relative one starts from the config file's folder)",
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

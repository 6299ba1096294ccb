import { statfs } from 'node:fs/promises';
import { SmmfError } from '@smmf/core';

/** Did a write fail because the disk, or this user's share of it, is full? */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

/** The error of a full disk; `neededBytes` undefined = not known. */
export function diskFull(folder: string, neededBytes: number | undefined, cause?: unknown): SmmfError {
  const need = neededBytes === undefined ? '' : `, the file needs ${Math.ceil(neededBytes / 1e6)} MB`;
  const message = `the disk of ${folder} is full${need}; free some space or set SMMF_CACHE to a folder on another disk`;
  return new SmmfError('SOURCE_UNAVAILABLE', message, {
    details: { diskFull: true },
    ...(cause === undefined ? {} : { cause }),
  });
}

/**
 * Fails before a byte is fetched when the disk has no room for `bytes` more.
 * @throws SOURCE_UNAVAILABLE
 */
export async function assertSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes) throw diskFull(folder, bytes);
}

import { statfs } from 'node:fs/promises';
import { isSmmfError, SmmfError } from '@smmf/core';

/** Did a write fail because the disk, or this user's share of it, is full? */
export function isDiskFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
}

const inMb = (bytes: number): string => `${Math.ceil(bytes / 1e6)} MB`;

/** What is told of a disk that has no room. */
interface Shortage {
  /** What is to be written; undefined = not known. */
  readonly neededBytes?: number | undefined;
  readonly freeBytes?: number | undefined;
  readonly cause?: unknown;
}

/** The error of a full disk. */
export function diskFull(folder: string, { neededBytes, freeBytes, cause }: Shortage = {}): SmmfError {
  const need = neededBytes === undefined ? '' : `, the file needs ${inMb(neededBytes)}`;
  const free = freeBytes === undefined ? '' : ` (${inMb(freeBytes)} free)`;
  const message = `the disk of ${folder}${free} is full${need}; free some space or set SMMF_CACHE to a folder on another disk ("smmf list" shows what was fetched, "smmf rm" removes it)`;
  const more = neededBytes === undefined ? {} : { neededBytes };
  return new SmmfError('SOURCE_UNAVAILABLE', message, { details: { diskFull: true, ...more }, cause });
}

/** What must have become free before something of unknown size is tried again. */
const MORE_BYTES = 64 * 1024 * 1024;

async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/**
 * Fails before a byte is fetched when the disk has no room for `bytes` more.
 * @throws SOURCE_UNAVAILABLE
 */
export async function assertSpace(folder: string, bytes: number): Promise<void> {
  const freeBytes = await freeBytesOf(folder);
  if (freeBytes < bytes) throw diskFull(folder, { neededBytes: bytes, freeBytes });
}

/** Remembers what had no room, so that it is not fetched again before there is some. */
export class SpaceBook {
  readonly #needed = new Map<string, number>();

  /** Fails, without a word to any server, for what still has no room. @throws SOURCE_UNAVAILABLE */
  async check(label: string, folder: string): Promise<void> {
    const bytes = this.#needed.get(label);
    if (bytes !== undefined) await assertSpace(folder, bytes);
    this.#needed.delete(label);
  }

  /** Notes what a fetch failed of; one that did not know its size needs more room than there is now. */
  async note(label: string, folder: string, error: unknown): Promise<void> {
    if (!isSmmfError(error) || error.details?.diskFull !== true) return;
    const { neededBytes } = error.details;
    this.#needed.set(label, typeof neededBytes === 'number' ? neededBytes : (await freeBytesOf(folder)) + MORE_BYTES);
  }
}

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { SmmfError } from '@smmf/core';

/** What a file must be, as far as somebody says it. */
export interface ExpectedFile {
  readonly sizeBytes?: number | undefined;
  /** Hex SHA-256 of the content. */
  readonly sha256?: string | undefined;
  /** Hex name of the content as a git blob: SHA-1 of `blob <size>`, a NUL and the content. Hubs give it for files that are not in LFS. */
  readonly gitOid?: string | undefined;
}

/** What a file is. */
export interface FileFacts {
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Milliseconds since 1970; a fraction on most file systems. */
  readonly mtimeMs: number;
}

/** How a file is read while it is checked. */
export interface VerifyContext {
  readonly signal: AbortSignal;
  onBytes?(bytes: number, sizeBytes: number): void;
}

/**
 * Reads a file once, and holds its size and its digests against what is expected.
 * @param name how messages name the file
 * @throws SOURCE_CORRUPT
 */
export async function verifyFile(
  file: string,
  name: string,
  expected: ExpectedFile,
  { signal, onBytes }: VerifyContext,
): Promise<FileFacts> {
  const { size: sizeBytes, mtimeMs } = await stat(file);
  if (expected.sizeBytes !== undefined && sizeBytes !== expected.sizeBytes) {
    throw corrupt(name, `has ${sizeBytes} bytes in place of ${expected.sizeBytes}`);
  }
  const sha256 = createHash('sha256');
  const blob = expected.gitOid === undefined ? undefined : createHash('sha1').update(`blob ${sizeBytes}\0`);
  let bytes = 0;
  onBytes?.(0, sizeBytes);
  for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024, signal })) {
    sha256.update(chunk);
    blob?.update(chunk);
    bytes += (chunk as Buffer).length;
    onBytes?.(bytes, sizeBytes);
  }
  const facts = { sizeBytes, mtimeMs, sha256: sha256.digest('hex') };
  if (expected.sha256 !== undefined && facts.sha256 !== expected.sha256) {
    throw corrupt(name, `has the sha256 ${facts.sha256} in place of ${expected.sha256}`);
  }
  const gitOid = blob?.digest('hex');
  if (gitOid !== expected.gitOid) throw corrupt(name, `has the git hash ${gitOid} in place of ${expected.gitOid}`);
  return facts;
}

function corrupt(name: string, fault: string): SmmfError {
  const remedy = 'it is damaged or was replaced; correct the digest only if you trust the new file';
  return new SmmfError('SOURCE_CORRUPT', `${name} ${fault}: ${remedy}`);
}

import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSmmfError, SmmfError } from '@smmf/core';
import * as z from 'zod';
import { type CacheEntry, dropPart, writeDurably } from './cache-entry.ts';
import { assertSpace, diskFull, isDiskFull } from './disk-space.ts';
import {
  discard,
  header,
  networkReason,
  openRemoteFile,
  type RemoteAnswer,
  type RemoteFile,
  type RequestContext,
  toBytes,
} from './http-request.ts';
import type { Report } from './progress.ts';

/** What a download needs besides its target. */
export interface DownloadContext extends RequestContext {
  readonly report: Report;
}

/** What is known of a file that lies complete in the entry's part. */
export interface Downloaded {
  /** Digest that the hub gives for it; undefined when it gives none. */
  readonly sha256: string | undefined;
  /** Part of it came from an earlier, broken-off fetch. */
  readonly isResumed: boolean;
}

const MAX_IDLE_RETRIES = 3;

const PART_RECORD = z.object({ etag: z.string(), sha256: z.string().optional() });

/** A part that the server can be asked to go on with. */
interface Resumable extends z.infer<typeof PART_RECORD> {
  readonly bytes: number;
}

/**
 * Downloads a file into the entry's part, going on where an earlier try stopped. A cut after the file began to come is
 * retried, at most three times in a row without new bytes (after a stall not once); a server that does not answer at all
 * is not asked again.
 * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT
 */
export async function download(file: RemoteFile, entry: CacheEntry, context: DownloadContext): Promise<Downloaded> {
  const attempt = { hasBegun: false };
  let reached = await partBytes(entry);
  let idleRetries = 0;
  for (;;) {
    try {
      return await tryDownload(file, entry, context, attempt);
    } catch (error) {
      context.signal.throwIfAborted();
      const bytes = await partBytes(entry);
      idleRetries = bytes > reached ? 0 : idleRetries + 1;
      reached = Math.max(reached, bytes);
      if (!isCut(error) || !attempt.hasBegun || idleRetries > (isStall(error) ? 0 : MAX_IDLE_RETRIES)) throw error;
      await sleep(context.limits.retryMs * 2 ** idleRetries, undefined, { signal: context.signal });
    }
  }
}

/** Is trying again worthwhile: the network failed. Everything else (a refusal, a full disk) carries details. */
function isCut(error: unknown): boolean {
  return isSmmfError(error) && error.code === 'SOURCE_UNAVAILABLE' && error.details === undefined;
}

/** A stall has cost its whole limit already. */
function isStall(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.cause instanceof Error &&
    'code' in error.cause &&
    error.cause.code === 'UND_ERR_BODY_TIMEOUT'
  );
}

async function partBytes(entry: CacheEntry): Promise<number> {
  return (await stat(entry.part).catch(() => undefined))?.size ?? 0;
}

async function readResumable(entry: CacheEntry): Promise<Resumable | undefined> {
  const bytes = await partBytes(entry);
  try {
    return bytes === 0
      ? undefined
      : { bytes, ...PART_RECORD.parse(JSON.parse(await readFile(entry.partRecord, 'utf8'))) };
  } catch {
    return undefined;
  }
}

async function tryDownload(
  file: RemoteFile,
  entry: CacheEntry,
  context: DownloadContext,
  attempt: { hasBegun: boolean },
): Promise<Downloaded> {
  const resumable = await readResumable(entry);
  context.report('connecting', resumable?.bytes ?? 0);
  const range = resumable === undefined ? {} : { range: `bytes=${resumable.bytes}-`, 'if-range': resumable.etag };
  let answer = await openRemoteFile(file, range, context);
  let start = resumable === undefined ? 0 : resumeAt(answer, resumable);
  if (start === undefined) {
    // The part does not fit to what the server has now: from the beginning, without asking for a range.
    discard(answer.body);
    await dropPart(entry);
    answer = await openRemoteFile(file, {}, context);
    start = 0;
  }
  if (answer.status !== (start === 0 ? 200 : 206)) throw refused(file, answer);
  attempt.hasBegun = true;
  await receive(file, entry, answer, start, context);
  return { sha256: answer.linkedSha256, isResumed: start > 0 };
}

/** Where the answer's body begins in the file; undefined when it is of no use beside the part. */
function resumeAt(answer: RemoteAnswer, resumable: Resumable): number | undefined {
  if (answer.status === 416) return undefined;
  if (answer.status !== 206) return 0;
  const isSame = answer.linkedSha256 === resumable.sha256 && header(answer.headers, 'etag') === resumable.etag;
  const first = /^bytes (\d+)-/.exec(header(answer.headers, 'content-range') ?? '')?.[1];
  return isSame && first === String(resumable.bytes) ? resumable.bytes : undefined;
}

function refused(file: RemoteFile, answer: RemoteAnswer): SmmfError {
  discard(answer.body);
  const { status, host } = answer;
  const usual =
    status === 404 ? `${host} has no such file (HTTP 404); check the address` : `${host} answered with HTTP ${status}`;
  return new SmmfError('SOURCE_UNAVAILABLE', file.explain?.(status, answer.headers) ?? usual, { details: { status } });
}

async function receive(
  file: RemoteFile,
  entry: CacheEntry,
  answer: RemoteAnswer,
  start: number,
  context: DownloadContext,
): Promise<void> {
  const { headers, host, linkedBytes } = answer;
  const length = toBytes(header(headers, 'content-length'));
  const totalBytes = length === undefined ? linkedBytes : start + length;
  let handle: FileHandle | undefined;
  try {
    assertFileBody(answer, file, totalBytes);
    await assertSpace(entry.folder, (totalBytes ?? start) - start);
    // The record of an older part goes before its bytes do: it must never speak of others.
    if (start === 0) await rm(entry.partRecord, { force: true });
    handle = await open(entry.part, start === 0 ? 'w' : 'r+', 0o600);
    const etag = header(headers, 'etag');
    // Only a strong validator proves that a later range belongs to the same bytes.
    if (start === 0 && etag?.startsWith('"')) {
      await writeDurably(entry.partRecord, JSON.stringify({ etag, sha256: answer.linkedSha256 }));
    }
    await writeBody(handle, answer, start, totalBytes, context);
    await handle.sync();
  } catch (cause) {
    discard(answer.body);
    await handle?.close();
    handle = undefined;
    context.signal.throwIfAborted();
    if (isDiskFull(cause)) {
      // A part that fills the disk harms everything else on the machine.
      await dropPart(entry);
      throw diskFull(entry.folder, totalBytes, cause);
    }
    if (isSmmfError(cause)) throw cause;
    throw new SmmfError('SOURCE_UNAVAILABLE', networkReason(cause, host, context.limits), { cause });
  } finally {
    await handle?.close();
  }
}

function assertFileBody(answer: RemoteAnswer, file: RemoteFile, totalBytes: number | undefined): void {
  const { headers, host, linkedBytes } = answer;
  const details = { status: answer.status };
  const encoding = header(headers, 'content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw new SmmfError(
      'SOURCE_UNAVAILABLE',
      `${host} sends the file with content-encoding ${encoding}, though asked not to`,
      { details },
    );
  }
  if (header(headers, 'content-type')?.startsWith('text/html') && !/\.html?$/.test(file.url.pathname)) {
    throw new SmmfError(
      'SOURCE_UNAVAILABLE',
      `${host} sent a web page in place of the file; use the address of the raw file`,
      { details },
    );
  }
  if (linkedBytes !== undefined && totalBytes !== linkedBytes) {
    throw new SmmfError(
      'SOURCE_CORRUPT',
      `${host} sends ${totalBytes} bytes and the hub says the file has ${linkedBytes}`,
    );
  }
}

async function writeBody(
  handle: FileHandle,
  answer: RemoteAnswer,
  start: number,
  totalBytes: number | undefined,
  context: DownloadContext,
): Promise<void> {
  let position = start;
  context.report('downloading', position, totalBytes);
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    for (let written = 0; written < chunk.length; ) {
      const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, position + written);
      written += bytesWritten;
    }
    position += chunk.length;
    context.report('downloading', position, totalBytes);
  }
  if (totalBytes !== undefined && position !== totalBytes) {
    throw new SmmfError('SOURCE_UNAVAILABLE', `${answer.host} ended after ${position} of ${totalBytes} bytes`);
  }
}

import { type FileHandle, open, readFile, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isSmmfError, SmmfError } from '@smmf/core';
import * as z from 'zod';
import { dropPart, type PartFile, writeDurably } from './cache-entry.ts';
import { assertSpace, diskFull, isDiskFull } from './disk-space.ts';
import { header, isStall, type RequestContext } from './http.ts';
import type { Report } from './progress.ts';
import { openRemoteFile, type RemoteAnswer, type RemoteFile, refused, toBytes } from './remote-file.ts';
import type { Fetched } from './source.ts';

/** What a download needs besides its target. */
export interface DownloadContext extends RequestContext {
  readonly report: Report;
}

const MAX_IDLE_RETRIES = 3;

const PART_RECORD = z.object({ etag: z.string(), sha256: z.string().optional() });

/** A part that the server can be asked to go on with. */
interface Resumable extends z.infer<typeof PART_RECORD> {
  readonly bytes: number;
}

/**
 * Downloads a file into the part, going on where an earlier try stopped. A cut after the file began to come is
 * retried, at most three times in a row without new bytes (after a stall not once); a server that does not answer at all
 * is not asked again.
 * @throws SOURCE_UNAVAILABLE, SOURCE_CORRUPT
 */
export async function download(file: RemoteFile, part: PartFile, context: DownloadContext): Promise<Fetched> {
  const attempt = { hasBegun: false };
  let reached = await partBytes(part);
  let idleRetries = 0;
  for (;;) {
    try {
      return await tryDownload(file, part, context, attempt);
    } catch (error) {
      context.signal.throwIfAborted();
      const bytes = await partBytes(part);
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

async function partBytes(part: PartFile): Promise<number> {
  return (await stat(part.part).catch(() => undefined))?.size ?? 0;
}

async function readResumable(part: PartFile): Promise<Resumable | undefined> {
  const bytes = await partBytes(part);
  try {
    return bytes === 0
      ? undefined
      : { bytes, ...PART_RECORD.parse(JSON.parse(await readFile(part.partRecord, 'utf8'))) };
  } catch {
    return undefined;
  }
}

async function tryDownload(
  file: RemoteFile,
  part: PartFile,
  context: DownloadContext,
  attempt: { hasBegun: boolean },
): Promise<Fetched> {
  const resumable = await readResumable(part);
  context.report('connecting', resumable?.bytes ?? 0);
  const range = resumable === undefined ? {} : { range: `bytes=${resumable.bytes}-`, 'if-range': resumable.etag };
  let answer = await openRemoteFile(file, range, context);
  let start = resumable === undefined ? 0 : resumeAt(answer, resumable);
  if (start === undefined) {
    // The part does not fit to what the server has now: from the beginning, without asking for a range.
    answer.discard();
    await dropPart(part);
    answer = await openRemoteFile(file, {}, context);
    start = 0;
  }
  if (answer.status !== (start === 0 ? 200 : 206)) throw refused(file, answer);
  attempt.hasBegun = true;
  await receive(file, part, answer, start, context);
  return { expected: { sha256: answer.linkedSha256, sizeBytes: answer.linkedBytes }, isResumed: start > 0 };
}

/** Where the answer's body begins in the file; undefined when it is of no use beside the part. */
function resumeAt(answer: RemoteAnswer, resumable: Resumable): number | undefined {
  if (answer.status === 416) return undefined;
  if (answer.status !== 206) return 0;
  const isSame = answer.linkedSha256 === resumable.sha256 && header(answer.headers, 'etag') === resumable.etag;
  const first = /^bytes (\d+)-/.exec(header(answer.headers, 'content-range') ?? '')?.[1];
  return isSame && first === String(resumable.bytes) ? resumable.bytes : undefined;
}

async function receive(
  file: RemoteFile,
  part: PartFile,
  answer: RemoteAnswer,
  start: number,
  context: DownloadContext,
): Promise<void> {
  const { headers, linkedBytes } = answer;
  const length = toBytes(header(headers, 'content-length'));
  const totalBytes = length === undefined ? linkedBytes : start + length;
  let handle: FileHandle | undefined;
  try {
    assertFileBody(answer, file, totalBytes);
    await assertSpace(part.folder, (totalBytes ?? start) - start);
    // The record of an older part goes before its bytes do: it must never speak of others.
    if (start === 0) await rm(part.partRecord, { force: true });
    handle = await open(part.part, start === 0 ? 'w' : 'r+', 0o600);
    const etag = header(headers, 'etag');
    // Only a strong validator proves that a later range belongs to the same bytes.
    if (start === 0 && etag?.startsWith('"')) {
      await writeDurably(part.partRecord, JSON.stringify({ etag, sha256: answer.linkedSha256 }));
    }
    await writeBody(handle, answer, start, totalBytes, context);
    await handle.sync();
  } catch (cause) {
    answer.discard();
    await handle?.close();
    handle = undefined;
    context.signal.throwIfAborted();
    if (isDiskFull(cause)) {
      // A part that fills the disk harms everything else on the machine.
      await dropPart(part);
      throw diskFull(part.folder, { neededBytes: totalBytes, cause });
    }
    throw cause;
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
  for await (const chunk of answer.body) {
    for (let written = 0; written < chunk.length; ) {
      const { bytesWritten } = await handle.write(chunk, written, chunk.length - written, position + written);
      written += bytesWritten;
    }
    position += chunk.length;
    if (totalBytes !== undefined && position > totalBytes) {
      throw new SmmfError('SOURCE_CORRUPT', `${answer.host} sends more than the ${totalBytes} bytes that the file has`);
    }
    context.report('downloading', position, totalBytes);
  }
  if (totalBytes !== undefined && position !== totalBytes) {
    throw new SmmfError('SOURCE_UNAVAILABLE', `${answer.host} ended after ${position} of ${totalBytes} bytes`);
  }
}

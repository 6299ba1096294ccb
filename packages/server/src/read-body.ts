import type { IncomingMessage } from 'node:http';
import { type Clock, SmmfError } from '@smmf/core';

/** Limits on the body of a request. */
export interface BodyLimits {
  /** Largest body, bytes. */
  readonly bodyLimitBytes: number;
  /** A body that is slower than this, over each span of `bodyGraceMs`, is given up. */
  readonly bodyBytesPerSecond: number;
  readonly bodyGraceMs: number;
}

const EMPTY = Buffer.alloc(0);

const tooLarge = (limit: number): SmmfError =>
  new SmmfError('REQUEST_TOO_LARGE', `The body is larger than ${limit} bytes; send less`);

/** The refusal of a body whose announced size is over the limit; undefined otherwise. */
export function announcedTooLarge(request: IncomingMessage, limit: number): SmmfError | undefined {
  const length = request.headers['content-length'];
  return length !== undefined && Number(length) > limit ? tooLarge(limit) : undefined;
}

/**
 * Reads the whole body as bytes.
 * @param done called once: with REQUEST_TOO_LARGE, REQUEST_TIMEOUT or ABORTED, or with the bytes
 */
export function readBody(
  request: IncomingMessage,
  limits: BodyLimits,
  clock: Clock,
  done: (error: SmmfError | null, body?: Buffer) => void,
): void {
  const parts: Buffer[] = [];
  let size = 0;
  let counted = 0;
  const finish = (error: SmmfError | null): void => {
    cancelTimer();
    request.off('data', take).off('end', complete).off('error', abort).off('close', abort);
    if (error) done(error);
    else done(null, parts.length === 1 ? (parts[0] ?? EMPTY) : Buffer.concat(parts, size));
  };
  const take = (chunk: Buffer): void => {
    size += chunk.length;
    if (size > limits.bodyLimitBytes) finish(tooLarge(limits.bodyLimitBytes));
    else parts.push(chunk);
  };
  const complete = (): void => finish(null);
  const abort = (): void => finish(new SmmfError('ABORTED', 'The client left before its request was complete'));
  const checkRate = (): void => {
    if (size - counted < (limits.bodyBytesPerSecond * limits.bodyGraceMs) / 1000) {
      finish(
        new SmmfError('REQUEST_TIMEOUT', `The body came at less than ${limits.bodyBytesPerSecond} bytes a second`),
      );
      return;
    }
    counted = size;
    cancelTimer = clock.after(limits.bodyGraceMs, checkRate);
  };
  let cancelTimer = clock.after(limits.bodyGraceMs, checkRate);
  request.on('data', take).on('end', complete).on('error', abort).on('close', abort);
}

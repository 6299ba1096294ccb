import { write, writeSync } from 'node:fs';

/** Lines are written out when this is full, or after so long. */
const BUFFER_BYTES = 1024 * 1024;
const FLUSH_MS = 100;
/** A full non-blocking pipe is tried again after so long; at the exit, so many times. */
const RETRY_MS = 20;
const EXIT_TRIES = 25;
/** UTF-8 of one UTF-16 unit, at most. */
const MAX_BYTES_PER_CHAR = 3;

/** Lines on their way to a file descriptor. */
export interface LineBuffer {
  write(line: string): void;
  /** Writes what waits, now and in this turn. */
  flush(): void;
  /** Flushes, and lets go of the process: until then the buffer is flushed when the process exits. Idempotent. */
  close(): void;
}

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EINTR');

/** Writes in this turn what can be written; what cannot is lost, as there is nothing left to tell it to. */
function writeNow(descriptor: number, bytes: Buffer): void {
  let tries = 0;
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if (!isBusy(error) || ++tries > EXIT_TRIES) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

/**
 * Collects lines in a buffer and writes it in one call off the main thread while it fills again: logging costs no system
 * call for each line, and a reader that is stuck cannot stop the program. Lines that find no room are dropped.
 */
export function createLineBuffer(descriptor: number): LineBuffer {
  const filling = Buffer.allocUnsafe(BUFFER_BYTES);
  let filled = 0;
  let pending: Buffer | undefined;
  let inKernel = false;
  let timer: NodeJS.Timeout | undefined;
  const take = (): Buffer => {
    const bytes = Buffer.from(filling.subarray(0, filled));
    filled = 0;
    return bytes;
  };
  const arm = (ms: number): void => {
    timer ??= setTimeout(send, ms).unref();
  };
  const written = (error: Error | null, count: number): void => {
    inKernel = false;
    const rest = pending?.subarray(error ? 0 : count);
    // Lost for good (closed pipe, full disk): the program goes on without these lines.
    pending = (error && !isBusy(error)) || rest?.length === 0 ? undefined : rest;
    if (pending) arm(error ? RETRY_MS : 0);
    else if (filled > 0) arm(FLUSH_MS);
  };
  const send = (): void => {
    timer = undefined;
    if (inKernel) return;
    pending ??= take();
    inKernel = true;
    write(descriptor, pending, written);
  };
  const flush = (): void => {
    const bytes = inKernel || !pending ? take() : Buffer.concat([pending, take()]);
    if (!inKernel) pending = undefined;
    writeNow(descriptor, bytes);
  };
  process.on('exit', flush);
  return {
    write(line) {
      const room = line.length * MAX_BYTES_PER_CHAR;
      if (filled + room > BUFFER_BYTES && !inKernel && !pending) send();
      if (filled + room > BUFFER_BYTES) return;
      filled += filling.write(line, filled);
      arm(FLUSH_MS);
    },
    flush,
    close() {
      process.off('exit', flush);
      clearTimeout(timer);
      flush();
    },
  };
}

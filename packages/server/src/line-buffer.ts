import { write, writeSync } from 'node:fs';

/** Writes go out when so many characters wait, or after so long. */
const FLUSH_CHARS = 1024 * 1024;
const FLUSH_MS = 100;
/** While the reader of a pipe is stuck, so much is kept; later lines are dropped. */
const MAX_CHARS = 16 * 1024 * 1024;
/** A full non-blocking pipe is tried again after so long; at the exit, so many times. */
const RETRY_MS = 20;
const EXIT_TRIES = 25;

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
 * Collects lines and writes them in batches off the main thread, so that logging costs no system call for each line and
 * a reader that is stuck cannot stop the program.
 */
export function createLineBuffer(descriptor: number): LineBuffer {
  let lines: string[] = [];
  let chars = 0;
  let pending: Buffer | undefined;
  let timer: NodeJS.Timeout | undefined;
  const take = (): Buffer => {
    const bytes = Buffer.from(lines.join(''));
    lines = [];
    chars = 0;
    return bytes;
  };
  const arm = (ms: number): void => {
    timer ??= setTimeout(send, ms).unref();
  };
  const written = (error: NodeJS.ErrnoException | null, count: number): void => {
    const rest = pending?.subarray(error ? 0 : count);
    // Lost for good (closed pipe, full disk): the program goes on without these lines.
    pending = error && !isBusy(error) ? undefined : rest?.length ? rest : undefined;
    if (pending || chars > 0) arm(error ? RETRY_MS : chars >= FLUSH_CHARS ? 0 : FLUSH_MS);
  };
  let inKernel = false;
  const send = (): void => {
    timer = undefined;
    if (inKernel) return;
    pending ??= take();
    inKernel = true;
    write(descriptor, pending, (error, count) => {
      inKernel = false;
      written(error, count);
    });
  };
  const flush = (): void => {
    const bytes = inKernel || !pending ? take() : Buffer.concat([pending, take()]);
    if (!inKernel) pending = undefined;
    writeNow(descriptor, bytes);
  };
  process.on('exit', flush);
  return {
    write(line) {
      if (chars >= MAX_CHARS) return;
      lines.push(line);
      chars += line.length;
      if (chars >= FLUSH_CHARS && !inKernel) send();
      else arm(FLUSH_MS);
    },
    flush,
    close() {
      process.off('exit', flush);
      clearTimeout(timer);
      flush();
    },
  };
}

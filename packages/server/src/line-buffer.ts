import { write, writeSync } from 'node:fs';

/** Lines are written out when this is full, or after so long. */
const BUFFER_BYTES = 1024 * 1024;
const FLUSH_MS = 100;
/** A full non-blocking pipe is tried again after so long; at the exit, so many times. */
const RETRY_MS = 20;
const EXIT_TRIES = 25;
/** UTF-8 of one UTF-16 unit, at most. */
const MAX_BYTES_PER_CHAR = 3;
const LINE_FEED = 0x0a;

/** Lines on their way to a file descriptor. */
export interface LineBuffer {
  write(line: string): void;
  /** Writes what waits, now and in this turn. */
  flush(): void;
  /** Flushes, and lets go of the process: until then the buffer is flushed when the process exits. Idempotent. */
  close(): void;
  /** Lines that were lost since the start: they found no room, or the descriptor did not take them. */
  dropped(): number;
}

/** Told how many lines were lost since the last time, once there is room for a line that says so. */
export type OnDropped = (count: number) => void;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EAGAIN' || error.code === 'EINTR');

/** Writes in this turn what can be written; gives back what cannot, which is lost. */
function writeNow(descriptor: number, bytes: Buffer): Buffer {
  let tries = 0;
  let at = 0;
  while (at < bytes.length) {
    try {
      at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if (!isBusy(error) || ++tries > EXIT_TRIES) break;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
  return bytes.subarray(at);
}

function linesIn(bytes: Buffer): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) lines++;
  return lines;
}

/** Counts lost lines and tells of them. While the descriptor takes nothing it is silent: what it said would be lost, and be told of. */
class Losses {
  total = 0;
  isBroken = false;
  #told = 0;
  readonly #onDropped: OnDropped;

  constructor(onDropped: OnDropped) {
    this.#onDropped = onDropped;
  }

  get isUntold(): boolean {
    return !this.isBroken && this.#told < this.total;
  }

  tell(): void {
    if (!this.isUntold) return;
    const count = this.total - this.#told;
    this.#told = this.total;
    this.#onDropped(count);
  }
}

/**
 * Collects lines in a buffer and writes it in one call off the main thread while it fills again: logging costs no system
 * call for each line, and a reader that is stuck cannot stop the program. Lines that find no room are dropped and counted.
 */
export function createLineBuffer(descriptor: number, onDropped: OnDropped = () => undefined): LineBuffer {
  return new DescriptorBuffer(descriptor, new Losses(onDropped));
}

class DescriptorBuffer implements LineBuffer {
  readonly #descriptor: number;
  readonly #losses: Losses;
  readonly #filling = Buffer.allocUnsafe(BUFFER_BYTES);
  #filled = 0;
  #pending: Buffer | undefined;
  #inKernel = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(descriptor: number, losses: Losses) {
    this.#descriptor = descriptor;
    this.#losses = losses;
    process.on('exit', this.flush);
  }

  write(line: string): void {
    const room = line.length * MAX_BYTES_PER_CHAR;
    if (this.#filled + room > BUFFER_BYTES && !this.#inKernel && !this.#pending) this.#send();
    if (this.#filled + room > BUFFER_BYTES) {
      this.#losses.total++;
      return;
    }
    this.#filled += this.#filling.write(line, this.#filled);
    this.#arm(FLUSH_MS);
  }

  readonly flush = (): void => {
    const bytes = this.#inKernel || !this.#pending ? this.#take() : Buffer.concat([this.#pending, this.#take()]);
    if (!this.#inKernel) this.#pending = undefined;
    this.#writeNow(bytes);
    if (!this.#losses.isUntold) return;
    this.#losses.tell();
    this.#writeNow(this.#take());
  };

  readonly close = (): void => {
    process.off('exit', this.flush);
    clearTimeout(this.#timer);
    this.flush();
  };

  readonly dropped = (): number => this.#losses.total;

  #writeNow(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const lost = writeNow(this.#descriptor, bytes);
    this.#losses.total += linesIn(lost);
    this.#losses.isBroken = lost.length > 0;
  }

  #take(): Buffer {
    const bytes = Buffer.from(this.#filling.subarray(0, this.#filled));
    this.#filled = 0;
    return bytes;
  }

  #arm(ms: number): void {
    this.#timer ??= setTimeout(() => this.#send(), ms).unref();
  }

  #send(): void {
    this.#timer = undefined;
    if (this.#inKernel) return;
    if (!this.#pending) {
      this.#pending = this.#filled > 0 ? this.#take() : undefined;
      // What was lost found no room behind the lines that were taken: the line that tells of it follows them.
      this.#losses.tell();
    }
    if (!this.#pending) return;
    this.#inKernel = true;
    write(this.#descriptor, this.#pending, (error, count) => this.#written(error, count));
  }

  #written(error: Error | null, count: number): void {
    this.#inKernel = false;
    const rest = this.#pending?.subarray(error ? 0 : count);
    const isLost = error !== null && !isBusy(error);
    // Lost for good (closed pipe, full disk): the program goes on without these lines.
    if (isLost && rest) this.#losses.total += linesIn(rest);
    this.#losses.isBroken = isLost;
    this.#pending = isLost || rest?.length === 0 ? undefined : rest;
    if (this.#pending) this.#arm(error ? RETRY_MS : 0);
    else if (this.#filled > 0 || this.#losses.isUntold) this.#arm(FLUSH_MS);
  }
}

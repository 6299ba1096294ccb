import type { IncomingMessage } from 'node:http';
import { type Clock, SmmfError } from '@smmf/core';
import { BodyMemory } from './body-memory.ts';

/** Limits on the body of a request. */
export interface BodyLimits {
  /** Largest body, bytes. Default 32 MiB. */
  readonly bodyLimitBytes: number;
  /** What all bodies that are held at the same time may take, bytes. Default a quarter of the memory of container or machine. */
  readonly bodyMemoryBytes: number;
  /** A body that is slower than this, over a span of `bodyGraceMs`, is given up. */
  readonly bodyBytesPerSecond: number;
  readonly bodyGraceMs: number;
}

/** A whole body that counts against the memory for all of them until it is let go. */
export interface HeldBody {
  /** The body, for looks at it beside its use; undefined once a large one was let go. */
  readonly bytes: Buffer | undefined;
  /** Nobody needs the body any more. Harmless when called again. */
  release(): void;
}

/** Called once: with REQUEST_TOO_LARGE, OVERLOADED, REQUEST_TIMEOUT or ABORTED, or with the bytes and their hold. */
export type BodyDone = (error: SmmfError | null, body?: Buffer, held?: HeldBody) => void;

/** Reads a whole body as bytes. */
export type ReadBody = (request: IncomingMessage, done: BodyDone) => void;

/** Looks at slow bodies in each grace period. */
const LOOKS_PER_GRACE = 5;
/** What of a body may stay in memory without counting, for as long as its request runs. */
const SMALL_BYTES = 64 * 1024;
/** What a piece of a body takes beside its bytes: a body in very many pieces is more than it seems. */
const PIECE_BYTES = 256;

const tooLarge = (limit: number): SmmfError =>
  new SmmfError('REQUEST_TOO_LARGE', `The body is larger than ${limit} bytes; send less`);

/** The refusal of a body whose announced size is over the limit, or over what is free just now; undefined otherwise. */
export function announcedFault(request: IncomingMessage, limit: number, memory: BodyMemory): SmmfError | undefined {
  const length = request.headers['content-length'];
  if (length === undefined) return undefined;
  return Number(length) > limit ? tooLarge(limit) : memory.refusalOf(Number(length));
}

/** A body under way: a link in the list of all of them, which costs less than a timer for each. */
class BodyUnderWay implements HeldBody {
  previous: BodyUnderWay | undefined;
  next: BodyUnderWay | undefined;
  size = 0;
  bytes: Buffer | undefined;
  /** When the present span began, and what was there then. */
  spanMs: number;
  spanSize = 0;
  readonly fail: (error: SmmfError) => void;
  readonly #memory: BodyMemory;
  #heldBytes = 0;

  constructor(memory: BodyMemory, nowMs: number, fail: (error: SmmfError) => void) {
    this.#memory = memory;
    this.spanMs = nowMs;
    this.fail = fail;
  }

  /** Why the next piece does not fit; undefined where it does. */
  add(bytes: number): SmmfError | undefined {
    this.size += bytes;
    const refusal = this.#memory.refusalOf(bytes + PIECE_BYTES);
    if (refusal === undefined) this.#hold(this.#heldBytes + bytes + PIECE_BYTES);
    return refusal;
  }

  /** The pieces have become one. */
  join(bytes: Buffer | undefined): void {
    this.bytes = bytes;
    this.#hold(this.size);
  }

  release(): void {
    this.#hold(0);
    if (this.size > SMALL_BYTES) this.bytes = undefined;
  }

  #hold(bytes: number): void {
    this.#memory.take(bytes - this.#heldBytes);
    this.#heldBytes = bytes;
  }
}

interface SlowWatch {
  add(body: BodyUnderWay): void;
  remove(body: BodyUnderWay): void;
}

/** Gives up bodies that come too slowly. Its timer runs only while there are bodies. */
function createSlowWatch(limits: BodyLimits, clock: Clock): SlowWatch {
  const { bodyGraceMs, bodyBytesPerSecond } = limits;
  const wanted = (bodyBytesPerSecond * bodyGraceMs) / 1000;
  let first: BodyUnderWay | undefined;
  let isRunning = false;
  const look = (): void => {
    const nowMs = clock.now();
    let next = first;
    while (next) {
      const body = next;
      // Read before a failure takes the body out of the list.
      next = body.next;
      if (nowMs - body.spanMs < bodyGraceMs) continue;
      if (body.size - body.spanSize < wanted) {
        body.fail(new SmmfError('REQUEST_TIMEOUT', `The body came at less than ${bodyBytesPerSecond} bytes a second`));
      }
      body.spanMs = nowMs;
      body.spanSize = body.size;
    }
    isRunning = first !== undefined;
    if (isRunning) clock.after(bodyGraceMs / LOOKS_PER_GRACE, look);
  };
  return {
    add(body) {
      body.next = first;
      if (first) first.previous = body;
      first = body;
      if (isRunning) return;
      isRunning = true;
      clock.after(bodyGraceMs / LOOKS_PER_GRACE, look);
    },
    remove(body) {
      if (body.previous) body.previous.next = body.next;
      else first = body.next;
      if (body.next) body.next.previous = body.previous;
      // Until the next full collection V8 keeps what an object of the old generation points to: here every newer body.
      body.previous = undefined;
      body.next = undefined;
    },
  };
}

/** Makes the reader of bodies for one server; all that it holds counts against `memory`. */
export function createBodyReader(
  limits: BodyLimits,
  clock: Clock,
  memory: BodyMemory = new BodyMemory(Number.POSITIVE_INFINITY),
): ReadBody {
  const { bodyLimitBytes } = limits;
  const watch = createSlowWatch(limits, clock);
  return (request, done) => {
    const parts: Buffer[] = [];
    let isDone = false;
    const finish = (error: SmmfError | null, bytes?: Buffer): void => {
      if (isDone) return;
      isDone = true;
      watch.remove(body);
      parts.length = 0;
      if (error) body.release();
      else body.join(bytes);
      done(error, bytes, body);
    };
    const body = new BodyUnderWay(memory, clock.now(), finish);
    watch.add(body);
    const announced = Number(request.headers['content-length']);
    const whole = (): void => finish(null, parts.length === 1 ? parts[0] : Buffer.concat(parts, body.size));
    request.on('data', (chunk: Buffer) => {
      if (isDone) return;
      const refusal = body.add(chunk.length);
      if (body.size > bodyLimitBytes) return finish(tooLarge(bodyLimitBytes));
      if (refusal) return finish(refusal);
      parts.push(chunk);
      // Some turns of the stream before its end, which tells nothing more.
      if (body.size === announced) whole();
    });
    request.on('end', whole);
    request.on('close', () => {
      // Fires after every body; an error is made for those alone that it cuts short.
      if (!isDone) finish(new SmmfError('ABORTED', 'The client left before its request was complete'));
    });
  };
}

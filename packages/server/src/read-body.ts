import type { IncomingMessage } from 'node:http';
import { type Clock, SmmfError } from '@smmf/core';

/** Limits on the body of a request. */
export interface BodyLimits {
  /** Largest body, bytes. */
  readonly bodyLimitBytes: number;
  /** A body that is slower than this, over a span of `bodyGraceMs`, is given up. */
  readonly bodyBytesPerSecond: number;
  readonly bodyGraceMs: number;
}

/** Called once: with REQUEST_TOO_LARGE, REQUEST_TIMEOUT or ABORTED, or with the bytes. */
export type BodyDone = (error: SmmfError | null, body?: Buffer) => void;

/** Reads a whole body as bytes. */
export type ReadBody = (request: IncomingMessage, done: BodyDone) => void;

const EMPTY = Buffer.alloc(0);
/** Looks at slow bodies in each grace period. */
const LOOKS_PER_GRACE = 5;

const tooLarge = (limit: number): SmmfError =>
  new SmmfError('REQUEST_TOO_LARGE', `The body is larger than ${limit} bytes; send less`);

/** The refusal of a body whose announced size is over the limit; undefined otherwise. */
export function announcedTooLarge(request: IncomingMessage, limit: number): SmmfError | undefined {
  const length = request.headers['content-length'];
  return length !== undefined && Number(length) > limit ? tooLarge(limit) : undefined;
}

/** A body under way: a link in the list of all of them, which costs less than a timer for each. */
interface BodyUnderWay {
  previous: BodyUnderWay | undefined;
  next: BodyUnderWay | undefined;
  size: number;
  /** When the present span began, and what was there then. */
  spanMs: number;
  spanSize: number;
  fail(error: SmmfError): void;
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
      // A dead link that has grown old would keep the younger ones alive.
      body.previous = undefined;
      body.next = undefined;
    },
  };
}

/** Makes the reader of bodies for one server. */
export function createBodyReader(limits: BodyLimits, clock: Clock): ReadBody {
  const { bodyLimitBytes } = limits;
  const watch = createSlowWatch(limits, clock);
  return (request, done) => {
    const parts: Buffer[] = [];
    let isDone = false;
    const finish = (error: SmmfError | null, bytes?: Buffer): void => {
      if (isDone) return;
      isDone = true;
      watch.remove(body);
      done(error, bytes);
    };
    const body: BodyUnderWay = {
      previous: undefined,
      next: undefined,
      size: 0,
      spanMs: clock.now(),
      spanSize: 0,
      fail: finish,
    };
    watch.add(body);
    const announced = Number(request.headers['content-length']);
    const whole = (): void => finish(null, parts.length === 1 ? (parts[0] ?? EMPTY) : Buffer.concat(parts, body.size));
    request.on('data', (chunk: Buffer) => {
      if (isDone) return;
      body.size += chunk.length;
      if (body.size > bodyLimitBytes) {
        finish(tooLarge(bodyLimitBytes));
        return;
      }
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

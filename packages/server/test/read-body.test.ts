import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { SmmfError } from '@smmf/core';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import { BodyMemory } from '../src/body-memory.ts';
import { announcedFault, createBodyReader, type HeldBody } from '../src/read-body.ts';

const LIMITS = { bodyLimitBytes: 100_000, bodyMemoryBytes: 1_000_000, bodyBytesPerSecond: 1_000, bodyGraceMs: 5_000 };

function setup() {
  const clock = createFakeClock();
  const read = createBodyReader(LIMITS, clock);
  /** Begins to read a body; `ended` tells with what it ended, and how often. */
  const begin = (headers: IncomingMessage['headers'] = {}) => {
    const stream = Object.assign(new PassThrough(), { headers });
    const ended: (string | number)[] = [];
    const messages: string[] = [];
    const done = (error: SmmfError | null, body?: Buffer): void => {
      ended.push(error?.code ?? body?.length ?? -1);
      if (error) messages.push(error.message);
    };
    read(stream as unknown as IncomingMessage, done);
    const send = async (bytes: number): Promise<void> => {
      stream.write(Buffer.alloc(bytes));
      await new Promise((resolve) => void setImmediate(resolve));
    };
    return { stream, ended, messages, send };
  };
  return { clock, begin };
}

describe('a body of announced length', () => {
  it('is there with its last byte, and once', async () => {
    const { begin } = setup();
    const { stream, ended, send } = begin({ 'content-length': '300' });
    await send(200);
    expect(ended).toEqual([]);
    await send(100);
    expect(ended).toEqual([300]);
    stream.end();
    await new Promise((resolve) => void setImmediate(resolve));
    expect(ended).toEqual([300]);
  });
});

describe('the memory for bodies', () => {
  /** Reads one body of `pieces`, each of so many bytes, into a memory of `limit` bytes. */
  async function readInto(limit: number, pieces: readonly number[]) {
    const memory = new BodyMemory(limit);
    const read = createBodyReader(LIMITS, createFakeClock(), memory);
    const stream = Object.assign(new PassThrough(), { headers: {} });
    const { promise, resolve } = Promise.withResolvers<{ error: SmmfError | null; held: HeldBody | undefined }>();
    read(stream as unknown as IncomingMessage, (error, _body, held) => resolve({ error, held }));
    for (const bytes of pieces) {
      stream.write(Buffer.alloc(bytes));
      await new Promise((done) => void setImmediate(done));
    }
    stream.end();
    /** The most that still fits. */
    const free = () => {
      let bytes = 0;
      while (memory.refusalOf(bytes + 1) === undefined) bytes++;
      return bytes;
    };
    return { ...(await promise), free };
  }

  it('is taken by the bytes of a whole body until it is let go, however often', async () => {
    const { error, held, free } = await readInto(2_000, [300, 200]);
    expect([error, held?.bytes?.length, free()]).toEqual([null, 500, 1_500]);
    held?.release();
    held?.release();
    expect([free(), held?.bytes?.length]).toEqual([2_000, 500]);
  });

  it('is taken by 256 bytes more for each piece of a body under way', async () => {
    expect((await readInto(1_012, [300, 200])).error).toBeNull();
    const { error, free } = await readInto(1_011, [300, 200]);
    expect([error?.code, free()]).toEqual(['OVERLOADED', 1_011]);
  });

  it('is let go of by what was refused', async () => {
    const { error, free } = await readInto(200_000, [100_000, 1, 1]);
    expect([error?.code, error?.message]).toEqual([
      'REQUEST_TOO_LARGE',
      'The body is larger than 100000 bytes; send less',
    ]);
    expect(free()).toBe(200_000);
    expect((await readInto(200_000, [100_000])).error).toBeNull();
  });

  it('keeps the bytes of a body over 64 KiB no longer than its hold', async () => {
    for (const [bytes, kept] of [
      [65_536, 65_536],
      [65_537, undefined],
    ] as const) {
      const { held } = await readInto(100_000, [bytes]);
      expect(held?.bytes?.length).toBe(bytes);
      held?.release();
      expect(held?.bytes?.length).toBe(kept);
    }
  });

  it('tells from an announced length what it will refuse', () => {
    const memory = new BodyMemory(50);
    const codeOf = (length?: string) => {
      const headers = length === undefined ? {} : { 'content-length': length };
      return announcedFault({ headers } as unknown as IncomingMessage, 80, memory)?.code;
    };
    expect([undefined, '50', '51', '80', '81'].map(codeOf)).toEqual([
      undefined,
      undefined,
      'OVERLOADED',
      'OVERLOADED',
      'REQUEST_TOO_LARGE',
    ]);
    expect(memory.refusalOf(51)).toMatchObject({ retryAfterMs: 1_000, message: expect.stringContaining('memory') });
    memory.take(20);
    expect([memory.refusalOf(30), memory.refusalOf(31)?.code]).toEqual([undefined, 'OVERLOADED']);
    expect(memory.refusalOf(31)).toBeInstanceOf(SmmfError);
  });
});

describe('S22: a body', () => {
  it('that keeps the rate may take as long as it likes', async () => {
    const { clock, begin } = setup();
    const { stream, ended, send } = begin();
    for (let second = 0; second < 60; second++) {
      await send(1_100);
      clock.advance(1_000);
    }
    stream.end();
    await expect.poll(() => ended).toEqual([66_000]);
  });

  it('that comes at the very rate is not too slow', async () => {
    const { clock, begin } = setup();
    const { ended, send } = begin();
    await send(5_000);
    clock.advance(5_000);
    expect(ended).toEqual([]);
  });

  it('has its grace, and is given up soon after it', async () => {
    const { clock, begin } = setup();
    const { ended, messages, send } = begin();
    await send(4_999);
    clock.advance(4_999);
    expect(ended).toEqual([]);
    clock.advance(1_001);
    expect(ended).toEqual(['REQUEST_TIMEOUT']);
    expect(messages).toEqual(['The body came at less than 1000 bytes a second']);
  });

  it('that begins fast and then stalls is given up within two spans', async () => {
    const { clock, begin } = setup();
    const { ended, send } = begin();
    await send(90_000);
    clock.advance(5_000);
    expect(ended).toEqual([]);
    clock.advance(6_000);
    expect(ended).toEqual(['REQUEST_TIMEOUT']);
  });

  it('is judged by itself, whichever of the others ends first', async () => {
    const { clock, begin } = setup();
    const bodies = Array.from({ length: 5 }, begin);
    clock.advance(2_000);
    const late = begin();
    for (const index of [0, 4, 2]) bodies[index]?.stream.end();
    await expect.poll(() => bodies.filter(({ ended }) => ended.length === 1)).toHaveLength(3);
    clock.advance(3_500);
    expect(bodies.map(({ ended }) => ended)).toEqual([[0], ['REQUEST_TIMEOUT'], [0], ['REQUEST_TIMEOUT'], [0]]);
    expect(late.ended).toEqual([]);
    clock.advance(2_500);
    expect(late.ended).toEqual(['REQUEST_TIMEOUT']);
  });
});

it('watches nothing when no body is under way', async () => {
  const { clock, begin } = setup();
  const { stream, ended } = begin();
  stream.end('x');
  await expect.poll(() => ended).toEqual([1]);
  clock.advance(2_000);
  expect(clock.pending).toBe(0);
});

it('watches all bodies with one timer, and none once they have ended, the newest first', async () => {
  const { clock, begin } = setup();
  const bodies = Array.from({ length: 3 }, () => begin());
  expect(clock.pending).toBe(1);
  for (const { stream, ended } of bodies.reverse()) {
    stream.end('x');
    await expect.poll(() => ended).toEqual([1]);
  }
  clock.advance(2_000);
  expect(clock.pending).toBe(0);
});

it('ends once: what comes after a refusal or a close changes nothing', async () => {
  const { begin } = setup();
  const { stream, ended, send } = begin();
  await send(60_000);
  await send(60_000);
  expect(ended).toEqual(['REQUEST_TOO_LARGE']);
  await send(10);
  stream.destroy();
  await new Promise((resolve) => void setImmediate(resolve));
  expect(ended).toEqual(['REQUEST_TOO_LARGE']);
  const gone = begin();
  gone.stream.destroy();
  await expect.poll(() => gone.ended).toEqual(['ABORTED']);
  expect(gone.messages).toEqual(['The client left before its request was complete']);
});

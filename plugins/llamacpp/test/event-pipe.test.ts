import { describe, expect, it } from 'vitest';
import { EventPipe } from '../src/event-pipe.ts';

const never = new AbortController().signal;

/** A pipe over the numbers from 1 to `last`, with a note of what its writer did. */
function counted(last = 3, more: (log: string[]) => Promise<void> = async () => undefined, signal = never) {
  const log: string[] = [];
  const pipe = new EventPipe<number>(async (emit) => {
    try {
      for (let value = 1; value <= last; value++) {
        signal.throwIfAborted();
        log.push(`writes ${value}`);
        await emit(value);
      }
      await more(log);
    } finally {
      log.push('ends');
    }
  }, signal);
  return { pipe, log };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
};

describe('a pipe of events', () => {
  it('hands on every event in order, and then ends', async () => {
    const { pipe, log } = counted();
    const read: number[] = [];
    for await (const value of pipe) read.push(value);
    expect(read).toEqual([1, 2, 3]);
    expect(log.at(-1)).toBe('ends');
    expect(await pipe.next()).toEqual({ done: true, value: undefined });
  });

  it('begins its writer with the first read, and holds it two events ahead of the reader', async () => {
    const { pipe, log } = counted(8);
    await turns();
    expect(log).toEqual([]);
    await pipe.next();
    await turns();
    expect(log).toEqual(['writes 1', 'writes 2', 'writes 3']);
    await pipe.next();
    await turns();
    expect(log).toEqual(['writes 1', 'writes 2', 'writes 3', 'writes 4']);
    await pipe.return();
  });

  it('sends an event after what its writer has asked for in the same turn has begun', async () => {
    const order: string[] = [];
    const pipe = new EventPipe<number>(async (emit) => {
      await emit(1);
      // As the library begins to decode.
      await new Promise<void>((resolve) => {
        setImmediate(() => {
          order.push('the next one is worked on');
          setTimeout(resolve, 20);
        });
      });
    }, never);
    await pipe.next();
    order.push('sent');
    expect(order).toEqual(['the next one is worked on', 'sent']);
  });

  it('may hold an event for a while, so that the library has begun by then', async () => {
    const begun = performance.now();
    const busy = new Promise<void>(() => undefined);
    const pipe = new EventPipe<number>((emit) => emit(1).then(() => busy), never, 50);
    expect(await pipe.next()).toEqual({ done: false, value: 1 });
    expect(performance.now() - begun).toBeGreaterThanOrEqual(49);
  });

  it('stops its writer when nobody reads on, and waits until it has ended', async () => {
    const { pipe, log } = counted(8);
    for await (const value of pipe) if (value === 2) break;
    expect(log).toEqual(['writes 1', 'writes 2', 'writes 3', 'writes 4', 'ends']);
    expect(await pipe.next()).toEqual({ done: true, value: undefined });
  });

  it('drops what was not read when its signal aborts, and ends as its writer does', async () => {
    const controller = new AbortController();
    const { pipe, log } = counted(8, async () => undefined, controller.signal);
    expect(await pipe.next()).toEqual({ done: false, value: 1 });
    await turns();
    controller.abort(new Error('gone'));
    await expect(pipe.next()).rejects.toThrow('gone');
    expect(log).toEqual(['writes 1', 'writes 2', 'writes 3', 'ends']);
    expect(await pipe.next()).toEqual({ done: true, value: undefined });
  });

  it('throws what its writer throws, once', async () => {
    const { pipe } = counted(3, () => Promise.reject(new Error('boom')));
    const read: number[] = [];
    const reading = async (): Promise<void> => {
      for await (const value of pipe) read.push(value);
    };
    await expect(reading()).rejects.toThrow('boom');
    expect(read).toEqual([1, 2, 3]);
    expect(await pipe.next()).toEqual({ done: true, value: undefined });
  });

  it('that nobody has read from begins nothing', async () => {
    const { pipe, log } = counted();
    expect(await pipe.return()).toEqual({ done: true, value: undefined });
    expect(await pipe.next()).toEqual({ done: true, value: undefined });
    expect(log).toEqual([]);
  });
});

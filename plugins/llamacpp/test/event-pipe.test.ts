import { describe, expect, it } from 'vitest';
import { EventPipe } from '../src/event-pipe.ts';

/** A pipe over three numbers, with a note of what its writer did. */
function counted(more: (log: string[]) => Promise<void> = async () => undefined) {
  const log: string[] = [];
  const pipe = new EventPipe<number>(async (emit) => {
    try {
      for (const value of [1, 2, 3]) {
        log.push(`writes ${value}`);
        await emit(value);
      }
      await more(log);
    } finally {
      log.push('ends');
    }
  });
  return { pipe, log };
}

describe('a pipe of events', () => {
  it('hands on every event in order, and then ends', async () => {
    const { pipe, log } = counted();
    const read: number[] = [];
    for await (const value of pipe) read.push(value);
    expect(read).toEqual([1, 2, 3]);
    expect(log.at(-1)).toBe('ends');
    expect(await pipe.next()).toEqual({ done: true, value: undefined });
  });

  it('lets its writer work only while an event is wanted', async () => {
    const { pipe, log } = counted();
    await new Promise(setImmediate);
    expect(log).toEqual([]);
    await pipe.next();
    await new Promise(setImmediate);
    expect(log).toEqual(['writes 1']);
    await pipe.next();
    await new Promise(setImmediate);
    expect(log).toEqual(['writes 1', 'writes 2']);
    await pipe.return();
  });

  it('stops its writer when nobody reads on, and waits until it has ended', async () => {
    const { pipe, log } = counted();
    for await (const value of pipe) if (value === 2) break;
    expect(log).toEqual(['writes 1', 'writes 2', 'ends']);
    expect(await pipe.next()).toEqual({ done: true, value: undefined });
  });

  it('throws what its writer throws, once', async () => {
    const { pipe } = counted(() => Promise.reject(new Error('boom')));
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

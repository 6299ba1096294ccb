import { describe, expect, it } from 'vitest';
import { blockingWithin, within } from '../src/suite.ts';

describe('a time limit', () => {
  it('lets through what ends in time, and how it ends', async () => {
    await expect(within(10_000, 'it', Promise.resolve(7))).resolves.toBe(7);
    await expect(within(10_000, 'it', Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    let ran = 0;
    blockingWithin(10_000, 'it', () => ran++);
    expect(ran).toBe(1);
    const fault = new TypeError('broken');
    const fail = (): void => {
      throw fault;
    };
    expect(() => blockingWithin(10_000, 'it', fail)).toThrow(fault);
  });

  it('names what never settles', async () => {
    await expect(within(5, '"rule": close()', new Promise(() => undefined))).rejects.toThrow(
      '"rule": close() did not end within 5 ms',
    );
  });

  it('names what never gives its thread back', () => {
    const forever = (): void => {
      for (;;);
    };
    expect(() => blockingWithin(20, '"rule": pick()', forever)).toThrow('"rule": pick() did not end within 20 ms');
  });
});

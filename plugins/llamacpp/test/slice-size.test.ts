import { describe, expect, it } from 'vitest';
import { createSliceSize } from '../src/slice-size.ts';

/** Reads `tokens` where a call costs `callMs` and a token `tokenMs`, with hiccups of 20 s at the calls named. */
function read(tokens: number, callMs: number, tokenMs: number, hiccups: readonly number[] = []) {
  const slices = createSliceSize();
  const sizes: number[] = [];
  let tookMs = 0;
  for (let left = tokens; left > 0; left -= sizes.at(-1) ?? left) {
    const size = Math.min(slices.next, left);
    const ms = callMs + tokenMs * size + (hiccups.includes(sizes.length) ? 20_000 : 0);
    slices.took(size, ms);
    sizes.push(size);
    tookMs += ms;
  }
  return { sizes, tookMs, whole: sizes.slice(0, -1) };
}

describe('the size of a slice of a prompt', () => {
  it('comes to about 100 ms', () => {
    const { sizes } = read(2_000, 5, 2);
    expect(sizes.slice(0, 5)).toEqual([32, 64, 48, 48, 48]);
  });

  it('is never below 32 tokens, whatever a call costs, and 8 where a token takes over 50 ms', () => {
    for (const callMs of [0, 5, 120, 1_000]) {
      expect(Math.min(...read(1_000, callMs, 10).whole)).toBeGreaterThanOrEqual(32);
    }
    expect(read(1_000, 30_000, 10).sizes.slice(0, 4)).toEqual([32, 8, 32, 64]);
    expect(read(200, 0, 49).whole.every((size) => size >= 32)).toBe(true);
    expect(read(200, 0, 51).sizes.slice(1)).toEqual(Array(21).fill(8));
  });

  it('takes twice as long where calls are dear, so that a busy machine reads and does not only call', () => {
    for (const [callMs, tokenMs] of [
      [120, 2],
      [99, 0.1],
      [150, 0.1],
      [250, 0.1],
      [60, 5],
    ] as const) {
      const { tookMs } = read(1_900, callMs, tokenMs);
      expect([callMs, tookMs / (4 * callMs + 1_900 * tokenMs) < 2.5]).toEqual([callMs, true]);
    }
  });

  it.each([0, 1, 4, 10])('grows again after a hiccup at call %d', (at) => {
    const { sizes, tookMs } = read(1_900, 5, 2, [at]);
    expect(tookMs - 20_000).toBeLessThan(4_600);
    expect(sizes.at(-2)).toBeGreaterThanOrEqual(45);
  });

  it('follows a load that stays', () => {
    const slices = createSliceSize();
    for (let call = 0; call < 10; call++) slices.took(slices.next, slices.next * 0.1);
    expect(slices.next).toBe(512);
    const sizes = Array.from({ length: 10 }, () => {
      const size = slices.next;
      slices.took(size, size * 5);
      return size;
    });
    expect(sizes.at(-1)).toBe(32);
    expect(sizes.filter((size) => size > 32).length).toBeLessThanOrEqual(5);
  });
});

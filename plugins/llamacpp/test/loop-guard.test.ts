import { describe, expect, it } from 'vitest';
import { createLoopGuard } from '../src/loop-guard.ts';

function firstAlarm(tokens: Iterable<number>): number | undefined {
  const guard = createLoopGuard();
  let count = 0;
  for (const token of tokens) {
    count++;
    if (guard.push(token)) return count;
  }
  return undefined;
}

function* cycle(period: number, length: number): Generator<number> {
  for (let index = 0; index < length; index++) yield index % period;
}

describe('a loop guard', () => {
  it.each([1, 4, 64])('notices that a piece of %i tokens repeats, 128 tokens after its first copy', (period) => {
    expect(firstAlarm(cycle(period, 1_000))).toBe(period + 128);
  });

  it('says nothing about a list whose entries differ, or about a shorter repetition', () => {
    const list = Array.from({ length: 2_000 }, (_, index) => (index % 4 === 3 ? 100 + index : index % 4));
    expect(firstAlarm(list)).toBeUndefined();
    expect(firstAlarm([...cycle(3, 130), 99, ...cycle(3, 130)])).toBeUndefined();
  });
});

import { SmmfError } from '@smmf/core';
import type { ErrorCode } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import type { AttemptFailure, Blame } from '../src/attempt.ts';
import { buildTable, EMPTY_TABLE, type ModelEntry } from '../src/candidate-table.ts';
import type { Instance } from '../src/instance.ts';
import { RetryPlan, type RetryState } from '../src/retry-plan.ts';
import { model, record, tableInput } from './harness.ts';

function entryOf(...ids: string[]): ModelEntry {
  const settings = { models: [model('m', { waitAtMostMs: 5_000 })], administrative: new Map() };
  const records = ids.map((id) => record(id));
  const entry = buildTable(tableInput(settings, records), EMPTY_TABLE).models.get('m');
  if (!entry) throw new Error('no entry');
  return entry;
}

function failure(code: ErrorCode, blame: Blame, retryAfterMs?: number): AttemptFailure {
  return { error: new SmmfError(code, code, retryAfterMs === undefined ? {} : { retryAfterMs }), blame };
}
const FAILED = failure('ENGINE_FAILED', 'answer');

/** A request that may wait a minute and has tried the first `tries` instances of `entry`; the last of them again and again. */
function state(entry: ModelEntry, tries: number, more: Partial<RetryState> = {}): RetryState {
  const tried = Array.from({ length: tries }, (_, index) => (entry.open[index] ?? entry.open.at(-1)) as Instance);
  return { entry, tried, nowMs: 0, patienceMs: 60_000, hasFallback: false, random: () => 1, ...more };
}

describe('another attempt', () => {
  it('goes to an instance that was not tried, soon, and counts among those that may run at once', () => {
    const entry = entryOf('a', 'b', 'c');
    const plan = new RetryPlan();
    expect(plan.next(FAILED, state(entry, 1))).toEqual({ delayMs: 25, isBounded: true });
    expect(plan.next(FAILED, state(entry, 2))).toEqual({ delayMs: 50, isBounded: true });
  });

  it('is the third at most, and none for a fault that is the same everywhere', () => {
    const entry = entryOf('a', 'b', 'c', 'd');
    expect(new RetryPlan().next(FAILED, state(entry, 3))).toBeUndefined();
    expect(new RetryPlan().next(failure('INVALID_REQUEST', 'none'), state(entry, 1))).toBeUndefined();
  });

  it('follows a missing first token once', () => {
    const entry = entryOf('a', 'b', 'c');
    const plan = new RetryPlan();
    expect(plan.next(failure('TIMEOUT', 'answer'), state(entry, 1))).toBeDefined();
    expect(plan.next(failure('TIMEOUT', 'answer'), state(entry, 2))).toBeUndefined();
    expect(plan.next(FAILED, state(entry, 2))).toBeDefined();
    const other = new RetryPlan();
    expect(other.next(FAILED, state(entry, 1))).toBeDefined();
    expect(other.next(failure('TIMEOUT', 'answer'), state(entry, 2))).toBeDefined();
  });

  it.each<[Blame, boolean]>([
    ['answer', true],
    ['none', true],
    ['connection', false],
    ['setup', false],
  ])('after a failure that is blamed on "%s" is bounded by the budget: %s', (blame, isBounded) => {
    const entry = entryOf('a', 'b');
    expect(new RetryPlan().next(failure('ENGINE_FAILED', blame), state(entry, 1))?.isBounded).toBe(isBounded);
    entry.queue.budget.running = 3;
    const retry = new RetryPlan().next(failure('ENGINE_FAILED', blame), state(entry, 1));
    expect(retry !== undefined).toBe(!isBounded);
  });

  it('is not bounded when the instance that failed has just been ejected', () => {
    const entry = entryOf('a', 'b');
    entry.queue.budget.running = 3;
    entry.open[0]?.eject(0);
    expect(new RetryPlan().next(FAILED, state(entry, 1, { nowMs: 9_999 }))).toMatchObject({ isBounded: false });
    expect(new RetryPlan().next(FAILED, state(entry, 1, { nowMs: 10_000 }))).toBeUndefined();
  });
});

describe('a lone instance', () => {
  it('that failed is asked once more after 250 to 500 ms', () => {
    const plan = new RetryPlan();
    expect(plan.next(FAILED, state(entryOf('a'), 1))).toEqual({ delayMs: 500, isBounded: true });
    expect(plan.next(FAILED, state(entryOf('a'), 2))).toBeUndefined();
    expect(new RetryPlan().next(FAILED, state(entryOf('a'), 1, { random: () => 0 }))?.delayMs).toBe(250);
  });

  it.each<[ErrorCode, Blame]>([
    ['TIMEOUT', 'answer'],
    ['RATE_LIMIT_EXCEEDED', 'none'],
    ['ENGINE_FAILED', 'setup'],
  ])('that answers %s, blamed on "%s", without saying when to come again, is not asked again', (code, blame) => {
    expect(new RetryPlan().next(failure(code, blame), state(entryOf('a'), 1))).toBeUndefined();
  });

  it('that says when to come again is waited for, a little longer than it says', () => {
    const busy = failure('RATE_LIMIT_EXCEEDED', 'none', 6_000);
    expect(new RetryPlan().next(busy, state(entryOf('a'), 1))).toEqual({ delayMs: 6_025, isBounded: true });
    expect(new RetryPlan().next(busy, state(entryOf('a'), 1, { patienceMs: 6_026 }))).toBeDefined();
    expect(new RetryPlan().next(busy, state(entryOf('a'), 1, { patienceMs: 6_025 }))).toBeUndefined();
  });

  it('that has failed three times in a row is not waited for where another model may answer', () => {
    const entry = entryOf('a');
    const [lone] = entry.open;
    if (!lone) throw new Error('no instance');
    const next = (failuresInARow: number, hasFallback: boolean) => {
      lone.failuresInARow = failuresInARow;
      return new RetryPlan().next(FAILED, state(entry, 1, { hasFallback }));
    };
    expect(next(2, true)).toBeDefined();
    expect(next(3, true)).toBeUndefined();
    expect(next(3, false)).toBeDefined();
  });

  it('is waited for no longer than `waitAtMost` where another model may answer', () => {
    const next = (afterMs: number) =>
      new RetryPlan().next(
        failure('ENGINE_OVERLOADED', 'answer', afterMs),
        state(entryOf('a'), 1, { hasFallback: true }),
      );
    expect(next(5_000)).toEqual({ delayMs: 5_025, isBounded: true });
    expect(next(5_001)).toBeUndefined();
  });
});

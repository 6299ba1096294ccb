import { describe, expect, it } from 'vitest';
import { backOffMs, RetryBudget } from '../src/retry-budget.ts';

function after(failures: number, successes = 0, isRetry = false): RetryBudget {
  const budget = new RetryBudget();
  for (let count = 0; count < failures; count++) budget.failed();
  for (let count = 0; count < successes; count++) budget.succeeded(isRetry);
  return budget;
}

describe('the budget of retries', () => {
  it('is spent by the fifth failure, and no sooner', () => {
    expect(after(4).allows(1)).toBe(true);
    expect(after(5).allows(1)).toBe(false);
  });

  it('gains a tenth by a success and a whole by a retry that helped', () => {
    expect(after(6, 10).allows(1)).toBe(false);
    expect(after(6, 11).allows(1)).toBe(true);
    expect(after(6, 1, true).allows(1)).toBe(false);
    expect(after(6, 2, true).allows(1)).toBe(true);
  });

  it('neither owes more than it holds nor saves more up', () => {
    expect(after(1_000, 6, true).allows(1)).toBe(true);
    const rich = after(0, 1_000, true);
    for (let count = 0; count < 5; count++) rich.failed();
    expect(rich.allows(1)).toBe(false);
  });

  it('lets three run at once, or a fifth of what is in flight', () => {
    const budget = new RetryBudget();
    budget.running = 2;
    expect(budget.allows(1)).toBe(true);
    budget.running = 3;
    expect(budget.allows(15)).toBe(false);
    expect(budget.allows(16)).toBe(true);
  });
});

it('the wait before another attempt doubles from 25 ms up to 250 ms, any part of which chance may take', () => {
  expect([1, 2, 3, 4, 5, 6].map((attempts) => backOffMs(attempts, () => 1))).toEqual([25, 50, 100, 200, 250, 250]);
  expect(backOffMs(2, () => 0.5)).toBe(25);
  expect(backOffMs(2, () => 0)).toBe(0);
});

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createStopOrder } from '../src/index.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

it('stops at the first signal, and at once at one that comes a second later; a signal that comes twice is one', () => {
  const orders: string[] = [];
  const onSignal = createStopOrder(
    () => orders.push('stop'),
    () => orders.push('now'),
  );
  onSignal();
  onSignal();
  vi.advanceTimersByTime(999);
  onSignal();
  expect(orders).toEqual(['stop']);
  vi.advanceTimersByTime(1);
  onSignal();
  expect(orders).toEqual(['stop', 'now']);
  onSignal();
  expect(orders).toEqual(['stop', 'now']);
  vi.advanceTimersByTime(1_000);
  onSignal();
  expect(orders).toEqual(['stop', 'now', 'now']);
});

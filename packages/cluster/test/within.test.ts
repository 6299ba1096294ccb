import { createFakeClock } from '@smmf/testkit';
import { expect, it } from 'vitest';
import { within } from '../src/within.ts';

it('gives what the task gives and leaves no timer', async () => {
  const clock = createFakeClock();
  expect(await within(clock, 100, 'it', async () => 7)).toBe(7);
  expect(clock.pending).toBe(0);
});

it('stops waiting at the limit and aborts the signal, heeded or not', async () => {
  const clock = createFakeClock();
  let seen: AbortSignal | undefined;
  const waiting = within(clock, 100, 'the probe', (signal) => {
    seen = signal;
    return new Promise(() => undefined);
  });
  clock.advance(100);
  await expect(waiting).rejects.toMatchObject({ code: 'TIMEOUT', message: 'the probe took over 100 ms' });
  expect(seen?.aborted).toBe(true);
});

it("passes the task's own error on and leaves no timer", async () => {
  const clock = createFakeClock();
  await expect(within(clock, 100, 'it', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(clock.pending).toBe(0);
});

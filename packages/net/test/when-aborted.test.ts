import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { whenAborted } from '../src/when-aborted.ts';

describe('whenAborted', () => {
  it('runs its task once, also for a signal that has aborted already', () => {
    let runs = 0;
    const task = (): void => {
      runs += 1;
    };
    whenAborted(AbortSignal.abort(), task);
    expect(runs).toBe(1);
    const controller = new AbortController();
    whenAborted(controller.signal, task);
    expect(runs).toBe(1);
    controller.abort();
    controller.abort();
    expect(runs).toBe(2);
  });

  it('forgets it when told to', () => {
    const controller = new AbortController();
    whenAborted(controller.signal, () => expect.fail('it ran'))();
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
    controller.abort();
  });
});

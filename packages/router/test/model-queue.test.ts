import { describe, expect, it } from 'vitest';
import { ModelQueue, type Waiting } from '../src/model-queue.ts';

/** Someone in line who writes down what happens to it; it leaves the line only where `starts` says so. */
function waiting(name: string, log: string[], { hasTried = false, starts = false } = {}): Waiting {
  return {
    hasTried,
    tryStart() {
      log.push(`${name} tries`);
      return starts;
    },
    refuseWaiting: () => void log.push(`${name} gives up`),
  };
}

describe('the line of a model', () => {
  it('is open to newcomers while only those wait who cannot take what is free', () => {
    const queue = new ModelQueue();
    const picky = waiting('picky', [], { hasTried: true });
    const plain = waiting('plain', []);
    expect(queue.isOpenToNewcomers).toBe(true);
    queue.join(picky);
    expect(queue.isOpenToNewcomers).toBe(true);
    queue.join(plain);
    expect(queue.isOpenToNewcomers).toBe(false);
    queue.leave(picky);
    expect(queue.isOpenToNewcomers).toBe(false);
    queue.leave(plain);
    expect(queue.isOpenToNewcomers).toBe(true);
  });

  it('counts nobody out twice', () => {
    const queue = new ModelQueue();
    const picky = waiting('picky', [], { hasTried: true });
    queue.join(picky);
    expect([queue.leave(picky), queue.leave(picky), queue.length]).toEqual([true, false, 0]);
    expect(queue.isOpenToNewcomers).toBe(true);
  });

  it('offers what is free to the oldest first, past those who cannot take it, and no further than the first who could not', () => {
    const log: string[] = [];
    const queue = new ModelQueue();
    queue.join(waiting('picky', log, { hasTried: true }));
    queue.join(waiting('first', log, { starts: true }));
    queue.join(waiting('second', log));
    queue.join(waiting('third', log));
    queue.pump();
    expect(log).toEqual(['picky tries', 'first tries', 'second tries']);
  });

  it('goes by a moving average to which the newest request adds a fifth', () => {
    const queue = new ModelQueue();
    expect(queue.predictedWaitMs(1)).toBe(0);
    queue.ended(100);
    queue.ended(200);
    expect(queue.predictedWaitMs(1)).toBeCloseTo(120, 9);
    queue.join(waiting('one', []));
    expect(queue.predictedWaitMs(4)).toBeCloseTo(60, 9);
    expect(queue.predictedWaitMs(0)).toBe(0);
  });

  it('sends away those in line and those who pause, but nobody who has left', () => {
    const log: string[] = [];
    const queue = new ModelQueue();
    const [left, gone] = [waiting('left', log), waiting('gone', log)];
    queue.join(waiting('in line', log));
    queue.join(left);
    queue.leave(left);
    queue.pause(waiting('pausing', log));
    queue.pause(gone);
    queue.unpause(gone);
    queue.refuseWaiting();
    expect(log).toEqual(['in line gives up', 'pausing gives up']);
  });
});

import type { Clock } from '@smmf/core';

/** A clock that moves only when told to. */
export interface FakeClock extends Clock {
  /** Moves on by `ms`, running what falls due in order, each at its own time. */
  advance(ms: number): void;
  /** Timers that have not run. */
  readonly pending: number;
}

interface Timer {
  readonly dueMs: number;
  readonly order: number;
  readonly task: () => void;
}

/** A fake clock at 0; its wall clock starts at `wallMs`, default 2026-01-01. */
export function createFakeClock(wallMs = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = 0;
  let order = 0;
  const timers = new Set<Timer>();
  const next = (untilMs: number): Timer | undefined =>
    [...timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)[0];
  return {
    now: () => nowMs,
    wallMs: () => wallMs + nowMs,
    after(delayMs, task) {
      const timer = { dueMs: nowMs + delayMs, order: order++, task };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (let timer = next(untilMs); timer; timer = next(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.dueMs);
        timer.task();
      }
      nowMs = untilMs;
    },
    get pending() {
      return timers.size;
    },
  };
}

import { describe, expect, it } from 'vitest';
import { silentLogger, systemClock } from '../src/index.ts';

describe('the system clock', () => {
  it('runs a task once after its delay, unless cancelled, and keeps no process alive', async () => {
    const ran: string[] = [];
    const cancel = systemClock.after(1, () => ran.push('cancelled'));
    cancel();
    systemClock.after(1, () => ran.push('ran'));
    const before = systemClock.now();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ran).toEqual(['ran']);
    expect(systemClock.now()).toBeGreaterThan(before);
    expect(Math.abs(systemClock.wallMs() - Date.now())).toBeLessThan(1_000);
  });
});

describe('the silent logger', () => {
  it('takes every level, and its children are silent too', () => {
    expect(silentLogger.child({ a: 1 })).toBe(silentLogger);
    expect(silentLogger.error({ a: 1 }, 'x')).toBeUndefined();
  });
});

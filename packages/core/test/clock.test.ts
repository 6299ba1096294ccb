import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { silentLogger, systemClock } from '../src/index.ts';

describe('the system clock', () => {
  it('runs a task once after its delay, unless cancelled', async () => {
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

  it('keeps no process alive with a task that is still to come', () => {
    const program = `import { systemClock } from '@smmf/core'; systemClock.after(60_000, () => console.log('ran'));`;
    const args = ['--conditions=smmf-source', '--input-type=module', '--eval', program];
    const end = spawnSync(process.execPath, args, { cwd: import.meta.dirname, timeout: 15_000, encoding: 'utf8' });
    expect([end.status, end.signal, end.stdout]).toEqual([0, null, '']);
  });
});

describe('the silent logger', () => {
  it('takes every level, and its children are silent too', () => {
    expect(silentLogger.child({ a: 1 })).toBe(silentLogger);
    expect(silentLogger.error({ a: 1 }, 'x')).toBeUndefined();
  });
});

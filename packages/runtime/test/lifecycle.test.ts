import { describe, expect, it } from 'vitest';
import { createLifecycle, type Part } from '../src/index.ts';

function parts(log: string[], names: readonly string[], more: Partial<Record<string, Partial<Part>>> = {}): Part[] {
  return names.map((name) => ({
    name,
    start: async () => void log.push(`start ${name}`),
    stop: async () => void log.push(`stop ${name}`),
    ...more[name],
  }));
}

describe('the lifecycle', () => {
  it('starts in order and stops in reverse, once', async () => {
    const log: string[] = [];
    const lifecycle = createLifecycle();
    for (const part of parts(log, ['a', 'b'])) lifecycle.add(part);
    await lifecycle.start();
    await lifecycle.stop();
    await lifecycle.stop();
    expect(log).toEqual(['start a', 'start b', 'stop b', 'stop a']);
  });

  it('stops what had begun when a start fails, and throws that error', async () => {
    const log: string[] = [];
    const lifecycle = createLifecycle();
    const failing = { b: { start: () => Promise.reject(new Error('no port')) } };
    for (const part of parts(log, ['a', 'b', 'c'], failing)) lifecycle.add(part);
    await expect(lifecycle.start()).rejects.toThrow('no port');
    expect(log).toEqual(['start a', 'stop b', 'stop a']);
  });

  it('goes on past a part that hangs or throws, and names it', async () => {
    const log: string[] = [];
    const lifecycle = createLifecycle({ stopLimitMs: 5 });
    const broken = {
      b: { stop: () => new Promise<void>(() => undefined) },
      c: { stop: () => Promise.reject(new Error('x')) },
    };
    for (const part of parts(log, ['a', 'b', 'c'], broken)) lifecycle.add(part);
    await lifecycle.start();
    const keepAlive = setTimeout(() => undefined, 1_000);
    const errors = await lifecycle.stop();
    clearTimeout(keepAlive);
    expect(errors.map(({ message }) => message)).toEqual(['Stopping "c" failed', 'Stopping "b" failed']);
    expect(log.at(-1)).toBe('stop a');
  });

  it('starts nothing more once the signal has aborted', async () => {
    const log: string[] = [];
    const lifecycle = createLifecycle();
    const controller = new AbortController();
    const aborting = { a: { start: async () => controller.abort() } };
    for (const part of parts(log, ['a', 'b'], aborting)) lifecycle.add(part);
    await expect(lifecycle.start(controller.signal)).rejects.toThrow();
    expect(log).toEqual(['stop a']);
  });
});

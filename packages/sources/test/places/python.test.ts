import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { runPython } from '../../src/places/python.ts';

it('a watcher that finds a reason to stop ends the process, and its reason is the one that is told', async () => {
  const startedMs = performance.now();
  const running = runPython(['-c', 'import time; time.sleep(60)'], {
    ...{ cwd: tmpdir(), env: process.env, signal: new AbortController().signal, stallMs: 60_000 },
    tick: () => Promise.reject(new Error('no room')),
  });
  await expect(running).rejects.toThrow('no room');
  expect(performance.now() - startedMs).toBeLessThan(30_000);
});

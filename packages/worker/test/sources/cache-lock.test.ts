import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { acquireLock } from '../../src/sources/cache-lock.ts';
import { temporaryFolder } from './loopback-hub.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'lock');
});

const { signal } = new AbortController();
const quick = { signal, heartbeatMs: 10, staleMs: 100, pollMs: 5 };
const ownerFile = (pid: number, host = hostname()): string => JSON.stringify({ token: 'of another', pid, host });
const deadPid = spawnSync(process.execPath, ['-e', '']).pid;

describe('the lock between processes', () => {
  it('lets one in at a time', async () => {
    let inside = 0;
    let most = 0;
    const turn = async (): Promise<void> => {
      const lock = await acquireLock(path, quick);
      most = Math.max(most, ++inside);
      await new Promise(setImmediate);
      inside -= 1;
      await lock.release();
      await lock.release();
    };
    await Promise.all(Array.from({ length: 20 }, turn));
    expect(most).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tells a waiter that it waits, and lets it stop', async () => {
    const lock = await acquireLock(path, quick);
    const controller = new AbortController();
    const onWait = async (): Promise<void> => controller.abort(new Error('enough'));
    await expect(acquireLock(path, { ...quick, signal: controller.signal, onWait })).rejects.toThrow();
    await lock.release();
  });

  it('is kept from waiters as long as its owner shows that it lives', async () => {
    const lock = await acquireLock(path, quick);
    const late = acquireLock(path, { ...quick, signal: AbortSignal.timeout(400) });
    await expect(late).rejects.toThrow();
    expect(lock.lost.aborted).toBe(false);
    await lock.release();
  });

  it('is taken over at once from a process of this host that is gone', async () => {
    writeFileSync(path, ownerFile(deadPid));
    utimesSync(path, 1_000, 1_000);
    const lock = await acquireLock(path, { signal, staleMs: 60_000 });
    await lock.release();
  });

  it.each([
    ['an hour ahead', 3_600_000],
    ['right', 0],
    ['an hour behind', -3_600_000],
  ])(
    'is taken over from another host only after it gave no sign for long, also where its clock is %s',
    async (_, skewMs) => {
      // A process of that number is gone here; what it is there, nobody knows.
      writeFileSync(path, ownerFile(deadPid, 'elsewhere'));
      const touched = new Date(Date.now() + skewMs);
      utimesSync(path, touched, touched);
      const startMs = performance.now();
      const lock = await acquireLock(path, { ...quick, staleMs: 200 });
      expect(performance.now() - startMs).toBeGreaterThanOrEqual(200);
      await lock.release();
    },
  );

  it('also when its file is empty because the owner died while writing it', async () => {
    writeFileSync(path, '');
    await (await acquireLock(path, quick)).release();
  });

  it('goes to one waiter only when many find it stale at the same time', async () => {
    const waiters = 12;
    writeFileSync(path, ownerFile(deadPid));
    utimesSync(path, 1_000, 1_000);
    let looks = 0;
    let inside = 0;
    let most = 0;
    let left = waiters;
    const onWait = async (): Promise<void> => void looks++;
    const turn = async (): Promise<void> => {
      const lock = await acquireLock(path, { ...quick, heartbeatMs: 1_000, staleMs: 10_000, onWait });
      most = Math.max(most, ++inside);
      // Kept until each of the others has looked again, twice on average: who judged the old lock has acted by then.
      const enough = looks + 2 * --left;
      while (looks < enough && inside === 1) await new Promise(setImmediate);
      inside -= 1;
      await lock.release();
    };
    await Promise.all(Array.from({ length: waiters }, turn));
    expect(most).toBe(1);
    expect(existsSync(path)).toBe(false);
  });

  it('a breaker that died in between does not block for ever', async () => {
    writeFileSync(path, ownerFile(deadPid));
    writeFileSync(`${path}.break`, '');
    for (const file of [path, `${path}.break`]) utimesSync(file, 1_000, 1_000);
    await (await acquireLock(path, quick)).release();
  });

  it('tells an owner that was suspended that it has lost the lock, and that one removes nothing', async () => {
    const lock = await acquireLock(path, quick);
    writeFileSync(path, ownerFile(1));
    if (!lock.lost.aborted) await new Promise((resolve) => lock.lost.addEventListener('abort', resolve));
    expect(lock.lost.reason).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await lock.release();
    expect(existsSync(path)).toBe(true);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { acquireLock } from '../src/cache-lock.ts';
import { temporaryFolder } from './loopback-hub.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'lock');
});

const { signal } = new AbortController();
/** The shortest heartbeat that there is, and a waiter that looks often. */
const quick = { signal, heartbeatMs: 1_000, staleMs: 2_500, pollMs: 5 };

/** A lock whose owner is gone, and gave its last sign of life at `touched`. */
function leaveLock(touched = new Date(1_000_000), at = path): void {
  mkdirSync(at);
  utimesSync(at, touched, touched);
}

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
    const late = acquireLock(path, { ...quick, signal: AbortSignal.timeout(4_000) });
    await expect(late).rejects.toThrow();
    expect(lock.lost.aborted).toBe(false);
    await lock.release();
  });

  it('is taken over from a process that was killed, once it has given no sign for long', async () => {
    const holder = fileURLToPath(new URL('./hold-lock.ts', import.meta.url));
    const args = ['--conditions=smmf-source', '--disable-warning=ExperimentalWarning', holder, path];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(path)).toBe(true);
    const startMs = performance.now();
    await (await acquireLock(path, quick)).release();
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(2_500);
  });

  it.each([
    ['an hour ahead', 3_600_000],
    ['right', 0],
    ['an hour behind', -3_600_000],
  ])(
    'is taken over from another host only after it gave no sign for long, also where its clock is %s',
    async (_, skewMs) => {
      leaveLock(new Date(Date.now() + skewMs));
      const startMs = performance.now();
      const lock = await acquireLock(path, { ...quick, staleMs: 200 });
      expect(performance.now() - startMs).toBeGreaterThanOrEqual(200);
      await lock.release();
    },
  );

  it('is taken over also where something else than a folder has its name', async () => {
    writeFileSync(path, '');
    await (await acquireLock(path, { ...quick, staleMs: 100 })).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('goes to one waiter only when many find it stale at the same time', async () => {
    const waiters = 12;
    leaveLock();
    let looks = 0;
    let inside = 0;
    let most = 0;
    let left = waiters;
    const onWait = async (): Promise<void> => void looks++;
    const turn = async (): Promise<void> => {
      const lock = await acquireLock(path, { ...quick, onWait });
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
    leaveLock();
    leaveLock(new Date(1_000_000), `${path}.break`);
    await (await acquireLock(path, { ...quick, staleMs: 100 })).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('tells an owner that was suspended that it has lost the lock, and that one removes nothing', async () => {
    const lock = await acquireLock(path, quick);
    rmSync(path, { recursive: true });
    leaveLock();
    if (!lock.lost.aborted) await new Promise((resolve) => lock.lost.addEventListener('abort', resolve));
    expect(lock.lost.reason).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await lock.release();
    expect(existsSync(path)).toBe(true);
  });

  it('that cannot be written is an error at once', async () => {
    await expect(acquireLock(join(folder, 'nowhere', 'lock'), quick)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

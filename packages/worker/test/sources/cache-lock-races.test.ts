import { spawnSync } from 'node:child_process';
import { utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { acquireLock } from '../../src/sources/cache-lock.ts';
import type { HeldCalls } from './held-calls.ts';
import { temporaryFolder } from './loopback-hub.ts';

const held = vi.hoisted((): HeldCalls => ({ before: undefined }));
vi.mock('node:fs/promises', async (original) => {
  const { heldCalls } = await import('./held-calls.ts');
  return heldCalls(await original(), held);
});

const deadPid = spawnSync(process.execPath, ['-e', '']).pid;

function staleLock(): string {
  const path = join(temporaryFolder(), 'lock');
  writeFileSync(path, JSON.stringify({ token: 'of another', pid: deadPid, host: hostname() }));
  utimesSync(path, 1_000, 1_000);
  return path;
}

/** Waits for the lock and keeps it until it is told to leave; tells how often it looked. */
function startWaiter(path: string) {
  const leave = Promise.withResolvers<void>();
  const waiter = { looks: 0, isInside: false, leave: () => leave.resolve(), done: Promise.resolve() };
  const { signal } = new AbortController();
  const onWait = async (): Promise<void> => void waiter.looks++;
  waiter.done = (async () => {
    const lock = await acquireLock(path, { signal, heartbeatMs: 1_000, staleMs: 10_000, pollMs: 5, onWait });
    waiter.isInside = true;
    await leave.promise;
    waiter.isInside = false;
    await lock.release();
  })();
  return waiter;
}

const until = (holds: () => boolean): Promise<unknown> => vi.waitUntil(holds, { timeout: 10_000, interval: 1 });

/** A waiter that is held back at its first such call on such a path. */
async function startHeldWaiter(path: string, call: string, on: string) {
  const gate = Promise.withResolvers<void>();
  let isHeld = false;
  held.before = (name, of) => {
    if (name !== call || of !== on) return undefined;
    held.before = undefined;
    isHeld = true;
    return gate.promise;
  };
  const waiter = startWaiter(path);
  await until(() => isHeld);
  return { waiter, go: gate.resolve };
}

it('a waiter that comes late to break a stale lock looks again: what stands there now may be a new one', async () => {
  const path = staleLock();
  const { waiter: late, go } = await startHeldWaiter(path, 'open', `${path}.break`);
  const second = startWaiter(path);
  await until(() => second.isInside);
  go();
  const { looks } = late;
  await until(() => late.isInside || late.looks > looks + 3);
  expect([late.isInside, second.isInside]).toEqual([false, true]);
  second.leave();
  late.leave();
  await Promise.all([second.done, late.done]);
});

it('while one waiter removes a stale lock no other one does', async () => {
  const path = staleLock();
  const { waiter: breaking, go } = await startHeldWaiter(path, 'rm', path);
  const second = startWaiter(path);
  await until(() => second.isInside || second.looks > 3);
  expect(second.isInside).toBe(false);
  go();
  await until(() => breaking.isInside || second.isInside);
  expect([breaking.isInside, second.isInside].filter(Boolean)).toHaveLength(1);
  breaking.leave();
  second.leave();
  await Promise.all([second.done, breaking.done]);
});

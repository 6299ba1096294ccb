import { mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { LockOptions } from 'proper-lockfile';
import { beforeEach, expect, it, vi } from 'vitest';
import { acquireLock } from '../src/cache-lock.ts';
import type { HeldCalls } from './held-calls.ts';
import { temporaryFolder } from './loopback-hub.ts';

const held = vi.hoisted((): HeldCalls & { breaks: number } => ({ before: undefined, breaks: 0 }));
vi.mock('node:fs/promises', async (original) => {
  const { heldCalls } = await import('./held-calls.ts');
  return heldCalls(await original(), held);
});
vi.mock('proper-lockfile', async (original) => {
  const { lock } = await original<typeof import('proper-lockfile')>();
  return {
    lock: async (path: string, options: LockOptions) => {
      if (path.endsWith('.break')) held.breaks += 1;
      await held.before?.('lock', path);
      return lock(path, options);
    },
  };
});
beforeEach(() => {
  held.before = undefined;
  held.breaks = 0;
});

function staleLock(): string {
  const path = join(temporaryFolder(), 'lock');
  mkdirSync(path);
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
    const lock = await acquireLock(path, { signal, heartbeatMs: 1_000, staleMs: 2_500, pollMs: 5, onWait });
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
  const { waiter: late, go } = await startHeldWaiter(path, 'lock', `${path}.break`);
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
  const { breaks } = held;
  await until(() => second.isInside || held.breaks > breaks + 3);
  expect(second.isInside).toBe(false);
  go();
  await until(() => breaking.isInside || second.isInside);
  expect([breaking.isInside, second.isInside].filter(Boolean)).toHaveLength(1);
  breaking.leave();
  second.leave();
  await Promise.all([second.done, breaking.done]);
});

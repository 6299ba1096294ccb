import { randomUUID } from 'node:crypto';
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { SmmfError } from '@smmf/core';
import * as z from 'zod';

/** A lock between processes, held until {@link CacheLock.release}. */
export interface CacheLock {
  /** Aborts when another process has taken the lock away, because this one looked dead (suspended for long). */
  readonly lost: AbortSignal;
  /** Idempotent. */
  release(): Promise<void>;
}

/** How a lock is waited for. */
export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called at each look while another process holds the lock. */
  readonly onWait?: () => Promise<void>;
  /** How often the owner shows that it lives. Default 2 s. */
  readonly heartbeatMs?: number;
  /** Without a sign of life for so long, the lock is taken over. Default 15 s. */
  readonly staleMs?: number;
  /** How often a waiter looks. Default 250 ms. */
  readonly pollMs?: number;
}

const OWNER = z.object({ token: z.string(), pid: z.number().int(), host: z.string() });

/**
 * Takes a lock file that also works across hosts on a shared folder: the owner touches it every `heartbeatMs`, and who
 * sees no touch for `staleMs` takes it over. Waits as long as the owner lives; the owner's own waits all have limits.
 */
export async function acquireLock(path: string, options: LockOptions): Promise<CacheLock> {
  const { signal, onWait, heartbeatMs = 2_000, staleMs = 15_000, pollMs = 250 } = options;
  const token = randomUUID();
  let seen: { mtimeMs: number; sinceMs: number } | undefined;
  for (;;) {
    signal.throwIfAborted();
    if (await create(path, token)) return holdLock(path, token, heartbeatMs);
    await onWait?.();
    const mtimeMs = await modifiedMs(path);
    // Measured on this machine's clock: the owner's may be wrong by hours.
    if (seen === undefined || seen.mtimeMs !== mtimeMs) seen = { mtimeMs, sinceMs: performance.now() };
    const isStale = performance.now() - seen.sinceMs >= staleMs || (await isOwnerDead(path, mtimeMs, heartbeatMs));
    if (isStale && (await breakLock(path, mtimeMs, token, staleMs))) continue;
    await sleep(pollMs, undefined, { signal });
  }
}

async function create(path: string, token: string): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify({ token, pid: process.pid, host: hostname() }));
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** 0 when the file is gone. */
async function modifiedMs(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

async function readOwner(path: string): Promise<z.infer<typeof OWNER> | undefined> {
  try {
    return OWNER.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

/** A crashed owner on this host need not be waited for; two missed heartbeats rule out a living one in another pid namespace. */
async function isOwnerDead(path: string, mtimeMs: number, heartbeatMs: number): Promise<boolean> {
  if (Date.now() - mtimeMs < 2 * heartbeatMs) return false;
  const owner = await readOwner(path);
  if (owner === undefined || owner.host !== hostname()) return false;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}

/**
 * Removes a stale lock. Only who holds the file beside it may do so: else a second waiter that judged the same old lock
 * could remove the new one of the first.
 */
async function breakLock(path: string, staleMtimeMs: number, token: string, staleMs: number): Promise<boolean> {
  const breaker = `${path}.break`;
  if (!(await create(breaker, token))) {
    // A breaker lives for some milliseconds; an old one is of a process that died in between.
    if (Date.now() - (await modifiedMs(breaker)) > staleMs) await rm(breaker, { force: true });
    return false;
  }
  try {
    if ((await modifiedMs(path)) !== staleMtimeMs) return false;
    await rm(path, { force: true });
    return true;
  } finally {
    await rm(breaker, { force: true });
  }
}

function holdLock(path: string, token: string, heartbeatMs: number): CacheLock {
  const lost = new AbortController();
  let beat = Promise.resolve();
  const timer = setInterval(() => {
    beat = heartbeat(path, token).then((isOurs) => {
      if (!isOurs)
        lost.abort(
          new SmmfError('SOURCE_UNAVAILABLE', 'another process took over the fetch while this one was suspended'),
        );
    });
  }, heartbeatMs).unref();
  let released: Promise<void> | undefined;
  const release = async (): Promise<void> => {
    clearInterval(timer);
    await beat;
    if ((await readOwner(path))?.token === token) await rm(path, { force: true });
  };
  return { lost: lost.signal, release: () => (released ??= release()) };
}

async function heartbeat(path: string, token: string): Promise<boolean> {
  const owner = await readOwner(path);
  if (owner?.token !== token && (owner !== undefined || (await modifiedMs(path)) === 0)) return false;
  // A failed touch (full disk, folder gone) is not a loss; the next one may succeed.
  const now = new Date();
  await utimes(path, now, now).catch(() => undefined);
  return true;
}

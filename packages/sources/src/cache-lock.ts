import { rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SmmfError } from '@smmf/core';

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
  /** How often the owner shows that it lives. Default 2 s, at least 1 s. */
  readonly heartbeatMs?: number;
  /** Without a sign of life for so long, the lock is taken over. Default 15 s. */
  readonly staleMs?: number;
  /** How often a waiter looks. Default 250 ms. */
  readonly pollMs?: number;
}

/**
 * Takes a lock (a folder at `path`, by proper-lockfile) that also works across hosts on a shared folder: the owner touches it
 * every `heartbeatMs`, and a waiter that sees no touch for `staleMs` takes it over. Waits as long as the owner lives; the owner's
 * own waits all have limits.
 *
 * The library would judge the age of a lock by this machine's clock, and lets two waiters that find the same old lock remove
 * it one after the other, the second one the new lock of the first. So it is told that no lock is ever old. Here a waiter measures for
 * how long it has seen no touch, and removes a lock only while it holds a second one.
 * @throws the signal's reason when it aborts; the error of the file system when the lock cannot be written
 */
export async function acquireLock(path: string, options: LockOptions): Promise<CacheLock> {
  const { signal, onWait, heartbeatMs = 2_000, staleMs = 15_000, pollMs = 250 } = options;
  let seen: { mtimeMs: number; sinceMs: number } | undefined;
  for (;;) {
    signal.throwIfAborted();
    const lock = await tryLock(path, heartbeatMs, Number.POSITIVE_INFINITY);
    if (lock !== undefined) return lock;
    await onWait?.();
    const mtimeMs = await modifiedMs(path);
    if (seen?.mtimeMs !== mtimeMs) seen = { mtimeMs, sinceMs: performance.now() };
    else if (performance.now() - seen.sinceMs >= staleMs) await breakLock(path, mtimeMs, heartbeatMs, staleMs);
    await sleep(pollMs, undefined, { signal });
  }
}

/** Undefined when somebody else holds it. */
async function tryLock(path: string, heartbeatMs: number, staleMs: number): Promise<CacheLock | undefined> {
  // Imported only here: it hooks into the end of the process, and a program that fetches nothing keeps its own end.
  const { lock } = await import('proper-lockfile');
  const lost = new AbortController();
  const onCompromised = (cause: Error): void => {
    const message = 'another process took over the fetch while this one was suspended';
    lost.abort(new SmmfError('SOURCE_UNAVAILABLE', message, { cause }));
  };
  try {
    const unlock = await lock(path, {
      lockfilePath: path,
      realpath: false,
      stale: staleMs,
      update: heartbeatMs,
      onCompromised,
    });
    let released: Promise<void> | undefined;
    // A lock that cannot be removed is one that nobody touches any more: the next waiter takes it over.
    return { lost: lost.signal, release: () => (released ??= unlock().catch(() => undefined)) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ELOCKED') return undefined;
    throw error;
  }
}

/** 0 when the lock is gone. */
async function modifiedMs(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.mtimeMs ?? 0;
}

/**
 * Removes a lock that nobody has touched since `mtimeMs`. Only who holds the lock beside it may do so: else a second waiter that
 * judged the same old lock could remove the new one of the first.
 */
async function breakLock(path: string, mtimeMs: number, heartbeatMs: number, staleMs: number): Promise<void> {
  const breaker = await tryLock(`${path}.break`, heartbeatMs, staleMs);
  if (breaker === undefined) return;
  try {
    if ((await modifiedMs(path)) === mtimeMs) await rm(path, { recursive: true, force: true });
  } finally {
    await breaker.release();
  }
}

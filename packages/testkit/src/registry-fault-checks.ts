import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { isSmmfError, type Registry } from '@smmf/core';
import { aside } from './open-handles.ts';
import { RECOVER_MS, Stopwatch, Watched } from './registry-rule.ts';
import type { RegistrySubject } from './registry-subject.ts';
import { within } from './suite.ts';

/** Limit of a call that is not to be answered, milliseconds. */
const SHORT_MS = 300;
/** How long the work of a process is measured at once, how often at most, and how much of a core it may take. */
const IDLE = { windowMs: 1_000, windows: 5, share: 0.05 };
/** How long a client with wrong credentials is watched, milliseconds, and how often it may ask meanwhile: 0.2 to 10 s apart. */
const STRANGER = { watchedMs: 5_000, attempts: 20 };
/** A lease that outlives a fault has this many of the suite's lengths. */
const LONG_TTLS = 10;

/** Length of a lease that is not to end meanwhile, milliseconds. */
export const longMs = ({ capabilities }: Registry, { ttlMs }: RegistrySubject): number =>
  Math.min(ttlMs * LONG_TTLS, capabilities.ttlMs.max);

/** Holds that a call which nobody answers ends with its signal. */
export async function endsWithItsSignal(what: string, call: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const outcome = call(AbortSignal.timeout(SHORT_MS)).then(
    () => 'was answered',
    () => 'ended with its signal',
  );
  assert.equal(await within(SHORT_MS * 5, what, outcome), 'ended with its signal');
}

/** The result of a call, once the backend can be reached again: until then it says that it cannot, or ends with its signal. */
export async function eventually<T>(
  subject: RegistrySubject,
  what: string,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  let done: { readonly result: T } | undefined;
  let last: unknown;
  const attempt = async (): Promise<boolean> => {
    const limit = AbortSignal.timeout(RECOVER_MS / 5);
    try {
      done = { result: await call(limit) };
    } catch (error) {
      if (!limit.aborted && !(isSmmfError(error) && error.code === 'REGISTRY_UNAVAILABLE')) throw error;
      last = error;
    }
    return done !== undefined;
  };
  await new Stopwatch(subject).until(RECOVER_MS, () => `${what} goes well; the last one: ${String(last)}`, attempt);
  return (done as unknown as { readonly result: T }).result;
}

/** Holds that this process does next to nothing. One quiet second is enough: what waits in a busy loop has none. */
export async function checkIdle(): Promise<void> {
  let share = 1;
  for (let window = 0; window < IDLE.windows && share >= IDLE.share; window++) {
    const before = process.cpuUsage();
    const startMs = performance.now();
    await aside(() => delay(IDLE.windowMs));
    const { user, system } = process.cpuUsage(before);
    share = (user + system) / 1000 / (performance.now() - startMs);
  }
  assert.ok(share < IDLE.share, `${Math.round(share * 100)} % of a core while the backend is silent`);
}

/** Holds that a client which is let in nowhere hears nothing and asks seldom. */
export async function checkStranger(
  client: Registry,
  attempts: () => Promise<number>,
  subject: RegistrySubject,
): Promise<void> {
  const before = await attempts();
  const watcher = new Watched(client, subject);
  const time = new Stopwatch(subject);
  while (time.ms < STRANGER.watchedMs) await time.advance(STRANGER.watchedMs / 20);
  const count = (await attempts()) - before;
  assert.deepEqual(watcher.seen, [], 'a watcher with wrong credentials was told something');
  assert.ok(count <= STRANGER.attempts, `${count} attempts with wrong credentials within ${STRANGER.watchedMs} ms`);
  watcher.stop();
}

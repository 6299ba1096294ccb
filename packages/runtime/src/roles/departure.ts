import type { Clock, Router } from '@smmf/core';
import type { HttpBase } from '@smmf/server';

/** What the last bytes of answers that were cut get to leave, milliseconds. */
const FLUSH_MS = 500;

/** What leaves. */
export interface DepartureContext {
  readonly router: Router;
  readonly clock: Clock;
  /** The listener, where there is one by then; it takes new requests for its own grace. */
  readonly server: () => HttpBase | undefined;
  /** How long new requests are still taken, milliseconds. */
  readonly graceMs: number;
}

/**
 * How an API server leaves: not ready at once, after the grace no new requests, up to `limitMs` for those under way. A later call with
 * its own limit holds for the first one, too: it ends the grace, and what runs when the limit is over ends with an error.
 */
export function createDeparture({
  router,
  clock,
  server,
  graceMs,
}: DepartureContext): (limitMs: number) => Promise<void> {
  const hurried = Promise.withResolvers<void>();
  const wait = (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.after(ms, resolve);
    return promise;
  };
  const leave = async (limitMs: number): Promise<void> => {
    const base = server();
    // The router ends what is late with an error: connections are cut after that.
    const closed = base?.drain(limitMs + FLUSH_MS);
    if (base && graceMs > 0) await Promise.race([wait(graceMs), hurried.promise]);
    await router.drain(limitMs);
    await closed;
  };
  const hurry = async (limitMs: number): Promise<void> => {
    hurried.resolve();
    await router.drain(limitMs);
    await wait(FLUSH_MS);
    await server()?.close();
  };
  let left: Promise<void> | undefined;
  let isGone = false;
  return async (limitMs) => {
    if (left && !isGone) void hurry(limitMs);
    left ??= leave(limitMs);
    await left;
    isGone = true;
  };
}

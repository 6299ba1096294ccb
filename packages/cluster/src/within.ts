import { type Clock, SmmfError } from '@smmf/core';

/**
 * Runs `task` with a signal that aborts after `limitMs`, and stops waiting for it then, whether it heeds the signal or not.
 * @throws TIMEOUT when the time is over
 */
export async function within<T>(
  clock: Clock,
  limitMs: number,
  what: string,
  task: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const cancel = clock.after(limitMs, () => {
    const error = new SmmfError('TIMEOUT', `${what} took over ${limitMs} ms`);
    controller.abort(error);
    late.reject(error);
  });
  try {
    return await Promise.race([task(controller.signal), late.promise]);
  } finally {
    cancel();
  }
}

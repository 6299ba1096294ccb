import { setTimeout as delay } from 'node:timers/promises';

/** Something that did not come in its time. */
export class NotInTime extends Error {
  override readonly name = 'NotInTime';
}

/** Between two looks, milliseconds. */
const LOOK_MS = 50;

/**
 * Looks until `look` finds something, and tells it with the milliseconds that it took.
 * @throws NotInTime with `what` after `limitMs`
 */
export async function until<T>(
  what: string,
  limitMs: number,
  look: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<{ readonly found: T; readonly tookMs: number }> {
  const startMs = performance.now();
  for (;;) {
    const found = await look();
    const tookMs = Math.round(performance.now() - startMs);
    if (found !== undefined && found !== false) return { found, tookMs };
    if (tookMs > limitMs) throw new NotInTime(`${what}: not within ${limitMs} ms`);
    await delay(LOOK_MS);
  }
}

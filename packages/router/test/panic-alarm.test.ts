import { type Logger, silentLogger } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { record, rig, snapshot } from './harness.ts';

/** A router that knows a, b and c, where nobody asks a suspect; what it says of the registry. */
function watched(more: Parameters<typeof rig>[2] = {}) {
  const lines: string[] = [];
  const note =
    (level: string) =>
    (fields: object, text: string): void =>
      void lines.push(`${level} ${text.replace(/:.*/, '')} ${JSON.stringify(fields)}`);
  const logger: Logger = { ...silentLogger, error: note('error'), info: note('info') };
  const all = ['a', 'b', 'c'].map((id) => record(id));
  return { ...rig(all, undefined, { logger, ...more }), all, lines };
}

const SHORT = 'error the registry shows less than half of what was there {"suspects":3,"instances":3}';
const WHOLE = 'info the registry is believed again {"suspects":0,"instances":3}';

describe('a list that shows less than half of the instances', () => {
  it('is counted at once, and not told where all are there again within a heartbeat and 2 s', () => {
    const { router, clock, all, lines } = watched();
    router.update(snapshot());
    expect(router.stats().panics).toBe(1);
    clock.advance(7_400);
    router.update(snapshot(...all));
    clock.advance(60_000);
    expect(lines).toEqual([]);
  });

  it('is told once it lasts, with what is missing then, and when it is over', () => {
    const { router, clock, all, lines } = watched();
    router.update(snapshot(...all.slice(0, 1)));
    clock.advance(5_000);
    router.update(snapshot());
    clock.advance(2_499);
    expect(lines).toEqual([]);
    clock.advance(1);
    expect(lines).toEqual([SHORT]);
    clock.advance(60_000);
    router.update(snapshot(...all));
    expect(lines).toEqual([SHORT, WHOLE]);
    expect(router.stats().panics).toBe(1);
  });

  it('is told each time that it lasts', () => {
    const { router, clock, all, lines } = watched();
    for (let time = 0; time < 2; time++) {
      router.update(snapshot());
      clock.advance(7_500);
      router.update(snapshot(...all));
    }
    expect(lines).toEqual([SHORT, WHOLE, SHORT, WHOLE]);
    expect(router.stats().panics).toBe(2);
  });

  it('was right, and is not told, where the instances that are missing do not answer either', async () => {
    const { router, clock, lines } = watched({ probe: () => Promise.reject(new Error('refused')) });
    router.update(snapshot());
    for (let second = 0; second < 60; second++) {
      clock.advance(1_000);
      await Promise.resolve();
    }
    expect(router.stats().instances).toEqual([]);
    expect(lines).toEqual([]);
    expect(router.stats().panics).toBe(1);
  });

  it('is not told once the router has drained', async () => {
    const { router, clock, lines } = watched();
    router.update(snapshot());
    await router.drain(0);
    clock.advance(60_000);
    expect(lines).toEqual([]);
  });
});

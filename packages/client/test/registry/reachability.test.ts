import { silentLogger } from '@smmf/core';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import { Reachability, type Standing } from '../../src/registry/reachability.ts';

function watched() {
  const clock = createFakeClock();
  const lines: string[] = [];
  const keep = (fields: object, text: string): void => void lines.push(`${text} ${JSON.stringify(fields)}`);
  let reached = 0;
  const logger = { ...silentLogger, info: keep, warn: keep };
  const reachability = new Reachability(clock, logger, () => reached++);
  return { clock, lines, reachability, reached: () => reached };
}

describe('what the log says of a backend', () => {
  it('is one line for each change, and one a minute while it is bad', () => {
    const { clock, lines, reachability, reached } = watched();
    reachability.note('reached');
    reachability.note('reached');
    clock.advance(5_000);
    for (let second = 0; second < 130; second++) {
      reachability.note('unreachable', 'nothing listens');
      clock.advance(1_000);
    }
    reachability.note('reached');
    reachability.note('reached');
    expect(lines).toEqual([
      'registry is reached {}',
      'registry cannot be reached {"code":"REGISTRY_UNAVAILABLE","reason":"nothing listens","forMs":5000}',
      'registry cannot be reached {"code":"REGISTRY_UNAVAILABLE","reason":"nothing listens","forMs":60000}',
      'registry cannot be reached {"code":"REGISTRY_UNAVAILABLE","reason":"nothing listens","forMs":120000}',
      'registry is reached {"forMs":130000}',
    ]);
    expect(reached()).toBe(2);
  });

  it('stays short when every other call fails, and ends with what is true', () => {
    const { clock, lines, reachability } = watched();
    const standings: readonly Standing[] = ['refused', 'reached'];
    for (let call = 0; call < 1_200; call++) {
      reachability.note(standings[call % 2] as Standing);
      clock.advance(500);
    }
    expect(lines.length).toBeLessThanOrEqual(33);
    clock.advance(60_000);
    reachability.note('reached');
    reachability.note('reached');
    expect(lines.at(-1)).toMatch(/^registry is reached/);
  });
});

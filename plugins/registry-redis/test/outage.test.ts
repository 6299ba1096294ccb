import { silentLogger } from '@smmf/core';
import { createFakeClock, testRegistryContext } from '@smmf/testkit';
import { createClient } from 'redis';
import { describe, expect, it } from 'vitest';
import { options } from '../src/options.ts';
import { RedisRegistry } from '../src/redis-registry.ts';

const MINUTE_MS = 60_000;

describe('registry-redis in an outage of ten minutes', () => {
  it('says so in a few lines, calls nobody, and throws from no timer', async () => {
    const clock = createFakeClock();
    const lines: string[] = [];
    const keep = (_fields: object, text: string): void => void lines.push(text);
    const logger = { ...silentLogger, info: keep, warn: keep, error: keep };
    const refused = async (): Promise<never> => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    };
    const create = ((given: Parameters<typeof createClient>[0]) =>
      Object.assign(createClient(given), { connect: refused })) as typeof createClient;
    const settings = options.parse({ url: 'redis://127.0.0.1:6379' });
    const registry = new RedisRegistry(settings, testRegistryContext({ clock, logger }), create);
    let told = 0;
    registry.watch(() => told++);
    for (let passedMs = 0; passedMs < 10 * MINUTE_MS; passedMs += 500) {
      // Heartbeats go on.
      if (passedMs % 5_000 === 0) registry.get('a', new AbortController().signal).catch(() => undefined);
      clock.advance(500);
      await new Promise(setImmediate);
    }
    expect(lines.length).toBeLessThanOrEqual(14);
    expect(new Set(lines)).toEqual(new Set(['registry cannot be reached']));
    expect(lines.length).toBeGreaterThanOrEqual(9);
    expect(told).toBe(0);
    await registry.close();
    await new Promise(setImmediate);
    expect(clock.pending).toBe(0);
  });
});

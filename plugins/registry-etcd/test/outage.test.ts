import { type HttpClient, SmmfError, type Snapshot, silentLogger } from '@smmf/core';
import { createFakeClock, testRegistryContext } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import plugin from '../src/index.ts';
import { listOf } from './scripted-etcd.ts';

const MINUTE_MS = 60_000;

/** Runs what is ready to run: answers of the fake client take no time. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
}

describe('registry-etcd in an outage of ten minutes', () => {
  it('says so in a few lines, tries again at growing distances, calls nobody, and goes on at once afterwards', async () => {
    const clock = createFakeClock();
    const lines: string[] = [];
    const keep = (_fields: object, text: string): void => void lines.push(text);
    const logger = { ...silentLogger, info: keep, warn: keep, error: keep };
    const { json } = listOf(5, { a: '1 live\nx' }) as { json: object };
    let isDown = false;
    let attempts = 0;
    const exchange = async (): Promise<never> => {
      attempts++;
      throw new SmmfError('UNREACHABLE', 'No answer from http://etcd:2379');
    };
    const stream = { status: 200, headers: {}, url: '', text: async () => '', discard: () => undefined };
    let breakStream = (): void => undefined;
    const http: HttpClient = {
      ...testRegistryContext().http,
      post: async (url) => (isDown ? exchange() : { status: 200, headers: {}, url, text: '', json }),
      request: async (_request, signal) => {
        const broken = Promise.withResolvers<IteratorResult<Uint8Array>>();
        breakStream = () => broken.resolve({ done: true, value: undefined });
        signal.addEventListener('abort', breakStream);
        return { ...stream, body: { [Symbol.asyncIterator]: () => ({ next: () => broken.promise }) } };
      },
    };
    const settings = plugin.options.parse({ endpoints: ['http://etcd:2379'] });
    const registry = await plugin.create?.(settings, testRegistryContext({ clock, logger, http }));
    if (!registry) throw new Error('the plugin has no create');
    const seen: Snapshot[] = [];
    registry.watch((snapshot) => seen.push(snapshot));
    await settle();
    clock.advance(200);
    await settle();
    expect(seen).toHaveLength(1);
    isDown = true;
    breakStream();
    for (let passedMs = 0; passedMs < 10 * MINUTE_MS; passedMs += 500) {
      await settle();
      clock.advance(500);
      // Heartbeats go on.
      if (passedMs % 5_000 === 0) await registry.get('a', AbortSignal.timeout(1_000)).catch(() => undefined);
    }
    expect(lines.length).toBeLessThanOrEqual(14);
    expect(lines.filter((text) => text === 'registry cannot be reached').length).toBeGreaterThanOrEqual(9);
    // 120 heartbeats; the watch waits 5 s on average.
    expect(attempts).toBeLessThan(120 + 240);
    expect(attempts).toBeGreaterThan(120 + 60);
    expect(seen).toHaveLength(1);
    isDown = false;
    await registry.get('a', AbortSignal.timeout(1_000));
    await settle();
    const late: Snapshot[] = [];
    registry.watch((snapshot) => late.push(snapshot));
    clock.advance(200);
    expect(late.map(({ entries }) => entries.length)).toEqual([1]);
    expect(lines.at(-1)).toBe('registry is reached');
    await registry.close();
    await settle();
    expect(clock.pending).toBe(0);
  });
});

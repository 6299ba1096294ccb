import type { Clock, SmmfError } from '@smmf/core';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import type { Connection, Connector } from '../src/connect.ts';
import { RedisLink } from '../src/redis-link.ts';
import { errorOf } from '../src/refusals.ts';

const settle = (): Promise<void> => new Promise(setImmediate);
const soon = (): AbortSignal => AbortSignal.timeout(5_000);

/** A connection that a test can break. */
function breakable(): Connection & { readonly breakOff: () => void } {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  return { send: async () => 'OK', ended: promise, breakOff: () => resolve(new Error('gone')) };
}

function linkOver(connect: Connector, clock: Clock, failures: SmmfError[] = []): RedisLink {
  const onFailure = (error: SmmfError): void => void failures.push(error);
  return new RedisLink({
    connect,
    clock,
    limitMs: 2_000,
    errorOf: (e) => errorOf(e, 'redis1:6379', 'smmf'),
    onFailure,
  });
}

describe('the connection to Redis', () => {
  it('is opened once for all who wait, and again after it has broken off', async () => {
    const clock = createFakeClock();
    const made: ReturnType<typeof breakable>[] = [];
    const link = linkOver(async () => {
      const one = breakable();
      made.push(one);
      return one;
    }, clock);
    expect(new Set(await Promise.all([link.ready(soon()), link.ready(soon())])).size).toBe(1);
    made[0]?.breakOff();
    await settle();
    const next = link.ready(soon());
    clock.advance(200);
    expect(await next).toBe(made[1]);
    link.stop();
    expect(clock.pending).toBe(0);
  });

  it('tries again for ten minutes at growing distances, and tells each failure', async () => {
    const clock = createFakeClock();
    const atMs: number[] = [];
    const failures: SmmfError[] = [];
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const connect: Connector = async () => {
      atMs.push(clock.now());
      throw refused;
    };
    const link = linkOver(connect, clock, failures);
    const waiting = link.ready(soon()).catch((error: unknown) => error);
    for (let passedMs = 0; passedMs < 600_000; passedMs += 100) {
      await settle();
      clock.advance(100);
    }
    // 5 s on average after the first ten.
    expect(atMs.length).toBeGreaterThan(60);
    expect(atMs.length).toBeLessThan(240);
    expect(Math.max(...atMs.map((ms, i) => ms - (atMs[i - 1] ?? 0)))).toBeLessThanOrEqual(10_100);
    expect(failures[0]?.message).toMatch(/^Redis at redis1:6379 cannot be used: connect ECONNREFUSED; is it running/);
    link.stop();
    expect(await waiting).toMatchObject({ code: 'CLOSED' });
    expect(clock.pending).toBe(0);
  });

  it('is tried again by a call that needs it, once a second at most', async () => {
    const clock = createFakeClock();
    const atMs: number[] = [];
    const connect: Connector = async () => {
      atMs.push(clock.now());
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    };
    const link = linkOver(connect, clock);
    const calls: Promise<unknown>[] = [];
    for (let passedMs = 0; passedMs < 60_000; passedMs += 100) {
      calls.push(link.ready(soon()).catch((error: unknown) => error));
      await settle();
      clock.advance(100);
    }
    const waits = atMs.map((ms, index) => ms - (atMs[index - 1] ?? 0));
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_100);
    expect(atMs.length).toBeLessThan(150);
    link.stop();
    for (const call of calls) expect(await call).toMatchObject({ code: 'CLOSED' });
  });

  it('rests after refused credentials, and tells whoever asks meanwhile', async () => {
    const clock = createFakeClock();
    let attempts = 0;
    const connect: Connector = async () => {
      attempts++;
      throw new Error('WRONGPASS invalid username-password pair or user is disabled.');
    };
    const link = linkOver(connect, clock);
    for (let passedMs = 0; passedMs < 600_000; passedMs += 500) {
      const error = await link.ready(soon()).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'REGISTRY_AUTH' });
      link.hurry();
      clock.advance(500);
      await settle();
    }
    // Rests of 1, 2, 4 … 60 s, or half as long.
    expect(attempts).toBeLessThan(30);
    expect(attempts).toBeGreaterThan(10);
    link.stop();
  });

  it('gives up on one that does not come about, and ends one that comes too late', async () => {
    const clock = createFakeClock();
    const signals: AbortSignal[] = [];
    const connect: Connector = (signal) => {
      signals.push(signal);
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener('abort', () => reject(new Error('aborted')));
      return promise;
    };
    const failures: SmmfError[] = [];
    const link = linkOver(connect, clock, failures);
    const given = link.ready(AbortSignal.timeout(50)).catch((error: unknown) => error);
    clock.advance(2_000);
    await settle();
    expect(failures[0]).toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
    expect(await given).toMatchObject({ name: 'TimeoutError' });
    clock.advance(200);
    await settle();
    link.stop();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
  });
});

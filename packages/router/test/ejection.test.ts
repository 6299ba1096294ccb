import { SmmfError, type Worker } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TIMEOUTS } from '../src/index.ts';
import type { Run } from '../src/run.ts';
import { chat, chunk, DONE, model, ROLE, record, rig, snapshot } from './harness.ts';

const stateOf = ({ router }: ReturnType<typeof rig>, id: string) =>
  router.stats().instances.find((instance) => instance.id === id)?.state;
const ordered = (...ids: string[]) => rig(ids.map((id, order) => record(id, { order })));

describe('an ejection', () => {
  it('lasts 10 s longer each time in a row', () => {
    const world = ordered('a', 'b', 'c');
    const { send, last, clock } = world;
    send(chat());
    last().refuse();
    clock.advance(10_000);
    send(chat());
    expect(last().instance).toBe('a');
    last().refuse();
    clock.advance(10_001);
    expect(stateOf(world, 'a')).toBe('ejected');
    clock.advance(10_000);
    expect(stateOf(world, 'a')).toBe('ready');
  });

  it('spares the last one of several that is in rotation', () => {
    const { send, last, clock, router } = ordered('a', 'b');
    send(chat());
    last().refuse();
    clock.advance(250);
    expect(last().instance).toBe('b');
    last().refuse();
    expect(router.stats().instances.map(({ state }) => state)).toEqual(['ejected', 'ready']);
    expect(router.stats().ejections).toBe(1);
  });

  it('is over with one success: more than one request at a time goes there again', () => {
    const { send, last, exchanges, clock } = ordered('a', 'b', 'c');
    send(chat());
    last().refuse();
    clock.advance(10_001);
    const probe = send(chat());
    expect(last().instance).toBe('a');
    last().json({ choices: [] });
    expect(probe.sink.isEnded).toBe(true);
    const before = exchanges.length;
    for (let index = 0; index < 3; index++) send(chat());
    expect(exchanges.slice(before).map(({ instance }) => instance)).toEqual(['a', 'a', 'a']);
  });

  it.each([
    ['a refused request', 400, {}],
    ['a rate limit', 429, {}],
    ['an answer that asks to wait', 503, { 'retry-after': '1' }],
  ])('does not end its row by %s: only a success does', (_name, status, headers) => {
    const world = ordered('a', 'b', 'c');
    const { send, exchanges, clock } = world;
    const answerOf = (instance: string) => exchanges.findLast((exchange) => exchange.instance === instance);
    send(chat());
    answerOf('a')?.refuse();
    clock.advance(10_001);
    send(chat());
    answerOf('a')?.json({ error: { message: 'no' } }, status, headers);
    send(chat());
    answerOf('a')?.refuse();
    clock.advance(10_001);
    expect(stateOf(world, 'a')).toBe('ejected');
  });

  it('does not outlive a restart of the instance', () => {
    const { send, last, router } = ordered('a', 'b');
    send(chat());
    last().refuse();
    router.update(snapshot(record('a', { order: 0, epoch: 2 }), record('b', { order: 1 })));
    send(chat());
    expect(last().instance).toBe('a');
  });

  it('wakes those in line when its time is over', () => {
    const { send, exchanges, clock, router } = rig([record('a', { slots: 1 }), record('b', { slots: 1 })]);
    send(chat());
    send(chat());
    exchanges[1]?.refuse();
    clock.advance(12_000);
    expect(router.stats().models[0]).toMatchObject({ inFlight: 2, queueDepth: 0 });
  });

  it('that has ended lets no newcomer overtake those in line', () => {
    const { send, exchanges, clock } = rig([record('a', { slots: 1 }), record('b', { slots: 1 })]);
    send(chat());
    send(chat());
    exchanges[1]?.refuse();
    clock.advance(100);
    const waiting = send({ ...chat(), id: 'first in line' });
    clock.advance(11_000);
    send({ ...chat(), id: 'newcomer' });
    expect(exchanges.map(({ outgoing }) => outgoing.own[1])).not.toContain('newcomer');
    waiting.running.cancel();
  });
});

/** Sends one request after another; those at `a` are answered by `fail`, the others well. Returns how many went to `a`. */
function failingAtA(world: ReturnType<typeof rig>, requests: number, fail: (n: number) => void): number {
  const { send, last, clock } = world;
  let atA = 0;
  for (let index = 0; index < requests; index++) {
    const { sink } = send(chat());
    for (let attempt = 0; attempt < 3 && !sink.isEnded && !sink.error; attempt++) {
      if (last().instance === 'a') fail(atA++);
      else last().json({ choices: [] });
      clock.advance(250);
    }
    expect(sink.error?.code).toBeUndefined();
  }
  return atA;
}

describe('an instance that fails by itself', () => {
  it.each([
    ['HTTP 500', 500, '{}'],
    ['HTTP 502', 502, '<html>'],
    ['HTTP 503 without Retry-After', 503, ''],
    ['HTTP 504', 504, ''],
    ['HTTP 408', 408, ''],
    ['an empty object', 200, '{}'],
    ['half an answer', 200, '{"choices":'],
  ])('is left alone after five answers in a row of %s', (_name, status, body) => {
    const world = rig([record('a'), record('b')]);
    const fail = () => void world.last().head(status, { 'content-type': 'application/json' }).data(body).end();
    expect(failingAtA(world, 40, fail)).toBe(5);
    expect(stateOf(world, 'a')).toBe('ejected');
  });

  it.each([400, 401, 404, 405, 422, 429])('is not meant where it answers %i', (status) => {
    const world = rig([record('a'), record('b')]);
    for (let index = 0; index < 20; index++) {
      world.send(chat());
      world.last().json({ error: { message: 'no' } }, status);
      world.clock.advance(250);
    }
    expect(world.router.stats().ejections).toBe(0);
  });

  it('is left alone when more than half of its last 20 answers failed', () => {
    const world = rig([record('a', { order: 0 }), record('b', { order: 1 })]);
    // Never five in a row; 12 of the first 20 fail, and the 22nd is the next failure.
    const fail = (n: number) => (n % 7 < 4 ? world.last().json({}, 500) : world.last().json({ choices: [] }));
    failingAtA(world, 21, fail);
    expect(stateOf(world, 'a')).toBe('ready');
    failingAtA(world, 1, () => fail(0));
    expect(stateOf(world, 'a')).toBe('ejected');
  });

  it('is not left alone for failures more than 30 s ago, nor while it is the last one', () => {
    const world = rig([record('a', { order: 0 }), record('b', { order: 1 })]);
    failingAtA(world, 60, (n) => {
      world.clock.advance(2_000);
      if (n % 7 < 4) world.last().json({}, 500);
      else world.last().json({ choices: [] });
    });
    expect(world.router.stats().ejections).toBe(0);
    const alone = rig([record('a')]);
    for (let index = 0; index < 30; index++) {
      alone.send(chat());
      alone.last().json({}, 500);
      alone.clock.advance(1_000);
    }
    expect(alone.router.stats().ejections).toBe(0);
  });

  it('is left alone when it gives no first token, again and again', () => {
    const timeouts = { ...DEFAULT_TIMEOUTS, firstTokenMs: 1_000, firstTokenPerKibMs: 0 };
    const world = rig([record('a', { order: 0 }), record('b', { order: 1 })], [model('m', { timeouts })]);
    for (let index = 0; index < 5; index++) {
      world.send(chat(true));
      world.clock.advance(1_300);
      world
        .last()
        .head()
        .data(ROLE + chunk({ content: 'x' }) + DONE);
    }
    expect(stateOf(world, 'a')).toBe('ejected');
  });

  it('costs at most five of 64 requests that come at once from cold, and none after it is left alone', async () => {
    const { send, exchanges, clock, router } = rig([record('a'), record('b')]);
    const burst = Array.from({ length: 64 }, () => send(chat()));
    const isAnswered = new Set();
    const answerAll = (): void => {
      for (const exchange of [...exchanges]) {
        if (isAnswered.has(exchange)) continue;
        isAnswered.add(exchange);
        if (exchange.instance === 'a') exchange.json({}, 500);
        else exchange.json({ choices: [] });
      }
    };
    for (let round = 0; round < 4; round++) {
      answerAll();
      clock.advance(250);
    }
    const outcomes = await Promise.all(burst.map(({ sink }) => sink.outcome));
    expect(outcomes.filter(({ status }) => status !== 200).length).toBeLessThanOrEqual(5);
    expect(router.stats().ejections).toBe(1);
    for (let index = 0; index < 100; index++) {
      const { sink } = send(chat());
      for (let round = 0; round < 3; round++) {
        answerAll();
        clock.advance(250);
      }
      expect((await sink.outcome).status).toBe(200);
    }
  });

  it('that has no other beside it is asked no more often than the budget of retries allows', () => {
    const { send, exchanges, clock } = rig([record('a')]);
    for (let index = 0; index < 200; index++) send(chat());
    for (const exchange of exchanges.slice(0, 200)) exchange.json({}, 500);
    clock.advance(500);
    expect(exchanges.length - 200).toBeLessThanOrEqual(40);
  });
});

describe('an instance that has not what is asked for (HTTP 404)', () => {
  it('costs no client an answer while another has it, however often', () => {
    const world = rig([record('a'), record('b')]);
    expect(failingAtA(world, 60, () => world.last().json({ detail: 'Not Found' }, 404))).toBeGreaterThan(5);
  });
});

describe('a worker in this process that fails', () => {
  const { address: _a, ...one } = record('one', { order: 0 });
  const { address: _b, ...two } = record('two', { order: 1 });
  const worker = (handler: NonNullable<Worker['tasks']['chat']>): Worker => ({
    models: [],
    tasks: { chat: handler },
    health: async () => ({ live: true, ready: true }),
    close: async () => undefined,
  });

  it.each([
    ['ENGINE_UNREACHABLE', 2, 1],
    ['ENGINE_FAILED', 2, 0],
    ['INVALID_VALUE', 1, 0],
  ] as const)('with %s is tried %i times in all, and ejected %i times', async (code, attempts, ejections) => {
    const { send, router, clock } = rig([one, two], undefined, {
      workerOf: (id) =>
        worker(async function* () {
          if (id === 'one') throw new SmmfError(code, 'no');
          yield { type: 'text', choice: 0, text: 'hi' };
          yield { type: 'finish', choice: 0, reason: 'stop' };
        }),
    });
    const { sink } = send(chat());
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(250);
    expect((await sink.outcome).attempts).toBe(attempts);
    expect(router.stats().ejections).toBe(ejections);
  });
});

describe('leaks', () => {
  it('are slots in use that no request holds, also after many that gave theirs back', () => {
    const { send, last, router } = rig([record('a')]);
    let run: Run | undefined;
    for (let index = 0; index < 5; index++) {
      run = send(chat()).running as Run;
      last().json({ choices: [] });
    }
    expect(router.stats().leaks).toBe(0);
    run?.context.table.instances.get('a')?.acquire(0, 0);
    expect(router.stats().leaks).toBe(1);
  });

  it('are counted for each start: a request on an earlier one of another instance hides none', () => {
    const { send, router } = ordered('b', 'a');
    const run = send(chat()).running as Run;
    run.context.table.instances.get('a')?.acquire(0, 0);
    expect(router.stats().leaks).toBe(1);
    router.update(snapshot(record('a', { order: 1 }), record('b', { order: 0, epoch: 2 })));
    expect(router.stats().leaks).toBe(1);
  });
});

import { type Balancer, SmmfError } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { DEFAULT_TIMEOUTS } from '../src/index.ts';
import type { Run } from '../src/run.ts';
import { chat, chunk, DONE, type FakeExchange, model, ROLE, record, rig, snapshot } from './harness.ts';

const CONTENT = chunk({ content: 'x' });
const asked = ({ exchanges }: ReturnType<typeof rig>) => exchanges.map(({ instance }) => instance);

describe('a request in line', () => {
  it('that waits for another instance than the one that failed lets newcomers pass', () => {
    const world = rig([record('a', { slots: 1, order: 0 }), record('b', { slots: 1, order: 1 })]);
    const { exchanges, send, clock, router } = world;
    send(chat());
    send(chat());
    exchanges[0]?.json({}, 500);
    clock.advance(250);
    expect(router.stats().models[0]).toMatchObject({ inFlight: 1, queueDepth: 1 });
    send(chat());
    expect(asked(world)).toEqual(['a', 'b', 'a']);
    exchanges[1]?.json({ choices: [] });
    expect(asked(world)).toEqual(['a', 'b', 'a', 'b']);
  });

  it('starts at once where another one failed and waits before it tries again', () => {
    const world = rig([record('a', { slots: 1, order: 0 }), record('b', { slots: 1, order: 1 })]);
    for (let index = 0; index < 3; index++) world.send(chat());
    expect(asked(world)).toEqual(['a', 'b']);
    world.exchanges[0]?.json({}, 500);
    expect(asked(world)).toEqual(['a', 'b', 'a']);
  });

  it('is counted while it waits', async () => {
    const { send, last, clock } = rig([record('a', { slots: 1 })]);
    clock.advance(50);
    const first = send(chat());
    const { sink, running } = send(chat());
    const { context } = running as Run;
    expect(context.waiting).toBe(1);
    clock.advance(700);
    last().json({ choices: [] });
    expect(context.waiting).toBe(0);
    last().json({ choices: [] });
    expect(await first.sink.outcome).toMatchObject({ queueMs: 0, totalMs: 700 });
    expect(await sink.outcome).toMatchObject({ queueMs: 700, totalMs: 700 });
  });

  it('has left it when it goes on to a fallback after its longest wait', () => {
    const records = [record('a', { slots: 1 }), record('b', { models: [{ id: 'n', tasks: ['chat'] }] })];
    const timeouts = { ...DEFAULT_TIMEOUTS, queueMs: 2_000 };
    const world = rig(records, [model('m', { fallbacks: ['n'], timeouts }), model('n')]);
    world.send(chat());
    const { running } = world.send(chat());
    world.clock.advance(2_000);
    expect(asked(world)).toEqual(['a', 'b']);
    expect(world.router.stats().models[0]).toMatchObject({ id: 'm', queueDepth: 0 });
    expect((running as Run).context.waiting).toBe(0);
  });

  it('has left it when it goes on to a fallback, and when its own time is over', async () => {
    const records = [record('a', { state: 'starting' }), record('b', { models: [{ id: 'n', tasks: ['chat'] }] })];
    const world = rig(records, [model('m', { fallbacks: ['n'] }), model('n')]);
    const { sink, running } = world.send(chat());
    world.router.update(snapshot(record('a', { state: 'down' }), ...records.slice(1)));
    expect(asked(world)).toEqual(['b']);
    expect(world.router.stats().models[0]).toMatchObject({ id: 'm', queueDepth: 0 });
    expect((running as Run).context.waiting).toBe(0);
    world.last().json({ choices: [] });
    expect(sink.head?.headers).toEqual({
      'x-smmf-attempts': '1',
      'x-smmf-instance': 'b',
      'x-smmf-model': 'n',
    });
    const full = rig([record('a', { slots: 1 })]);
    full.send(chat());
    const late = full.send({ ...chat(), timeoutMs: 1_000 });
    full.clock.advance(1_000);
    expect(late.sink.error?.code).toBe('TIMEOUT');
    expect(late.sink.headers).toStrictEqual({ 'x-smmf-attempts': '0' });
    expect(full.router.stats().models[0]).toMatchObject({ inFlight: 1, queueDepth: 0 });
  });
});

describe('the headers of an answer', () => {
  it('tell a name of the engine up to 256 characters, and none that is the name asked for', () => {
    const { send, last } = rig([record('a')]);
    const named = (name: string) => {
      const { sink } = send(chat());
      last().json({ model: name, choices: [] });
      return sink.head?.headers;
    };
    const plain = { 'x-smmf-attempts': '1', 'x-smmf-instance': 'a' };
    expect(named('m')).toEqual(plain);
    expect(named('x'.repeat(300))).toEqual({ ...plain, 'x-smmf-model': 'x'.repeat(256) });
  });
});

describe('another attempt', () => {
  it('is not waited for beyond the time of the request', () => {
    for (const [timeoutMs, waits] of [
      [375, false],
      [376, true],
    ] as const) {
      const { send, last, clock, exchanges } = rig([record('a')]);
      clock.advance(1_000);
      const { sink } = send({ ...chat(), timeoutMs });
      last().json({}, 500);
      expect(sink.error?.code).toBe(waits ? undefined : 'ENGINE_FAILED');
      clock.advance(375);
      expect(exchanges).toHaveLength(waits ? 2 : 1);
    }
  });

  it('tells the balancer of each one how it ended, and an answer alone that it went well', () => {
    const told: [string, boolean][] = [];
    const balancer: Balancer = {
      pick: ([first]) => first,
      done: ({ id }, { ok }) => void told.push([id, ok]),
    };
    const { send, last, clock } = rig(
      [record('a', { order: 0 }), record('b', { order: 1 })],
      [model('m', { balancer })],
    );
    send(chat());
    last().json({}, 500);
    clock.advance(250);
    last().json({ choices: [] });
    const { running } = send(chat());
    running.cancel();
    expect(told).toEqual([
      ['a', false],
      ['b', true],
      ['a', false],
    ]);
  });
});

describe('the budget of retries', () => {
  it.each<[string, boolean, (exchange: FakeExchange) => void]>([
    ['HTTP 500', false, (exchange) => exchange.json({}, 500)],
    ['HTTP 429', false, (exchange) => exchange.json({}, 429)],
    ['HTTP 400', true, (exchange) => exchange.json({}, 400)],
    ['HTTP 404', true, (exchange) => exchange.json({}, 404)],
    ['a connection that fails', true, (exchange) => exchange.refuse()],
  ])('after five times %s has something left: %s', (_what, isLeft, fail) => {
    const { send, last } = rig([record('a')]);
    const runs = Array.from({ length: 5 }, () => {
      const { running } = send({ ...chat(), mayRetry: false });
      fail(last());
      return running as Run;
    });
    expect(runs[0]?.entry.queue.budget.allows(0)).toBe(isLeft);
  });

  it('pays for streams that stand still in the middle', () => {
    const { send, last, clock } = rig([record('a')]);
    let run: Run | undefined;
    for (let index = 0; index < 5; index++) {
      run = send(chat(true)).running as Run;
      last()
        .head()
        .data(ROLE + CONTENT);
      clock.advance(30_000);
    }
    expect(run?.entry.queue.budget.allows(0)).toBe(false);
  });

  it('pays nothing for the failure that ejects an instance', () => {
    const { send, last } = rig([record('a', { order: 0 }), record('b', { order: 1 })]);
    let run: Run | undefined;
    for (let index = 0; index < 5; index++) {
      run = send({ ...chat(), mayRetry: false }).running as Run;
      last().json({}, 500);
    }
    expect(run?.entry.open[0]?.ejections).toBe(1);
    expect(run?.entry.queue.budget.allows(0)).toBe(true);
    send({ ...chat(), mayRetry: false });
    last().json({}, 500);
    expect(run?.entry.queue.budget.allows(0)).toBe(false);
  });

  it('gets a little back for each success', () => {
    const { send, last } = rig([record('a')]);
    const runs = ['500', '500', '500', '500', '500', '200'].map((status) => {
      const { running } = send({ ...chat(), mayRetry: false });
      last().json({ choices: [] }, Number(status));
      return running as Run;
    });
    expect(runs[0]?.entry.queue.budget.allows(0)).toBe(true);
  });
});

describe('a request that has ended', () => {
  it('ends once, whoever ends it again', async () => {
    const { send, last, clock } = rig([record('a')]);
    const { sink, running } = send(chat(true));
    last()
      .head()
      .data(ROLE + CONTENT)
      .data(chunk({}, 'stop') + DONE);
    running.cancel();
    running.resume();
    const run = running as Run;
    run.terminate(new SmmfError('TIMEOUT', 'late'));
    run.refuseWaiting();
    run.attemptFailed({ error: new SmmfError('ENGINE_FAILED', 'late'), blame: 'answer' });
    run.startAnswer({ status: 200, contentType: 'text/plain', headers: {} });
    run.write('late');
    run.succeed('late');
    expect([sink.doneCalls, sink.error, sink.text.includes('late')]).toEqual([1, undefined, false]);
    expect((await sink.outcome).responseBytes).toBe(Buffer.byteLength(sink.text));
    expect(clock.pending).toBe(0);
  });

  it('tells who ended it: the engine, a vendor behind it, or the router', async () => {
    const { send, last, router } = rig([record('a')]);
    const endOf = async (status: number) => {
      const { sink } = send({ ...chat(), mayRetry: false });
      last().json({ choices: [] }, status);
      const { endedBy, errorCode, status: told } = await sink.outcome;
      return [endedBy, errorCode, told];
    };
    expect(await endOf(200)).toEqual(['engine', undefined, 200]);
    expect(await endOf(500)).toEqual(['engine', 'ENGINE_FAILED', 502]);
    expect(await endOf(401)).toEqual(['engine', 'ENGINE_CREDENTIALS', 502]);
    expect(await endOf(400)).toEqual(['smmf', 'INVALID_REQUEST', 400]);
    router.update(snapshot(record('a', { state: 'down' })));
    expect(await send(chat()).sink.outcome).toMatchObject({ endedBy: 'smmf', status: 503 });
  });

  it('by its client tells 499, or the status that it had begun with', async () => {
    const { send, last } = rig([record('a')]);
    const early = send(chat(true));
    early.running.cancel();
    expect(last().isAborted).toBe(true);
    expect(await early.sink.outcome).toMatchObject({ status: 499, errorCode: 'ABORTED', endedBy: 'client' });
    const begun = send(chat(true));
    last()
      .head()
      .data(ROLE + CONTENT);
    begun.running.cancel();
    expect(await begun.sink.outcome).toMatchObject({ status: 200, errorCode: 'ABORTED', endedBy: 'client' });
  });
});

describe('the time between two pieces', () => {
  const timeouts = { ...DEFAULT_TIMEOUTS, firstTokenMs: 60_000, firstTokenPerKibMs: 0, interTokenMs: 30_000 };
  const begin = (atMs: number) => {
    const world = rig([record('a')], [model('m', { timeouts })]);
    const sent = world.send(chat(true));
    world.clock.advance(atMs);
    world
      .last()
      .head()
      .data(ROLE + CONTENT);
    return { ...world, ...sent };
  };

  it('counts from the first content on', async () => {
    const { sink, clock, last } = begin(1_000);
    clock.advance(29_999);
    expect(last().isAborted).toBe(false);
    clock.advance(1);
    expect(last().isAborted).toBe(true);
    expect(await sink.outcome).toMatchObject({ firstTokenMs: 1_000, totalMs: 31_000, status: 200 });
  });

  it('counts from each piece anew', () => {
    const { clock, last } = begin(0);
    clock.advance(20_000);
    last().data(CONTENT);
    clock.advance(29_999);
    expect(last().isAborted).toBe(false);
    clock.advance(1);
    expect(last().isAborted).toBe(true);
  });

  it('gives way to the time of the whole request', () => {
    const { send, exchanges, clock } = rig([record('a'), record('b')]);
    const { sink } = send({ ...chat(true), timeoutMs: 1_000 });
    clock.advance(1_000);
    expect(sink.error).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining("request's time limit") });
    clock.advance(1_000);
    expect(exchanges.map(({ isAborted }) => isAborted)).toEqual([true]);
  });

  it('does not count while the client is slow, and begins anew when it goes on', () => {
    const { sink, clock, last, running } = begin(0);
    expect(last().isPaused).toBe(false);
    sink.isFull = true;
    last().data(CONTENT);
    expect(last().isPaused).toBe(true);
    clock.advance(100_000);
    expect(last().isAborted).toBe(false);
    sink.isFull = false;
    running.resume();
    expect(last().isPaused).toBe(false);
    clock.advance(29_999);
    expect(last().isAborted).toBe(false);
    clock.advance(1);
    expect(last().isAborted).toBe(true);
  });

  it('is not made longer by a client that says it goes on though it never stood', () => {
    const { clock, last, running } = begin(0);
    clock.advance(20_000);
    running.resume();
    clock.advance(10_000);
    expect(last().isAborted).toBe(true);
  });
});

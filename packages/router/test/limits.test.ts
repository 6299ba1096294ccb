import { describe, expect, it } from 'vitest';
import { BUILT_IN_BALANCERS, DEFAULT_TIMEOUTS } from '../src/index.ts';
import type { Run } from '../src/run.ts';
import { StreamTap } from '../src/stream-tap.ts';
import { chat, chunk, DONE, model, ROLE, record, rig, snapshot } from './harness.ts';

const CONTENT = ROLE + chunk({ content: 'x' });

describe('a time limit', () => {
  it('of streams does not hold for an answer in one piece', async () => {
    const { send, last, clock } = rig([record('a')]);
    const { sink } = send(chat());
    clock.advance(120_000);
    last().json({ choices: [] });
    expect((await sink.outcome).status).toBe(200);
  });

  it('to the first token is longer for a long prompt', () => {
    const { send, last, clock } = rig([record('a')]);
    const { sink } = send(chat(true, { pad: 'x'.repeat(1024 * 1024) }));
    clock.advance(65_000);
    expect(last().isAborted).toBe(false);
    clock.advance(10_000);
    expect(last().isAborted).toBe(true);
    expect(sink.head).toBeUndefined();
  });

  it("of the model cannot be lengthened by a client's own", () => {
    const timeouts = { ...DEFAULT_TIMEOUTS, totalMs: 1_000 };
    const { send, clock } = rig([record('a')], [model('m', { timeouts })]);
    const { sink } = send({ ...chat(), timeoutMs: 60_000 });
    clock.advance(1_001);
    expect(sink.error?.code).toBe('TIMEOUT');
  });

  it('between pieces lets a stream go on for as long as they come, whatever is in them', async () => {
    const { send, last, clock } = rig([record('a')]);
    const { sink } = send(chat(true));
    last().head().data(CONTENT);
    for (let round = 0; round < 10; round++) {
      clock.advance(20_000);
      last().data(round % 2 === 0 ? ': ping\n\n' : chunk({ content: 'y' }));
    }
    last().data(chunk({}, 'stop') + DONE);
    expect((await sink.outcome).errorCode).toBeUndefined();
  });

  it('on waiting for a slot is the one of the model', async () => {
    const timeouts = { ...DEFAULT_TIMEOUTS, queueMs: 2_000 };
    const { send, clock, router } = rig([record('a', { slots: 1 })], [model('m', { timeouts })]);
    send(chat());
    const { sink } = send(chat());
    clock.advance(1_999);
    expect(sink.error).toBeUndefined();
    clock.advance(1);
    expect(sink.error).toMatchObject({ code: 'OVERLOADED', retryAfterMs: 1_000 });
    expect(await sink.outcome).toMatchObject({ attempts: 0 });
    expect(router.stats().models[0]?.queueDepth).toBe(0);
  });

  it('is told upstream as what is left of it', () => {
    const { send, exchanges, clock } = rig([record('a'), record('b')]);
    send({ ...chat(), timeoutMs: 10_000 });
    clock.advance(4_000);
    exchanges[0]?.json({}, 503);
    clock.advance(250);
    const own = exchanges[1]?.outgoing.own ?? [];
    expect(Number(own[own.indexOf('x-request-timeout') + 1])).toBeLessThanOrEqual(6);
  });

  it('of an engine that asks for a pause is at most an hour', () => {
    const { send, last } = rig([record('a')]);
    const { sink } = send(chat());
    last().head(429, { 'retry-after': '999999' }).end();
    expect(sink.error?.retryAfterMs).toBe(3_600_000);
  });
});

describe('a limit on size', () => {
  it('holds for the body of an error: 64 KiB', () => {
    const { send, last, clock } = rig([record('a')]);
    const { sink } = send(chat());
    for (let attempt = 0; attempt < 2; attempt++) {
      last().head(500, { 'content-type': 'text/plain' });
      for (let index = 0; index < 9 && !last().isAborted; index++) last().data('x'.repeat(8_192));
      expect(last().isAborted).toBe(true);
      clock.advance(500);
    }
    expect(sink.error?.code).toBe('ENGINE_FAILED');
  });

  it('holds for an event without end: 8 MiB', () => {
    const { send, last } = rig([record('a')]);
    send(chat(true));
    last().head();
    for (let index = 0; index < 9 && !last().isAborted; index++) last().data('x'.repeat(1024 * 1024));
    expect(last().isAborted).toBe(true);
  });
});

describe('a line', () => {
  it('is predicted by its length over the rate at which slots come free: slow models have one, too', () => {
    const { send, last, clock, router } = rig([record('a', { slots: 32 })]);
    send(chat());
    clock.advance(40_000);
    last().json({ choices: [] });
    for (let index = 0; index < 40; index++) send(chat());
    expect(router.stats().models[0]).toMatchObject({ inFlight: 32, queueDepth: 8 });
  });

  it('is not needed where an instance declares no slots: the engine itself says when it is full', () => {
    const { send, exchanges, router } = rig([record('a')]);
    for (let index = 0; index < 600; index++) send(chat(true));
    expect(exchanges).toHaveLength(600);
    expect(router.stats().models[0]).toMatchObject({ inFlight: 600, queueDepth: 0 });
  });

  it('of those that wait for a first start holds 256, for instances without slots', () => {
    const { send, router } = rig([record('a', { state: 'starting' })]);
    const held = Array.from({ length: 257 }, () => send(chat()));
    expect(held.map(({ sink }) => sink.error?.code).filter(Boolean)).toEqual(['OVERLOADED']);
    router.update(snapshot(record('a')));
    expect(router.stats().models[0]).toMatchObject({ inFlight: 256, queueDepth: 0 });
  });
});

describe('retries', () => {
  it('follow a stream that ends before its first content', async () => {
    const { send, last, exchanges, clock } = rig([record('a'), record('b')]);
    const { sink } = send(chat(true));
    last().head().data(ROLE);
    last().end();
    clock.advance(250);
    expect(exchanges).toHaveLength(2);
    last()
      .head()
      .data(CONTENT + DONE);
    expect(await sink.outcome).toMatchObject({ status: 200, attempts: 2 });
  });

  it('follow a 200 that is no event stream where one was asked for, and let go of its connection', () => {
    const { send, last, exchanges, clock } = rig([record('a'), record('b')]);
    send(chat(true));
    last().json({ choices: [] });
    clock.advance(250);
    expect(exchanges).toHaveLength(2);
    expect(exchanges[0]?.isAborted).toBe(true);
  });

  it.each([
    [400, 'INVALID_REQUEST', 400],
    [429, 'RATE_LIMIT_EXCEEDED', 429],
    [502, 'ENGINE_FAILED', 502],
  ])('read a JSON error in place of a stream by the status %i that it carries', async (code, wanted, status) => {
    const { send, last, clock } = rig([record('a')]);
    const { sink } = send(chat(true));
    for (let attempt = 0; attempt < 2 && !sink.error; attempt++) {
      last().json({ error: { message: 'no', code } });
      clock.advance(500);
    }
    expect(await sink.outcome).toMatchObject({ errorCode: wanted, status });
  });

  it('are at most three at a time among few requests, also of those that fail at once', () => {
    const { send, exchanges, clock } = rig([record('a', { slots: 100 }), record('b', { slots: 100 })]);
    for (let index = 0; index < 4; index++) send(chat());
    for (const exchange of [...exchanges]) exchange.json({}, 503);
    clock.advance(250);
    expect(exchanges).toHaveLength(4 + 3);
  });

  it('are not begun any more while the router drains: the failure itself is told, at once', () => {
    const { send, last, router } = rig([record('a'), record('b')]);
    const { sink } = send(chat());
    void router.drain(5_000);
    last().json({}, 503);
    expect(sink.error?.code).toBe('ENGINE_OVERLOADED');
  });

  it('go without the usage option where the engine refuses it and the client never sent it, now and later', async () => {
    const { send, last, exchanges } = rig([record('a')]);
    const { sink } = send(chat(true));
    last().json({ error: { message: 'stream_options: extra inputs are not permitted' } }, 400);
    expect(exchanges.map(({ outgoing }) => 'stream_options' in JSON.parse(outgoing.body.toString()))).toEqual([
      true,
      false,
    ]);
    last()
      .head()
      .data(CONTENT + DONE);
    expect(await sink.outcome).toMatchObject({ status: 200, attempts: 1 });
    send(chat(true));
    expect('stream_options' in JSON.parse(last().outgoing.body.toString())).toBe(false);
    const own = send(chat(true, { stream_options: { include_usage: true } }));
    last().json({ error: { message: 'stream_options: extra inputs are not permitted' } }, 400);
    expect(own.sink.error?.code).toBe('INVALID_REQUEST');
  });
});

describe('the usage option', () => {
  it('is asked for only where the endpoint takes it', () => {
    for (const streamUsage of [true, false]) {
      const { address: _address, ...local } = record('local');
      const { send, last } = rig([local], undefined, {
        workerOf: () => ({
          models: [],
          tasks: {},
          endpoint: { url: 'http://local.invalid/v1', streamUsage },
          health: async () => ({ live: true, ready: true }),
          close: async () => undefined,
        }),
      });
      send(chat(true));
      expect('stream_options' in JSON.parse(last().outgoing.body.toString())).toBe(streamUsage);
    }
  });

  it.each([{ stream_options: { include_usage: true } }, { stream_options: null }])(
    'is left out of a request without a stream: %j',
    (more) => {
      const { send, last } = rig([record('a')]);
      send(chat(false, more));
      expect(Object.keys(JSON.parse(last().outgoing.body.toString()))).toEqual(['model', 'stream', 'messages']);
    },
  );
});

it('what stands behind [DONE] in the same read is dropped', () => {
  const tap = new StreamTap(false);
  expect(tap.push(Buffer.from(CONTENT + DONE + chunk({ content: 'late' }))).toString()).toBe(CONTENT + DONE);
});

describe('a change of instances or settings', () => {
  it('changes nothing when it is older than the last one', () => {
    const { send, last, router } = rig([]);
    router.update({ generation: 'test', revision: 1_000_000, complete: true, asOfMs: 0, instances: [record('new')] });
    router.update({ generation: 'test', revision: 999_999, complete: true, asOfMs: 0, instances: [record('old')] });
    send(chat());
    expect(last().instance).toBe('new');
  });

  it('sends those away who wait for a model that is no longer there', () => {
    const { send, router } = rig([record('a', { slots: 1 })]);
    send(chat());
    const { sink } = send(chat());
    router.configure({ models: [], administrative: new Map() });
    expect(sink.error?.code).toBe('MODEL_UNAVAILABLE');
  });

  it('closes the connections of an instance that has gone, or that started again', () => {
    const closed: string[] = [];
    const idle = (): void => undefined;
    const transport = ({ url }: { url: string }) => ({
      post: () => ({ pause: idle, resume: idle, abort: idle, settle: idle }),
      close: () => void closed.push(url),
    });
    const { send, router } = rig([record('a')], undefined, { transport });
    send(chat());
    router.update(snapshot(record('a', { epoch: 2 })));
    expect(closed).toEqual(['http://a.invalid/v1']);
  });

  it('keeps the id of a model its own, though another one has an alias of that name', () => {
    const of = (id: string) => [{ id, tasks: ['chat' as const] }];
    const { send, last } = rig(
      [record('a', { models: of('m') }), record('b', { models: of('n') })],
      [model('m', { aliases: ['n'] }), model('n')],
    );
    send({ ...chat(), model: 'n' });
    expect(last().instance).toBe('b');
  });
});

describe('a share of the work', () => {
  it('is a quarter for a degraded instance', () => {
    const { send, exchanges } = rig([record('a', { state: 'degraded' }), record('b')]);
    for (let index = 0; index < 10; index++) send(chat());
    expect(exchanges.filter(({ instance }) => instance === 'a')).toHaveLength(2);
  });

  it('is smaller with power-of-two for an instance that was slow to its first token', () => {
    const balancer = BUILT_IN_BALANCERS['power-of-two']();
    const { send, exchanges, last, clock } = rig([record('a'), record('b')], [model('m', { balancer })]);
    const answer = (): void =>
      void last()
        .head()
        .data(CONTENT + DONE);
    for (const ms of [5_000, 10]) {
      send(chat(true));
      clock.advance(ms);
      answer();
    }
    const [slow] = exchanges;
    const before = exchanges.length;
    for (let index = 0; index < 10; index++) {
      send(chat(true));
      answer();
    }
    expect(exchanges.slice(before).filter(({ instance }) => instance === slow?.instance)).toEqual([]);
  });
});

it('a large body is let go once its answer has begun, and its size is still told', async () => {
  const { send, last } = rig([record('a')]);
  const { sink, running } = send(chat(true, { pad: 'x'.repeat(100_000), n: 1 }));
  last().head().data(CONTENT);
  expect((running as Run).request.body).toHaveLength(0);
  last().data(chunk({}, 'stop'));
  last().end();
  const outcome = await sink.outcome;
  expect(outcome.errorCode).toBeUndefined();
  expect(outcome.requestBytes).toBeGreaterThan(100_000);
});

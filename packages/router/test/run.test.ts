import { describe, expect, it } from 'vitest';
import { DEFAULT_TIMEOUTS } from '../src/index.ts';
import type { Run } from '../src/run.ts';
import { chat, chunk, DONE, type FakeExchange, model, ROLE, record, rig, snapshot, USAGE } from './harness.ts';

describe('a streamed answer', () => {
  it('is held until the first content, then relayed byte for byte', async () => {
    const { send, last } = rig([record('a')]);
    const { sink } = send(chat(true, { stream_options: { include_usage: true } }));
    last().head().data(ROLE);
    expect(sink.head).toBeUndefined();
    last().data(chunk({ content: 'x' }));
    expect(sink.text).toBe(ROLE + chunk({ content: 'x' }));
    last().data(chunk({}, 'stop') + USAGE + DONE);
    const outcome = await sink.outcome;
    expect(sink.text).toBe(ROLE + chunk({ content: 'x' }) + chunk({}, 'stop') + USAGE + DONE);
    expect(outcome).toMatchObject({ status: 200, errorCode: undefined, attempts: 1, instance: 'a', endedBy: 'engine' });
    expect(outcome.usage).toMatchObject({ total_tokens: 3 });
  });

  it("passes on the headers by which an engine's answer tells of itself, and no others", async () => {
    const { send, last } = rig([record('a')]);
    const headers = { 'x-smmf-adjusted': 'seed', 'x-ratelimit-remaining': '3', 'set-cookie': 'a=b' };
    const streamed = send(chat(true)).sink;
    last()
      .head(200, { 'content-type': 'text/event-stream', ...headers })
      .data(chunk({ content: 'x' }));
    const whole = send(chat()).sink;
    last().json({ choices: [] }, 200, headers);
    for (const { head } of [streamed, whole]) {
      expect(head?.headers).toEqual({ 'x-smmf-adjusted': 'seed', 'x-smmf-attempts': '1', 'x-smmf-instance': 'a' });
    }
  });

  it('loses the usage that only we asked for, and nothing else', async () => {
    const { send, last } = rig([record('a')]);
    const { sink } = send(chat(true));
    expect(JSON.parse(last().outgoing.body.toString())).toMatchObject({ stream_options: { include_usage: true } });
    last()
      .head()
      .data(ROLE + chunk({ content: 'x' }) + chunk({}, 'stop') + USAGE + DONE);
    await sink.outcome;
    expect(sink.text).toBe(ROLE + chunk({ content: 'x' }) + chunk({}, 'stop') + DONE);
  });

  it('that breaks after content ends with an error and is not tried again', async () => {
    const { send, last, exchanges } = rig([record('a'), record('b')]);
    const { sink } = send(chat(true));
    last()
      .head()
      .data(ROLE + chunk({ content: 'x' }));
    last().reset();
    const outcome = await sink.outcome;
    expect(sink.error?.code).toBe('ENGINE_TRUNCATED');
    expect(outcome.errorCode).toBe('ENGINE_TRUNCATED');
    expect(exchanges).toHaveLength(1);
  });

  // Engines and vendors exist that never send [DONE]; a finish of every choice and an orderly end say as much.
  it.each([
    ['a finish and a clean end', ROLE + chunk({ content: 'x' }) + chunk({}, 'stop'), {}, true],
    ['[DONE] without its blank line', `${ROLE}${chunk({ content: 'x' })}data: [DONE]`, {}, true],
    ['a finish of one choice of two', ROLE + chunk({ content: 'x' }) + chunk({}, 'stop'), { n: 2 }, false],
    ['no finish', ROLE + chunk({ content: 'x' }), {}, false],
    ['half an event', `${ROLE}${chunk({ content: 'x' })}data: {"choices":[{"ind`, {}, false],
  ])('that ends with %s: is it whole', async (_name, text, more, isWhole) => {
    const { send, last } = rig([record('a')]);
    const { sink } = send(chat(true, more));
    last().head().data(text);
    last().end();
    expect((await sink.outcome).errorCode === undefined).toBe(isWhole);
    expect([sink.isEnded, sink.text.endsWith(DONE)]).toEqual([isWhole, isWhole]);
  });

  it('whose body ends with its connection is whole only by [DONE]: it may have been cut there', async () => {
    const { send, last } = rig([record('a')]);
    const { sink } = send(chat(true));
    last()
      .head()
      .data(ROLE + chunk({ content: 'x' }) + chunk({}, 'stop'))
      .end(false);
    expect((await sink.outcome).errorCode).toBe('ENGINE_TRUNCATED');
  });

  it('with an error event passes no [DONE] on', async () => {
    const { send, last } = rig([record('a')]);
    const { sink } = send(chat(true));
    last()
      .head()
      .data(ROLE + chunk({ content: 'x' }));
    last().data(`data: {"error":{"message":"boom at http://10.0.0.1/x","code":500}}\n\n${DONE}`);
    await sink.outcome;
    expect(sink.text).not.toContain('[DONE]');
    expect(sink.error?.message).not.toContain('10.0.0.1');
    expect(last().isAborted).toBe(true);
  });
});

describe('retries', () => {
  it('go to another instance when a connection breaks before content', async () => {
    const { send, last, exchanges, clock } = rig([record('a'), record('b')]);
    const { sink } = send(chat(true));
    const first = last();
    first.head().data(ROLE);
    first.reset();
    clock.advance(250);
    expect(exchanges).toHaveLength(2);
    expect(last().instance).not.toBe(first.instance);
    last()
      .head()
      .data(ROLE + chunk({ content: 'y' }) + DONE);
    expect(await sink.outcome).toMatchObject({ status: 200, attempts: 2 });
    expect(sink.text).toBe(ROLE + chunk({ content: 'y' }) + DONE);
  });

  it('end after three attempts, each elsewhere', async () => {
    const { send, last, exchanges, clock } = rig(['a', 'b', 'c', 'd'].map((id) => record(id)));
    const { sink } = send(chat());
    for (let attempt = 0; attempt < 3; attempt++) {
      last().json({ error: { message: 'busy' } }, 503);
      clock.advance(250);
    }
    expect(await sink.outcome).toMatchObject({ attempts: 3, errorCode: 'ENGINE_OVERLOADED', status: 503 });
    expect(new Set(exchanges.map(({ instance }) => instance)).size).toBe(3);
  });

  it.each([400, 401, 403, 409, 413, 422])('do not follow HTTP %i', async (status) => {
    const { send, last, exchanges, clock } = rig([record('a'), record('b')]);
    const { sink } = send(chat());
    last().json({ error: { message: 'no' } }, status);
    clock.advance(1_000);
    await sink.outcome;
    expect(exchanges).toHaveLength(1);
  });

  // What is not there at one instance (a model, a path) may be there at another; a failure of its own anyway.
  it.each([202, 204, 301, 307, 404, 405, 407, 408, 421, 426, 429, 500, 501, 502, 503, 504, 529])(
    'follow HTTP %i',
    async (status) => {
      const { send, last, exchanges, clock } = rig([record('a'), record('b')]);
      const { sink } = send(chat());
      last().json({ error: { message: 'no' } }, status);
      clock.advance(250);
      expect(exchanges).toHaveLength(2);
      last().json({ choices: [] }, 201);
      expect(await sink.outcome).toMatchObject({ status: 200, attempts: 2 });
    },
  );

  it('do not happen when a gateway before us retries, and stop when the budget is spent', async () => {
    const { send, last, exchanges, clock } = rig([record('a', { slots: 100 }), record('b', { slots: 100 })]);
    send({ ...chat(), mayRetry: false });
    last().reset();
    clock.advance(300);
    expect(exchanges).toHaveLength(1);
    for (let index = 0; index < 20; index++) {
      send(chat());
      last().json({}, 503);
      clock.advance(300);
    }
    const before = exchanges.length;
    send(chat());
    last().json({}, 503);
    clock.advance(300);
    expect(exchanges.length).toBe(before + 1);
  });

  it('save every request without a first byte when an instance dies with many of them', async () => {
    const { send, exchanges, clock } = rig([record('a', { order: 0 }), record('b', { order: 1 })]);
    const sent = Array.from({ length: 30 }, () => send(chat(true)));
    for (const exchange of exchanges.slice(0, 30)) exchange.reset();
    clock.advance(250);
    expect(exchanges.slice(30).map(({ instance }) => instance)).toEqual(Array.from({ length: 30 }, () => 'b'));
    for (const exchange of exchanges.slice(30)) exchange.head().data(ROLE + chunk({ content: 'x' }) + DONE);
    const outcomes = await Promise.all(sent.map(({ sink }) => sink.outcome));
    expect(outcomes.every(({ status, errorCode }) => status === 200 && errorCode === undefined)).toBe(true);
  });

  it('follow a first-token timeout once', async () => {
    const timeouts = { ...DEFAULT_TIMEOUTS, firstTokenMs: 2_000, firstTokenPerKibMs: 0 };
    const { send, exchanges, clock } = rig([record('a'), record('b'), record('c')], [model('m', { timeouts })]);
    const { sink } = send(chat(true));
    clock.advance(2_100);
    expect(exchanges).toHaveLength(2);
    expect(exchanges[0]?.isAborted).toBe(true);
    clock.advance(2_100);
    expect(await sink.outcome).toMatchObject({ errorCode: 'TIMEOUT', status: 504, attempts: 2 });
  });

  it('give a lone instance whose connection broke time to start again, once', async () => {
    const { send, last, exchanges, clock, router } = rig([record('a')]);
    const { sink } = send(chat(true));
    last().reset();
    router.update(snapshot(record('a', { state: 'starting', epoch: 2 })));
    clock.advance(600);
    expect(exchanges).toHaveLength(1);
    router.update(snapshot(record('a', { epoch: 2 })));
    expect(exchanges).toHaveLength(2);
    last().reset();
    clock.advance(1_000);
    expect(await sink.outcome).toMatchObject({ errorCode: 'ENGINE_UNREACHABLE', attempts: 2 });
  });

  it.each([
    ['waited for, once, when no other instance can answer', 503, '2', {}, 2],
    ['waited for also when it is a rate limit', 429, '2', {}, 2],
    ['passed on when the request has less time than that', 503, '2', { timeoutMs: 1_500 }, 1],
    ['passed on when nothing would be left for the answer', 503, '2', { timeoutMs: 2_010 }, 1],
    ['passed on when it is longer than a request waits for a slot', 503, '31', {}, 1],
  ])('leave a lone instance its Retry-After: it is %s', async (_name, status, after, more, attempts) => {
    const { send, last, exchanges, clock } = rig([record('a')]);
    const { sink } = send({ ...chat(), ...more });
    const refuse = (): void => last().head(status, { 'retry-after': after }).end();
    refuse();
    clock.advance(1_999);
    expect(exchanges).toHaveLength(1);
    clock.advance(50);
    expect(exchanges).toHaveLength(attempts);
    if (attempts === 2) refuse();
    clock.advance(60_000);
    expect(exchanges).toHaveLength(attempts);
    expect(sink.error).toMatchObject({ retryAfterMs: Number(after) * 1_000 });
    expect(await sink.outcome).toMatchObject({ status, attempts });
  });

  it.each([
    ['after one short wait for the model asked for', 503, '5', ['a'], ['a', 'a', 'b']],
    ['in place of a longer wait', 429, '6', ['a', 'b'], ['a', 'b']],
  ])('go to a fallback model %s', async (_name, status, after, atOnce, inAll) => {
    const models = [model('m', { fallbacks: ['n'] }), model('n')];
    const { send, last, exchanges, clock } = rig(
      [record('a'), record('b', { models: [{ id: 'n', tasks: ['chat'] }] })],
      models,
    );
    send(chat());
    last().head(status, { 'retry-after': after }).end();
    expect(exchanges.map(({ instance }) => instance)).toEqual(atOnce);
    clock.advance(5_250);
    if (atOnce.length === 1) last().head(status, { 'retry-after': after }).end();
    expect(exchanges.map(({ instance }) => instance)).toEqual(inAll);
  });

  it.each([
    ['HTTP 500', (last: () => FakeExchange) => last().json({}, 500)],
    ['a broken connection', (last: () => FakeExchange) => last().reset()],
    ['a refused connection', (last: () => FakeExchange) => last().refuse()],
  ])('ask a lone instance once more after %s, 250 to 500 ms later, then the fallback', async (_name, fail) => {
    const models = [model('m', { fallbacks: ['n'] }), model('n')];
    const { send, last, exchanges, clock } = rig(
      [record('a'), record('b', { models: [{ id: 'n', tasks: ['chat'] }] })],
      models,
    );
    send(chat());
    fail(last);
    clock.advance(249);
    expect(exchanges).toHaveLength(1);
    clock.advance(251);
    expect(exchanges.map(({ instance }) => instance)).toEqual(['a', 'a']);
    fail(last);
    expect(exchanges.map(({ instance }) => instance)).toEqual(['a', 'a', 'b']);
  });

  it('go to the fallback at once while a lone instance fails again and again, until it answers', async () => {
    const models = [model('m', { fallbacks: ['n'] }), model('n')];
    const { send, last, exchanges, clock } = rig(
      [record('a'), record('b', { models: [{ id: 'n', tasks: ['chat'] }] })],
      models,
    );
    send(chat());
    last().refuse();
    clock.advance(500);
    last().refuse();
    const before = exchanges.length;
    send(chat());
    last().refuse();
    expect(exchanges.slice(before).map(({ instance }) => instance)).toEqual(['a', 'b']);
    send(chat());
    last().json({ choices: [] });
    send(chat());
    last().refuse();
    expect(exchanges.at(-1)?.instance).toBe('a');
    clock.advance(500);
    expect(exchanges.slice(before).map(({ instance }) => instance)).toEqual(['a', 'b', 'a', 'a', 'a']);
  });

  it('wait no longer for an instance that goes down meanwhile, and hold no slot', async () => {
    const { send, last, clock, router } = rig([record('a', { slots: 1 })]);
    const { sink } = send(chat());
    last().head(503, { 'retry-after': '20' }).end();
    expect(router.stats().instances[0]?.inFlight).toBe(0);
    router.update(snapshot(record('a', { state: 'down', reason: 'the connection was refused' })));
    expect(sink.error).toMatchObject({ code: 'MODEL_UNAVAILABLE' });
    expect(sink.error?.message).toContain('a is down (the connection was refused)');
    clock.advance(60_000);
    expect((await sink.outcome).attempts).toBe(1);
  });

  it('go to a fallback model, and a header says so', async () => {
    const models = [model('m', { fallbacks: ['n'] }), model('n')];
    const { send, last } = rig([record('a', { models: [{ id: 'n', tasks: ['chat'] }] })], models);
    const { sink } = send(chat());
    expect(JSON.parse(last().outgoing.body.toString()).model).toBe('n');
    last().json({ choices: [] });
    await sink.outcome;
    expect(sink.head?.headers).toMatchObject({ 'x-smmf-model': 'n' });
  });
});

describe('time limits', () => {
  it('cut a stream that stalls, but not one whose client is slow', async () => {
    const { send, last, clock } = rig([record('a')]);
    const { sink, running } = send(chat(true));
    last()
      .head()
      .data(ROLE + chunk({ content: 'x' }));
    sink.isFull = true;
    last().data(chunk({ content: 'y' }));
    expect(last().isPaused).toBe(true);
    clock.advance(60_000);
    expect(sink.error).toBeUndefined();
    sink.isFull = false;
    running.resume();
    expect(last().isPaused).toBe(false);
    clock.advance(30_001);
    expect((await sink.outcome).errorCode).toBe('TIMEOUT');
    expect(last().isAborted).toBe(true);
  });

  it('end the whole request at its own limit', async () => {
    const { send, clock, last } = rig([record('a')]);
    const { sink } = send({ ...chat(), timeoutMs: 500 });
    clock.advance(501);
    expect(await sink.outcome).toMatchObject({ status: 504, errorCode: 'TIMEOUT' });
    expect(last().isAborted).toBe(true);
  });
});

describe('admission', () => {
  it('holds what finds no slot and starts it when one comes free', async () => {
    const { send, exchanges, last, router } = rig([record('a', { slots: 1 })]);
    const first = send(chat());
    const second = send(chat());
    expect(exchanges).toHaveLength(1);
    expect(router.stats().models).toEqual([{ id: 'm', inFlight: 1, queueDepth: 1 }]);
    last().json({ choices: [] });
    await first.sink.outcome;
    expect(exchanges).toHaveLength(2);
    last().json({ choices: [] });
    expect((await second.sink.outcome).status).toBe(200);
  });

  it('refuses beyond four waiting for each slot, with Retry-After', async () => {
    const { send } = rig([record('a', { slots: 1 })]);
    for (let index = 0; index < 5; index++) send(chat());
    const { sink } = send(chat());
    expect(sink.error).toMatchObject({ code: 'OVERLOADED' });
    expect(sink.error?.retryAfterMs).toBeGreaterThan(0);
  });

  it('refuses at once when the predicted wait is longer than the request may take', async () => {
    const { send, last, clock } = rig([record('a', { slots: 1 })]);
    send(chat());
    clock.advance(20_000);
    last().json({ choices: [] });
    send(chat());
    const { sink } = send({ ...chat(), timeoutMs: 5_000 });
    expect(sink.error?.code).toBe('OVERLOADED');
  });

  it('answers 503 at once without instances, 404 for an unknown model, and waits for one that is starting', async () => {
    const { send, router, exchanges, last } = rig([]);
    expect(send(chat()).sink.error).toMatchObject({ code: 'MODEL_UNAVAILABLE', retryAfterMs: 1_000 });
    expect(send({ ...chat(), model: 'nope' }).sink.error?.code).toBe('MODEL_NOT_FOUND');
    router.update(snapshot(record('a', { state: 'starting' })));
    const held = send(chat());
    expect(held.sink.error).toBeUndefined();
    router.update(snapshot(record('a')));
    expect(exchanges).toHaveLength(1);
    last().json({ choices: [] });
    expect((await held.sink.outcome).status).toBe(200);
  });

  it('sends those in line away when the last instance fails for good', async () => {
    const { send, router } = rig([record('a', { state: 'starting' })]);
    const { sink } = send(chat());
    router.update(snapshot(record('a', { state: 'failed' })));
    expect((await sink.outcome).errorCode).toBe('MODEL_UNAVAILABLE');
  });
});

describe('ejection', () => {
  it('keeps new requests from an instance that cannot be reached, tries it with one probe after 10 s', async () => {
    const { send, exchanges, last, clock, router } = rig([record('a'), record('b')]);
    send(chat());
    const bad = last().instance;
    last().refuse();
    clock.advance(30);
    last().json({ choices: [] });
    for (let index = 0; index < 5; index++) {
      send(chat());
      expect(last().instance).not.toBe(bad);
      last().json({ choices: [] });
    }
    expect(router.stats().ejections).toBe(1);
    clock.advance(10_000);
    const before = exchanges.length;
    for (let index = 0; index < 6; index++) send(chat());
    const probes = exchanges.slice(before).filter(({ instance }) => instance === bad);
    expect(probes).toHaveLength(1);
    probes[0]?.json({ choices: [] });
    send(chat());
    expect(last().instance).toBe(bad);
  });

  it('never takes out the last instance', async () => {
    const { send, last, clock, router } = rig([record('a')]);
    send(chat());
    last().reset();
    clock.advance(300);
    expect(router.stats().ejections).toBe(0);
    send(chat());
    expect(last().instance).toBe('a');
  });
});

describe('a client that goes', () => {
  it('stops the engine in the same turn and leaves the line at once', async () => {
    const { send, last, router } = rig([record('a', { slots: 1 })]);
    const first = send(chat(true));
    const second = send(chat(true));
    second.running.cancel();
    first.running.cancel();
    expect(last().isAborted).toBe(true);
    expect(await first.sink.outcome).toMatchObject({ status: 499, endedBy: 'client', errorCode: 'ABORTED' });
    expect(await second.sink.outcome).toMatchObject({ status: 499, endedBy: 'client' });
    expect(router.stats().models).toEqual([{ id: 'm', inFlight: 0, queueDepth: 0 }]);
  });
});

describe('drain', () => {
  it('refuses new work, lets what runs finish, and cuts the rest at its limit', async () => {
    const { send, router, exchanges, clock } = rig([record('a', { slots: 2 })]);
    const kept = send(chat(true));
    const cut = send(chat(true));
    const queued = send(chat(true));
    const drained = router.drain(5_000);
    expect(queued.sink.error?.code).toBe('SERVER_SHUTTING_DOWN');
    expect(send(chat()).sink.error?.code).toBe('SERVER_SHUTTING_DOWN');
    exchanges[0]?.head().data(ROLE + chunk({ content: 'x' }) + DONE);
    expect((await kept.sink.outcome).status).toBe(200);
    clock.advance(5_001);
    await drained;
    expect(await cut.sink.outcome).toMatchObject({ errorCode: 'SERVER_SHUTTING_DOWN', endedBy: 'smmf' });
    expect(exchanges[1]?.isAborted).toBe(true);
  });

  it('does not wait for a request that only waits to be tried again', async () => {
    const { send, last, router } = rig([record('a')]);
    const { sink } = send(chat());
    last().head(503, { 'retry-after': '20' }).end();
    await router.drain(5_000);
    expect(await sink.outcome).toMatchObject({ errorCode: 'SERVER_SHUTTING_DOWN', attempts: 1 });
  });
});

it('a request that has ended holds on to no other: a dead one that grew old would keep the younger ones alive', async () => {
  const { send, exchanges } = rig([record('a')]);
  const asked = [send(chat(false)), send(chat(false)), send(chat(false))];
  exchanges[1]?.json({ object: 'chat.completion', choices: [] });
  await asked[1]?.sink.outcome;
  const [, ended] = asked.map(({ running }) => running as Run);
  expect([ended?.previous, ended?.next]).toEqual([undefined, undefined]);
  exchanges[0]?.json({ object: 'chat.completion', choices: [] });
  exchanges[2]?.json({ object: 'chat.completion', choices: [] });
  expect((await Promise.all(asked.map(({ sink }) => sink.outcome))).map(({ status }) => status)).toEqual([
    200, 200, 200,
  ]);
});

import { expect, it } from 'vitest';
import { DEFAULT_TIMEOUTS } from '../src/index.ts';
import { chat, type FakeExchange, model, record, rig, snapshot } from './harness.ts';

const full = (exchange: FakeExchange | undefined): void =>
  exchange?.json({ error: { message: 'full', code: 'engine_overloaded' } }, 503, { 'x-smmf-full': '1' });

const leaving = (exchange: FakeExchange | undefined): void =>
  exchange?.json({ error: { message: 'about to end' } }, 503, { 'x-smmf-full': 'leaving' });

it('a request that meets the last engine while it leaves waits for what stands in its place', () => {
  const { send, last, exchanges, clock, router } = rig([record('a', { slots: 8 })]);
  const { sink } = send(chat());
  leaving(last());
  clock.advance(100);
  const later = send(chat());
  expect([exchanges.length, sink.error, later.sink.error]).toEqual([1, undefined, undefined]);
  router.update(snapshot(record('a', { state: 'gone' }), record('b', { slots: 8 })));
  expect(exchanges.map(({ instance }) => instance)).toEqual(['a', 'b', 'b']);
  for (const exchange of exchanges.slice(1)) exchange.json({ choices: [] });
  expect([sink.isEnded, later.sink.isEnded]).toEqual([true, true]);
});

it('a request that waits for what stands in the place of an engine that leaves is told when nothing does', () => {
  const { send, last, router } = rig([record('a', { slots: 8 })]);
  const { sink } = send(chat());
  leaving(last());
  expect(sink.error).toBeUndefined();
  router.update(snapshot(record('a', { state: 'gone' })));
  expect(sink.error).toMatchObject({ code: 'MODEL_UNAVAILABLE', retryAfterMs: 1_000 });
});

it('an engine that says that it leaves, and stays, is asked again each second for as long as the request may wait', async () => {
  const { send, last, exchanges, clock } = rig([record('a', { slots: 8 })]);
  const { sink } = send(chat());
  const seconds = DEFAULT_TIMEOUTS.queueMs / 1_000 + 2;
  for (let second = 0; second < seconds && !sink.error; second++) {
    if (exchanges.length > second) leaving(last());
    clock.advance(1_000);
  }
  expect(exchanges.length).toBeGreaterThan(3);
  expect(sink.error).toMatchObject({ code: 'OVERLOADED' });
});

it('a request that others leave no slot to is refused once it has waited as long as it may, and goes to a fallback first', () => {
  const other = record('d', { models: [{ id: 'n', tasks: ['chat'] }] });
  const { send, exchanges, clock } = rig(
    [record('a', { slots: 8 }), other],
    [model('m', { fallbacks: ['n'] }), model('n')],
  );
  const { sink } = send(chat());
  const begun = clock.now();
  while (exchanges.at(-1)?.instance === 'a' && clock.now() - begun < 2 * DEFAULT_TIMEOUTS.queueMs) {
    full(exchanges.at(-1));
    clock.advance(20);
  }
  expect(clock.now() - begun).toBeGreaterThanOrEqual(DEFAULT_TIMEOUTS.queueMs);
  expect(clock.now() - begun).toBeLessThan(DEFAULT_TIMEOUTS.queueMs + 100);
  expect(exchanges.at(-1)?.instance).toBe('d');
  exchanges.at(-1)?.json({ choices: [] });
  expect(sink.isEnded).toBe(true);
});

it('a request that meets a full engine is asked again a moment later, at no cost, until a slot is free', () => {
  const { send, exchanges, last, clock, router } = rig([record('a', { slots: 8 })]);
  const { sink } = send(chat());
  for (let round = 0; round < 12; round++) {
    full(last());
    clock.advance(25);
  }
  expect(exchanges).toHaveLength(13);
  last().json({ choices: [] });
  expect(sink.isEnded).toBe(true);
  expect(router.stats()).toMatchObject({ ejections: 0, leaks: 0 });
});

it('another instance is asked where one is free', () => {
  const { send, exchanges, last, clock } = rig([record('a', { slots: 8 }), record('b', { slots: 8, order: 1 })]);
  const { sink } = send(chat());
  // Others fill it, and this server's share of it is one.
  full(exchanges[0]);
  send(chat());
  clock.advance(25);
  expect(exchanges.map(({ instance }) => instance)).toEqual(['a', 'a', 'b']);
  last().json({ choices: [] });
  expect(sink.isEnded).toBe(true);
});

it('a server that meets a refusal keeps most of what it had, takes more bit by bit, and all again a second after', () => {
  const { router, send, exchanges, clock } = rig([record('a', { slots: 8 })]);
  router.update({ ...snapshot(record('a', { slots: 8 })), apiServers: 4 });
  const answer = (from: number, to: number): void => {
    for (const exchange of exchanges.slice(from, to)) exchange.json({ choices: [] });
  };
  for (let count = 0; count < 30; count++) send(chat());
  expect(exchanges).toHaveLength(8);
  full(exchanges[7]);
  // Of the seven that run it keeps five: nothing is sent until three of them have ended.
  answer(0, 2);
  expect(exchanges).toHaveLength(8);
  answer(2, 3);
  expect(exchanges).toHaveLength(9);
  // Half of the rest is its own again after half of the second.
  clock.advance(500);
  answer(3, 4);
  expect(exchanges).toHaveLength(11);
  clock.advance(500);
  expect(exchanges).toHaveLength(13);
});

it('a server keeps its whole share of an engine that others fill, and one call where it has none', () => {
  const { router, send, exchanges, clock } = rig([record('a', { slots: 8 })]);
  router.update({ ...snapshot(record('a', { slots: 8 })), apiServers: 2 });
  for (let count = 0; count < 8; count++) send(chat());
  for (const exchange of exchanges.slice(4)) full(exchange);
  clock.advance(10);
  exchanges[0]?.json({ choices: [] });
  expect(exchanges).toHaveLength(9);
  for (const exchange of exchanges.slice(1, 4)) exchange.json({ choices: [] });
  expect(exchanges).toHaveLength(12);
  for (const exchange of exchanges.slice(8)) full(exchange);
  clock.advance(50);
  expect(exchanges).toHaveLength(13);
});

it('a server keeps what it has of an engine that says that it is full and has told no slots, and asks for more after a second', () => {
  const { send, exchanges, clock } = rig([record('a')]);
  for (let count = 0; count < 4; count++) send(chat());
  full(exchanges[3]);
  send(chat());
  clock.advance(500);
  expect(exchanges).toHaveLength(4);
  clock.advance(500);
  expect(exchanges).toHaveLength(6);
});

import { expect, it } from 'vitest';
import { chat, type FakeExchange, record, rig, snapshot } from './harness.ts';

const full = (exchange: FakeExchange | undefined): void =>
  exchange?.json({ error: { message: 'full', code: 'engine_overloaded' } }, 503, { 'x-smmf-full': '1' });

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

it('a server that meets refusals keeps to its share of the slots, at least one, and takes all again a second after the last', () => {
  const { router, send, exchanges, clock } = rig([record('a', { slots: 8 })]);
  router.update({ ...snapshot(record('a', { slots: 8 })), apiServers: 4 });
  for (let count = 0; count < 12; count++) send(chat());
  expect(exchanges).toHaveLength(8);
  full(exchanges[7]);
  clock.advance(25);
  // Seven run; with a share of two nothing is sent until five of them have ended.
  expect(exchanges).toHaveLength(8);
  for (const exchange of exchanges.slice(0, 5)) exchange.json({ choices: [] });
  expect(exchanges).toHaveLength(8);
  exchanges[5]?.json({ choices: [] });
  expect(exchanges).toHaveLength(9);
  clock.advance(2_000);
  expect(exchanges.length).toBeGreaterThan(9);
});

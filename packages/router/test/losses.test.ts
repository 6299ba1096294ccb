import { describe, expect, it } from 'vitest';
import { chat, model, ROLE, record, rig, snapshot } from './harness.ts';

it('a request does not go to a third engine when two have broken off in the middle of it, a fallback included', async () => {
  const three = ['a', 'b', 'c'].map((id) => record(id));
  const other = record('d', { models: [{ id: 'n', tasks: ['chat'] }] });
  const { send, last, exchanges, clock } = rig([...three, other], [model('m', { fallbacks: ['n'] }), model('n')]);
  const { sink } = send(chat(true));
  for (let engine = 0; engine < 2; engine++) {
    last().head().data(ROLE);
    last().reset();
    clock.advance(500);
  }
  clock.advance(60_000);
  expect(exchanges).toHaveLength(2);
  expect(await sink.outcome).toMatchObject({ attempts: 2, errorCode: 'ENGINE_TRUNCATED', status: 502 });
});

it('a request goes on to a third engine where nothing had been sent to one of the two before', async () => {
  const { send, last, exchanges, clock } = rig([record('a'), record('b'), record('c')]);
  send(chat(true));
  last().reset();
  clock.advance(500);
  last().refuse();
  clock.advance(500);
  expect(new Set(exchanges.map(({ instance }) => instance)).size).toBe(3);
});

describe('a request that a lone engine broke off in the middle of twice', () => {
  const other = record('d', { models: [{ id: 'n', tasks: ['chat'] }] });
  const models = [model('m', { fallbacks: ['n'] }), model('n')];

  it('does not go to the fallback when that engine was started anew in between: it may be what both died of', async () => {
    const { send, last, exchanges, clock, router } = rig([record('a'), other], models);
    const { sink } = send(chat(true));
    last().reset();
    router.update(snapshot(record('a', { epoch: 2 }), other));
    clock.advance(500);
    last().reset();
    clock.advance(60_000);
    expect(exchanges.map(({ instance }) => instance)).toEqual(['a', 'a']);
    expect(await sink.outcome).toMatchObject({ attempts: 2, errorCode: 'ENGINE_UNREACHABLE', status: 502 });
  });

  it('goes to the fallback when only the connection broke', () => {
    const { send, last, exchanges, clock } = rig([record('a'), other], models);
    send(chat(true));
    for (let time = 0; time < 2; time++) {
      last().reset();
      clock.advance(500);
    }
    expect(exchanges.map(({ instance }) => instance)).toEqual(['a', 'a', 'd']);
  });
});

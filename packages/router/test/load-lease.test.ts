import type { Candidate, PickInfo, PickOutcome } from '@smmf/core';
import { createFakeClock } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import { buildTable, EMPTY_TABLE } from '../src/candidate-table.ts';
import type { RouterContext } from '../src/context.ts';
import { GuardedBalancer } from '../src/guarded-balancer.ts';
import { BUILT_IN_BALANCERS } from '../src/index.ts';
import { LoadLease } from '../src/load-lease.ts';
import { DEFAULT_TIMEOUTS } from '../src/settings.ts';
import { model, record, request, tableInput } from './harness.ts';

/** A model of two instances with one slot each; its balancer takes the first and writes down what it is told. */
function world() {
  const clock = createFakeClock();
  clock.advance(1_000);
  const told: { readonly info: PickInfo[]; readonly done: [string, PickOutcome][] } = { info: [], done: [] };
  const balancer = {
    pick(candidates: readonly Candidate[], info: PickInfo) {
      told.info.push(info);
      return candidates[0];
    },
    done: (candidate: Candidate, outcome: PickOutcome) => void told.done.push([candidate.id, outcome]),
  };
  const records = ['a', 'b'].map((id) => record(id, { slots: 1 }));
  const settings = { models: [model('m', { balancer })], administrative: new Map() };
  const entry = buildTable(tableInput(settings, records), EMPTY_TABLE).models.get('m');
  if (!entry) throw new Error('no entry');
  // What a lease uses of it.
  const context = { clock, random: () => 0.5 } as unknown as RouterContext;
  const sent = request({ model: 'm', pad: 'x'.repeat(2_048) });
  const take = () => LoadLease.take(context, entry, sent, []);
  return { clock, context, told, entry, sent, take };
}

describe('a load lease', () => {
  it('is a slot of the picked instance; none is taken where none is free', () => {
    const { entry, sent, told, take } = world();
    const lease = take();
    expect(lease).toMatchObject({ instance: { id: 'a', inFlight: 1, held: 1 }, startedMs: 1_000 });
    expect(lease?.instance.pendingPromptBytes).toBe(sent.body.length);
    expect(told.info).toMatchObject([{ model: 'm', task: 'chat', promptBytes: sent.body.length }]);
    expect(told.info[0]?.random()).toBe(0.5);
    expect(take()?.instance.id).toBe('b');
    expect(take()).toBeUndefined();
    expect(entry.queue.inFlight).toBe(2);
  });

  it('is given back once, however often it is tried', () => {
    const { entry, told, clock, take } = world();
    const lease = take();
    clock.advance(300);
    for (let time = 0; time < 2; time++) lease?.release(false);
    expect(lease?.instance).toMatchObject({ inFlight: 0, held: 0, pendingPromptBytes: 0 });
    expect(entry.queue.inFlight).toBe(0);
    expect(told.done).toEqual([['a', { ok: false, firstTokenMs: undefined, totalMs: 300 }]]);
  });

  it('is given back also where the balancer does not want to know', () => {
    const { entry, context, sent } = world();
    const balancer = BUILT_IN_BALANCERS.random();
    const lease = LoadLease.take(
      context,
      { ...entry, balancer: new GuardedBalancer(balancer, () => undefined) },
      sent,
      [],
    );
    expect(balancer.done).toBeUndefined();
    lease?.release(true);
    expect(lease?.instance).toMatchObject({ inFlight: 0, held: 0 });
  });

  it('tells the time to the first token once, and then holds no bytes of a prompt', () => {
    const { told, clock, take } = world();
    const lease = take();
    expect(lease?.isPromptPending).toBe(true);
    clock.advance(200);
    lease?.noteFirstToken();
    clock.advance(100);
    lease?.noteFirstToken();
    expect(lease?.isPromptPending).toBe(false);
    expect(lease?.instance).toMatchObject({ pendingPromptBytes: 0, latencyMs: 200 });
    lease?.release(true);
    expect(lease?.instance.pendingPromptBytes).toBe(0);
    expect(told.done).toEqual([['a', { ok: true, firstTokenMs: 200, totalMs: 300 }]]);
  });

  it('lets only a call that went well count for how long one takes', () => {
    const { entry, clock, take } = world();
    const first = take();
    clock.advance(5_000);
    first?.release(false);
    expect(entry.queue.predictedWaitMs(1)).toBe(0);
    const second = take();
    clock.advance(2_000);
    second?.release(true);
    expect(entry.queue.predictedWaitMs(1)).toBe(2_000);
  });

  it('is due for the first token later the longer the prompt, and for the next piece after the last one', () => {
    const { clock, sent, take } = world();
    const timeouts = { ...DEFAULT_TIMEOUTS, firstTokenMs: 500, firstTokenPerKibMs: 10, interTokenMs: 70 };
    const lease = take();
    expect(lease?.dueMs(timeouts, 9_999)).toBe(1_500 + (10 * sent.body.length) / 1_024);
    clock.advance(1);
    lease?.noteFirstToken();
    expect(lease?.dueMs(timeouts, 9_999)).toBe(10_069);
  });
});

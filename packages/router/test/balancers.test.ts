import type { Candidate, PickInfo } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { BUILT_IN_BALANCERS } from '../src/index.ts';

const candidate = (id: string, more: Partial<Candidate> = {}): Candidate => ({
  id,
  weight: 1,
  labels: {},
  inFlight: 0,
  pendingPromptBytes: 0,
  latencyMs: 0,
  ...more,
});
let state = 1;
const info: PickInfo = {
  model: 'm',
  task: 'chat',
  promptBytes: 10,
  random: () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  },
};

function shares(name: keyof typeof BUILT_IN_BALANCERS, candidates: readonly Candidate[]): Record<string, number> {
  const balancer = BUILT_IN_BALANCERS[name]();
  const counts: Record<string, number> = {};
  for (let index = 0; index < 10_000; index++) {
    const id = balancer.pick(candidates, info)?.id ?? 'none';
    counts[id] = (counts[id] ?? 0) + 1;
  }
  return counts;
}

describe('balancers', () => {
  it('spread evenly over equals', () => {
    const equals = ['a', 'b', 'c', 'd'].map((id) => candidate(id));
    for (const name of Object.keys(BUILT_IN_BALANCERS) as (keyof typeof BUILT_IN_BALANCERS)[]) {
      for (const count of Object.values(shares(name, equals))) expect(count, name).toBeGreaterThan(2_200);
    }
  });

  it('round-robin takes each in turn, from a random first', () => {
    const balancer = BUILT_IN_BALANCERS['round-robin']();
    const three = ['a', 'b', 'c'].map((id) => candidate(id));
    const picks = Array.from({ length: 6 }, () => balancer.pick(three, info)?.id).join('');
    expect('abcabcabc').toContain(picks.slice(0, 3));
    expect(picks.slice(3)).toBe(picks.slice(0, 3));
  });

  it('weighted follows the weights', () => {
    const { a = 0, b = 0 } = shares('weighted', [candidate('a', { weight: 3 }), candidate('b')]);
    expect(a / b).toBeGreaterThan(2.7);
    expect(a / b).toBeLessThan(3.3);
  });

  it('least-outstanding follows the weights also where all are idle, as for calls one after another', () => {
    const { a = 0, b = 0 } = shares('least-outstanding', [candidate('a', { weight: 3 }), candidate('b')]);
    expect(a / b).toBeGreaterThan(2.7);
    expect(a / b).toBeLessThan(3.3);
  });

  it('least-outstanding counts calls in flight by weight', () => {
    expect(
      shares('least-outstanding', [
        candidate('a', { inFlight: 3, weight: 1 }),
        candidate('b', { inFlight: 4, weight: 2 }),
      ]),
    ).toEqual({ b: 10_000 });
  });

  it('power-of-two keeps most work from a slow instance', () => {
    const { slow = 0 } = shares('power-of-two', [
      candidate('slow', { latencyMs: 500 }),
      candidate('b', { latencyMs: 50 }),
      candidate('c', { latencyMs: 50 }),
    ]);
    expect(slow).toBe(0);
  });

  it('pick nobody from nobody', () => {
    for (const make of Object.values(BUILT_IN_BALANCERS)) expect(make().pick([], info)).toBeUndefined();
  });
});

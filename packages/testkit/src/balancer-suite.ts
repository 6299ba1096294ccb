import assert from 'node:assert/strict';
import type { Balancer, Candidate, PickInfo } from '@smmf/core';
import { checkWithin, type RegisterTest, type Rule } from './suite.ts';

/** What {@link balancerSuite} needs. */
export interface BalancerSuiteOptions {
  readonly test: RegisterTest;
  /** Makes a fresh balancer for each rule. */
  readonly create: () => Balancer | Promise<Balancer>;
}

/** A candidate that cannot be changed. */
export function testCandidate(id: string, more: Partial<Candidate> = {}): Candidate {
  const base = {
    id,
    weight: 1,
    slots: 32,
    labels: Object.freeze({}),
    inFlight: 0,
    pendingPromptBytes: 0,
    latencyMs: 0,
  };
  return Object.freeze({ ...base, ...more });
}

/** What a router tells a balancer; chance comes from a generator that always begins alike. */
export function testPickInfo(): PickInfo {
  let state = 7;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  return { model: 'model', task: 'chat', promptBytes: 100, random };
}

const some = (count: number): readonly Candidate[] =>
  Object.freeze(Array.from({ length: count }, (_, index) => testCandidate(`c${index}`)));

/** The rules of a balancer; {@link balancerSuite} runs them all. */
export const balancerRules: readonly Rule<() => Balancer | Promise<Balancer>>[] = [
  {
    name: 'picks nobody from an empty list',
    async check(create) {
      assert.equal((await create()).pick([], testPickInfo()), undefined);
    },
  },
  {
    name: 'picks one of the candidates it was given, every time',
    async check(create) {
      const balancer = await create();
      const info = testPickInfo();
      for (const count of [1, 2, 3, 10]) {
        const candidates = some(count);
        for (let round = 0; round < 200; round++) {
          const picked = balancer.pick(candidates, info);
          assert.ok(picked && candidates.includes(picked), `not one of ${count} candidates: ${picked?.id}`);
        }
      }
    },
  },
  {
    name: 'works on whatever list it is given next, longer or shorter',
    async check(create) {
      const balancer = await create();
      const info = testPickInfo();
      for (const count of [10, 1, 5, 2, 10, 1]) {
        const candidates = some(count);
        const picked = balancer.pick(candidates, info);
        assert.ok(picked && candidates.includes(picked), `nobody of ${count} candidates`);
      }
    },
  },
  {
    name: 'answers at once, with a candidate and not with a promise',
    async check(create) {
      const picked: unknown = (await create()).pick(some(2), testPickInfo());
      assert.ok(!(picked instanceof Promise), 'pick returned a promise');
    },
  },
  {
    name: 'leaves none of several equals without work in 10,000 picks that end at once',
    async check(create) {
      const balancer = await create();
      const info = testPickInfo();
      const counts = new Map<string, number>();
      for (let round = 0; round < 10_000; round++) {
        const picked = balancer.pick(some(4), info);
        if (!picked) continue;
        counts.set(picked.id, (counts.get(picked.id) ?? 0) + 1);
        balancer.done?.(picked, { ok: true, firstTokenMs: 10, totalMs: 20 });
      }
      assert.equal(counts.size, 4, `only ${[...counts.keys()].join(', ')} got work`);
    },
  },
  {
    name: 'takes every outcome, also of a candidate that has gone',
    async check(create) {
      const balancer = await create();
      const info = testPickInfo();
      balancer.pick(some(2), info);
      balancer.done?.(testCandidate('gone'), { ok: false, firstTokenMs: undefined, totalMs: 5 });
      assert.ok(balancer.pick(some(2), info), 'nobody after an outcome');
    },
  },
];

/** Runs the contract of a balancer: one test for each rule. */
export function balancerSuite({ test, create }: BalancerSuiteOptions): void {
  for (const rule of balancerRules) test(`balancer: ${rule.name}`, () => checkWithin(rule, create, 10_000));
}

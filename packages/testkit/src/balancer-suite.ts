import assert from 'node:assert/strict';
import type { Balancer, Candidate, PickInfo } from '@smmf/core';
import { TASK_IDS } from '@smmf/protocol';
import { leftOpen } from './open-handles.ts';
import { blockingWithin, overFresh, type RegisterTest, type Rule, registerRules } from './suite.ts';

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

type Create = () => Balancer | Promise<Balancer>;

/** Longest time that one rule may take, milliseconds. */
const LIMIT_MS = 10_000;
/** How soon after `close()` nothing may be open any more, milliseconds. */
const CLOSED_MS = 1_000;

type Work = (balancer: Balancer, another: Balancer) => void;

/** A rule over two fresh balancers, and what holds after its work, when they are closed. */
function rule(name: string, work: Work, afterwards?: () => Promise<void>): Rule<Create> {
  const check = (create: Create): Promise<string | undefined> => {
    const both = (): Promise<[Balancer, Balancer]> => Promise.all([create(), create()]);
    const close = async (made: readonly Balancer[]): Promise<void> => {
      for (const each of made) each.close?.();
    };
    return overFresh({ name, limitMs: LIMIT_MS, create: both, close }, async (made) => {
      // A pick that never returns fails its rule, and does not stop the runner.
      blockingWithin(LIMIT_MS, `"${name}": pick() or done()`, () => work(...made));
      if (!afterwards) return;
      await close(made);
      await afterwards();
    });
  };
  return { name, check };
}

/** How often each of four equals is picked in 10,000 calls that end at once, the least first. */
function sharesOf(balancer: Balancer): number[] {
  const info = testPickInfo();
  const shares = new Map(some(4).map(({ id }) => [id, 0]));
  for (let round = 0; round < 10_000; round++) {
    const picked = balancer.pick(some(4), info);
    if (!picked) continue;
    shares.set(picked.id, (shares.get(picked.id) ?? 0) + 1);
    balancer.done?.(picked, { ok: true, firstTokenMs: 10, totalMs: 20 });
  }
  return [...shares.values()].sort((a, b) => a - b);
}

/** Whom it picks of ten equals in 4,000 calls: enough to show a chance of its own that it takes once in 200. */
function pickedIds(balancer: Balancer): (string | undefined)[] {
  const info = testPickInfo();
  return Array.from({ length: 4_000 }, () => balancer.pick(some(10), info)?.id);
}

/** The rules of a balancer; {@link balancerSuite} runs them all. */
export const balancerRules: readonly Rule<Create>[] = [
  rule('picks nobody from an empty list', (balancer) => {
    assert.equal(balancer.pick([], testPickInfo()), undefined);
  }),
  rule('picks one of the candidates it was given, every time', (balancer) => {
    const info = testPickInfo();
    for (const count of [1, 2, 3, 10]) {
      const candidates = some(count);
      for (let round = 0; round < 200; round++) {
        const picked = balancer.pick(candidates, info);
        assert.ok(picked && candidates.includes(picked), `not one of ${count} candidates: ${picked?.id}`);
      }
    }
  }),
  rule('works on whatever list it is given next, longer or shorter', (balancer) => {
    const info = testPickInfo();
    for (const count of [10, 1, 5, 2, 10, 1]) {
      const candidates = some(count);
      const picked = balancer.pick(candidates, info);
      assert.ok(picked && candidates.includes(picked), `nobody of ${count} candidates`);
    }
  }),
  rule('answers at once, with a candidate and not with a promise, whatever the task', (balancer) => {
    for (const task of TASK_IDS) {
      const picked: unknown = balancer.pick(some(2), { ...testPickInfo(), task });
      assert.ok(!(picked instanceof Promise), `pick returned a promise for ${task}`);
    }
  }),
  rule('shares the work among equals: none of four gets less than a twentieth of 10,000 picks', (balancer) => {
    const shares = sharesOf(balancer);
    assert.ok((shares[0] ?? 0) >= 500, `four equals were picked ${shares.join(', ')} times`);
  }),
  rule('takes its chance from info.random alone, so that its picks can be repeated', (balancer, another) => {
    assert.deepEqual(
      pickedIds(balancer),
      pickedIds(another),
      'two fresh balancers pick differently by the same chance',
    );
  }),
  rule('takes every outcome, also of a candidate that has gone', (balancer) => {
    const info = testPickInfo();
    balancer.pick(some(2), info);
    balancer.done?.(testCandidate('gone'), { ok: false, firstTokenMs: undefined, totalMs: 5 });
    assert.ok(balancer.pick(some(2), info), 'nobody after an outcome');
  }),
  rule(
    'leaves no timer, socket, thread or process open after close',
    (balancer) => {
      const picked = balancer.pick(some(2), testPickInfo());
      if (picked) balancer.done?.(picked, { ok: true, firstTokenMs: 10, totalMs: 20 });
    },
    async () => assert.equal(await leftOpen(CLOSED_MS), '', 'open after close()'),
  ),
];

/** Runs the contract of a balancer: one test for each rule, and one that fails when a rule was left out. */
export function balancerSuite({ test, create }: BalancerSuiteOptions): void {
  registerRules({ kind: 'balancer', rules: balancerRules, subject: create, test, limitMs: LIMIT_MS });
}

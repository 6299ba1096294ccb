import type { Balancer, Candidate } from '@smmf/core';
import { describe, expect, it, test } from 'vitest';
import { balancerRules, balancerSuite, testCandidate } from '../src/index.ts';
import { brokenRules, expectEachRuleBroken } from './broken.ts';

const first: Balancer = { pick: ([candidate]) => candidate };
const sound = (): Balancer => ({ pick: (list, { random }) => list[Math.floor(random() * list.length)] });

balancerSuite({ test, create: sound });

/** Each wrong in one way, with the rules that it must be caught by. */
const WRONG: readonly [string, () => Balancer, readonly string[]][] = [
  [
    'throws on an empty list',
    () => ({ pick: (list, info) => list[Math.floor(info.random() * list.length)] ?? boom() }),
    ['picks nobody from an empty list'],
  ],
  [
    'makes candidates up',
    () => ({ pick: (list) => (list.length > 0 ? testCandidate('made-up') : undefined) }),
    ['picks one of the candidates it was given, every time'],
  ],
  ['remembers an index', () => remembering(), ['works on whatever list it is given next, longer or shorter']],
  [
    'answers later',
    () => ({ pick: (async () => undefined) as unknown as Balancer['pick'] }),
    ['answers at once, with a candidate and not with a promise'],
  ],
  [
    'always takes the first',
    () => first,
    ['leaves none of several equals without work in 10,000 picks that end at once'],
  ],
  [
    'chokes on an outcome',
    () => ({ ...sound(), done: () => boom() }),
    ['takes every outcome, also of a candidate that has gone'],
  ],
];

function boom(): never {
  throw new Error('boom');
}

function remembering(): Balancer {
  let index = -1;
  return {
    pick(list: readonly Candidate[]) {
      index = index === -1 ? list.length - 1 : index;
      return list[index];
    },
  };
}

describe('balancerSuite', () => {
  it('finds nothing wrong with a sound balancer', async () => {
    expect(await brokenRules(balancerRules, sound)).toEqual([]);
  });

  it('catches each way of being wrong, and every rule catches one', async () => {
    const seen: string[] = [];
    for (const [, create, caughtBy] of WRONG) {
      const broken = await brokenRules(balancerRules, create);
      expect(broken).toEqual(expect.arrayContaining([...caughtBy]));
      seen.push(...broken);
    }
    expectEachRuleBroken(balancerRules, seen);
  });
});

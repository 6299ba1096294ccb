import type { Balancer, Candidate } from '@smmf/core';
import { describe, expect, it, test } from 'vitest';
import { balancerRules, balancerSuite, testCandidate } from '../src/index.ts';
import { brokenRules, itCatchesEach, registered, type Wrong } from './broken.ts';

type Pick = Balancer['pick'];

const uniform: Pick = (list, { random }) => list[Math.floor(random() * list.length)];
const sound = (): Balancer => ({ pick: uniform });
const ending =
  (done: NonNullable<Balancer['done']>): (() => Balancer) =>
  () => ({ pick: uniform, done });

balancerSuite({ test, create: sound });

function boom(): never {
  throw new Error('boom');
}

/** Draws from as many as the longest list so far had. */
function remembering(): Balancer {
  let longest = 0;
  return {
    pick(list: readonly Candidate[], { random }) {
      longest = Math.max(longest, list.length);
      return list[Math.floor(random() * longest)];
    },
  };
}

/** Keeps to the first but for one call in a hundred. */
const seldomOthers: Pick = (list, { random }) => (random() < 0.99 ? list[0] : list[Math.floor(random() * list.length)]);
const byOwnChance: Pick = (list) => list[Math.floor(Math.random() * list.length)];

const SHARE = 'shares the work among equals: none of four gets less than a twentieth of 10,000 picks';
const CHANCE = 'takes its chance from info.random alone, so that its picks can be repeated';
const OUTCOMES = 'takes every outcome, also of a candidate that has gone';

const WRONG: readonly Wrong<() => Balancer>[] = [
  [
    'throws on an empty list',
    () => ({ pick: (list, info) => uniform(list, info) ?? boom() }),
    'picks nobody from an empty list',
  ],
  [
    'makes up a candidate in place of one of three',
    () => ({ pick: (list, info) => (list.length === 3 ? testCandidate('made-up') : uniform(list, info)) }),
    'picks one of the candidates it was given, every time',
  ],
  [
    'remembers the length of a list that is gone',
    remembering,
    'works on whatever list it is given next, longer or shorter',
  ],
  [
    'promises an answer for embeddings',
    () => ({
      pick: (list, info) =>
        info.task === 'embeddings' ? (Promise.resolve(list[0]) as unknown as Candidate) : uniform(list, info),
    }),
    'answers at once, with a candidate and not with a promise, whatever the task',
  ],
  ['always takes the first', () => ({ pick: ([candidate]) => candidate }), SHARE],
  ['gives the others one call in a hundred', () => ({ pick: seldomOthers }), SHARE],
  ['draws by a chance of its own', () => ({ pick: byOwnChance }), CHANCE],
  ['chokes on a failed call', ending((_, { ok }) => (ok ? undefined : boom())), OUTCOMES],
  [
    'keeps a timer after close',
    () => {
      setInterval(() => undefined, 60_000);
      return sound();
    },
    'leaves no timer, socket, thread or process open after close',
  ],
  ['chokes on an unknown candidate', ending(({ id }) => (id.startsWith('c') ? undefined : boom())), OUTCOMES],
];

describe('balancerSuite', () => {
  it('finds nothing wrong with a sound balancer', async () => {
    expect(await brokenRules(balancerRules, sound)).toEqual([]);
  });

  itCatchesEach(balancerRules, WRONG, (create) => create);

  it('catches one that gives nearly all its picks to one, by a chance of its own', async () => {
    const pick: Pick = (list) => (Math.random() < 0.995 ? list[0] : byOwnChance(list, {} as never));
    expect(await brokenRules(balancerRules, () => ({ pick }))).toEqual(expect.arrayContaining([SHARE, CHANCE]));
  });

  it('lets one have a timer that it ends by its close', async () => {
    const create = (): Balancer => {
      const timer = setInterval(() => undefined, 60_000);
      return { ...sound(), close: () => clearInterval(timer) };
    };
    expect(await brokenRules(balancerRules, create)).toEqual([]);
  });

  it('catches one that picks nobody', async () => {
    expect(await brokenRules(balancerRules, () => ({ pick: () => undefined }))).toEqual(
      expect.arrayContaining(['picks one of the candidates it was given, every time', SHARE]),
    );
  });

  it('says which rules were left out', async () => {
    const tests = registered((register) => balancerSuite({ test: register, create: sound }));
    const names = [...tests.keys()];
    expect(names).toHaveLength(balancerRules.length + 1);
    const last = names.at(-1) ?? '';
    expect(last).toBe(`balancer: all ${balancerRules.length} rules ran`);
    for (const name of names.slice(1, -1)) await tests.get(name)?.();
    await expect(tests.get(last)?.()).rejects.toThrow(`7 of 8 rules ran; left out: ${balancerRules[0]?.name}`);
    await tests.get(names[0] ?? '')?.();
    await tests.get(last)?.();
  });
});

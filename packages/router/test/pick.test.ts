import type { Balancer, Candidate } from '@smmf/core';
import type { InstanceRecord } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { buildTable, EMPTY_TABLE, type ModelEntry } from '../src/candidate-table.ts';
import { GuardedBalancer } from '../src/guarded-balancer.ts';
import type { Instance } from '../src/instance.ts';
import { hasUntried, pickInstance } from '../src/pick.ts';
import { model, record, tableInput } from './harness.ts';

/** A model whose balancer takes the last of its candidates and writes down which there were. */
function world(records: readonly InstanceRecord[]) {
  const offered: string[][] = [];
  const balancer: Balancer = {
    pick(candidates: readonly Candidate[]) {
      offered.push(candidates.map(({ id }) => id));
      return candidates.at(-1);
    },
  };
  const settings = { models: [model('m', { balancer })], administrative: new Map() };
  const entry = buildTable(tableInput(settings, records), EMPTY_TABLE).models.get('m');
  if (!entry) throw new Error('no entry');
  return { entry, offered };
}

function pick(entry: ModelEntry, tried: readonly Instance[] = [], nowMs = 0): string | undefined {
  return pickInstance(entry, { model: 'm', task: 'chat', promptBytes: 1, random: () => 0, nowMs, tried })?.id;
}
const at = ({ open }: ModelEntry, index: number): Instance => open[index] as Instance;

describe('the choice of an instance', () => {
  it("is the balancer's among those with a free slot, and is not asked where there is one or none", () => {
    const { entry, offered } = world(['a', 'b', 'c'].map((id) => record(id, { slots: 1 })));
    expect(pick(entry)).toBe('c');
    at(entry, 2).inFlight = 1;
    expect(pick(entry)).toBe('b');
    at(entry, 1).inFlight = 1;
    expect(pick(entry)).toBe('a');
    at(entry, 0).inFlight = 1;
    expect(pick(entry)).toBeUndefined();
    expect(offered).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b'],
    ]);
  });

  it('goes to a higher order only when the lower has no free slot', () => {
    const { entry } = world([record('a', { slots: 1 }), record('b', { slots: 1 }), record('c', { order: 1 })]);
    expect(pick(entry)).toBe('b');
    for (const instance of entry.open.slice(0, 2)) instance.inFlight = 1;
    expect(pick(entry)).toBe('c');
  });

  it('leaves ejected ones out until their time has passed, unless all are', () => {
    const { entry } = world([record('a'), record('b')]);
    at(entry, 1).eject(0);
    expect(pick(entry, [], 9_999)).toBe('a');
    expect(pick(entry, [], 10_000)).toBe('b');
    at(entry, 0).eject(5_000);
    expect(pick(entry, [], 9_999)).toBe('b');
  });

  it('leaves out what failed this request, also where the others are busy, and begins again when all have', () => {
    const { entry } = world([record('a', { slots: 1 }), record('b', { slots: 1 })]);
    const [a, b] = [at(entry, 0), at(entry, 1)];
    expect(pick(entry, [b])).toBe('a');
    a.inFlight = 1;
    expect(pick(entry, [b])).toBeUndefined();
    expect(pick(entry, [a, b])).toBe('b');
  });

  // What is no candidate is stood in for by the least loaded one: here both are alike, and chance takes the second.
  it.each<[string, (candidates: readonly Candidate[]) => Candidate | undefined, string]>([
    ['a candidate', (candidates) => candidates[0], 'a'],
    ['a copy of one', ([first]) => first && { ...first, id: first.id }, 'b'],
    ['a stranger', ([first]) => first && { ...first, id: 'stranger' }, 'b'],
    ['nobody', () => undefined, 'b'],
  ])('is an instance of ours when the balancer names %s', (_whom, choose, wanted) => {
    const { entry } = world([record('a'), record('b')]);
    const balancer = new GuardedBalancer({ pick: choose }, () => undefined);
    expect(pick({ ...entry, balancer })).toBe(wanted);
  });

  it('asks what failed this request once more when an ejection has ended since', () => {
    const { entry } = world([record('a', { slots: 1 }), record('b')]);
    const [a, b] = [at(entry, 0), at(entry, 1)];
    a.inFlight = 1;
    b.eject(0);
    expect(pick(entry, [b], 9_999)).toBeUndefined();
    expect(pick(entry, [b], 10_000)).toBe('b');
  });
});

it('a request has somewhere else to go while one in rotation was not tried, busy or not', () => {
  const { entry } = world([record('a', { slots: 1 }), record('b')]);
  const [a, b] = [at(entry, 0), at(entry, 1)];
  b.inFlight = 5;
  expect(hasUntried(entry, [a], 0)).toBe(true);
  expect(hasUntried(entry, [a, b], 0)).toBe(false);
  b.eject(0);
  expect(hasUntried(entry, [a], 0)).toBe(false);
  a.eject(0);
  expect(hasUntried(entry, [a], 0)).toBe(true);
});

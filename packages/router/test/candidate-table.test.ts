import type { AdministrativeState, InstanceRecord, ModelCard } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { buildTable, type CandidateTable, EMPTY_TABLE, slotsOf } from '../src/candidate-table.ts';
import { ModelQueue } from '../src/model-queue.ts';
import type { ModelSettings } from '../src/settings.ts';
import { model, record, tableInput } from './harness.ts';

function tableOf(
  records: readonly InstanceRecord[],
  old: CandidateTable = EMPTY_TABLE,
  models: readonly ModelSettings[] = [model('m')],
  administrative: ReadonlyMap<string, AdministrativeState> = new Map(),
): CandidateTable {
  return buildTable(tableInput({ models, administrative }, records), old);
}
const idsOf = (instances: readonly { readonly id: string }[] | undefined) => instances?.map(({ id }) => id);

describe('the next table', () => {
  it('keeps the counts of an instance that goes on, and what it says of itself is the new record', () => {
    const first = tableOf([record('a')]);
    const counted = first.instances.get('a');
    const changed = record('a', { weight: 3, labels: { zone: 'x' } });
    const next = tableOf([changed], first);
    expect(next.instances.get('a')).toBe(counted);
    expect(counted).toMatchObject({ record: changed, weight: 3 });
  });

  it.each<[string, Partial<InstanceRecord>]>([
    ['another start', { epoch: 2 }],
    ['another address', { address: { url: 'http://elsewhere.invalid' } }],
  ])('begins to count anew at %s', (_what, more) => {
    const first = tableOf([record('a')]);
    expect(tableOf([record('a', more)], first).instances.get('a')).not.toBe(first.instances.get('a'));
  });

  it('keeps the counts of a worker object in this process, until it gets an address', () => {
    const { address: _, ...inProcess } = record('a');
    const first = tableOf([inProcess]);
    const next = tableOf([inProcess], first);
    expect(next.instances.get('a')).toBe(first.instances.get('a'));
    expect(tableOf([record('a')], next).instances.get('a')).not.toBe(first.instances.get('a'));
  });

  it('keeps the queue of a model that goes on', () => {
    const first = tableOf([record('a')]);
    expect(first.models.get('m')?.queue).toBeInstanceOf(ModelQueue);
    expect(tableOf([], first).models.get('m')?.queue).toBe(first.models.get('m')?.queue);
  });

  it('has no place for what has gone', () => {
    const { instances, models } = tableOf([record('a', { state: 'gone' }), record('b')]);
    expect([...instances.keys()]).toEqual(['b']);
    expect(models.get('m')).toMatchObject({ open: [{ id: 'b' }], closed: [] });
  });

  it('finds a model by id and alias, and an id before the alias of another', () => {
    const models = [model('m', { aliases: ['n', 'nice'] }), model('n')];
    const { byName } = tableOf([], EMPTY_TABLE, models);
    expect(['m', 'nice', 'n', 'other'].map((name) => byName.get(name)?.settings.id)).toEqual([
      'm',
      'm',
      'n',
      undefined,
    ]);
  });
});

describe('the instances of a model', () => {
  it('are those that serve it, by order and then by id', () => {
    const other = record('x', { models: [{ id: 'other', tasks: ['chat'] }] });
    const { models } = tableOf([record('d', { order: 1 }), record('c'), other, record('a', { order: 1 }), record('b')]);
    expect(idsOf(models.get('m')?.open)).toEqual(['b', 'c', 'a', 'd']);
  });

  it.each<[InstanceRecord['state'], boolean, number]>([
    ['ready', true, 0],
    ['degraded', true, 0],
    ['starting', false, 4],
    ['down', false, 0],
    ['draining', false, 0],
    ['failed', false, 0],
  ])('take work in state "%s": %s; %i slots are coming', (state, isOpen, comingSlots) => {
    const entry = tableOf([record('a', { state, slots: 4 })]).models.get('m');
    expect(entry?.comingSlots).toBe(comingSlots);
    expect([idsOf(entry?.open), idsOf(entry?.closed)]).toEqual(isOpen ? [['a'], []] : [[], ['a']]);
  });

  it('take none where an operator said so, and none of theirs are waited for', () => {
    const orders = new Map<string, AdministrativeState>([
      ['a', 'offline'],
      ['b', 'online'],
      ['c', 'offline'],
    ]);
    const records = [record('a'), record('b'), record('c', { state: 'starting', slots: 2 })];
    const entry = tableOf(records, EMPTY_TABLE, [model('m')], orders).models.get('m');
    expect([idsOf(entry?.open), idsOf(entry?.closed), entry?.comingSlots]).toEqual([['b'], ['a', 'c'], 0]);
  });

  it('have their weight, a quarter of it while degraded', () => {
    const { instances } = tableOf([record('a', { weight: 8, state: 'degraded' }), record('b', { weight: 8 })]);
    expect([instances.get('a')?.weight, instances.get('b')?.weight]).toEqual([2, 8]);
  });

  it('have the sum of their slots together', () => {
    const { instances } = tableOf([record('a', { slots: 2 }), record('b', { slots: 3 })]);
    expect(slotsOf([...instances.values()])).toBe(5);
    expect(slotsOf([])).toBe(0);
  });
});

describe("a model's card", () => {
  const cardOf = (...cards: (Omit<ModelCard, 'id'> | undefined)[]) =>
    tableOf(cards.map((card, index) => record(`i${index}`, { models: card ? [{ id: 'm', ...card }] : [] }))).models.get(
      'm',
    )?.card;

  it('has the tasks that any of its instances serves, in the order of the table of tasks', () => {
    expect(cardOf({ tasks: ['embeddings'] }, { tasks: ['chat'] })?.tasks).toEqual(['chat', 'embeddings']);
  });

  it('has all tasks while no instance has told its own', () => {
    for (const card of [cardOf(), cardOf(undefined), cardOf({ tasks: [] })]) {
      expect(card).toEqual({ id: 'm', tasks: ['chat', 'completions', 'embeddings', 'rerank'] });
    }
    expect(cardOf({ tasks: [] }, { tasks: ['rerank'] })?.tasks).toEqual(['rerank']);
  });

  it('has the longest context, and none where one of them tells none', () => {
    const tasks: ModelCard['tasks'] = ['chat'];
    expect(cardOf({ tasks, contextLength: 10 }, { tasks, contextLength: 20 })?.contextLength).toBe(20);
    expect(cardOf({ tasks }, { tasks, contextLength: 20 })).not.toHaveProperty('contextLength');
  });

  it('has of the other fields those of the first instance, and of cards of the same instance its own', () => {
    const models: ModelCard[] = [
      { id: 'other', tasks: ['rerank'], labels: { of: 'other' } },
      { id: 'm', tasks: ['chat'], labels: { of: 'm' } },
    ];
    expect(tableOf([record('a', { models })]).models.get('m')?.card).toEqual(models[1]);
  });
});

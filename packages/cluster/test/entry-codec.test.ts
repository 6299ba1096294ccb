import type { RegistryEntry } from '@smmf/core';
import { testRecord } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import { ENTRY_LIMIT_BYTES, instanceOf, openEntry, RECORD_VERSION, sealEntry } from '../src/index.ts';

const full = testRecord('a', {
  reason: 'größer',
  slots: 4,
  labels: { zone: 'z1' },
  models: [{ id: 'm', tasks: ['chat', 'rerank'], contextLength: 4096, capabilities: ['tools'], labels: { x: 'y' } }],
  address: { url: 'http://127.0.0.1:1/v1', socketPath: '/run/a.sock', node: 'gpu1' },
});

/** The same entry with its payload changed: as another version would write it. */
function rewritten(change: (payload: Record<string, unknown>) => object, around: object = {}): RegistryEntry {
  const entry = sealEntry('instance', full);
  const payload = JSON.stringify(change(JSON.parse(openEntry(entry).payload)));
  return { ...entry, value: JSON.stringify({ ...JSON.parse(entry.value), payload, ...around }) };
}

/** Paths of every object in a value, and of every key in it. */
function places(
  value: unknown,
  path: readonly string[] = [],
): { readonly objects: string[][]; readonly keys: string[][] } {
  if (typeof value !== 'object' || value === null) return { objects: [], keys: [] };
  const inner = Object.entries(value).map(([key, item]) => places(item, [...path, key]));
  const own = Array.isArray(value) ? [] : Object.keys(value).map((key) => [...path, key]);
  return {
    objects: [...(Array.isArray(value) ? [] : [[...path]]), ...inner.flatMap(({ objects }) => objects)],
    keys: [...own, ...inner.flatMap(({ keys }) => keys)],
  };
}

function at(value: unknown, path: readonly string[]): Record<string, unknown> {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value) as Record<
    string,
    unknown
  >;
}

describe('an entry', () => {
  it('gives back the record that was put in', () => {
    const entry = sealEntry('instance', full);
    expect(entry).toMatchObject({ id: 'a', epoch: 1 });
    expect(instanceOf(entry)).toEqual(full);
    expect(openEntry(entry)).toMatchObject({ version: RECORD_VERSION, kind: 'instance', signature: undefined });
  });

  it('holds its payload as one text, so that a signature over it survives every hop', () => {
    const { value } = sealEntry('instance', full);
    expect(typeof JSON.parse(value).payload).toBe('string');
    expect(openEntry({ id: 'a', epoch: 1, value }).payload).toBe(JSON.stringify(full));
  });

  it('of another kind is no instance', () => {
    expect(instanceOf(sealEntry('controller', { id: 'c', epoch: 1 }))).toBeUndefined();
  });

  it('has a limit, when it is written and when it is read', () => {
    const huge = { ...full, labels: { pad: 'x'.repeat(ENTRY_LIMIT_BYTES) } };
    expect(() => sealEntry('instance', huge)).toThrow(/"a" has \d+ bytes/);
    const value = 'x'.repeat(ENTRY_LIMIT_BYTES + 1);
    expect(() => openEntry({ id: 'a', epoch: 1, value })).toThrow('too large');
  });

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"v":0,"kind":"instance","payload":"{}"}',
    '{"v":1,"kind":"instance","payload":{}}',
    '{',
  ])('that is %j is refused', (value) => {
    expect(() => openEntry({ id: 'a', epoch: 1, value })).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
  });

  it.each([{ id: 'b' }, { epoch: 2 }])('that speaks of another instance or start (%j) is refused', (other) => {
    const entry = rewritten((payload) => ({ ...payload, ...other }));
    expect(() => instanceOf(entry)).toThrow(/speaks of/);
  });
});

describe('a record of another version', () => {
  it.each(places(full).objects)('is read with a key more at /%s', (...path) => {
    const entry = rewritten(
      (payload) => {
        at(payload, path).addedLater = 'later';
        return payload;
      },
      { v: RECORD_VERSION + 1, addedLater: true },
    );
    const read = instanceOf(entry);
    expect(read).toMatchObject({ id: 'a', state: 'ready', address: full.address });
    if (path.length === 0) expect(read).toHaveProperty('addedLater', 'later');
  });

  const needed = [
    'id',
    'epoch',
    'engine',
    'state',
    'models',
    'startedAtMs',
    'models/0/id',
    'models/0/tasks',
    'address/url',
  ];
  it.each(places(full).keys.filter((path) => !needed.includes(path.join('/'))))('is read without /%s', (...path) => {
    const entry = rewritten((payload) => {
      delete at(payload, path.slice(0, -1))[path.at(-1) ?? ''];
      return payload;
    });
    expect(instanceOf(entry)).toMatchObject({ id: 'a', state: 'ready', weight: 1, order: 0 });
  });

  it('does not lose an instance with a task that is not known', () => {
    const entry = rewritten((payload) => ({ ...payload, models: [{ id: 'm', tasks: ['chat', 'images'] }] }));
    expect(instanceOf(entry)?.models).toEqual([{ id: 'm', tasks: ['chat'] }]);
  });

  it('sends no work to an instance in a state that is not known, and says why', () => {
    const entry = rewritten((payload) => ({ ...payload, state: 'dreaming' }));
    expect(instanceOf(entry)).toMatchObject({ state: 'down', reason: expect.stringContaining('"dreaming"') });
  });

  it.each(needed)('is refused without /%s', (path) => {
    const steps = path.split('/');
    const entry = rewritten((payload) => {
      delete at(payload, steps.slice(0, -1))[steps.at(-1) ?? ''];
      return payload;
    });
    expect(() => instanceOf(entry)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
  });
});

import { type RegistryEntry, Secret } from '@smmf/core';
import { testRecord } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import { createClusterKeys, createEntryCodec, ENTRY_LIMIT_BYTES, RECORD_VERSION } from '../src/index.ts';
import { instanceIn, rewritten, sealed, testCodec, testKeys } from './test-cluster.ts';

const full = testRecord('a', {
  reason: 'größer',
  slots: 4,
  labels: { zone: 'z1' },
  models: [{ id: 'm', tasks: ['chat', 'rerank'], contextLength: 4096, capabilities: ['tools'], labels: { x: 'y' } }],
  address: { url: 'http://127.0.0.1:1/v1', socketPath: '/run/a.sock', node: 'gpu1' },
});

const changed = (change: (payload: Record<string, unknown>) => object, around = {}): RegistryEntry =>
  rewritten(sealed(full), change, around);

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
    const entry = sealed(full);
    expect(entry).toMatchObject({ id: 'a', epoch: 1 });
    expect(instanceIn(entry)).toEqual(full);
    expect(testCodec.open(entry)).toEqual({
      ...{ version: RECORD_VERSION, kind: 'instance', seq: 1 },
      payload: JSON.stringify(full),
    });
  });

  it('holds its payload as one text, so that a signature over it survives every hop', () => {
    const { value } = sealed(full);
    expect(typeof JSON.parse(value).payload).toBe('string');
    expect(testCodec.open({ id: 'a', epoch: 1, value }).payload).toBe(JSON.stringify(full));
  });

  it('of another kind is no instance', () => {
    expect(instanceIn(testCodec.seal('controller', { id: 'c', epoch: 1 }, 1))).toBeUndefined();
  });

  it('has a limit, when it is written and when it is read', () => {
    const huge = { ...full, labels: { pad: 'x'.repeat(ENTRY_LIMIT_BYTES) } };
    expect(() => sealed(huge)).toThrow(/"a" has \d+ bytes/);
    const value = 'x'.repeat(ENTRY_LIMIT_BYTES + 1);
    expect(() => testCodec.open({ id: 'a', epoch: 1, value })).toThrow('too large');
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
    expect(() => testCodec.open({ id: 'a', epoch: 1, value })).toThrow(
      expect.objectContaining({ code: 'INVALID_VALUE' }),
    );
  });

  it('that nobody has signed is no member’s, and neither is one that another secret or namespace has', () => {
    const { sig: _, ...unsigned } = JSON.parse(sealed(full).value);
    const strange = createEntryCodec(createClusterKeys([new Secret('another secret, as long')], 'test'));
    const elsewhere = createEntryCodec(createClusterKeys([new Secret('a secret of the tests')], 'other'));
    const texts = [
      JSON.stringify(unsigned),
      strange.seal('instance', full, 1).value,
      elsewhere.seal('instance', full, 1).value,
    ];
    for (const value of texts) {
      expect(() => testCodec.open({ id: 'a', epoch: 1, value })).toThrow(
        expect.objectContaining({ code: 'RECORD_UNSIGNED' }),
      );
    }
  });

  it.each([
    ['id', { id: 'b' }],
    ['epoch', { epoch: 2 }],
  ])('that was signed for another %s is refused', (_what, more) => {
    expect(() => testCodec.open({ ...sealed(full), ...more })).toThrow('not signed with a secret of this cluster');
  });

  it.each([
    ['its kind', { kind: 'worker' }],
    ['its number', { seq: 2 }],
    ['its version', { v: 2 }],
    ['one byte of its payload', { payload: `${JSON.stringify(full)} ` }],
  ])('in which %s was changed is refused', (_what, more) => {
    const entry = sealed(full);
    const value = JSON.stringify({ ...JSON.parse(entry.value), ...more });
    expect(() => testCodec.open({ ...entry, value })).toThrow('not signed with a secret of this cluster');
  });

  it('is written with the current secret, and read with the one before as well', () => {
    const [old, next] = [new Secret('a secret of the tests'), new Secret('the next secret of the tests')];
    const changing = createEntryCodec(createClusterKeys([next, old], 'test'));
    const changed = createEntryCodec(createClusterKeys([next], 'test'));
    expect(changing.open(sealed(full)).payload).toBe(JSON.stringify(full));
    expect(changed.open(changing.seal('instance', full, 1)).seq).toBe(1);
    expect(() => changed.open(sealed(full))).toThrow(expect.objectContaining({ code: 'RECORD_UNSIGNED' }));
    expect(testKeys.joins).toHaveLength(1);
  });

  it.each([{ id: 'b' }, { epoch: 2 }])('that speaks of another instance or start (%j) is refused', (other) => {
    const entry = changed((payload) => ({ ...payload, ...other }));
    expect(() => instanceIn(entry)).toThrow(/speaks of/);
  });
});

describe('a record of another version', () => {
  it.each(places(full).objects)('is read with a key more at /%s', (...path) => {
    const entry = changed(
      (payload) => {
        at(payload, path).addedLater = 'later';
        return payload;
      },
      { v: RECORD_VERSION + 1, addedLater: true },
    );
    const read = instanceIn(entry);
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
    const entry = changed((payload) => {
      delete at(payload, path.slice(0, -1))[path.at(-1) ?? ''];
      return payload;
    });
    expect(instanceIn(entry)).toMatchObject({ id: 'a', state: 'ready', weight: 1, order: 0 });
  });

  it('does not lose an instance with a task that is not known', () => {
    const entry = changed((payload) => ({ ...payload, models: [{ id: 'm', tasks: ['chat', 'images'] }] }));
    expect(instanceIn(entry)?.models).toEqual([{ id: 'm', tasks: ['chat'] }]);
  });

  it('sends no work to an instance in a state that is not known, and says why', () => {
    const entry = changed((payload) => ({ ...payload, state: 'dreaming' }));
    expect(instanceIn(entry)).toMatchObject({ state: 'down', reason: expect.stringContaining('"dreaming"') });
  });

  it.each(needed)('is refused without /%s', (path) => {
    const steps = path.split('/');
    const entry = changed((payload) => {
      delete at(payload, steps.slice(0, -1))[steps.at(-1) ?? ''];
      return payload;
    });
    expect(() => instanceIn(entry)).toThrow(expect.objectContaining({ code: 'INVALID_VALUE' }));
  });
});

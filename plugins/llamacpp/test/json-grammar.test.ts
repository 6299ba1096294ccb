import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { jsonGrammar, textGrammar } from '../src/json-grammar.ts';
import { gbnfTexts, readGbnf, seeded } from './gbnf-text.ts';

const tree = {
  $ref: '#/$defs/node',
  $defs: {
    node: {
      type: 'object',
      properties: {
        value: { type: 'boolean' },
        left: { anyOf: [{ $ref: '#/$defs/node', description: 'a smaller tree' }, { type: 'null' }] },
        right: { allOf: [{ $ref: '#/$defs/node' }], title: 'Right' },
      },
      required: ['value', 'left'],
    },
  },
};

const SCHEMAS: readonly Readonly<Record<string, unknown>>[] = [
  {},
  tree,
  { type: 'object' },
  { type: 'object', additionalProperties: { type: 'integer' } },
  { type: 'object', properties: { a: {}, b: false, 'q"\\': { type: 'null' } }, required: ['z'] },
  { properties: { a: { type: 'string' }, b: { type: 'string' }, c: { type: 'string' } }, additionalProperties: false },
  {
    type: 'object',
    properties: { n: { type: 'integer', minimum: 3, maximum: 1234 }, x: { exclusiveMinimum: 0 } },
    required: ['n'],
  },
  { type: 'array', items: { type: 'integer', minimum: -57, exclusiveMaximum: 208 }, minItems: 2, maxItems: 5 },
  { type: 'array', maxItems: 1 },
  { type: 'array', maxItems: 0 },
  { type: 'array', prefixItems: [{ type: 'null' }, { type: 'string' }], items: false },
  { type: 'array', prefixItems: [{ type: 'null' }], minItems: 3 },
  { type: 'string', minLength: 2, maxLength: 5 },
  { type: ['string', 'null', 'number'] },
  { enum: ['a"b', 'c\\d', 1, null, 'ü\n'] },
  { type: 'integer', enum: ['a', 1, 2.5] },
  { const: 'only' },
  { anyOf: [{ type: 'boolean' }, { type: 'array', items: { type: 'null' } }] },
  { type: 'object', properties: { a: { type: 'null' } }, anyOf: [{ required: ['a'] }, { required: ['b'] }] },
  { allOf: [{ type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }, { required: ['b'] }] },
  {
    oneOf: [
      { type: 'object', properties: { kind: { const: 'a' }, x: { type: 'string' } }, required: ['kind'] },
      { type: 'object', properties: { kind: { enum: ['b', 'c'] }, y: { type: 'null' } }, required: ['kind'] },
    ],
  },
  { oneOf: [{ type: 'string' }, { type: 'integer' }, { const: null }] },
  ...['date', 'time', 'date-time', 'uuid', 'ipv4', 'email', 'uri'].map((format) => ({ type: 'string', format })),
];

describe('the grammar of a JSON schema', () => {
  it.each(SCHEMAS)('has only texts that are valid against %j', (schema) => {
    const texts = gbnfTexts(jsonGrammar(schema, 'schema'));
    const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    for (let seed = 0; seed < 60; seed++) {
      const text = texts(seeded(seed));
      expect([text, validator.safeParse(JSON.parse(text)).success]).toEqual([text, true]);
    }
  });

  it('leaves optional properties out at times, and keeps the order of the schema', () => {
    const texts = gbnfTexts(
      jsonGrammar({ properties: { a: { const: 1 }, b: { const: 2 }, c: { const: 3 } } }, 'schema'),
    );
    const seen = new Set<string>();
    for (let seed = 0; seed < 300; seed++) seen.add(JSON.stringify(JSON.parse(texts(seeded(seed)))));
    expect([...seen].sort()).toEqual([
      ...['{"a":1,"b":2,"c":3}', '{"a":1,"b":2}', '{"a":1,"c":3}', '{"a":1}'],
      ...['{"b":2,"c":3}', '{"b":2}', '{"c":3}', '{}'],
    ]);
  });

  it.each([
    [{ type: 'string', pattern: '^(?!a)b$' }, 'schema', '"pattern" has look-around'],
    [{ type: 'string', pattern: '^a{8}$', maxLength: 7 }, 'schema', '"pattern" has no text'],
    [{ minProperties: 1 }, 'schema', '"minProperties"'],
    [{ properties: { a: {} }, patternProperties: { b: {} } }, 'schema', '"patternProperties"'],
    [
      { type: 'object', properties: { a: { items: { uniqueItems: true } } } },
      'schema.properties.a.items',
      'uniqueItems',
    ],
    [{ type: 'integer', multipleOf: 5 }, 'schema', 'multipleOf'],
    [{ type: 'number', multipleOf: 0.25 }, 'schema', 'multipleOf'],
    [{ not: {} }, 'schema', '"not"'],
    [{ oneOf: [{ type: 'number' }, { type: 'integer' }] }, 'schema', 'oneOf'],
    [{ anyOf: [{ type: 'null' }], oneOf: [{ type: 'null' }] }, 'schema', 'anyOf beside oneOf'],
    [{ allOf: [{ type: 'string' }, { type: 'null' }] }, 'schema', 'two different "type"'],
    [{ $ref: 'other.json' }, 'schema', 'leads out'],
    [{ $ref: '#/$defs/none' }, 'schema', 'leads nowhere'],
    [{ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a', type: 'null' } } }, 'schema', 'without end'],
    [{ type: 'text' }, 'schema', 'no type'],
    [{ properties: 5 }, 'schema', 'properties'],
    [{ properties: { a: 7 } }, 'schema.properties.a', 'must be an object'],
    [{ required: ['a'], additionalProperties: false }, 'schema', '"a"'],
    [{ type: 'array', items: false, minItems: 1 }, 'schema', 'minItems'],
    [{ type: 'array', minItems: 3, maxItems: 2 }, 'schema', 'minItems 3'],
    [{ type: 'string', minLength: 2_000_000 }, 'schema', '2000000'],
    [{ type: 'string', minLength: 3, maxLength: 2 }, 'schema', 'minLength 3'],
    [{ type: 'string', format: 'date', maxLength: 9 }, 'schema', '"format"'],
    [{ type: 'number', minimum: 0.1, maximum: 0.9 }, 'schema', 'limits'],
    [{ type: 'integer', enum: ['a'] }, 'schema', 'no value'],
  ])('refuses %j, naming the part', (schema, param, words) => {
    let refusal: unknown;
    try {
      jsonGrammar(schema, 'schema');
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toMatchObject({ code: 'INVALID_VALUE', param, message: expect.stringContaining(words) });
  });

  it('writes whole characters alone, never half of a surrogate pair', () => {
    const texts = gbnfTexts(jsonGrammar({ type: 'string', minLength: 20, maxLength: 40 }, 'schema'));
    for (let seed = 0; seed < 3_000; seed++) {
      const text: string = JSON.parse(texts(seeded(seed)));
      expect([text, text.isWellFormed()]).toEqual([text, true]);
    }
  });

  it.each([0, 1, 64, 65, 99, 100, 101, 1_000, 4_097])('counts to %i characters and items, and no further', (limit) => {
    const long = readGbnf(jsonGrammar({ type: 'string', maxLength: limit }, 'schema'));
    const short = readGbnf(jsonGrammar({ type: 'string', minLength: limit }, 'schema'));
    const exact = readGbnf(jsonGrammar({ type: 'array', minItems: limit, maxItems: limit }, 'schema'));
    const text = (length: number) => JSON.stringify('x'.repeat(length));
    const items = (length: number) => JSON.stringify(Array(length).fill(0));
    expect([limit, limit + 1].map((length) => long.matches(text(length)))).toEqual([true, false]);
    expect([limit - 1, limit].map((length) => length >= 0 && short.matches(text(length)))).toEqual([false, true]);
    expect([limit, limit + 1].map((length) => exact.matches(items(length)))).toEqual([true, false]);
  });

  it('stays small whatever the limit is', () => {
    for (const maxLength of [1_000, 50_000, 1_000_000, 2 ** 40]) {
      const grammar = jsonGrammar({ type: 'string', minLength: 10, maxLength }, 'schema');
      const copies = [...grammar.matchAll(/\{(?:\d+,)?(\d+)\}/g)].map(([, most]) => Number(most));
      expect(Math.max(...copies)).toBeLessThanOrEqual(2_000);
      expect(grammar.length).toBeLessThan(1_500);
    }
  });

  it.each([
    ['a name that is not listed', { properties: { a: {} } }, '{"b": 1}', false],
    ['an empty list of properties', { type: 'object', properties: {} }, '{"a": 1}', false],
    ['a map', { type: 'object', properties: {}, additionalProperties: true }, '{"a": 1}', true],
    ['a map of numbers', { additionalProperties: { type: 'number' } }, '{"a": "x"}', false],
    [
      'names by a schema',
      { type: 'object', propertyNames: { maxLength: 2 }, additionalProperties: {} },
      '{"ab": 1}',
      true,
    ],
    [
      'names by a schema',
      { type: 'object', propertyNames: { enum: ['a'] }, additionalProperties: {} },
      '{"b": 1}',
      false,
    ],
    [
      'names by patterns',
      { patternProperties: { '^x-': { type: 'null' }, '^n$': { const: 1 } } },
      '{"x-a":null,"n":1}',
      true,
    ],
    ['names by patterns', { patternProperties: { '^x-': { type: 'null' } } }, '{"y-a":null}', false],
    ['a list of items in the older way', { items: [{ const: 1 }], additionalItems: false }, '[1]', true],
    ['a list of items in the older way', { items: [{ const: 1 }], additionalItems: false }, '[1, 1]', false],
    ['an open limit in the older way', { type: 'integer', minimum: 0, exclusiveMinimum: true }, '0', false],
    ['an open limit in the older way', { type: 'integer', minimum: 0, exclusiveMinimum: true }, '1', true],
    ['cents', { type: 'number', multipleOf: 0.01 }, '12.34', true],
    ['cents', { type: 'number', multipleOf: 0.01 }, '12.345', false],
    ['a format that nobody knows', { type: 'string', format: 'colour' }, '"red"', true],
    [
      'a format within a length',
      { type: 'string', format: 'uri', minLength: 1, maxLength: 2083 },
      '"https://a.example/b?c=d#e"',
      true,
    ],
    ['a format and a pattern', { type: 'string', format: 'date', pattern: '^2' }, '"2/1/2026"', true],
    ['a pattern within a length', { type: 'string', pattern: '^[a-z]+-$', maxLength: 4 }, '"abc-"', true],
    ['a pattern within a length', { type: 'string', pattern: '^[a-z]+-$', maxLength: 4 }, '"abcd-"', false],
    [
      'one property told twice',
      { allOf: [{ properties: { a: { minLength: 2 } } }, { properties: { a: { maxLength: 3 } } }] },
      '{"a":"abcd"}',
      false,
    ],
  ])('takes %s as JSON Schema says: %j and %s', (_what, schema, text, valid) => {
    expect(readGbnf(jsonGrammar(schema, 'schema')).matches(text)).toBe(valid);
  });

  it('has unions whose mark generators leave optional, with the mark', () => {
    const branch = (kind: string) => ({
      type: 'object',
      properties: { kind: { const: kind, default: kind }, n: { type: 'integer' } },
    });
    const { matches } = readGbnf(jsonGrammar({ oneOf: [branch('a'), branch('b')] }, 'schema'));
    expect(['{"kind":"a"}', '{"kind":"b","n":1}', '{"n":1}'].map(matches)).toEqual([true, true, false]);
  });

  it('has no space but one, or a new line and its indent, and none before a comma or a colon', () => {
    const schema = { type: 'object', properties: { a: { type: 'array', items: {} }, b: { type: 'object' }, c: {} } };
    const { make, matches } = readGbnf(jsonGrammar(schema, 'schema'));
    for (let seed = 0; seed < 300; seed++) {
      const bare = make(seeded(seed)).replace(/"(?:\\.|[^"\\])*"/g, '""');
      expect([bare, / {2}(?<!\n[ \t]*)|\n[ \t]*\n|\s[,:]/.test(bare)]).toEqual([bare, false]);
    }
    expect(['{ }', '{}', '{\n  "c": 1\n}', '{  "c": 1}', '{"c" : 1}', '{\n\n"c": 1}'].map(matches)).toEqual([
      ...[true, true, true],
      ...[false, false, false],
    ]);
  });
});

describe('the grammar of texts', () => {
  it('has exactly the given ones', () => {
    const names = ['get', 'get_all', 'get_alx', 'say "hi"', 'ü', 'üb', '𝒳', '𝒴'];
    const { make, matches } = readGbnf(textGrammar(names));
    const made = new Set(Array.from({ length: 500 }, (_, seed) => make(seeded(seed))));
    expect([...made].sort()).toEqual([...names].sort());
    const nested = Array.from({ length: 300 }, (_, index) => 'a'.repeat(index + 1));
    const chain = readGbnf(textGrammar(nested));
    expect([nested.every(chain.matches), chain.matches('a'.repeat(301)), chain.matches('')]).toEqual([
      ...[true, false, false],
    ]);
    expect(['get_', 'get_al', 'g', '', 'say'].map(matches)).toEqual([false, false, false, false, false]);
  });
});

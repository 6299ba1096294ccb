import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { jsonGrammar, textGrammar } from '../src/json-grammar.ts';
import { gbnfTexts, seeded } from './gbnf-text.ts';

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
    [{ type: 'string', pattern: '^a' }, 'schema', '"pattern"'],
    [
      { type: 'object', properties: { a: { items: { uniqueItems: true } } } },
      'schema.properties.a.items',
      'uniqueItems',
    ],
    [{ type: 'integer', multipleOf: 5 }, 'schema', 'multipleOf'],
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
    [{ type: 'array', items: [{ type: 'null' }] }, 'schema', 'prefixItems'],
    [{ type: 'array', items: false, minItems: 1 }, 'schema', 'minItems'],
    [{ type: 'string', minLength: 5000 }, 'schema', '5000'],
    [{ type: 'string', format: 'colour' }, 'schema', 'colour'],
    [{ type: 'string', format: 'date', minLength: 3 }, 'schema', 'length'],
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

  it('cuts a limit that llama.cpp cannot count to', () => {
    const properties = { a: { type: 'string', maxLength: 50_000 }, b: { type: 'array', maxItems: 9_999 } };
    const grammar = jsonGrammar({ type: 'object', properties }, 'schema');
    const limits = [...grammar.matchAll(/\{\d*,?(\d+)\}/g)].map(([, most]) => Number(most));
    expect(Math.max(...limits)).toBeLessThanOrEqual(1_000);
    expect(grammar).toContain('{0,1000}');
  });
});

describe('the grammar of texts', () => {
  it('has exactly the given ones', () => {
    const texts = gbnfTexts(textGrammar(['get', 'get_all', 'say "hi"']));
    expect([0, 0.4, 0.9].map((value) => texts(() => value))).toEqual(['get', 'get_all', 'say "hi"']);
  });
});

import * as z from 'zod';
import { orNull, type SampleTool, text } from './sample-tool.ts';

export const DATA: readonly SampleTool[] = [
  {
    name: 'run_query',
    description: 'Runs SQL',
    parameters: {
      title: 'RunQueryArguments',
      type: 'object',
      properties: {
        sql: { title: 'Sql', type: 'string' },
        params: orNull(
          {
            type: 'array',
            items: { anyOf: [{ type: 'string' }, { type: 'integer' }, { type: 'number' }, { type: 'null' }] },
          },
          'Params',
        ),
        timeout: orNull({ type: 'number', exclusiveMinimum: 0, maximum: 60 }, 'Timeout'),
      },
      required: ['sql'],
    },
    right: [{ sql: 'select 1' }, { sql: 'a', params: ['x', 1, 2.5, null], timeout: 0.5 }, { sql: 'a', params: null }],
    wrong: [
      { sql: 'a', params: [{}] },
      { sql: 'a', timeout: 0 },
      { sql: 'a', timeout: 60.5 },
    ],
  },
  {
    name: 'describe_table',
    description: 'Describes a table',
    parameters: {
      properties: { table: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]{0,62}$' } },
      required: ['table'],
    },
    right: [{ table: 'a_1' }],
    wrong: [{ table: '1a' }, { table: 'a;drop' }, {}],
  },
  {
    name: 'kv_set',
    description: 'Keeps a value',
    parameters: {
      type: 'object',
      properties: {
        key: text,
        value: {},
        tags: { type: 'object', additionalProperties: { type: 'string' } },
        note: { type: ['string', 'null'] },
      },
      required: ['key', 'value'],
    },
    right: [
      { key: 'a', value: { b: [1, null] } },
      { key: 'a', value: 'b', tags: { x: 'y', z: '' }, note: null },
    ],
    wrong: [{ key: 'a' }, { key: 'a', value: 1, tags: { x: 1 } }],
  },
  {
    name: 'insert_rows',
    description: 'Inserts rows',
    parameters: z.toJSONSchema(
      z.object({
        table: z.string(),
        rows: z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))).min(1),
        shape: z.tuple([z.int(), z.int()]).optional(),
      }),
    ),
    right: [
      { table: 't', rows: [{ a: 1, b: 'c', d: null }] },
      { table: 't', rows: [{}], shape: [1, 2] },
    ],
    wrong: [
      { table: 't', rows: [] },
      { table: 't', rows: [{ a: [] }] },
      { table: 't', rows: [{}], shape: [1] },
    ],
  },
  {
    name: 'filter_rows',
    description: 'Filters rows by a condition',
    parameters: {
      type: 'object',
      properties: { where: { $ref: '#/$defs/Condition' } },
      required: ['where'],
      $defs: {
        Condition: { anyOf: [{ $ref: '#/$defs/Leaf' }, { $ref: '#/$defs/Both' }] },
        Leaf: {
          type: 'object',
          properties: { field: text, op: { enum: ['=', '<', '>'] }, value: { type: ['string', 'number'] } },
          required: ['field', 'op', 'value'],
        },
        Both: {
          type: 'object',
          properties: { and: { type: 'array', items: { $ref: '#/$defs/Condition' }, minItems: 2 } },
          required: ['and'],
        },
      },
    },
    right: [
      { where: { field: 'a', op: '<', value: 1 } },
      {
        where: {
          and: [{ field: 'a', op: '=', value: 'b' }, { and: Array(2).fill({ field: 'c', op: '>', value: 2 }) }],
        },
      },
    ],
    wrong: [{ where: { and: [{ field: 'a', op: '=', value: 'b' }] } }, { where: { field: 'a', op: '!', value: 1 } }],
  },
];

import * as z from 'zod';

/** Five schemas that differ in what they need of a grammar. */
export const SCHEMAS: Readonly<Record<string, Record<string, unknown>>> = {
  'a person': {
    type: 'object',
    properties: { name: { type: 'string', maxLength: 40 }, age: { type: 'integer' } },
    required: ['name', 'age'],
    additionalProperties: false,
  },
  'a city with its tags': {
    type: 'object',
    properties: {
      city: { type: 'string', maxLength: 40 },
      tags: { type: 'array', items: { type: 'string', maxLength: 20 }, minItems: 1, maxItems: 3 },
    },
    required: ['city', 'tags'],
    additionalProperties: false,
  },
  'a mood': {
    type: 'object',
    properties: { mood: { enum: ['happy', 'sad', 'calm'] }, strong: { type: 'boolean' } },
    required: ['mood', 'strong'],
    additionalProperties: false,
  },
  'a shape': {
    type: 'object',
    properties: {
      shape: {
        oneOf: [
          {
            type: 'object',
            properties: { kind: { const: 'circle' }, radius: { type: 'number' } },
            required: ['kind', 'radius'],
            additionalProperties: false,
          },
          {
            type: 'object',
            properties: { kind: { const: 'square' }, side: { type: 'number' } },
            required: ['kind', 'side'],
            additionalProperties: false,
          },
        ],
      },
    },
    required: ['shape'],
    additionalProperties: false,
  },
  'an order of two items': {
    type: 'object',
    properties: {
      items: {
        type: 'array',
        minItems: 2,
        maxItems: 2,
        items: {
          type: 'object',
          properties: {
            title: { type: 'string', maxLength: 30 },
            price: { type: 'number' },
            note: { type: ['string', 'null'], maxLength: 30 },
          },
          required: ['title', 'price', 'note'],
          additionalProperties: false,
        },
      },
    },
    required: ['items'],
    additionalProperties: false,
  },
};

/** Is `value` valid against a JSON Schema, as zod reads it. */
export function validates(schema: object, value: unknown): boolean {
  return z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]).safeParse(value).success;
}

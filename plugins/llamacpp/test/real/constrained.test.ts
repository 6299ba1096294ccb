import type { Worker } from '@smmf/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { ask, modelPath, refusalOf, startWorker, user } from './engine.ts';

type Schema = Parameters<typeof z.fromJSONSchema>[0];

const person = {
  type: 'object',
  properties: { name: { type: 'string', maxLength: 20 }, age: { type: 'integer', minimum: 0, maximum: 120 } },
  required: ['name', 'age'],
  additionalProperties: false,
} satisfies Schema;

const SCHEMAS: Readonly<Record<string, Schema>> = {
  person,
  colours: { type: 'array', items: { enum: ['red', 'green', 'blue'] }, minItems: 2, maxItems: 4 },
  nested: {
    $defs: { person },
    type: 'object',
    properties: {
      boss: { $ref: '#/$defs/person' },
      team: { type: 'array', items: { $ref: '#/$defs/person' }, maxItems: 2 },
    },
    required: ['boss', 'team'],
  },
  ticket: {
    type: 'object',
    properties: {
      id: { type: 'string', pattern: '^[A-Z]{2,4}-\\d{1,4}$' },
      link: { type: 'string', format: 'uri', maxLength: 600 },
      note: { type: 'string', minLength: 5, maxLength: 70 },
    },
    required: ['id', 'link', 'note'],
    additionalProperties: false,
  },
  event: {
    type: 'object',
    properties: {
      at: { type: 'string', format: 'date-time' },
      done: { type: ['boolean', 'null'] },
      share: { type: 'number', minimum: 0, maximum: 1 },
    },
    required: ['at', 'done', 'share'],
  },
  shape: {
    anyOf: [
      { type: 'object', properties: { kind: { const: 'circle' }, r: { type: 'integer' } }, required: ['kind', 'r'] },
      {
        type: 'object',
        properties: { kind: { const: 'text' }, text: { type: 'string', maxLength: 12 } },
        required: ['kind'],
      },
    ],
  },
};

const weather = {
  type: 'object',
  properties: {
    city: { type: 'string' },
    unit: { enum: ['celsius', 'fahrenheit'] },
    days: { type: 'integer', minimum: 1 },
  },
  required: ['city', 'unit'],
} satisfies Schema;
const search = {
  type: 'object',
  properties: { query: { type: 'string' }, tags: { type: 'array', items: { type: 'string' } } },
  required: ['query', 'tags'],
} satisfies Schema;
const tools = [
  { type: 'function', function: { name: 'get_weather', description: 'Weather of a city', parameters: weather } },
  { type: 'function', function: { name: 'search', description: 'Search for something', parameters: search } },
  { type: 'function', function: { name: 'ping' } },
];
const validators: Readonly<Record<string, z.ZodType>> = {
  get_weather: z.fromJSONSchema(weather),
  search: z.fromJSONSchema(search),
  ping: z.strictObject({}),
};
const callOf = (id: string, json: string) => ({
  id,
  type: 'function',
  function: { name: 'get_weather', arguments: json },
});
const question = [user('What is the weather in Paris?')];

describe.skipIf(!modelPath)('an answer within a grammar, by a real model', () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await startWorker({ parallel: 1, contextLength: 1024 });
  });
  afterAll(() => worker.close());

  it.each(Object.keys(SCHEMAS))('is valid against the schema "%s", also where chance has its way', async (name) => {
    const schema = SCHEMAS[name] ?? {};
    const format = { type: 'json_schema', json_schema: { name, schema } };
    const { text, reason } = await ask(worker, {
      messages: [user('Make something up.')],
      response_format: format,
      temperature: 1.5,
      seed: 5,
    });
    expect([text, z.fromJSONSchema(schema).safeParse(JSON.parse(text)).success, reason]).toEqual([text, true, 'stop']);
  });

  it('is a JSON object where any will do, and says length when it is cut', async () => {
    const json = {
      messages: [user('Describe a cat as JSON with name and age.')],
      response_format: { type: 'json_object' },
    };
    const whole = await ask(worker, { ...json, seed: 1 });
    expect([whole.reason, typeof JSON.parse(whole.text)]).toEqual(['stop', 'object']);
    expect((await ask(worker, { ...json, seed: 1, max_tokens: 5 })).reason).toBe('length');
  });

  it('begins the grammar anew for each choice', async () => {
    const schema = {
      type: 'object',
      properties: { n: { enum: [1, 2, 3] } },
      required: ['n'],
      additionalProperties: false,
    };
    const format = { type: 'json_schema', json_schema: { name: 'x', schema } };
    const { events } = await ask(worker, { messages: [user('A number.')], response_format: format, n: 2, seed: 4 });
    for (const choice of [0, 1]) {
      const texts = events.map((event) => (event.type === 'text' && event.choice === choice ? event.text : ''));
      expect([1, 2, 3]).toContain(JSON.parse(texts.join('')).n);
    }
  });

  it('is a valid call where one is required, also where the model repeats itself without end', async () => {
    for (const temperature of [0, 1]) {
      const { calls, text, reason } = await ask(worker, {
        messages: question,
        tools,
        tool_choice: 'required',
        temperature,
        seed: 2,
      });
      expect([text, reason, calls.length]).toEqual(['', 'tool_calls', 1]);
      for (const { name, arguments: json } of calls) {
        expect([json, validators[name]?.safeParse(JSON.parse(json)).success]).toEqual([json, true]);
      }
    }
  });

  it.each(['get_weather', 'ping'])('calls the function that is named: %s', async (name) => {
    const { calls, reason } = await ask(worker, {
      messages: question,
      tools,
      tool_choice: { type: 'function', function: { name } },
    });
    expect([reason, calls.map((call) => call.name)]).toEqual(['tool_calls', [name]]);
    expect(validators[name]?.safeParse(JSON.parse(calls[0]?.arguments ?? '')).success).toBe(true);
  });

  it('is either text or a valid call where the model may choose', async () => {
    for (const seed of [1, 2]) {
      const { calls, text, reason } = await ask(worker, { messages: question, tools, seed, max_tokens: 120 });
      expect(calls.length === 0 ? text !== '' : reason === 'tool_calls').toBe(true);
      for (const { name, arguments: json } of calls)
        expect(validators[name]?.safeParse(JSON.parse(json)).success).toBe(true);
    }
  });

  it('is a call of its own accord where the model begins one, here after the example of the turns before', async () => {
    const turn = (city: string, id: string) => [
      user(`What is the weather in ${city}?`),
      { role: 'assistant', content: null, tool_calls: [callOf(id, `{"city":"${city}","unit":"celsius"}`)] },
      { role: 'tool', tool_call_id: id, content: '21' },
      { role: 'assistant', content: '21 degrees.' },
    ];
    const messages = [...turn('Rome', '1'), ...turn('Oslo', '2'), ...turn('Cairo', '3'), ...question];
    const { calls, reason, text } = await ask(worker, { messages, tools, temperature: 0, max_tokens: 60 });
    expect([text, reason, calls.map(({ name }) => name)]).toEqual(['', 'tool_calls', ['get_weather']]);
    expect(validators.get_weather?.safeParse(JSON.parse(calls[0]?.arguments ?? '')).success).toBe(true);
  });

  it('answers with text once the result of a call is sent back', async () => {
    const messages = [
      ...question,
      { role: 'assistant', content: null, tool_calls: [callOf('call_1', '{"city":"Paris","unit":"celsius"}')] },
      { role: 'tool', tool_call_id: 'call_1', content: '{"celsius": 21, "sky": "clear"}' },
    ];
    const { text, calls } = await ask(worker, { messages, tools, tool_choice: 'none', temperature: 0, max_tokens: 40 });
    expect(text.length).toBeGreaterThan(0);
    expect(calls).toEqual([]);
  });

  it('is refused where the schema cannot be enforced, with its path', async () => {
    const schema = { type: 'object', properties: { code: { type: 'string', pattern: '^(?=a)' } } };
    const format = { type: 'json_schema', json_schema: { name: 'x', schema } };
    expect(await refusalOf(() => ask(worker, { messages: question, response_format: format }))).toMatchObject({
      code: 'INVALID_VALUE',
      param: 'response_format.json_schema.schema.properties.code',
    });
    const itself = { $ref: '#/$defs/a', $defs: { a: { anyOf: [{ $ref: '#/$defs/a' }, { type: 'null' }] } } };
    const endless = { type: 'json_schema', json_schema: { name: 'x', schema: itself } };
    expect(await refusalOf(() => ask(worker, { messages: question, response_format: endless }))).toMatchObject({
      code: 'INVALID_VALUE',
      param: 'response_format.json_schema.schema',
    });
    const both = { messages: question, tools, response_format: { type: 'json_object' } };
    expect(await refusalOf(() => ask(worker, both))).toMatchObject({
      code: 'UNSUPPORTED_PARAMETER',
      param: 'response_format',
    });
    const none = { messages: question, response_format: { type: 'json_schema' } };
    expect(await refusalOf(() => ask(worker, none))).toMatchObject({ code: 'MISSING_REQUIRED_PARAMETER' });
  });
});

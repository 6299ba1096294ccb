import * as z from 'zod';
import { orNull, type SampleTool, text } from './sample-tool.ts';

const COUNTRIES = Array.from('ABCDEFGHIZ').flatMap((first) =>
  Array.from('AIMSTZ').map((second) => `${first}${second}`),
);

export const OFFICE: readonly SampleTool[] = [
  {
    name: 'create_event',
    description: 'Puts an event into the calendar',
    parameters: {
      type: 'object',
      title: 'CreateEvent',
      $defs: {
        Attendee: {
          type: 'object',
          title: 'Attendee',
          properties: {
            email: { type: 'string', format: 'email', title: 'Email' },
            optional: { type: 'boolean', default: false, title: 'Optional' },
          },
          required: ['email'],
        },
        Repeat: { type: 'string', enum: ['daily', 'weekly', 'monthly'], title: 'Repeat' },
      },
      properties: {
        title: { type: 'string', minLength: 1, title: 'Title' },
        start: { type: 'string', format: 'date-time', title: 'Start' },
        end: orNull({ type: 'string', format: 'date-time' }, 'End'),
        attendees: { type: 'array', items: { $ref: '#/$defs/Attendee' }, default: [], title: 'Attendees' },
        repeat: orNull({ $ref: '#/$defs/Repeat' }, 'Repeat'),
        color: { type: 'string', format: 'color', default: 'red' },
      },
      required: ['title', 'start'],
    },
    right: [
      { title: 'Lunch', start: '2026-11-29T12:00:00Z', attendees: [{ email: 'a.b@c.example' }], repeat: 'daily' },
      { title: 'x', start: '2024-02-29T23:59:59.123+01:00', end: null, color: 'green' },
    ],
    wrong: [
      { title: 'Lunch', start: 'tomorrow' },
      { title: 'x', start: '2025-02-29T00:00:00Z' },
      { title: 'x', start: '2026-11-29T12:00:00Z', attendees: [{ email: 'nobody' }] },
    ],
  },
  {
    name: 'book_room',
    description: 'Books a room for quarters of an hour',
    parameters: {
      type: 'object',
      properties: { day: { type: 'string', format: 'date' }, minutes: { type: 'integer', multipleOf: 15 } },
      required: ['day', 'minutes'],
    },
    right: [{ day: 'any', minutes: 7 }],
    wrong: ['no object'],
    unbound: '"multipleOf" 15',
  },
  {
    name: 'send_email',
    description: 'Sends a mail',
    parameters: z.toJSONSchema(
      z.object({
        to: z.array(z.email()).min(1).max(50),
        subject: z.string().max(998),
        body: z.string(),
        replyTo: z.email().nullable(),
        headers: z.record(z.string().regex(/^X-[A-Za-z-]+$/), z.string()).optional(),
        sendAt: z.iso.datetime().optional(),
        id: z.uuid().optional(),
      }),
    ),
    right: [
      { to: ['a@b.example'], subject: 's', body: 'b', replyTo: null },
      {
        to: ['a@b.example'],
        subject: '',
        body: '',
        replyTo: 'a+b@c.co',
        headers: { 'X-A': 'b' },
        sendAt: '2026-11-29T12:00:00Z',
      },
    ],
    wrong: [
      { to: [], subject: 's', body: 'b', replyTo: null },
      { to: ['a'], subject: 's', body: 'b', replyTo: null },
      { to: ['a@b.example'], subject: 's', body: 'b', replyTo: null, headers: { Bcc: 'x' } },
    ],
  },
  {
    name: 'pay',
    description: 'Pays an amount',
    parameters: {
      type: 'object',
      properties: {
        amount: { type: 'number', multipleOf: 0.01, minimum: 0.01, maximum: 10_000 },
        currency: { type: 'string', pattern: '^[A-Z]{3}$' },
        by: {
          discriminator: { propertyName: 'kind', mapping: { card: '#/$defs/Card', bank: '#/$defs/Bank' } },
          oneOf: [{ $ref: '#/$defs/Card' }, { $ref: '#/$defs/Bank' }],
        },
      },
      required: ['amount', 'currency', 'by'],
      $defs: {
        Card: {
          type: 'object',
          properties: {
            kind: { const: 'card', default: 'card', type: 'string' },
            last4: { type: 'string', pattern: '^\\d{4}$' },
          },
          required: ['last4'],
        },
        Bank: { type: 'object', properties: { kind: { const: 'bank', default: 'bank', type: 'string' }, iban: text } },
      },
    },
    right: [
      { amount: 12.34, currency: 'EUR', by: { kind: 'card', last4: '1234' } },
      { amount: 10_000, currency: 'CHF', by: { kind: 'bank', iban: 'x' } },
    ],
    wrong: [
      { amount: 12.345, currency: 'EUR', by: { kind: 'bank' } },
      { amount: 10_000.01, currency: 'EUR', by: { kind: 'bank' } },
      { amount: 1, currency: 'euro', by: { kind: 'bank' } },
      { amount: 1, currency: 'EUR', by: {} },
    ],
  },
];

export const OTHERS: readonly SampleTool[] = [
  {
    name: 'web_search',
    description: 'Searches the web',
    parameters: z.toJSONSchema(
      z.object({
        query: z.string().min(1).max(400).describe('What to look for'),
        count: z.number().int().min(1).max(20).default(10),
        freshness: z.enum(['day', 'week', 'year']).nullish(),
        domains: z.array(z.string().regex(/^(?:[a-z0-9-]+\.)+[a-z]{2,}$/)).optional(),
      }),
      { io: 'input' },
    ),
    right: [{ query: 'a' }, { query: 'b', count: 20, freshness: null, domains: ['a.example'] }],
    wrong: [{ query: '' }, { query: 'a', count: 21 }, { query: 'a', domains: ['A'] }, { query: 'x'.repeat(401) }],
  },
  {
    name: 'get_weather',
    description: 'Tells the weather of a place',
    parameters: {
      type: 'object',
      properties: {
        city: text,
        country: { type: 'string', enum: COUNTRIES },
        days: { type: 'integer', minimum: 1, maximum: 16 },
      },
      required: ['city', 'country'],
      additionalProperties: false,
    },
    right: [
      { city: 'Rome', country: 'IT' },
      { city: 'x', country: 'ZZ', days: 16 },
    ],
    wrong: [
      { city: 'Rome', country: 'Italy' },
      { city: 'x', country: 'IT', days: 17 },
    ],
  },
  {
    name: 'plan_tasks',
    description: 'Makes a tree of tasks',
    parameters: {
      type: 'object',
      properties: {
        name: { type: 'string', maxLength: 80 },
        steps: { type: 'array', items: { $ref: '#' }, maxItems: 20 },
        owner: { $ref: '#/properties/name' },
      },
      required: ['name'],
      additionalProperties: false,
    },
    right: [{ name: 'a', steps: [{ name: 'b', steps: [{ name: 'c', owner: 'd' }] }] }],
    wrong: [{ name: 'a', steps: [{}] }, { name: 'x'.repeat(81) }],
  },
  {
    name: 'set_labels',
    description: 'Labels things',
    parameters: {
      type: 'object',
      patternProperties: { '^[a-z][a-z0-9.-]*$': { type: 'string', maxLength: 63 } },
      additionalProperties: false,
    },
    right: [{}, { 'app.name': 'x', tier: '' }],
    wrong: [{ App: 'x' }, { app: 1 }, { app: 'x'.repeat(64) }],
  },
  {
    name: 'schedule',
    description: 'Starts something at times',
    parameters: {
      type: 'object',
      properties: { cron: { type: 'string', pattern: '^(?!.*@)(\\S+ ){4}\\S+$' }, command: text },
      required: ['cron', 'command'],
    },
    right: [{ cron: '@any' }],
    wrong: [1],
    unbound: '"pattern" has look-around',
  },
  {
    name: 'upload',
    description: 'Uploads a file or a text',
    parameters: {
      type: 'object',
      properties: { kind: { enum: ['file', 'text'] }, path: text, body: text },
      required: ['kind'],
      if: { properties: { kind: { const: 'text' } } },
      else: { required: ['path'] },
    },
    right: [{ kind: 'file' }],
    wrong: [null],
    unbound: '"if"',
  },
  { name: 'ping', description: 'Answers', parameters: undefined, right: [{}], wrong: [] },
];

import * as z from 'zod';
import { type SampleTool, text } from './sample-tool.ts';

const JSON_SCHEMA = 'http://json-schema.org/draft-07/schema#';

export const FILES: readonly SampleTool[] = [
  {
    name: 'read_text_file',
    description: 'Reads a file as text, whole or its first or last lines',
    parameters: {
      $schema: JSON_SCHEMA,
      type: 'object',
      properties: { path: text, tail: { type: 'number', description: 'Last lines' }, head: { type: 'number' } },
      required: ['path'],
      additionalProperties: false,
    },
    right: [{ path: '/tmp/a.txt' }, { path: 'a', tail: 10, head: 2 }],
    wrong: [{}, { path: 1 }, { path: 'a', lines: 3 }],
  },
  {
    name: 'write_file',
    description: 'Writes a file',
    parameters: {
      type: 'object',
      properties: {
        path: { type: 'string', minLength: 1, maxLength: 4096 },
        content: { type: 'string', maxLength: 1_000_000 },
        mode: { type: 'string', pattern: '^0[0-7]{3}$', default: '0644' },
      },
      required: ['path', 'content'],
    },
    right: [
      { path: 'x', content: '' },
      { path: 'x', content: 'line\n"two"\\'.repeat(200), mode: '0755' },
    ],
    wrong: [{ path: '', content: 'a' }, { path: 'x', content: 'a', mode: '755' }, { content: 'a' }],
  },
  {
    name: 'edit_file',
    description: 'Replaces lines of a file',
    parameters: {
      $schema: JSON_SCHEMA,
      type: 'object',
      properties: {
        path: text,
        edits: {
          type: 'array',
          items: {
            type: 'object',
            properties: { oldText: { type: 'string', description: 'Must match' }, newText: text },
            required: ['oldText', 'newText'],
            additionalProperties: false,
          },
        },
        dryRun: { type: 'boolean', default: false },
      },
      required: ['path', 'edits'],
      additionalProperties: false,
    },
    right: [
      { path: 'a', edits: [] },
      { path: 'a', edits: [{ oldText: 'x', newText: '' }], dryRun: true },
    ],
    wrong: [
      { path: 'a', edits: [{ oldText: 'x' }] },
      { path: 'a', edits: {} },
      { path: 'a', edits: [], dryRun: 'no' },
    ],
  },
  {
    name: 'list_allowed_directories',
    description: 'Lists what may be read',
    parameters: { type: 'object', properties: {}, required: [] },
    right: [{}],
    wrong: [{ path: 'a' }, []],
  },
  {
    name: 'search_files',
    description: 'Finds files',
    parameters: {
      properties: {
        path: text,
        pattern: text,
        excludePatterns: { type: 'array', items: text, default: [] },
        limit: { type: 'integer', exclusiveMinimum: 0, maximum: 500 },
      },
      required: ['path', 'pattern'],
    },
    right: [
      { path: '.', pattern: '*.ts' },
      { path: '.', pattern: '*', excludePatterns: ['a', 'b'], limit: 500 },
    ],
    wrong: [{ path: '.', pattern: '*', limit: 0 }, { path: '.', pattern: '*', limit: 501 }, { path: '.' }],
  },
  {
    name: 'move_file',
    description: 'Moves a file',
    parameters: {
      type: 'object',
      allOf: [
        { properties: { source: text }, required: ['source'] },
        { properties: { destination: text }, required: ['destination'] },
      ],
    },
    right: [{ source: 'a', destination: 'b' }],
    wrong: [{ source: 'a' }, { source: 'a', destination: null }],
  },
];

export const HOSTING: readonly SampleTool[] = [
  {
    name: 'create_issue',
    description: 'Opens an issue',
    parameters: z.toJSONSchema(
      z.object({
        owner: z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?$/),
        repo: z.string().regex(/^[\w.-]+$/),
        title: z.string().min(1).max(256),
        body: z.string().optional(),
        labels: z.array(z.string()).max(100).optional(),
        milestone: z.number().int().positive().nullable().optional(),
      }),
    ),
    right: [
      { owner: 'ann-b', repo: 'x.y', title: 'It breaks' },
      { owner: 'a', repo: 'b', title: 'c', body: 'd', labels: ['bug'], milestone: null },
    ],
    wrong: [
      { owner: '-a', repo: 'b', title: 'c' },
      { owner: 'a', repo: 'b', title: '' },
      { owner: 'a', repo: 'b' },
    ],
  },
  {
    name: 'list_pull_requests',
    description: 'Lists pull requests',
    parameters: {
      type: 'object',
      properties: {
        owner: text,
        repo: text,
        state: { type: 'string', enum: ['open', 'closed', 'all'] },
        sort: { type: 'string', enum: ['created', 'updated', 'popularity', 'long-running'] },
        perPage: { type: 'number', minimum: 1, maximum: 100 },
        page: { type: 'number', minimum: 1 },
      },
      required: ['owner', 'repo'],
    },
    right: [{ owner: 'a', repo: 'b', state: 'open', perPage: 30, page: 2 }],
    wrong: [
      { owner: 'a', repo: 'b', state: 'merged' },
      { owner: 'a', repo: 'b', perPage: 0 },
    ],
  },
  {
    name: 'push_files',
    description: 'Commits files',
    parameters: {
      type: 'object',
      properties: {
        branch: { type: 'string', pattern: '^[^\\s~^:?*\\[\\\\]+$' },
        base: { type: ['string', 'null'], pattern: '^[0-9a-f]{40}$' },
        files: {
          type: 'array',
          minItems: 1,
          items: { type: 'object', properties: { path: text, content: text }, required: ['path', 'content'] },
        },
        message: { type: 'string', minLength: 1, maxLength: 72 },
      },
      required: ['branch', 'files', 'message'],
    },
    right: [
      { branch: 'fix/a', files: [{ path: 'a', content: 'b' }], message: 'Fix a' },
      { branch: 'b', base: null, files: [{ path: 'a', content: '' }], message: 'x'.repeat(72) },
      { branch: 'b', base: '0123456789'.repeat(4), files: [{ path: 'a', content: '' }], message: 'm' },
    ],
    wrong: [
      { branch: 'a b', files: [{ path: 'a', content: 'b' }], message: 'm' },
      { branch: 'a', files: [], message: 'm' },
      { branch: 'a', files: [{ path: 'a', content: '' }], message: 'x'.repeat(73) },
      { branch: 'a', base: 'abc', files: [{ path: 'a', content: '' }], message: 'm' },
    ],
  },
  {
    name: 'review',
    description: 'Reviews a pull request',
    parameters: {
      type: 'object',
      definitions: {
        comment: {
          type: 'object',
          properties: { line: { type: 'integer', minimum: 1 }, body: text, side: { $ref: '#/definitions/side' } },
          required: ['line', 'body'],
        },
        side: { enum: ['LEFT', 'RIGHT'] },
      },
      properties: {
        event: { const: 'COMMENT' },
        comments: { type: 'array', items: { $ref: '#/definitions/comment' } },
      },
      required: ['event'],
    },
    right: [{ event: 'COMMENT' }, { event: 'COMMENT', comments: [{ line: 1, body: 'a', side: 'LEFT' }] }],
    wrong: [{ event: 'APPROVE' }, { event: 'COMMENT', comments: [{ line: 0, body: 'a' }] }],
  },
];

export const BROWSER: readonly SampleTool[] = [
  {
    name: 'browser_navigate',
    description: 'Opens a page',
    parameters: {
      type: 'object',
      properties: {
        url: { type: 'string', format: 'uri', minLength: 1, maxLength: 2083 },
        waitUntil: { enum: ['load', 'networkidle'], default: 'load' },
        timeoutMs: { type: 'integer', minimum: 0, exclusiveMinimum: true },
      },
      required: ['url'],
    },
    right: [
      { url: 'https://a.example/b?q=1#c', waitUntil: 'load' },
      { url: 'http://localhost:3000/', timeoutMs: 1 },
      { url: 'http://127.0.0.1:80' },
      { url: 'file:///tmp/a.html' },
    ],
    wrong: [{ url: 'a page' }, { url: '' }, { url: 'http://a.example', timeoutMs: 0 }],
  },
  {
    name: 'browser_click',
    description: 'Clicks an element',
    parameters: {
      type: 'object',
      properties: {
        element: text,
        position: {
          type: 'array',
          items: [{ type: 'integer' }, { type: 'integer' }],
          additionalItems: false,
          minItems: 2,
        },
        button: { anyOf: [{ const: 'left' }, { const: 'right' }] },
      },
      anyOf: [{ required: ['element'] }, { required: ['position'] }],
    },
    right: [{ element: 'a' }, { position: [1, 2], button: 'left' }],
    wrong: [{ button: 'left' }, { position: [1] }, { position: [1, 2, 3] }],
  },
  {
    name: 'browser_fill_form',
    description: 'Fills in a form',
    parameters: z.toJSONSchema(
      z.object({
        fields: z.array(
          z.discriminatedUnion('type', [
            z.object({ type: z.literal('text'), ref: z.string(), value: z.string() }),
            z.object({ type: z.literal('check'), ref: z.string(), value: z.boolean() }),
            z.object({ type: z.literal('pick'), ref: z.string(), value: z.enum(['a', 'b']) }),
          ]),
        ),
        submit: z.boolean().default(false),
      }),
    ),
    right: [
      { fields: [], submit: true },
      {
        fields: [
          { type: 'check', ref: 'r', value: true },
          { type: 'text', ref: 's', value: 't' },
        ],
        submit: false,
      },
    ],
    wrong: [{ fields: [{ type: 'check', ref: 'r', value: 'yes' }], submit: false }, { fields: [] }],
  },
];

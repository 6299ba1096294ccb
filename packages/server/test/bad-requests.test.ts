import { beforeAll, expect, it } from 'vitest';
import { createHttpBase, createKeyRing, type HttpBase, openAiRoutes } from '../src/index.ts';
import { createFakeRouter } from './fake-router.ts';
import { KEY } from './harness.ts';

interface Wanted {
  readonly status: number;
  readonly code: string;
  readonly param: string | null;
}

interface BadRequest extends Wanted {
  readonly what: string;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
}

const CHAT_PATH = '/v1/chat/completions';
const chat = (more: object): string =>
  JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hi' }], ...more });
const without = (): string => JSON.stringify({ messages: [{ role: 'user', content: 'hi' }] });
const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const schemaTool = (levels: number): object => ({
  tools: [{ type: 'function', function: { name: 'f', parameters: JSON.parse(nested(levels)) } }],
});

const bad = (
  what: string,
  body: string | Buffer,
  code: string,
  param: string | null,
  more: Partial<BadRequest> = {},
): BadRequest => ({
  what,
  body,
  status: 400,
  code,
  param,
  ...more,
});
const value = (what: string, more: object, param: string): BadRequest => bad(what, chat(more), 'invalid_value', param);
const at = (path: string): Partial<BadRequest> => ({ path });

const TABLE: readonly BadRequest[] = [
  bad('an empty body', '', 'invalid_json', null),
  bad('a text that is no JSON', 'hello', 'invalid_json', null),
  bad('an array in place of an object', '[]', 'invalid_json', null),
  bad('a body cut short', '{"model":"chat","messages":[{"role":"user"', 'invalid_json', null),
  bad('a comma too many', '{"model":"chat","messages":[],}', 'invalid_json', null),
  bad('a fault deep inside', '{"model":"chat","messages":[{"role":tru}]}', 'invalid_json', null),
  bad('bytes after the object', `${chat({})}{}`, 'invalid_json', null),
  bad('a body that is no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]), 'invalid_json', null),
  bad('nesting over the limit', `{"model":"chat","x":${nested(64)}}`, 'invalid_request', null),
  bad('a repeated key', '{"model":"chat","model":"chat","messages":[1]}', 'invalid_request', 'model'),
  bad(
    'a repeated key spelled with an escape',
    '{"model":"chat","mod\\u0065l":"x","messages":[1]}',
    'invalid_request',
    'model',
  ),
  bad('a repeated unknown key', '{"model":"chat","zz":1,"messages":[1],"zz":2}', 'invalid_request', 'zz'),
  bad('no model', without(), 'missing_required_parameter', 'model'),
  value('a number as model', { model: 7 }, 'model'),
  value('null as model', { model: null }, 'model'),
  value('an empty model', { model: '' }, 'model'),
  bad('an unknown model', chat({ model: 'nope' }), 'model_not_found', 'model', { status: 404 }),
  bad('a model that does not chat', chat({ model: 'org/embed' }), 'task_not_supported', 'model'),
  bad('no messages', '{"model":"chat"}', 'missing_required_parameter', 'messages'),
  value('text as messages', { messages: 'hi' }, 'messages'),
  value('null as messages', { messages: null }, 'messages'),
  value('an object as messages', { messages: {} }, 'messages'),
  value('no message among messages', { messages: [] }, 'messages'),
  value('2049 messages', { messages: Array.from({ length: 2049 }, () => 0) }, 'messages'),
  value('text as stream', { stream: 'true' }, 'stream'),
  value('a number as stream', { stream: 1 }, 'stream'),
  value('a list as stream_options', { stream: true, stream_options: [] }, 'stream_options'),
  value(
    'text as include_usage',
    { stream: true, stream_options: { include_usage: 'yes' } },
    'stream_options.include_usage',
  ),
  value('text as stream_options', { stream: true, stream_options: 'usage' }, 'stream_options'),
  value('a list as model', { model: ['chat'] }, 'model'),
  value('max_completion_tokens below 0', { max_completion_tokens: -1 }, 'max_completion_tokens'),
  bad('max_tokens beyond numbers', '{"model":"chat","messages":[1],"max_tokens":1e400}', 'invalid_value', 'max_tokens'),
  value('a flag as max_completion_tokens', { max_completion_tokens: true }, 'max_completion_tokens'),
  value('257 tools', { tools: Array.from({ length: 257 }, () => 0) }, 'tools'),
  value('an object as tools', { tools: {} }, 'tools'),
  value('a tool schema of 33 levels', schemaTool(33), 'tools'),
  value('text as response_format', { response_format: 'json' }, 'response_format'),
  value(
    'an answer schema of 33 levels',
    { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: JSON.parse(nested(33)) } } },
    'response_format',
  ),
  value('text as max_tokens', { max_tokens: '10' }, 'max_tokens'),
  value('max_tokens over the context', { max_tokens: 4097 }, 'max_tokens'),
  value('max_completion_tokens over the context', { max_completion_tokens: 5000 }, 'max_completion_tokens'),
  bad('a chat template', chat({ chat_template: '{{ x }}' }), 'unsupported_parameter', 'chat_template'),
  bad('a time limit of 0', chat({}), 'invalid_value', 'x-request-timeout', { headers: { 'x-request-timeout': '0' } }),
  bad('a time limit in words', chat({}), 'invalid_value', 'x-request-timeout', {
    headers: { 'x-request-timeout': 'soon' },
  }),
  bad('no prompt', '{"model":"chat"}', 'missing_required_parameter', 'prompt', at('/v1/completions')),
  bad('an object as prompt', '{"model":"chat","prompt":{}}', 'invalid_value', 'prompt', at('/v1/completions')),
  bad('no input', '{"model":"org/embed"}', 'missing_required_parameter', 'input', at('/v1/embeddings')),
  bad('no text among input', '{"model":"org/embed","input":[]}', 'invalid_value', 'input', at('/v1/embeddings')),
  bad(
    'hex as encoding',
    '{"model":"org/embed","input":"x","encoding_format":"hex"}',
    'invalid_value',
    'encoding_format',
    at('/v1/embeddings'),
  ),
  bad(
    'a model that does not embed',
    '{"model":"chat","input":"x"}',
    'task_not_supported',
    'model',
    at('/v1/embeddings'),
  ),
  bad('no query', '{"model":"org/embed","documents":["x"]}', 'missing_required_parameter', 'query', at('/v1/rerank')),
  bad(
    'a list as query',
    '{"model":"org/embed","query":[],"documents":["x"]}',
    'invalid_value',
    'query',
    at('/v1/rerank'),
  ),
  bad(
    'no documents',
    '{"model":"org/embed","query":"x","documents":[]}',
    'invalid_value',
    'documents',
    at('/api/v1/rerank'),
  ),
  { what: 'no key', headers: { authorization: '' }, body: chat({}), status: 401, code: 'invalid_api_key', param: null },
  {
    what: 'a wrong key',
    headers: { authorization: 'Bearer wrong' },
    body: chat({}),
    status: 401,
    code: 'invalid_api_key',
    param: null,
  },
  {
    what: 'a key for other work',
    headers: { authorization: 'Bearer sk-admin-0123456789abcdef' },
    body: chat({}),
    status: 403,
    code: 'permission_denied',
    param: null,
  },
  {
    what: 'a path that is not there',
    path: '/v1/nothing',
    body: chat({}),
    status: 404,
    code: 'not_found',
    param: null,
  },
  { what: 'a wrong method', method: 'GET', status: 405, code: 'method_not_allowed', param: null, body: undefined },
  {
    what: 'a model that is not there',
    method: 'GET',
    path: '/v1/models/org%2Fnope',
    status: 404,
    code: 'model_not_found',
    param: 'model',
    body: undefined,
  },
  {
    what: 'a body over the limit',
    body: chat({ pad: 'x'.repeat(70_000) }),
    status: 413,
    code: 'request_too_large',
    param: null,
  },
  {
    what: 'plain text',
    headers: { 'content-type': 'text/plain' },
    body: chat({}),
    status: 415,
    code: 'unsupported_media_type',
    param: null,
  },
  {
    what: 'a form',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'model=chat',
    status: 415,
    code: 'unsupported_media_type',
    param: null,
  },
  {
    what: 'a compressed body',
    headers: { 'content-encoding': 'gzip' },
    body: chat({}),
    status: 415,
    code: 'unsupported_media_type',
    param: null,
  },
];

const router = createFakeRouter();
let base: HttpBase;

beforeAll(() => {
  const keys = createKeyRing([{ key: KEY }, { key: 'sk-admin-0123456789abcdef', scopes: ['admin:write'] }]);
  base = createHttpBase({ keys, limits: { bodyLimitBytes: 65_536 } });
  openAiRoutes(base, {}, { router });
});

it('has at least 60 bad requests, no two alike', () => {
  expect(TABLE.length).toBeGreaterThanOrEqual(60);
  expect(new Set(TABLE.map(({ what }) => what)).size).toBe(TABLE.length);
});

it.each(TABLE)(
  'refuses $what with $status $code',
  async ({ method = 'POST', path = CHAT_PATH, headers = {}, body, ...wanted }) => {
    const response = await base.inject({
      method: method as 'POST',
      url: path,
      headers: {
        authorization: `Bearer ${KEY}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: body }),
    });
    const { error } = response.json<{ error: { code: string; param: string | null; message: string; type: string } }>();
    expect({ status: response.statusCode, code: error.code, param: error.param }).toEqual({
      status: wanted.status,
      code: wanted.code,
      param: wanted.param,
    });
    expect(error.message).not.toBe('');
    expect(error.type).not.toBe('');
    expect(response.headers['x-request-id']).toMatch(/^[A-Za-z0-9._-]{1,128}$/);
    expect(router.played).toHaveLength(0);
  },
);

import { describe, expect, it } from 'vitest';
import { FRAME_LIMITS, type Frame, type FrameFault, readFrame, type TaskId } from '../src/index.ts';

/** The frame; throws its fault. */
function checkFrame(task: TaskId, body: Buffer): Frame {
  const read = readFrame(task, body);
  if ('frame' in read) return read.frame;
  throw read.fault;
}

const isFault = (error: unknown): error is FrameFault =>
  typeof error === 'object' && error !== null && 'param' in error;

const frame = (body: unknown, task: TaskId = 'chat'): Frame => checkFrame(task, Buffer.from(JSON.stringify(body)));
const chat = (more: object): Frame => frame({ model: 'm', messages: [1], ...more });

function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return isFault(error) ? `${error.code} ${error.param ?? '-'}` : String(error);
  }
  return 'none';
}

const nested = (levels: number): unknown => JSON.parse(`${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`);

describe('S19: each limit holds exactly', () => {
  const many = <T>(length: number, item: T): T[] => Array.from({ length }, () => item);
  const limits: readonly (readonly [string, number, (size: number) => object, string])[] = [
    ['messages', FRAME_LIMITS.messages, (size) => ({ messages: many(size, 0) }), 'messages'],
    ['tools', FRAME_LIMITS.tools, (size) => ({ tools: many(size, 0) }), 'tools'],
    [
      'schema depth of a tool',
      FRAME_LIMITS.schemaDepth,
      (size) => ({ tools: [{ function: { parameters: nested(size) } }] }),
      'tools',
    ],
    [
      'schema depth of an answer',
      FRAME_LIMITS.schemaDepth,
      (size) => ({ response_format: { json_schema: { schema: nested(size) } } }),
      'response_format',
    ],
  ];
  it.each(limits)('%s', (_name, limit, body, param) => {
    expect(faultOf(() => chat(body(limit - 1)))).toBe('none');
    expect(faultOf(() => chat(body(limit)))).toBe('none');
    expect(faultOf(() => chat(body(limit + 1)))).toBe(`INVALID_VALUE ${param}`);
  });

  it('depth of the whole body', () => {
    expect(faultOf(() => chat({ x: nested(FRAME_LIMITS.depth - 2) }))).toBe('none');
    expect(faultOf(() => chat({ x: nested(FRAME_LIMITS.depth - 1) }))).toBe('none');
    expect(faultOf(() => chat({ x: nested(FRAME_LIMITS.depth) }))).toBe('INVALID_REQUEST -');
  });

  it.each([-1, 0, 0.5, 1, 4096])('takes whole numbers from 0 on as max_tokens: %d', (value) => {
    const isWell = Number.isInteger(value) && value >= 0;
    expect(faultOf(() => chat({ max_tokens: value }))).toBe(isWell ? 'none' : 'INVALID_VALUE max_tokens');
  });

  it.each([
    { n: 0 },
    { n: 99 },
    { n: '2' },
    { stop: Array.from({ length: 100 }, () => 'x'.repeat(1_000)) },
    { stop: '' },
    { stop: {} },
    { max_tokens: 0 },
    { stream_options: { include_usage: true } },
    { seed: 2 ** 63 },
  ])("what SMMF does not use itself is the engine's to judge: %.60j", (more) => {
    expect(faultOf(() => chat(more))).toBe('none');
  });
});

describe('a refusal', () => {
  const told = (task: TaskId, body: unknown): string => {
    try {
      checkFrame(
        task,
        Buffer.isBuffer(body) ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
      );
    } catch (error) {
      if (isFault(error)) return `${error.code} ${error.param ?? '-'}: ${error.message}`;
    }
    return 'none';
  };
  const ranking = (more: object) => ({ model: 'm', query: 'x', documents: ['y'], ...more });
  const chatting = (more: object) => ({ model: 'm', messages: [1], ...more });

  it.each<[TaskId, unknown, string]>([
    ['chat', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 'INVALID_JSON -: The body is not valid UTF-8'],
    ['chat', '[]', 'INVALID_JSON -: The body must be a JSON object'],
    ['chat', '{"model":', 'INVALID_JSON -: The body is not valid JSON'],
    ['chat', `{"a":${'['.repeat(64)}`, 'INVALID_REQUEST -: The body is nested deeper than 64 levels'],
    ['chat', '{"a":1,"a":2}', 'INVALID_REQUEST a: Field "a" is given twice'],
    ['chat', {}, 'MISSING_REQUIRED_PARAMETER model: Field "model" is missing'],
    ['chat', { model: 7 }, 'INVALID_VALUE model: Field "model" must be of type string'],
    ['chat', { model: null }, 'INVALID_VALUE model: Field "model" must be of type string'],
    ['chat', { model: '' }, 'INVALID_VALUE model: Field "model" must not be empty'],
    ['chat', { model: 'm' }, 'MISSING_REQUIRED_PARAMETER messages: Field "messages" is missing'],
    ['chat', chatting({ messages: 'x' }), 'INVALID_VALUE messages: Field "messages" must be of type array'],
    ['chat', chatting({ messages: [] }), 'INVALID_VALUE messages: Field "messages" must not be empty'],
    ['chat', chatting({ tools: {} }), 'INVALID_VALUE tools: Field "tools" must be of type array'],
    [
      'chat',
      chatting({ tools: Array.from({ length: 257 }, () => 1) }),
      'INVALID_VALUE tools: Field "tools" may hold 256 entries, not 257',
    ],
    [
      'chat',
      chatting({ tools: [{ function: { parameters: nested(33) } }] }),
      'INVALID_VALUE tools: A schema in "tools" is nested deeper than 32 levels',
    ],
    [
      'chat',
      chatting({ response_format: 'json' }),
      'INVALID_VALUE response_format: Field "response_format" must be of type object',
    ],
    ['chat', chatting({ stream: 1 }), 'INVALID_VALUE stream: Field "stream" must be of type boolean'],
    [
      'chat',
      chatting({ stream: true, stream_options: [] }),
      'INVALID_VALUE stream_options: Field "stream_options" must be of type object',
    ],
    [
      'chat',
      chatting({ stream: true, stream_options: { include_usage: 1 } }),
      'INVALID_VALUE stream_options.include_usage: Field "stream_options.include_usage" must be of type boolean',
    ],
    ['chat', chatting({ max_tokens: '1' }), 'INVALID_VALUE max_tokens: Field "max_tokens" must be of type number'],
    [
      'chat',
      chatting({ max_completion_tokens: 1.5 }),
      'INVALID_VALUE max_completion_tokens: Field "max_completion_tokens" must be a whole number, 0 or more',
    ],
    [
      'chat',
      chatting({ chat_template: null }),
      'UNSUPPORTED_PARAMETER chat_template: Field "chat_template" is not accepted: templates come with the model',
    ],
    ['completions', { model: 'm' }, 'MISSING_REQUIRED_PARAMETER prompt: Field "prompt" is missing'],
    [
      'completions',
      { model: 'm', prompt: null },
      'INVALID_VALUE prompt: Field "prompt" must be of type string or array',
    ],
    ['completions', { model: 'm', prompt: 1 }, 'INVALID_VALUE prompt: Field "prompt" must be of type string or array'],
    ['embeddings', { model: 'm' }, 'MISSING_REQUIRED_PARAMETER input: Field "input" is missing'],
    ['embeddings', { model: 'm', input: {} }, 'INVALID_VALUE input: Field "input" must be of type string or array'],
    [
      'embeddings',
      { model: 'm', input: 'x', encoding_format: 1 },
      'INVALID_VALUE encoding_format: Field "encoding_format" must be of type string',
    ],
    [
      'embeddings',
      { model: 'm', input: 'x', encoding_format: 'int8' },
      'INVALID_VALUE encoding_format: Field "encoding_format" must be "float" or "base64"',
    ],
    ['rerank', { model: 'm', documents: ['x'] }, 'MISSING_REQUIRED_PARAMETER query: Field "query" is missing'],
    ['rerank', { model: 'm', query: 'x' }, 'MISSING_REQUIRED_PARAMETER documents: Field "documents" is missing'],
    [
      'rerank',
      { model: 'm', query: [], documents: ['x'] },
      'INVALID_VALUE query: Field "query" must be of type string',
    ],
    [
      'rerank',
      { model: 'm', query: 'x', documents: 'x' },
      'INVALID_VALUE documents: Field "documents" must be of type array',
    ],
    ['rerank', { model: 'm', query: '', documents: ['x'] }, 'INVALID_VALUE query: Field "query" must not be empty'],
    [
      'rerank',
      { model: 'm', query: 'x', documents: [] },
      'INVALID_VALUE documents: Field "documents" must not be empty',
    ],
    [
      'rerank',
      ranking({ documents: ['x', 7] }),
      'INVALID_VALUE documents[1]: Field "documents[1]" must be of type string or object',
    ],
    [
      'rerank',
      ranking({ documents: [{ text: 'x' }, 'y', { title: 'z' }] }),
      'MISSING_REQUIRED_PARAMETER documents[2].text: Field "documents[2].text" is missing: a document is a text, or an object with a text',
    ],
    [
      'rerank',
      ranking({ documents: [{ text: null }] }),
      'INVALID_VALUE documents[0].text: Field "documents[0].text" must be of type string',
    ],
    [
      'rerank',
      '{"model":"m","query":"x","documents":[{"text":"a","text":"b"}]}',
      'INVALID_REQUEST documents[0]: A field of "documents[0]" is given twice',
    ],
    [
      'rerank',
      ranking({ documents: Array.from({ length: 10_001 }, () => 'x') }),
      'INVALID_VALUE documents: Field "documents" may hold 10000 entries, not 10001',
    ],
    ['rerank', ranking({ top_n: -1 }), 'INVALID_VALUE top_n: Field "top_n" must be a whole number, 0 or more'],
    ['rerank', ranking({ top_n: '1' }), 'INVALID_VALUE top_n: Field "top_n" must be of type number'],
    [
      'rerank',
      ranking({ return_documents: 1 }),
      'INVALID_VALUE return_documents: Field "return_documents" must be of type boolean',
    ],
    ['rerank', ranking({ raw_scores: 'no' }), 'INVALID_VALUE raw_scores: Field "raw_scores" must be of type boolean'],
    ...[['text'], 'text', {}].map((rank_fields): [TaskId, unknown, string] => [
      'rerank',
      ranking({ rank_fields }),
      'UNSUPPORTED_PARAMETER rank_fields: Field "rank_fields" is not accepted: of a document that is an object its "text" is ranked',
    ]),
  ])('of %s %.60j tells what is wrong, and where', (task, body, wanted) => {
    expect(told(task, body)).toBe(wanted);
  });
});

describe('what is read', () => {
  it.each<[object, boolean]>([
    [{ stream: true, stream_options: { include_usage: true } }, true],
    [{ stream: true, stream_options: { include_usage: false } }, false],
    [{ stream: true, stream_options: { include_usage: null } }, false],
    [{ stream: true, stream_options: {} }, false],
    [{ stream: true, stream_options: null }, false],
    [{ stream: true }, false],
    [{ stream: false, stream_options: { include_usage: true } }, false],
  ])('of the usage is what a stream asks for: %j', (more, wanted) => {
    expect(chat(more).includeUsage).toBe(wanted);
  });

  it('of completions and rerank is what they have, too', () => {
    const completion = frame({ model: 'm', prompt: 'x', stream: true, max_tokens: 7 }, 'completions');
    expect(completion).toMatchObject({ stream: true, base64: false, maxTokens: { param: 'max_tokens', value: 7 } });
    const ranked = frame({ model: 'm', query: 'x', documents: ['y'], stream: true, max_tokens: 7 }, 'rerank');
    expect(ranked).toMatchObject({ stream: false, includeUsage: false, base64: false, maxTokens: undefined });
    const embedded = frame({ model: 'm', input: 'x', encoding_format: 'float' }, 'embeddings');
    expect(embedded).toMatchObject({ base64: false, includeUsage: false, maxTokens: undefined });
  });

  it('is the model, stream, usage and nothing of what it does not know', () => {
    const found = chat({ stream: true, stream_options: { include_usage: true }, structured_outputs: { x: 1 } });
    expect(found).toMatchObject({ model: 'm', stream: true, includeUsage: true, base64: false, maxTokens: undefined });
    expect(found.fields.has('structured_outputs')).toBe(true);
  });

  it('takes null for absent where OpenAI does', () => {
    const nulls = {
      stream: null,
      stream_options: null,
      n: null,
      stop: null,
      tools: null,
      max_tokens: null,
      response_format: null,
    };
    expect(chat(nulls)).toMatchObject({ stream: false, includeUsage: false, maxTokens: undefined });
  });

  it.each([
    ['as many documents as Cohere takes', { documents: Array.from({ length: 10_000 }, () => 'x') }],
    ['texts and objects, whatever else stands in them', { documents: ['', { text: '', title: ['x'] }, { text: 'a' }] }],
    ['fields that are not there', { top_n: null, return_documents: null, raw_scores: null, rank_fields: null }],
    ['no fields to rank', { rank_fields: [] }],
    ['more than there is', { top_n: 99 }],
    ['bounds on what is read of a document', { max_chunks_per_doc: 10, max_tokens_per_doc: 512 }],
  ])('ranks %s', (_what, more) => {
    expect(faultOf(() => frame({ model: 'm', query: 'x', documents: ['y'], ...more }, 'rerank'))).toBe('none');
  });

  it('takes the larger of two token limits', () => {
    expect(chat({ max_tokens: 10, max_completion_tokens: 20 }).maxTokens).toEqual({
      param: 'max_completion_tokens',
      value: 20,
    });
    expect(chat({ max_tokens: 30, max_completion_tokens: 20 }).maxTokens).toEqual({ param: 'max_tokens', value: 30 });
  });

  it('decodes escapes in the model name', () => {
    expect(checkFrame('completions', Buffer.from('{"model":"m\\u006fdel","prompt":"x"}')).model).toBe('model');
  });

  it.each([
    ['text', 'x'],
    ['texts', ['x', 'y']],
    ['token ids', [1, 2]],
    ['lists of token ids', [[1], [2]]],
  ])('embeds %s', (_what, input) => {
    expect(frame({ model: 'm', input, encoding_format: 'base64', stream: true }, 'embeddings')).toMatchObject({
      base64: true,
      stream: false,
    });
    expect(frame({ model: 'm', input }, 'embeddings').base64).toBe(false);
  });

  it('refuses broken JSON inside a large body, in its options and in the name of its model as in a small one', () => {
    for (const pad of ['', 'x'.repeat(65_536)]) {
      const fault = (fields: string) => faultOf(() => checkFrame('chat', Buffer.from(`{${fields},"pad":"${pad}"}`)));
      expect(fault('"model":"m","messages":[tru]')).toBe('INVALID_JSON -');
      expect(fault('"model":"\\x","messages":[1]')).toBe('INVALID_JSON -');
      expect(fault('"model":"m","messages":[1],"stream":true,"stream_options":{"include_usage":tru}')).toBe(
        'INVALID_JSON -',
      );
    }
  });

  it('S18: shows a repeated key cut short and escaped', () => {
    const key = `\u001b[31m${'k'.repeat(500)}`;
    const body = `{"model":"m","messages":[1],${JSON.stringify(key)}:1,${JSON.stringify(key)}:2}`;
    try {
      checkFrame('chat', Buffer.from(body));
      expect.unreachable();
    } catch (error) {
      const { message } = error as Error;
      expect(message.length).toBeLessThan(120);
      expect(isFault(error) && error.param).toBe(key.slice(0, 64));
      expect(message).not.toContain('\u001b');
    }
  });
});

it('S20: deep bodies of 4 MiB are refused at once', () => {
  const deep = Buffer.from(`{"model":"m","messages":${'['.repeat(4 * 1024 * 1024 - 100)}`);
  const startedMs = performance.now();
  for (let round = 0; round < 10; round++) expect(faultOf(() => checkFrame('chat', deep))).toBe('INVALID_REQUEST -');
  expect((performance.now() - startedMs) / 10).toBeLessThan(20);
});

import { toBase64 } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { ReplyTap } from '../src/reply-tap.ts';
import { StreamTap } from '../src/stream-tap.ts';
import { refusalOf, retryAfterMs, scrub } from '../src/upstream-error.ts';
import { chunk, DONE, ROLE, USAGE } from './harness.ts';

const feed = (tap: StreamTap, text: string, size = text.length): string => {
  const bytes = Buffer.from(text);
  let out = '';
  for (let at = 0; at < bytes.length; at += size) out += tap.push(bytes.subarray(at, at + size)).toString();
  return out;
};

describe('the stream tap', () => {
  const body = ROLE + chunk({ content: 'héé "usage":{ no' }) + chunk({ content: '"error"' }) + chunk({}, 'stop');

  it.each([1, 2, 3, 7, 50, 10_000])('passes the same bytes in pieces of %i, whatever the text says', (size) => {
    const tap = new StreamTap(false);
    expect(feed(tap, body + USAGE + DONE, size)).toBe(body + USAGE + DONE);
    expect(tap).toMatchObject({ isDone: true, contentEvents: 3, usage: { total_tokens: 3 } });
  });

  it.each([1, 5, 10_000])('takes only the usage event out, in pieces of %i', (size) => {
    const tap = new StreamTap(true);
    expect(feed(tap, body + USAGE + DONE, size)).toBe(body + DONE);
    expect(tap.usage).toMatchObject({ total_tokens: 3 });
  });

  it.each([
    '{"prompt_tokens":"1","total_tokens":1}',
    '{"prompt_tokens":1,"completion_tokens":"2","total_tokens":1}',
    '{"completion_tokens":1}',
    '{"prompt_tokens":-1}',
    '[]',
  ])('counts nothing of %s, which is no usage, and hands it on', (usage) => {
    const text = `data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}],"usage":${usage}}\n\n`;
    const tap = new StreamTap(false);
    expect(feed(tap, text)).toBe(text);
    expect(tap.usage).toBeUndefined();
    const reply = new ReplyTap('chat', false);
    reply.push(Buffer.from(`{"choices":[],"usage":${usage}}`));
    expect(reply.whole()).toMatchObject({ usage: undefined });
  });

  it('keeps usage that comes together with content, and usage:null in every event', () => {
    const withUsage =
      'data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"total_tokens":2}}\n\n';
    const withNull = 'data: {"choices":[{"index":0,"delta":{"content":"x"}}],"usage": null}\n\n';
    const tap = new StreamTap(true);
    expect(feed(tap, withNull + withNull + withUsage + DONE)).toBe(withNull + withNull + withUsage + DONE);
    expect(tap.usage).toMatchObject({ total_tokens: 2 });
  });

  it('opens at a tool call, at reasoning and at a refusal, not at the role or at a comment', () => {
    for (const delta of [
      { tool_calls: [{ index: 0 }] },
      { reasoning: 'x' },
      { reasoning_content: 'x' },
      { refusal: 'x' },
    ]) {
      const tap = new StreamTap(false);
      expect(feed(tap, `: ping\n\n${ROLE}`)).toBe('');
      expect(feed(tap, chunk(delta))).toBe(`: ping\n\n${ROLE}${chunk(delta)}`);
    }
  });

  it('passes CRLF streams untouched and sees their end', () => {
    const text = (ROLE + chunk({ content: 'x' }) + DONE).replaceAll('\n', '\r\n');
    const tap = new StreamTap(true);
    expect(feed(tap, text, 9)).toBe(text);
    expect(tap.isDone).toBe(true);
  });

  it('drops what follows the terminal event, and what follows an error', () => {
    const done = new StreamTap(false);
    expect(feed(done, ROLE + DONE)).toBe(ROLE + DONE);
    expect(feed(done, chunk({ content: 'late' }))).toBe('');
    const failed = new StreamTap(false);
    expect(feed(failed, `data: {"error":{"message":"m","code":503}}\n\n${DONE}`)).toBe('');
    expect(failed.refusal?.error.code).toBe('ENGINE_OVERLOADED');
    expect(failed.isDone).toBe(false);
  });
});

describe('an event that is no chunk', () => {
  const shapes = [
    'data: {"error":{"message":"boom"}}',
    'data: {"error":"boom"}',
    'data: {"object":"error","message":"boom"}',
    'data: {"detail":"boom"}',
    'data: {"text":"boom","error_code":50002}',
    'data: {"code":500,"message":"boom"}',
    'data: {"errors":[{"message":"boom"}]}',
    'data: {"choices":null}',
    'data: {"choices":[{"index":0,"delta":{},"finish_reason":"error"}],"error":{"message":"boom"}}',
    'data: {"choices":[{"index":0,',
    'data: Internal Server Error',
    'data: "Internal Server Error"',
    'data: null',
    'event: error\ndata: {"message":"boom","choices":[]}',
    'event: error\ndata: boom',
    'data: {\ndata: "error": {"message":"boom"}}',
  ];

  it.each(shapes)('ends the stream before content, and after it: %s', (shape) => {
    for (const before of ['', ROLE + chunk({ content: 'x' })]) {
      for (const size of [1, 10_000]) {
        const tap = new StreamTap(false);
        expect(feed(tap, `${before}${shape}\n\n${DONE}`, size)).toBe(before);
        expect(tap.refusal?.error.row.status).toBe(502);
        expect(tap.isDone).toBe(false);
      }
    }
  });

  it('is [DONE], too, where no chunk came', () => {
    const tap = new StreamTap(false);
    expect(feed(tap, `: ping\n\n${DONE}`)).toBe('');
    expect(tap.refusal?.error.code).toBe('ENGINE_FAILED');
  });

  it('is none of comments, chunks without choices but with usage, and empty data, which SDKs cannot read', () => {
    const tap = new StreamTap(false);
    const text = `: ping\n\nid: 1\n\n${ROLE}${chunk({ content: 'x' })}data: {"usage":{"prompt_tokens":1}}\n\n`;
    expect(feed(tap, `data:\n\n${text}data: \n\n${DONE}`)).toBe(text + DONE);
  });
});

describe('the name of the model in a stream', () => {
  const named = (text: string, name: string): string =>
    text.replaceAll('"model":"m"', `"model":${JSON.stringify(name)}`);
  const body =
    ROLE + chunk({ content: '"model":"m"' }) + chunk({ model: 'm', content: 'é' }) + chunk({}, 'stop') + DONE;

  it.each([1, 7, 10_000])('is the one that was asked for, in pieces of %i', (size) => {
    const tap = new StreamTap(false, 'wanted');
    const text = ROLE + chunk({ content: 'é "model" \\' }) + chunk({}, 'stop') + DONE;
    expect(feed(tap, text, size)).toBe(named(text, 'wanted'));
    expect(tap.engineModel).toBe('m');
  });

  it('is replaced where it stands outermost, also with spaces, and nowhere else', () => {
    const tap = new StreamTap(false, 'wanted');
    const out = feed(tap, body.replaceAll('"model":"m","choices"', '"model" : "m" ,"choices"'));
    const events = out
      .split('\n\n')
      .filter((event) => event.startsWith('data: {'))
      .map((event) => JSON.parse(event.slice(6)));
    expect(events.map((event) => event.model)).toEqual(['wanted', 'wanted', 'wanted', 'wanted']);
    expect(events.map((event) => event.choices[0].delta.model)).toEqual([undefined, undefined, 'm', undefined]);
    expect(events[1].choices[0].delta.content).toBe('"model":"m"');
  });

  it('is compared in Unicode', () => {
    const tap = new StreamTap(false, 'modèle');
    const text = named(ROLE + chunk({ content: 'é' }), 'modèle');
    const bytes = Buffer.from(text);
    expect(tap.push(bytes).toString()).toBe(text);
    const next = Buffer.from(named(chunk({ content: 'ü' }), 'modèle'));
    expect(tap.push(next)).toBe(next);
    expect(tap.engineModel).toBe('modèle');
  });

  it('leaves the very bytes where the engine uses the name itself', () => {
    const tap = new StreamTap(false, 'm');
    const bytes = Buffer.from(ROLE + chunk({ content: 'x' }));
    tap.push(bytes);
    const next = Buffer.from(chunk({ content: 'y' }));
    expect(tap.push(next)).toBe(next);
  });
});

describe('the reply tap', () => {
  const collect = (tap: ReplyTap, text: string) => {
    for (const char of [text.slice(0, 5), text.slice(5)]) tap.push(Buffer.from(char));
    return tap.whole();
  };

  it('gives the bytes as they came, and the usage in them', () => {
    const text =
      '{"choices":[{"message":{"content":"\\"usage\\":{}"}}],"usage": {"prompt_tokens":1,"details":{"x":1},"total_tokens":2}}\n';
    const whole = collect(new ReplyTap('chat', false), text);
    expect(whole.bytes.toString()).toBe(text);
    expect(whole.usage).toMatchObject({ total_tokens: 2 });
  });

  it.each([
    '<html>',
    '',
    'null',
    '[]',
    '{"a":1',
    '{}',
    '{"detail":"boom"}',
    '{"code":7,"message":"boom"}',
    '{"choices":null}',
    '{"choices":{}}',
    '{"data":[]}',
    '{"choices":[],"error":{"message":"late"}}',
    `{"choices":1,"pad":"${'x'.repeat(100_000)}"}`,
  ])('calls %.40j no answer', (text) => {
    expect(collect(new ReplyTap('chat', false), text).refusal?.error.code).toBe('ENGINE_FAILED');
  });

  it.each([
    ['completions', '{"choices":[]}'],
    ['embeddings', '{"data":[{"embedding":[1]}]}'],
    ['rerank', '{"results":[]}'],
  ] as const)('knows the shape of %s', (task, text) => {
    expect(collect(new ReplyTap(task, false), text).refusal).toBeUndefined();
    expect(collect(new ReplyTap(task, false), '{"list":[]}').refusal?.error.code).toBe('ENGINE_FAILED');
  });

  it.each([0, 100_000])(
    'gives the model the name that was asked for, and nothing else, in an answer of %i bytes and more',
    (size) => {
      const answer = (name: string) =>
        `{"choices":[{"message":{"content":"\\"model\\":\\"up\\"${'x'.repeat(size)}","model":"up"}}], "model" : "${name}","usage":{}}`;
      const tap = new ReplyTap('chat', false, 'asked');
      expect(collect(tap, answer('up')).bytes.toString()).toBe(answer('asked'));
      expect(tap.engineModel).toBe('up');
    },
  );

  it('finds an error that came with status 200', () => {
    expect(collect(new ReplyTap('chat', false), '{"error":{"message":"m","code":400}}').refusal?.error.code).toBe(
      'INVALID_REQUEST',
    );
    expect(
      collect(new ReplyTap('chat', false), '{"choices":[{"message":{"content":"x"}}],"error":null}').refusal,
    ).toBeUndefined();
  });

  it('turns floats into base64 and back when the engine answers in the other form', () => {
    const floats =
      '{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,1]}],"model":"m","usage":{"prompt_tokens":1,"total_tokens":1}}';
    const converted = JSON.parse(collect(new ReplyTap('embeddings', true), floats).bytes.toString());
    expect(converted.data[0].embedding).toBe(toBase64([0.5, 1]));
    const back = collect(new ReplyTap('embeddings', false), JSON.stringify(converted));
    expect(JSON.parse(back.bytes.toString()).data[0].embedding).toEqual([0.5, 1]);
    expect(collect(new ReplyTap('embeddings', false), floats).bytes.toString()).toBe(floats);
    expect(collect(new ReplyTap('embeddings', true), '{"data":[1]}').refusal?.error.code).toBe('ENGINE_FAILED');
  });

  it('lets a reply through in pieces once it is too long to hold', () => {
    const tap = new ReplyTap('chat', false);
    const piece = Buffer.alloc(600_000, 'x');
    expect(tap.push(Buffer.concat([Buffer.from('{"a":"'), piece]))).toBeUndefined();
    expect(tap.push(piece)?.length).toBe(1_200_006);
    const end = Buffer.from('","usage":{"prompt_tokens":1,"total_tokens":9}}');
    expect(tap.push(end)).toBe(end);
    expect(tap.whole().usage).toMatchObject({ total_tokens: 9 });
  });
});

describe('S28: errors of an engine', () => {
  const bytes = (body: unknown): Buffer => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));

  it.each([
    [400, { error: { message: 'bad temperature', param: 'temperature', code: 400 } }, 'INVALID_REQUEST', 400],
    [
      400,
      { error: { message: "This model's maximum context length is 2048 tokens", code: 400 } },
      'CONTEXT_LENGTH_EXCEEDED',
      400,
    ],
    [400, { error: { message: 'x', type: 'exceed_context_size_error' } }, 'CONTEXT_LENGTH_EXCEEDED', 400],
    [422, { detail: [{ loc: ['body', 'n'], msg: 'too big' }] }, 'INVALID_REQUEST', 400],
    [404, { error: { message: 'The model `x` does not exist' } }, 'ENGINE_FAILED', 502],
    [400, { error: { message: 'no', code: 'unsupported_parameter', param: 'x' } }, 'UNSUPPORTED_PARAMETER', 400],
    [400, { error: { message: 'no', code: 'missing_required_parameter' } }, 'MISSING_REQUIRED_PARAMETER', 400],
    [400, { error: { message: 'no', code: 'content_filter' } }, 'CONTENT_FILTER', 400],
    [400, { error: { message: 'no', code: 'internal' } }, 'INVALID_REQUEST', 400],
    [301, '', 'ENGINE_FAILED', 502],
    [408, '', 'TIMEOUT', 504],
    [401, { error: 'Unauthorized' }, 'ENGINE_CREDENTIALS', 502],
    [429, { error: { message: 'slow down' } }, 'RATE_LIMIT_EXCEEDED', 429],
    [500, 'Traceback (most recent call last)', 'ENGINE_FAILED', 502],
    [503, '', 'ENGINE_OVERLOADED', 503],
    [504, '<html>', 'TIMEOUT', 504],
  ])('HTTP %i %j becomes %s', (status, body, code, outStatus) => {
    const { error } = refusalOf(status, bytes(body), undefined);
    expect(error.code).toBe(code);
    expect(error.row.status).toBe(outStatus);
  });

  it('never show a client its keys, addresses or traces', () => {
    const canary = 'failed at http://10.1.2.3:9000/x with Bearer abcdefgh12345678 and sk-canary-12345678\u001b[31m';
    for (const status of [400, 401, 404, 422, 429, 500, 502, 503]) {
      for (const body of [{ error: { message: canary } }, { detail: canary }, { error: canary }, canary]) {
        const { message, cause } = refusalOf(status, bytes(body), undefined).error;
        for (const text of [message, String(cause)]) expect(text).not.toMatch(/10\.1\.2\.3|abcdefgh|canary|\p{Cc}/u);
      }
    }
    expect(scrub('x'.repeat(10_000)).length).toBeLessThanOrEqual(1024);
  });

  it('carry Retry-After on, in seconds or as a date', () => {
    expect(retryAfterMs('2', 0)).toBe(2_000);
    expect(retryAfterMs(new Date(5_000).toUTCString(), 1_000)).toBe(4_000);
    expect(retryAfterMs('soon', 0)).toBeUndefined();
    expect(refusalOf(429, Buffer.alloc(0), 7_000).error.retryAfterMs).toBe(7_000);
  });
});

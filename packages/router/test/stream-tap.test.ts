import { describe, expect, it } from 'vitest';
import { StreamTap } from '../src/stream-tap.ts';
import { chunk, DONE, NO_USAGE, ROLE, USAGE } from './harness.ts';

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

  it.each(NO_USAGE)('counts nothing of %s, which is no usage, and hands it on', (usage) => {
    const text = `data: {"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}],"usage":${usage}}\n\n`;
    const tap = new StreamTap(false);
    expect(feed(tap, text)).toBe(text);
    expect(tap.usage).toBeUndefined();
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

describe('the content of a stream', () => {
  const event = (choices: unknown): string => `data: ${JSON.stringify({ choices })}\n\n`;

  it.each([
    [{ index: 0, text: 'x' }],
    [{ index: 0, delta: {}, finish_reason: 'stop' }],
    [{ index: 0, delta: { role: 'assistant', content: 'x' } }],
    [
      { index: 0, delta: { role: 'assistant', content: '' } },
      { index: 1, delta: { content: 'x' } },
    ],
  ])('begins with %j', (...choices) => {
    const tap = new StreamTap(false);
    expect(feed(tap, event(choices))).toBe(event(choices));
    expect(tap).toMatchObject({ isOpen: true, contentEvents: 1 });
  });

  it.each([
    [[]],
    [[{ index: 0, delta: { role: 'assistant' } }]],
    [[{ index: 0, delta: { content: null, refusal: '' } }]],
    [[{ index: 0, delta: null, finish_reason: null }]],
    [[{ index: 0, text: '' }]],
    [[{ index: 0 }]],
  ])('does not begin with %j', (choices) => {
    const tap = new StreamTap(false);
    expect(feed(tap, event(choices))).toBe('');
    expect(tap).toMatchObject({ isOpen: false, contentEvents: 0, refusal: undefined });
  });

  it('is counted by events once it has begun, also those that say nothing, but not those without choices', () => {
    const tap = new StreamTap(false);
    feed(tap, event([{ text: 'x' }]) + event([{ delta: {} }]) + event([]));
    expect(tap.contentEvents).toBe(2);
  });

  it('is not begun by usage alone, which is left out where only we asked for it, with choices or without', () => {
    for (const usage of ['{"usage":{"prompt_tokens":1,"total_tokens":3}}', USAGE.slice(6).trim()]) {
      const tap = new StreamTap(true);
      expect(feed(tap, `data: ${usage}\n\n`)).toBe('');
      expect(tap).toMatchObject({ isOpen: false, contentEvents: 0, usage: { total_tokens: 3 } });
      expect(feed(tap, `${chunk({ content: 'x' })}data: ${usage}\n\n`)).toBe(chunk({ content: 'x' }));
      expect(tap.contentEvents).toBe(1);
    }
  });

  it('is handed on with events that have no choices and no usage', () => {
    const tap = new StreamTap(true);
    const text = event([]) + chunk({ content: 'x' }) + event([]);
    expect(feed(tap, text)).toBe(text);
  });

  it('is no field of another name, however near to data', () => {
    const tap = new StreamTap(false);
    feed(tap, ROLE + chunk({ content: 'x' }));
    for (const name of ['xata:', 'dxta:', 'daxa:', 'datx:', 'datax', 'dataa:']) {
      const other = `${name} {"error":{"message":"boom"}}\n\n`;
      expect(feed(tap, other)).toBe(other);
    }
    expect(tap.refusal).toBeUndefined();
  });
});

describe('the end of a stream', () => {
  const stop = (index: number) => `data: {"choices":[{"index":${index},"delta":{},"finish_reason":"stop"}]}\n\n`;

  it('that comes without [DONE] is in order once all choices have finished, and gets one', () => {
    const tap = new StreamTap(false);
    feed(tap, ROLE + chunk({ content: 'x' }) + stop(0));
    expect(tap.end(2).toString()).toBe('');
    expect(tap.isDone).toBe(false);
    feed(tap, stop(0));
    expect(tap.end(2).toString()).toBe('');
    feed(tap, stop(1));
    expect(tap.end(2).toString()).toBe(DONE);
    expect(tap.isDone).toBe(true);
    expect(tap.end(2).toString()).toBe('');
  });

  it('that comes before a choice has finished is none', () => {
    const tap = new StreamTap(false);
    feed(tap, ROLE + chunk({ content: 'x' }));
    expect(tap.end(1).toString()).toBe('');
    expect(tap.isDone).toBe(false);
  });

  it('completes an event that came without its blank line', () => {
    const cut = new StreamTap(false);
    feed(cut, ROLE + stop(0).trimEnd());
    expect(cut.end(1).toString()).toBe(ROLE + stop(0) + DONE);
    const done = new StreamTap(false);
    feed(done, `${ROLE}data: [DONE]`);
    expect(done.end(1).toString()).toBe(ROLE + DONE);
    expect(done.isDone).toBe(true);
    const half = new StreamTap(false);
    feed(half, `${ROLE}${stop(0)}data: {"choi`);
    expect(half.end(1).toString()).toBe('');
    expect(half.refusal?.error.code).toBe('ENGINE_FAILED');
    expect(half.isDone).toBe(false);
  });

  it('adds nothing to a stream that has ended by itself', () => {
    const tap = new StreamTap(false);
    feed(tap, ROLE + stop(0) + DONE);
    expect(tap.end(1).toString()).toBe('');
  });

  it.each([' [DONE]', '[DONE]', '  [DONE]  '])('is told by the word %j', (word) => {
    const tap = new StreamTap(false);
    expect(feed(tap, `${ROLE}data:${word}\n\n`)).toBe(`${ROLE}data:${word}\n\n`);
    expect(tap.isDone).toBe(true);
  });

  it('is cut off from what comes in the same piece after it', () => {
    const tap = new StreamTap(false);
    expect(feed(tap, ROLE + DONE + chunk({ content: 'late' }))).toBe(ROLE + DONE);
    const dropping = new StreamTap(true);
    expect(feed(dropping, ROLE + stop(0) + USAGE + DONE + chunk({ content: 'late' }))).toBe(ROLE + stop(0) + DONE);
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
    'data: {"usage":"boom"}',
    'data: {"usage":null}',
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
    expect(String(tap.refusal?.error.cause)).toBe('Error: The engine sent [DONE] without a chunk');
  });

  it('is told to the log as what it is', () => {
    const tap = new StreamTap(false);
    feed(tap, 'data: null\n\n');
    expect(String(tap.refusal?.error.cause)).toBe('Error: The engine sent an event that is no chunk');
  });

  it('may be one that never ends: over 8 MiB it is told at once', () => {
    const tap = new StreamTap(false);
    tap.push(Buffer.alloc(8 * 2 ** 20, 'x'));
    expect(tap.isOverflown).toBe(false);
    tap.push(Buffer.from('x'));
    expect(tap.isOverflown).toBe(true);
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

  it('is compared in Unicode also where none of it is ASCII', () => {
    const tap = new StreamTap(false, 'é');
    const text = named(chunk({ content: 'x' }), 'é');
    expect(feed(tap, text)).toBe(text);
    expect(tap.engineModel).toBe('é');
  });

  it('leaves the very bytes where the engine uses the name itself', () => {
    const tap = new StreamTap(false, 'm');
    const bytes = Buffer.from(ROLE + chunk({ content: 'x' }));
    tap.push(bytes);
    const next = Buffer.from(chunk({ content: 'y' }));
    expect(tap.push(next)).toBe(next);
  });
});

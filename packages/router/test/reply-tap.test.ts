import { toBase64 } from '@smmf/protocol';
import { describe, expect, it } from 'vitest';
import { ReplyTap } from '../src/reply-tap.ts';
import { NO_USAGE } from './harness.ts';

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

  it.each(NO_USAGE)('counts nothing of %s, which is no usage, and hands it on', (usage) => {
    const text = `{"choices":[],"usage":${usage}}`;
    const { bytes, usage: counted } = collect(new ReplyTap('chat', false), text);
    expect([bytes.toString(), counted]).toEqual([text, undefined]);
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
    `{"pad":"${'x'.repeat(100_000)}"}`,
    `{"choices":[],"pad":"${'x'.repeat(100_000)}"`,
  ])('calls %.40j no answer', (text) => {
    expect(collect(new ReplyTap('chat', false), text).refusal?.error.code).toBe('ENGINE_FAILED');
  });

  it.each([
    ['completions', '{"choices":[]}'],
    ['embeddings', '{"data":[{"embedding":[1]}]}'],
    ['rerank', '{"results":[]}'],
    ['rerank', '{"data":[]}'],
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

  it.each([0, 100_000])('calls an answer with an error none, of %i bytes and more', (size) => {
    const answer = (error: string) => `{"choices":[],"pad":"${'x'.repeat(size)}","error":${error}}`;
    const judged = (error: string) => collect(new ReplyTap('chat', false), answer(error)).refusal?.error.code;
    for (const error of ['{"message":"boom"}', '"boom"', '[1]']) expect(judged(error)).toBe('ENGINE_FAILED');
    for (const error of ['null', 'false']) expect(judged(error)).toBeUndefined();
  });

  it.each([0, 100_000])('reads the usage and the name of the model in an answer of %i bytes and more', (size) => {
    const answer = (usage: string) => `{"choices":[],"pad":"${'x'.repeat(size)}","model":"up","usage":${usage}}`;
    const whole = (usage: string) => collect(new ReplyTap('chat', false), answer(usage));
    const usage = '{"prompt_tokens":1,"total_tokens":2,"details":{"cached":{"x":1}}}';
    expect(whole(usage)).toMatchObject({ usage: { prompt_tokens: 1, total_tokens: 2 } });
    for (const none of ['null', '[]', '{}', '"x"', '{"prompt_tokens":"1"}']) expect(whole(none).usage).toBeUndefined();
    const nameless = collect(new ReplyTap('chat', false, 'asked'), answer('null').replace('"up"', '7'));
    expect(nameless.bytes.toString()).toBe(answer('null').replace('"up"', '7'));
  });

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
    expect(tap.whole().bytes.length).toBe(0);
  });

  it('takes a reply that it let through for whole whatever space comes last, and however small the last pieces are', () => {
    const end = '"choices":[],"usage":{"prompt_tokens":1,"total_tokens":9}}';
    const tap = new ReplyTap('chat', false);
    tap.push(Buffer.from(`{"a":"${'x'.repeat(2 ** 20)}",`));
    for (const char of end) tap.push(Buffer.from(char));
    for (const space of ['\n', '  ', '\r\n'.repeat(4_000)]) tap.push(Buffer.from(space));
    expect(tap.whole().refusal).toBeUndefined();
    expect(tap.whole()).toMatchObject({ usage: { total_tokens: 9 } });
  });

  it.each([100, 70_000])('judges an "error" field alike in a reply of %i bytes', (size) => {
    const isError = (error: unknown): boolean => {
      const reply = JSON.stringify({ error, choices: [], pad: 'x'.repeat(size) });
      return collect(new ReplyTap('chat', false), reply).refusal !== undefined;
    };
    expect([{ message: 'no' }, 'no', true, 1, []].map(isError)).toEqual([true, true, true, true, true]);
    expect([null, '', false, 0].map(isError)).toEqual([false, false, false, false]);
  });

  it('reads the end of a reply that it let through from the last two pieces, the held one among them', () => {
    const usage = '"usage":{"prompt_tokens":1,"total_tokens":9}}';
    for (const cut of [0, 20, usage.length]) {
      const tap = new ReplyTap('chat', false);
      tap.push(Buffer.from(`{"a":"${'x'.repeat(2 ** 20)}",${usage.slice(0, cut)}`));
      if (cut < usage.length) tap.push(Buffer.from(usage.slice(cut)));
      expect(tap.whole()).toMatchObject({ usage: { total_tokens: 9 } });
      expect(tap.whole().refusal).toBeUndefined();
    }
  });

  it.each([
    ['chat', '7', 'no JSON object'],
    ['chat', '[]', 'no JSON object'],
    ['chat', '{"a":1', 'no JSON object'],
    ['chat', '{"a":1}', 'an answer without choices'],
    ['rerank', '{"a":1}', 'an answer without results or data'],
    ['embeddings', '{"data":[1]}', 'no list of embeddings'],
    ['chat', 'x'.repeat(2 ** 20 + 1), 'half an answer'],
  ] as const)('tells the log what came in place of an answer to %s: %.20s', (task, text, what) => {
    const { refusal } = collect(new ReplyTap(task, false), text);
    expect(String(refusal?.error.cause)).toBe(`Error: The engine sent ${what}`);
  });

  it('holds 1 MiB, and 64 MiB of embeddings and of ranked documents', () => {
    for (const [task, limit] of [
      ['chat', 2 ** 20],
      ['embeddings', 64 * 2 ** 20],
      ['rerank', 64 * 2 ** 20],
    ] as const) {
      const tap = new ReplyTap(task, false);
      expect([tap.push(Buffer.alloc(limit - 1)), tap.push(Buffer.alloc(1)), tap.isOpen]).toEqual([
        undefined,
        undefined,
        false,
      ]);
      expect(tap.push(Buffer.alloc(1))?.length).toBe(limit + 1);
      expect(tap.isOpen).toBe(true);
    }
  });

  it.each([
    ['}', true],
    ['} \n\r\t', true],
    ['', false],
    ['}x', false],
    ['\n', false],
  ])('judges a reply that it let through by its end: %j', (end, isWhole) => {
    const tap = new ReplyTap('chat', false);
    tap.push(Buffer.alloc(2 ** 20 + 1, 'x'));
    tap.push(Buffer.from(end));
    expect(tap.whole().refusal?.error.code).toBe(isWhole ? undefined : 'ENGINE_FAILED');
  });

  it('finds usage at the end of a reply that it let through, and only there', () => {
    const tap = new ReplyTap('chat', false);
    tap.push(Buffer.from(`{"usage":{"prompt_tokens":7,"total_tokens":7},"a":"${'x'.repeat(2 ** 20)}`));
    expect(tap.whole().usage).toBeUndefined();
    for (const piece of ['","usage": {"prompt_tokens":1,"total_', 'tokens":9}}']) tap.push(Buffer.from(piece));
    expect(tap.whole().usage).toMatchObject({ total_tokens: 9 });
    const far = new ReplyTap('chat', false);
    far.push(Buffer.from(`{"a":"${'x'.repeat(2 ** 20)}","usage":                 {"prompt_tokens":1}}`));
    expect(far.whole().usage).toBeUndefined();
  });

  it('looks only at the form of the first vector, however its field is spelled', () => {
    for (const colon of [':', ' :', ': ', ' : ']) {
      const floats = `{"data":[{"index":0,"embedding"${colon}[0.5]}],"model":"m"}`;
      const text = `{"data":[{"index":0,"embedding"${colon}"AAAAPw=="}],"model":"m"}`;
      expect(collect(new ReplyTap('embeddings', false), floats).bytes.toString()).toBe(floats);
      expect(collect(new ReplyTap('embeddings', true), text).bytes.toString()).toBe(text);
    }
    for (const colon of [':', ' :', ': ', ' : ']) {
      const answer = (vector: string) =>
        `{"object":"list","model":"${'m'.repeat(100)}","data":[{"object":"embedding","index":0,"embedding"${colon}${vector}}]}`;
      const vectorOf = (base64: boolean, vector: string) =>
        JSON.parse(collect(new ReplyTap('embeddings', base64), answer(vector)).bytes.toString()).data[0].embedding;
      expect(vectorOf(true, '[0.5]')).toBe(toBase64([0.5]));
      expect(vectorOf(false, JSON.stringify(toBase64([0.5])))).toEqual([0.5]);
    }
    const none = '{"object":"list","data":[],"model":"m"}';
    expect(collect(new ReplyTap('embeddings', true), none).refusal).toBeUndefined();
  });
});

describe('the size of an answer', () => {
  const choices = '[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}]';
  const USAGE = '{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}';
  const deep = `${'['.repeat(200)}${']'.repeat(200)}`;
  /** What stands in an answer besides padding, and whether it is one. */
  const answers: readonly (readonly [string, string, boolean])[] = [
    ['a sound one', `"choices":${choices},"usage":${USAGE}`, true],
    ['a repeated key', `"choices":1,"choices":${choices},"usage":${USAGE}`, true],
    ['deep nesting', `"choices":${choices},"more":${deep},"usage":${USAGE}`, true],
    [
      'usage far behind its colon, with a brace in a text',
      `"choices":${choices},"usage":${' '.repeat(40)}{"note":"}",${USAGE.slice(1)}`,
      true,
    ],
    ['usage of a choice only', `"choices":${choices},"more":{"usage":${USAGE}}`, true],
    ['a value that is none', `"choices":${choices},"more":[tru]`, false],
    ['a broken escape', `"choices":${choices},"more":"\\x"`, false],
    ['an error', `"choices":${choices},"error":{"message":"no"}`, false],
    ['no list', `"choices":{}`, false],
  ];

  it.each(answers)('changes nothing of how it is read: %s', (_what, inside, isAnswer) => {
    const verdicts = [1_024, 65_535, 65_536, 65_537, 900_000].map((size) => {
      const frame = `{${inside},"pad":""}`;
      const text = frame.replace('"pad":""', `"pad":"${'p'.repeat(size - frame.length)}"`);
      expect(text).toHaveLength(size);
      const tap = new ReplyTap('chat', false);
      tap.push(Buffer.from(text));
      const { refusal, usage } = tap.whole();
      return { isAnswer: refusal === undefined, usage: usage?.total_tokens };
    });
    const usage = isAnswer && /"usage"/.test(inside) && !inside.includes('"more":{"usage"') ? 3 : undefined;
    for (const verdict of verdicts) expect(verdict).toEqual({ isAnswer, usage });
  });
});

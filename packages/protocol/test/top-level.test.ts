import { describe, expect, it } from 'vitest';
import { CHECKED_BYTES, fieldValue, skim } from '../src/index.ts';
import { randomBody, seeded, spell } from './random-body.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const fault = (text: string) => skim(Buffer.from(text)).fault;

describe('skim', () => {
  it('finds the same fields and values as JSON.parse in 10,000 generated bodies', () => {
    const random = seeded(1);
    for (let round = 0; round < 10_000; round++) {
      const body = randomBody(random);
      const text = Buffer.from(spell(random, body));
      const parsed = JSON.parse(text.toString());
      const { fields } = skim(text);
      expect([...(fields?.keys() ?? [])]).toEqual(Object.keys(parsed));
      for (const [key, field] of fields ?? []) {
        expect(fieldValue(text, field)).toEqual(parsed[key]);
        if (Array.isArray(parsed[key])) expect(field.length).toBe(parsed[key].length);
      }
    }
  });

  it('accepts of 20,000 damaged bodies those that JSON.parse accepts', () => {
    const random = seeded(3);
    const damage = [...'{}[]":,\\ \n\u0001\u007f0-+.eEuxtf', ''];
    let accepted = 0;
    for (let round = 0; round < 20_000; round++) {
      const whole = spell(random, randomBody(random));
      const at = Math.floor(random() * whole.length);
      const cut = Math.floor(random() * 3);
      const text = whole.slice(0, at) + damage[Math.floor(random() * damage.length)] + whole.slice(at + cut);
      const isObject = text.trimStart().startsWith('{');
      const found = fault(text);
      // What only skim refuses.
      if (found === 'duplicate-key') continue;
      expect(found === undefined, JSON.stringify(text)).toBe(isObject && isJson(text));
      if (found === undefined) accepted++;
    }
    expect(accepted).toBeGreaterThan(1_000);
  });

  it.each([
    ['text', 'x', true],
    ['escapes', '\\n\\u00e9\\"', true],
    ['a control character', `x\u0001`, false],
    ['half an escape', '\\u00', false],
    ['an escape that is none', '\\x', false],
    ['umlauts', 'ü', true],
  ])('judges %s in long strings as in short ones', (_name, part, isFine) => {
    for (const size of [1, 50, 200, 255, 256, 257, 1_000]) {
      const text = `{"a":"${part.repeat(Math.ceil(size / part.length))}","b":["${'y'.repeat(size)}${part}"]}`;
      expect([size, fault(text)]).toEqual([size, isFine ? undefined : 'syntax']);
    }
    expect(fault(`{"a":"${'x'.repeat(1_000)}`)).toBe('syntax');
  });

  it('leaves what stands between brackets and commas to the engine in texts over 64 KiB', () => {
    const large = (inside: string): string | undefined =>
      fault(`{"pad":"${'x'.repeat(CHECKED_BYTES)}","a":[${inside}]}`);
    expect(['tru', '01', '"\u0001"'].map(large)).toEqual([undefined, undefined, undefined]);
    expect(['1 2', '1,', ',', '{1:2}', '{"a"}', '{"a":}', '(]'].map(large)).toEqual(Array(7).fill('syntax'));
  });

  it('refuses each of the 32 control characters in a string, short or long, and in a key', () => {
    for (let code = 0; code < 32; code++) {
      const char = String.fromCharCode(code);
      for (const text of [`{"a":"${char}"}`, `{"a":"${'x'.repeat(300)}${char}"}`, `{"a${char}":1}`])
        expect([code, fault(text)]).toEqual([code, 'syntax']);
    }
  });

  it.each([100, 70_000, 1_000_000])(
    'refuses a repeated key around a text of %i bytes, however it is spelled',
    (size) => {
      for (const key of ['model', 'mod\\u0065l']) {
        const text = Buffer.from(`{"model":"a","pad":"${'x'.repeat(size)}","${key}":"b"}`);
        expect(skim(text)).toMatchObject({ fault: 'duplicate-key', key: 'model' });
      }
    },
  );

  it('refuses a repeated key, also when spelled with escapes', () => {
    expect(fault('{"model":"a","model":"b"}')).toBe('duplicate-key');
    expect(skim(Buffer.from('{"model":"a","mod\\u0065l":"b"}'))).toMatchObject({
      fault: 'duplicate-key',
      key: 'model',
    });
    expect(fault('{"a":{"model":1,"model":2}}')).toBeUndefined();
  });

  it.each([
    '',
    ' ',
    '[]',
    '"x"',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":1}x',
    '{"a":1 "b":2}',
    '{a:1}',
    '{"a":tru}',
    '{"a":01}',
    '{"a":[1}',
    '{"a":{]}',
    '{"a":"x}',
    '{"a":+1}',
    '{"a":NaN}',
    '{,}',
    '{"a":1}}',
    '\ufeff{"a":1}',
  ])('refuses %j, which JSON.parse refuses or which is no object', (text) => {
    expect(fault(text)).toBeDefined();
  });

  it('counts nesting exactly: the limit passes, one more does not', () => {
    const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(fault(nested(64))).toBeUndefined();
    expect(fault(nested(65))).toBe('too-deep');
    expect(skim(Buffer.from('{"a":[[1],[[2]]]}')).fields?.get('a')?.depth).toBe(3);
  });

  it('stops a 16 MB bomb of brackets at once, in a small part of the time that parsing takes', () => {
    const bomb = Buffer.from(`{"a":${'['.repeat(8_000_000)}${']'.repeat(8_000_000)}}`);
    const started = performance.now();
    expect(skim(bomb).fault).toBe('too-deep');
    expect(performance.now() - started).toBeLessThan(250);
  });
});

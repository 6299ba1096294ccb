import { describe, expect, it } from 'vitest';
import { fieldValue, scanFields } from '../src/index.ts';
import { randomBody, seeded, spell } from './random-body.ts';

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const fault = (text: string) => scanFields(Buffer.from(text)).fault;

describe('scanFields', () => {
  it('finds the same fields and values as JSON.parse in 10,000 generated bodies', () => {
    const random = seeded(1);
    for (let round = 0; round < 10_000; round++) {
      const body = randomBody(random);
      const text = Buffer.from(spell(random, body));
      const parsed = JSON.parse(text.toString());
      const { fields } = scanFields(text);
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
      // What only scanFields refuses.
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

  it('judges what stands between brackets and commas in texts over 64 KiB, too', () => {
    const large = (inside: string): string | undefined => fault(`{"pad":"${'x'.repeat(65_536)}","a":[${inside}]}`);
    const broken = ['tru', '01', '"\u0001"', '1 2', '1,', ',', '{1:2}', '{"a"}', '{"a":}', '(]'];
    expect(broken.map(large)).toEqual(broken.map(() => 'syntax'));
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
        expect(scanFields(text)).toMatchObject({ fault: 'duplicate-key', key: 'model' });
      }
    },
  );

  it('refuses a repeated key, also when spelled with escapes', () => {
    expect(fault('{"model":"a","model":"b"}')).toBe('duplicate-key');
    expect(scanFields(Buffer.from('{"model":"a","mod\\u0065l":"b"}'))).toMatchObject({
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

  it.each<[string, string, number, string?]>([
    ['[]', 'not-object', 0],
    ['  "x"', 'not-object', 2],
    ['{"a":1}x', 'syntax', 6],
    ['{"a":1', 'syntax', 6],
    ['{"a":1,}', 'syntax', 7],
    ['{a:1}', 'syntax', 1],
    ['{"a" 1}', 'syntax', 5],
    ['{"a":[[1]]}', 'too-deep', 6],
    ['{"a":1,"b":2, "a":3}', 'duplicate-key', 14, 'a'],
  ])('tells of %j the fault "%s" at byte %i', (text, found, at, key) => {
    const wanted = key === undefined ? { fault: found, at } : { fault: found, at, key };
    expect(scanFields(Buffer.from(text), 2)).toEqual(wanted);
  });

  it('tells of each field its kind, its place, its elements and its depth', () => {
    const text = Buffer.from(
      ' { "s" : "x" , "n":-1.5, "t":true,"f":false ,"z":null,"o":{"a":[1]}, "l":[1,[2]] , "e":[]} ',
    );
    const { fields } = scanFields(text);
    const told = [...(fields?.values() ?? [])].map(({ key, kind, start, end, length, depth }) => {
      return [key, kind, text.toString('utf8', start, end), length, depth];
    });
    expect(told).toEqual([
      ['s', 'string', '"x"', 0, 0],
      ['n', 'number', '-1.5', 0, 0],
      ['t', 'boolean', 'true', 0, 0],
      ['f', 'boolean', 'false', 0, 0],
      ['z', 'null', 'null', 0, 0],
      ['o', 'object', '{"a":[1]}', 0, 2],
      ['l', 'array', '[1,[2]]', 2, 2],
      ['e', 'array', '[]', 0, 1],
    ]);
    expect([...(fields?.values() ?? [])].map((field) => fieldValue(text, field))).toEqual([
      'x',
      -1.5,
      true,
      false,
      null,
      { a: [1] },
      [1, [2]],
      [],
    ]);
    expect(fieldValue(text, undefined)).toBeUndefined();
    expect(fieldValue(text, { key: 'x', kind: 'array', start: 0, end: 4, length: 0, depth: 0 })).toBeUndefined();
  });

  it('reads texts and keys with escapes, quotes, DEL and what lies beyond the first plane', () => {
    const text = Buffer.from(
      String.raw`{"a\\":"\u0041\n","\"":"DEL","😀":"\u2028","[":"]\\"}`.replace('DEL', '\u007f'),
    );
    const { fields } = scanFields(text);
    expect([...(fields ?? [])].map(([key, field]) => [key, fieldValue(text, field)])).toEqual([
      ['a\\', 'A\n'],
      ['"', '\u007f'],
      ['😀', '\u2028'],
      ['[', ']\\'],
    ]);
  });

  it('finds no field in an empty object', () => {
    for (const text of ['{}', ' { } \n']) expect(scanFields(Buffer.from(text)).fields?.size).toBe(0);
  });

  it('looks at the escapes of every string of a large text', () => {
    const pad = `"pad":"${'x'.repeat(65_536)}"`;
    const key = Buffer.from(`{${pad},"a\\x":1}`);
    expect(scanFields(key)).toMatchObject({ fault: 'syntax', at: pad.length + 5 });
    const value = Buffer.from(`{${pad},"a":"\\x"}`);
    expect(scanFields(value)).toMatchObject({ fault: 'syntax', at: pad.length + 8 });
  });

  it('counts nesting exactly: the limit passes, one more does not', () => {
    const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect(fault(nested(64))).toBeUndefined();
    expect(fault(nested(65))).toBe('too-deep');
    expect(scanFields(Buffer.from('{"a":[[1],[[2]]]}')).fields?.get('a')?.depth).toBe(3);
  });

  it('stops a 16 MB bomb of brackets at once, in a small part of the time that parsing takes', () => {
    const bomb = Buffer.from(`{"a":${'['.repeat(8_000_000)}${']'.repeat(8_000_000)}}`);
    const started = performance.now();
    expect(scanFields(bomb).fault).toBe('too-deep');
    expect(performance.now() - started).toBeLessThan(250);
  });
});

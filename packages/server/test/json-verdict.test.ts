import { isSmmfError } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { checkFrame } from '../src/check-frame.ts';

const SIZES = [1024, 65_535, 65_536, 65_537, 8 * 1024 * 1024];

type Verdict = 'accepted' | 'INVALID_JSON' | 'INVALID_REQUEST';

const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** Texts of a value inside a body, by the verdict that all sizes share. Numbers are not read here: their size is no fault. */
const VALUES: Readonly<Record<Verdict, readonly string[]>> = {
  accepted: [
    ...['0', '-0', '0.5', '-1.5e-7', '1E+400', `${'9'.repeat(400)}`, `0.${'1'.repeat(400)}`, '9007199254740993'],
    ...[
      '"\\u0041\\n\\"\\\\\\/\\b\\f\\r\\t"',
      '"\\ud83d"',
      '"\\ude00\\ud83d"',
      '"\\ud83d\\ude00"',
      '"\\u0000"',
      '"\u007f"',
    ],
    ...[
      '"\u2028\u2029"',
      '"größer 😀"',
      '" \ufeff "',
      '""',
      'null',
      'true',
      'false',
      '[]',
      '{}',
      ' [ 1 ,\n{\t"a" :\r2 } ] ',
    ],
    ...['{"a":1,"a":2}', '[{"model":1,"model":2}]', deep(60)],
  ],
  INVALID_JSON: [
    ...['"\\x"', '"\\u12"', '"\\u12g4"', '"\\U0041"', '"\\', '"\\"', '"\u0000"', '"\u001f"', '"a\nb"', '"a\tb"', "'a'"],
    ...[
      '01',
      '-',
      '-01',
      '+1',
      '.5',
      '1.',
      '1.e1',
      '1e',
      '1e+',
      '0x1',
      '1_000',
      'NaN',
      'Infinity',
      '-Infinity',
      '1,5,',
    ],
    ...['[1,]', '[,1]', '[1 2]', '{"a":1,}', '{"a"}', '{"a":}', '{a:1}', '{1:2}', '[1}', '{"a":1]', '[', '{', ']', '}'],
    ...['tru', 'True', 'nul', 'undefined', '// no\n1', '/* no */ 1', '\u00a01', '\u20281', '\ufeff1', '\v1', '1\f', ''],
  ],
  INVALID_REQUEST: [deep(64), `{"a":${deep(63)}}`, '['.repeat(70)],
};

interface Pad {
  readonly name: string;
  readonly open: string;
  readonly unit: string;
  readonly close: string;
  /** Every so many of the values above are tried in a body of 8 MiB. */
  readonly step: number;
}

/** What pads a body: one string, or what is looked at piece by piece. */
const PADS: readonly Pad[] = [
  { name: 'string', open: '"', unit: 'y', close: '"', step: 1 },
  { name: 'string of escapes', open: '"', unit: '\\n', close: '"', step: 7 },
  { name: 'list', open: '[', unit: '[7],', close: '7]', step: 7 },
];

/** `before`, the pad, spaces where its units leave a few bytes, and `after`: exactly `size` bytes. */
function sized(before: string, after: string, size: number, { open, unit, close }: Pad): Buffer {
  const body = Buffer.alloc(size, ' ');
  let at = body.write(before + open);
  const room = size - at - Buffer.byteLength(close + after);
  const units = room - (room % unit.length);
  body.fill(unit, at, at + units);
  at += units;
  body.write(close, at);
  body.write(after, size - Buffer.byteLength(after));
  return body;
}

function verdictOn(body: Buffer): string {
  try {
    checkFrame('chat', body);
    return 'accepted';
  } catch (error) {
    return isSmmfError(error) ? error.code : String(error);
  }
}

const HEAD = '{"model":"m","messages":[1]';

describe.each(PADS)('a body padded by one $name', (pad) => {
  it.each(SIZES)('of %i bytes is judged by what it holds, before the pad and after it', (size) => {
    for (const [verdict, values] of Object.entries(VALUES)) {
      for (const value of values.filter((_, index) => size < 1_000_000 || index % pad.step === 0)) {
        const after = sized(`${HEAD},"pad":`, `,"value":${value}}`, size, pad);
        expect([value, verdictOn(after)]).toEqual([value, verdict]);
        // What opens and does not close takes the pad in; the verdict on it is the same, and the first fault counts.
        const before = sized(`${HEAD},"value":${value},"pad":`, '}', size, pad);
        expect([value, verdictOn(before)]).toEqual([value, verdict]);
      }
    }
  });

  it.each(SIZES)('of %i bytes is judged by what stands around it', (size) => {
    const told = (before: string, after: string): string => verdictOn(sized(before, after, size, pad));
    expect(told(` \n${HEAD},"pad":`, '} \r\n\t')).toBe('accepted');
    expect(told(`\ufeff${HEAD},"pad":`, '}')).toBe('INVALID_JSON');
    for (const tail of ['}x', '},', '}}', '} {}', '}\0', ',}', ',"a"}', ']', ''])
      expect([tail, told(`${HEAD},"pad":`, tail)]).toEqual([tail, 'INVALID_JSON']);
    for (const key of ['pad', 'model', 'p\\u0061d'])
      expect([key, told(`${HEAD},"pad":`, `,"${key}":1}`)]).toEqual([key, 'INVALID_REQUEST']);
  });

  it.each(SIZES)('of %i bytes must be UTF-8', (size) => {
    for (const bytes of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]) {
      const body = sized(`${HEAD},"value":"....","pad":`, '}', size, pad);
      body.set(bytes, `${HEAD},"value":"`.length);
      expect([bytes, verdictOn(body)]).toEqual([bytes, 'INVALID_JSON']);
    }
  });
});

it('agrees with JSON.parse on every value that is not too deep', () => {
  const isJson = (value: string): boolean => {
    try {
      JSON.parse(`[${value}]`);
      return true;
    } catch {
      return false;
    }
  };
  expect(VALUES.accepted.filter((value) => !isJson(value))).toEqual([]);
  // Closed brackets and two values make a list of JSON: these alone are told apart by what stands around them.
  expect(VALUES.INVALID_JSON.filter(isJson)).toEqual(['']);
});

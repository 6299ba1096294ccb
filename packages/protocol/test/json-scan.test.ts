import { describe, expect, it } from 'vitest';
import { scanFields } from '../src/index.ts';
import { afterScalar, afterSpace, afterString, JsonFault, walkNested } from '../src/json-scan.ts';

/** Where `read` stops in `text`, or the fault with its place. */
function stopOf(read: (text: Buffer, at: number) => number, text: string, at = 0): number | string {
  try {
    return read(Buffer.from(text), at);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return `${error.fault} at ${error.at}`;
  }
}

/** An object of over 64 KiB whose field `a` holds `inside`. */
const large = (inside: string): Buffer => Buffer.from(`{"pad":"${'x'.repeat(65_536)}","a":${inside}}`);
const largeFault = (inside: string) => scanFields(large(inside)).fault;

describe('the scanner of JSON', () => {
  it('passes over the four kinds of white space, and nothing else', () => {
    expect(stopOf(afterSpace, ' \n\r\tx')).toBe(4);
    for (const char of ['\v', '\f', '\u00a0', '\0', 'x', '']) expect(stopOf(afterSpace, ` ${char}`)).toBe(1);
  });

  it.each<[string, number | string]>([
    ['0', 1],
    ['-0', 2],
    ['10,', 2],
    ['-19.05', 6],
    ['1e5', 3],
    ['1E+05]', 5],
    ['0.0e-9', 6],
    ['00', 1],
    ['true', 4],
    ['false}', 5],
    ['null', 4],
    ['-', 'syntax at 1'],
    ['+1', 'syntax at 0'],
    ['.5', 'syntax at 0'],
    ['1.', 'syntax at 2'],
    ['1.e1', 'syntax at 2'],
    ['1e', 'syntax at 2'],
    ['1e+', 'syntax at 3'],
    ['/', 'syntax at 0'],
    [':', 'syntax at 0'],
    ['', 'syntax at 0'],
    ['tru', 'syntax at 0'],
    ['txue', 'syntax at 0'],
    ['fals', 'syntax at 0'],
    ['nulL', 'syntax at 0'],
  ])('reads the number or word at the beginning of %j up to %s', (text, end) => {
    expect(stopOf(afterScalar, text)).toBe(end);
    const wanted = typeof end === 'number' ? end + 2 : end.replace(/\d+/, (at) => String(Number(at) + 2));
    expect(stopOf(afterScalar, `1,${text}`, 2)).toBe(wanted);
  });

  it.each<[string, number | string]>([
    ['""', 2],
    ['"a"b"', 3],
    ['" ~"', 4],
    ['"\\""', 4],
    ['"\\\\"', 4],
    ['"\\\\\\""', 6],
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t"', 18],
    ['"\\u00e9\\uABCD"', 14],
    ['"\\u00g0"', 'syntax at 2'],
    ['"\\u00e"', 'syntax at 2'],
    ['"\\v"', 'syntax at 2'],
    ['"\\', 'syntax at 2'],
    ['"\u001f"', 'syntax at 1'],
    ['"a', 'syntax at 2'],
  ])('reads the string %j up to %s', (text, end) => {
    expect(stopOf(afterString, text)).toBe(end);
  });

  it.each<[string, number | string]>([
    ['x', 303],
    ['\\n', 304],
    ['\u0001', 'syntax at 301'],
    ['\\x', 'syntax at 302'],
    ['\\u12g4', 'syntax at 302'],
  ])('reads a string over 256 bytes with %j at its end up to %s', (part, end) => {
    expect(stopOf(afterString, `"${'x'.repeat(300)}${part}",`)).toBe(end);
  });

  it('finds no end of a string that has none, however long it is', () => {
    for (const length of [0, 300, 65_536])
      expect(stopOf(afterString, `"${'x'.repeat(length)}`)).toBe(`syntax at ${length + 1}`);
  });

  it('finds the end of a string in a large text: an even number of backslashes escapes no quote', () => {
    for (const inside of ['"\\\\"', '"\\\\\\""', '"x\\"y"', '""', '"\\\\\\\\"']) {
      const text = large(inside);
      const field = scanFields(text).fields?.get('a');
      expect(text.toString('utf8', field?.start, field?.end)).toBe(inside);
    }
    expect(largeFault('"\\"')).toBe('syntax');
  });

  it.each([65_535, 65_536, 65_537, 1_000_000])('checks a text of %i bytes whole', (size) => {
    const sized = (inside: string) => {
      const text = `{"a":[${inside}],"pad":""}`;
      return scanFields(Buffer.from(text.replace('""}', `"${'x'.repeat(size - text.length)}"}`))).fault;
    };
    const broken = ['tru', '01', '1.', '"\u0001"', '"\\x"', 'a', '1 2', '1,', ',', '{1:2}', '(]'];
    expect(broken.map(sized)).toEqual(broken.map(() => 'syntax'));
    expect(['true', '0.1', '"\\u0001"', '{}', '1 , 2'].map(sized)).toEqual(Array(5).fill(undefined));
  });

  it('judges what stands in a large text as in a small one', () => {
    for (const inside of [
      '[a,b]',
      '[a]',
      '[a ]',
      '{"x":a}',
      '[a b]',
      '[,]',
      '[1,]',
      '{"x":}',
      '{"x":1 "y":2}',
      '{"x" 1}',
      '{x:1}',
      '[1',
    ])
      expect([inside, largeFault(inside)]).toEqual([inside, 'syntax']);
    for (const inside of ['[1,2]', '[1 ]', '[1\n]', '[1\t]', '[1\r,2]', '{"x":1,"y":2}', '{"x":[1],"y":{}}'])
      expect([inside, largeFault(inside)]).toEqual([inside, undefined]);
    for (const inside of ['tru', '01', 'a']) expect([inside, largeFault(inside)]).toEqual([inside, 'syntax']);
  });
});

describe('an array or object', () => {
  it.each([
    ['[]', 0, 1],
    ['{}', 0, 1],
    ['[ ]', 0, 1],
    ['[1]', 1, 1],
    ['[1,[2,3],{"a":[4]}]', 3, 3],
    ['{"a":1,"b":[1,2]}', 2, 2],
    ['[[],[[]],[]]', 3, 3],
    ['[{},{"a":{}}]', 2, 3],
    ['[ 1 , "x]" , { "a" : null } ]', 3, 2],
  ])('%j has %i elements and is %i deep', (text, length, depth) => {
    expect(walkNested(Buffer.from(`x${text}]}`), 1, 9)).toEqual({ end: text.length + 1, length, depth });
    expect(walkNested(Buffer.from(text), 0, depth)).toEqual({ end: text.length, length, depth });
    expect(() => walkNested(Buffer.from(text), 0, depth - 1)).toThrow('too-deep');
  });

  it.each([
    ['[1 2]', 3],
    ['[1,]', 3],
    ['[,1]', 1],
    ['[1}', 2],
    ['{"a":1]', 6],
    ['{"a":1,}', 7],
    ['{"a",1}', 4],
    ['{"a" 1}', 5],
    ['{1:2}', 1],
    ['{"a":}', 5],
    ['{"a":1 "b":2}', 7],
    ['[1', 0],
    ['[', 0],
    ['{"a":[1]', 0],
  ])('%j is none: the fault is told at byte %i', (text, at) => {
    const walk = (bytes: Buffer, from: number) => walkNested(bytes, from, 9).end;
    expect(stopOf(walk, text)).toBe(`syntax at ${at}`);
  });
});

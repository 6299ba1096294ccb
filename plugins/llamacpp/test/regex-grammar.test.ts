import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { jsonGrammar } from '../src/json-grammar.ts';
import { readGbnf, seeded } from './gbnf-text.ts';

const grammarOf = (pattern: string) => readGbnf(jsonGrammar({ type: 'string', pattern }, 'schema'));

/** As Pydantic, zod and people write them, each with texts that match and texts that do not. */
const PATTERNS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['^[a-z][a-z0-9_-]{2,15}$', ['abc', 'a-9_z'], ['ab', '9abc', 'abcdefghijklmnopq']],
  ['^\\d{4}-\\d{2}$', ['2026-11'], ['2026-1', '2026-111']],
  ['^(main|release/\\d+\\.\\d+(?:\\.\\d+)?)$', ['main', 'release/1.20', 'release/1.2.3'], ['release/1', 'mainx']],
  ['^#?[0-9a-fA-F]{6}$', ['#ff00aa', 'FF00AA'], ['#ff00a', '##ff00aa']],
  ['^[^\\s@]+@[^\\s@]+$', ['a@b', 'é@ü.x'], ['a b@c', '@b']],
  ['^(?P<year>\\d{4})/(?<month>\\d\\d)$', ['2026/01'], ['26/01']],
  ['^\\/(?:[\\w.-]+\\/)*[\\w.-]*$', ['/', '/a/b.txt'], ['a/b', '/a b']],
  ['^\\S+\\.(ts|tsx|js)$', ['a.ts', 'é/b.tsx'], ['a.py', 'a b.ts']],
  ['^.{1,3}$', ['a', '"\\t'], ['', 'abcd', 'a\nb']],
  ['^[\\s\\S]*$', ['', 'any\n"thing"\\'], []],
  ['foo', ['foo', 'a foo b', '\nfoo'], ['fo', '']],
  ['^foo', ['foo', 'foobar'], ['a foo']],
  ['foo$', ['foo', 'a foo'], ['foo b']],
  ['^$|^a$', ['', 'a'], ['b', 'aa']],
  ['(^a|^b)c$', ['ac', 'bc'], ['c', 'xac']],
  ['^a|b$', ['ax', 'xb'], ['xa x']],
  ['^["\\\\]+$', ['"', '\\"'], ['a']],
  ['^[\\]\\-^]+$', [']-^'], ['a']],
  ['^[\\w-]+$', ['a-b'], ['a b']],
  ['^a+?b??$', ['a', 'aab'], ['b']],
  ['^\\x41\\u0042\\u{1F600}\\.$', ['AB\u{1F600}.'], ['AB\u{1F600}x']],
  ['^[\\u{1F600}-\\u{1F64F}]$', ['\u{1F600}'], ['x']],
  ['\\A[a-f]\\Z', ['a'], ['g', 'ab']],
  ['^\\$[0-9]+(\\.[0-9]{2})?$', ['$1', '$12.50'], ['$', '$1.5']],
  ['^(?:a|b){2,3}$', ['ab', 'bab'], ['a', 'abab']],
  ['^a{2,}$', ['aa', 'a'.repeat(70)], ['a']],
  ['^a{0,200}$', ['', 'a'.repeat(200)], ['a'.repeat(201)]],
  ['', ['', 'x'], []],
];

const ZOD: Readonly<Record<string, z.ZodType>> = {
  email: z.email(),
  uuid: z.uuid(),
  guid: z.guid(),
  date: z.iso.date(),
  time: z.iso.time(),
  datetime: z.iso.datetime({ offset: true }),
  ipv4: z.ipv4(),
  ipv6: z.ipv6(),
  cidrv4: z.cidrv4(),
  cuid: z.cuid(),
  cuid2: z.cuid2(),
  ulid: z.ulid(),
  nanoid: z.nanoid(),
  xid: z.xid(),
  ksuid: z.ksuid(),
  base64url: z.base64url(),
  e164: z.e164(),
  url: z.url(),
  starts: z.string().startsWith('sk-'),
  ends: z.string().endsWith('.md'),
  lower: z.string().lowercase(),
  regex: z
    .string()
    .regex(/^[A-Z]{2,5}-\d+$/)
    .max(12),
};

describe('the grammar of a pattern', () => {
  it.each(PATTERNS)('has the texts of /%s/ and no others', (pattern, right, wrong) => {
    const { matches, make } = grammarOf(pattern);
    const json = (texts: readonly string[]) => texts.map((text) => [text, matches(JSON.stringify(text))]);
    expect(json(right)).toEqual(right.map((text) => [text, true]));
    expect(json(wrong)).toEqual(wrong.map((text) => [text, false]));
    const native = pattern.replace(/\\A/, '^').replace(/\\Z/, '$').replace('(?P<', '(?<');
    for (let seed = 0; seed < 40; seed++) {
      const text: string = JSON.parse(make(seeded(seed)));
      expect([text, new RegExp(native, 'u').test(text)]).toEqual([text, true]);
    }
  });

  it.each([
    ['^[A-Z]{2,5}-\\d+$', 4, 8, ['AB-1', 'ABCD-1', 'AB-123'], ['A-1', 'AB-123456', 'ABCDE-123']],
    ['^[a-z]+$', 3, 5, ['abc', 'abcde'], ['ab', 'abcdef']],
    ['^(?:[a-z]+\\.)+[a-z]+$', 0, 9, ['a.b'], ['abcdef.ghi', 'ab']],
    ['^(?:ab){2,}$', 5, 9, ['ababab', 'abababab'], ['abab', 'ababababab']],
    ['^(?:a|bcdefgh)x*$', 0, 3, ['a', 'axx'], ['bcdefgh', 'axxx']],
    ['^a*b*$', 3, 4, ['aabb'], ['ab', 'aaabbb']],
    ['foo', 0, 6, ['foo', 'afoob'], ['abcdfoo', 'fo']],
  ])('keeps /%s/ to a length from %i to %i', (pattern, minLength, maxLength, right, wrong) => {
    const { matches, make } = readGbnf(jsonGrammar({ type: 'string', pattern, minLength, maxLength }, 'schema'));
    expect([...right, ...wrong].filter((text) => matches(JSON.stringify(text)))).toEqual(right);
    for (let seed = 0; seed < 40; seed++) {
      const text: string = JSON.parse(make(seeded(seed)));
      const fits = text.length >= minLength && text.length <= maxLength && new RegExp(pattern).test(text);
      expect([text, fits]).toEqual([text, true]);
    }
  });

  it.each(Object.keys(ZOD))('has only texts that zod takes for its "%s"', (name) => {
    const type = ZOD[name] ?? z.never();
    const { make } = readGbnf(jsonGrammar(z.toJSONSchema(type), 'schema'));
    for (let seed = 0; seed < 40; seed++) {
      const text: string = JSON.parse(make(seeded(seed)));
      expect([text, type.safeParse(text).success]).toEqual([text, true]);
    }
  });

  it.each([
    ['(?=a)b', 'look-around'],
    ['(?<!a)b', 'look-around'],
    ['(a)\\1', 'a back-reference'],
    ['(?P<a>x)(?P=a)', 'a back-reference'],
    ['(?<a>x)\\k<a>', 'a back-reference'],
    ['\\bword\\b', 'a word boundary'],
    ['^\\p{L}+$', 'a Unicode property'],
    ['(?i)abc', 'a group of a special kind'],
    ['a++', 'a possessive quantifier'],
    ['a^b', 'an anchor in the middle'],
    ['^*a', 'a repeated anchor'],
    ['*a', 'stands behind nothing'],
    ['(a', 'a group without its end'],
    ['a)', 'a closing bracket too many'],
    ['[a', 'a class without its end'],
    ['[z-a]', 'the wrong way round'],
    ['a{3,2}', 'the wrong way round'],
    ['[]', 'a class without a character'],
    ['\\y', 'the escape \\y'],
    ['\\xz', 'without its digits'],
    ['a\\', 'a backslash at its end'],
    ['('.repeat(80) + ')'.repeat(80), 'nested too deep'],
  ])('refuses /%s/ by name', (pattern, words) => {
    expect(() => grammarOf(pattern)).toThrow(expect.objectContaining({ message: expect.stringContaining(words) }));
    expect(() => grammarOf(pattern)).toThrow('JSON schema cannot be enforced: "pattern" has');
  });
});

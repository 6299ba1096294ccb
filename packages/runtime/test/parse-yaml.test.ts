import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfig } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'smmf-yaml-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function read(text: string | Buffer, name = 'smmf.yaml'): Promise<unknown> {
  const file = join(folder, name);
  writeFileSync(file, text);
  return (await readConfig(file)).value;
}

describe('YAML', () => {
  it.each<[string, string, unknown]>([
    ['an anchor and its alias', 'a: &x { b: 1 }\nc: *x', { a: { b: 1 }, c: { b: 1 } }],
    [
      'a merge, which gives way to what stands beside it',
      'a: &x { b: 1, c: 1 }\nd:\n  c: 2\n  <<: *x',
      { a: { b: 1, c: 1 }, d: { b: 1, c: 2 } },
    ],
    [
      'a list of merges, the first first',
      'a: &x { b: 1 }\nc: &y { b: 2, d: 2 }\ne: { <<: [*x, *y] }',
      { a: { b: 1 }, c: { b: 2, d: 2 }, e: { b: 1, d: 2 } },
    ],
    [
      'names as they are written',
      '1.0: a\n007: b\nno: c\n0x10: d\nnull: e',
      { '1.0': 'a', '007': 'b', no: 'c', '0x10': 'd', null: 'e' },
    ],
    [
      'texts of YAML 1.1 as texts, whatever the directive says',
      '%YAML 1.1\n---\na: yes\nb: 010\nc: 1:30',
      { a: 'yes', b: 10, c: '1:30' },
    ],
    ['the tags of its own kinds', 'a: !!str 1\nb: !!int "2"', { a: '1', b: 2 }],
    ['CRLF, a byte order mark, marks of begin and end', '\uFEFF---\r\na: 1\r\n...\r\n', { a: 1 }],
    ['JSON with tabs', '{\n\t"a": [\n\t\t1, 2\n\t]\n}\n', { a: [1, 2] }],
  ])('may have %s', async (_name, text, value) => {
    expect(await read(text)).toEqual(value);
  });

  it.each([
    ['an unknown tag', 'a: 1\nb: !ENV KEY', /line 2, column 4: unknown tag !ENV.*\$\{env:NAME\}/],
    ['a tag of another language', 'a: !!python/object:x { b: 1 }', /line 1, column 4: unknown tag !!python/],
    ['a tag that would make bytes of a text', 'a: !!binary aGk=', /line 1, column 4: unknown tag !!binary/],
    ['an alias without an anchor', 'a: 1\nb: *none', /line 2, column 4: \*none has no anchor/],
    ['an alias before its anchor', 'a: *x\nb: &x 1', /line 1, column 4: \*x has no anchor/],
    ['a star in place of a text', 'a: [*]', /line 1, column 5/],
    ['an alias within its own anchor', 'a: &x\n  b: *x', /line 2, column 6: \*x stands inside/],
    ['a merge of a text', 'a:\n  <<: text', /line 2, column 3: << takes a group/],
    ['a name that stands there twice', 'a: 1\nb: 2\na: 3', /line 3, column 1: .*unique/],
    ['a name twice, once in quotes', '1: a\n"1": b', /line 2, column 1: .*unique/],
    ['a second document', 'a: 1\n---\nb: 1', /line 2, column 1: a second document/],
    ['a text in braces', 'a: {{env.X}}', /line 1, column 5: .*quotes.*\$\{env:NAME\}/],
    ['a reference in brackets without quotes', `a: [\${env:X}]`, /line 1, column \d+: .*\$\{env:NAME\}.*quotes/],
    ['a list as a name', '? [a]\n: b', /line 1, column 3: a name must be a text/],
    ['an alias as a name', 'a: &x b\n*x : c', /line 2, column 1: a name must be a text/],
    ['an unknown version of YAML', '%YAML 1.9\n---\na: 1', /line 1, column 7: .*1\.9/],
    ['a tab for indentation', 'a:\n\tb: 1', /line 2, column 1: .*tabs/i],
  ])('with %s is one fault with its line', async (_name, text, fault) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      details: { faults: [expect.stringMatching(fault)] },
      message: expect.stringContaining(join(folder, 'smmf.yaml')),
    });
  });

  it('whose aliases multiply is refused before they are followed', async () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    const started = performance.now();
    await expect(read(lines.join('\n'))).rejects.toThrow(/line \d+, column \d+: \*a\d makes the config larger/);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it.each<[string, Buffer]>([
    ['UTF-16', Buffer.from('version: 1\n', 'utf16le')],
    ['UTF-16 with its mark', Buffer.from('\uFEFFversion: 1\n', 'utf16le')],
    ['Latin-1', Buffer.from('a: é\n', 'latin1')],
  ])('in %s is refused with the remedy', async (_name, bytes) => {
    await expect(read(bytes)).rejects.toThrow('no UTF-8 text; save it as UTF-8');
  });
});

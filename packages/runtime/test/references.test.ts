import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FaultList } from '../src/faults.ts';
import { expandReferences } from '../src/references.ts';
import { rawFromObject, resolveConfig } from '../src/resolve-config.ts';
import { faultsOf } from './resolving.ts';

const folder = mkdtempSync(join(tmpdir(), 'smmf-references-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'key'), 'of-a-file\r\n\n');
writeFileSync(join(folder, 'a:b'), 'colon');
writeFileSync(join(folder, 'C:\\key.txt'), 'drive');
writeFileSync(join(folder, 'empty'), '\n');
writeFileSync(join(folder, 'utf16'), 'key', 'utf16le');
const ENGINE = join(import.meta.dirname, '../../testkit/src/demo/demo-engine.ts');
/** Here `€` stands for `$`, so that nobody takes these texts for templates of this file. */
const dollars = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('€', '$'));
const env = dollars({
  K: 'pa€€w0rd#x"y\'z\\n%&€{env:OTHER}€1€&',
  OTHER: 'other',
  EMPTY: '',
  LINES: 'value\r\n\n',
  INNER: ' a\nb ',
  'WITH.DOTS': 'dots',
  'ProgramFiles(x86)': 'x86',
});

function expand(written: string): { value: unknown; fault: string } {
  const text = dollars(written);
  const faults = new FaultList();
  const { value } = expandReferences({ text }, { env, baseDir: folder }, faults);
  return { value: (value as { text: string }).text, fault: faults.size === 0 ? '' : faults.asError('f').message };
}

describe('a reference', () => {
  it.each([
    ['€{env:OTHER}', 'other'],
    ['<€{env:OTHER}>€{env:OTHER}', '<other>other'],
    ['€{env:WITH.DOTS}', 'dots'],
    ['€{env:ProgramFiles(x86)}', 'x86'],
    ['€{file:key}', 'of-a-file'],
    ['€{file:a:b}', 'colon'],
    ['€{file:C:\\key.txt}', 'drive'],
    ['€{file:./nowhere:-instead}', 'instead'],
    ['€{env:NONE:-a default}', 'a default'],
    ['€{env:EMPTY:-a default}', 'a default'],
    ['€{env:NONE:-}', ''],
    ['€{env:OTHER:-a default}', 'other'],
    ['€{env:NONE:-http://gpu:8000}', 'http://gpu:8000'],
    ['€{env:NONE:-€{env:OTHER}}', 'other'],
    ['€{env:NONE:-€{env:NONE2:-{"a":{}}}}', '{"a":{}}'],
    ['€{env:OTHER:-{"a":{}}}', 'other'],
    ['€{env:LINES}', 'value'],
    ['€{env:INNER}', ' a\nb '],
  ])('%s is replaced', (text, value) => {
    expect(expand(text)).toEqual({ value: dollars(value), fault: '' });
  });

  it('gives the value as it is: nothing in it is replaced again', () => {
    expect(expand('€{env:K}').value).toBe(env.K);
  });

  it.each([
    ['€€{env:OTHER}', '€{env:OTHER}'],
    ['a €€{b} c', 'a €{b} c'],
    ['€€{', '€{'],
    ['€€{env:OTHER} is €{env:OTHER}', '€{env:OTHER} is other'],
    ['€€OTHER', '€OTHER'],
    ['pa€€w0rd', 'pa€€w0rd'],
    ['€', '€'],
    ['€1', '€1'],
    ['cost: €5 {x}', 'cost: €5 {x}'],
    ['{{ a }} and €HOME', '{{ a }} and €HOME'],
  ])('%s is no reference but the text %s', (text, value) => {
    expect(expand(text)).toEqual({ value: dollars(value), fault: '' });
  });

  it.each([
    ['€{NAME}', '"€{env:NAME}"'],
    ['€{ENV:NAME}', '"€{env:NAME}"'],
    ['€{env: NAME }', '"€{env:NAME}"'],
    ['€{env.NAME}', '"€{env:NAME}"'],
    ['€{oc.env:NAME}', '"€{env:NAME}"'],
    ['€{{ env.NAME }}', '"€{env:NAME}"'],
    ['€{{ secrets.NAME }}', '"€{env:NAME}"'],
    ['€{NAME:-default}', '"€{env:NAME}"'],
    ['€{env:NAME:=default}', '"€{env:NAME}"'],
    ['€{env:NAME:?message}', '"€{env:NAME}"'],
    ['€{NAME', '"}" is missing'],
    ['€{env:NAME', '"€{env:NAME}"'],
    ['http://€{NAME}:80', '"€{env:NAME}"'],
    ['€{FILE:./key}', '"€{file:./key}"'],
    ['€{env:}', '"€{env:NAME}"'],
    ['€{file:}', '"€{file:PATH}"'],
    ['€{}', '"€{env:NAME}"'],
    ['€{vault:a/b#c}', '"€{env:NAME}"'],
    ['€{env:K-default}', '€{env:K:-default}'],
    ['€NAME', '"€{env:NAME}"; for the text itself write "€€NAME"'],
    ['€env:NAME', '"€{env:NAME}"'],
    ['€(NAME)', '"€{env:NAME}"'],
    ['%NAME%', '"€{env:NAME}"'],
    ['{{env.NAME}}', '"€{env:NAME}"'],
    ['{{ env "NAME" }}', '"€{env:NAME}"'],
    ['{{ .Env.NAME }}', '"€{env:NAME}"'],
    ['os.environ/NAME', '"€{env:NAME}"'],
    ['os.environ["NAME"]', '"€{env:NAME}"'],
    ['process.env.NAME', '"€{env:NAME}"'],
    ['€{env:NONE:-€NAME}', '"€{env:NAME}"'],
    ['€{env:NONE:-€{NAME}}', '"€{env:NAME}"'],
  ])('written as in another program, %s, is a fault that shows the right spelling', (text, right) => {
    expect(expand(text).fault).toContain(dollars(right));
  });

  it.each([
    ['€{env:NONE}', 'environment variable NONE is not set'],
    ['€{env:EMPTY}', 'environment variable EMPTY is not set'],
    ['€{env:toString}', 'environment variable toString is not set'],
    ['€{env:__proto__}', 'environment variable __proto__ is not set'],
    ['€{file:./nowhere}', 'file ./nowhere cannot be read (ENOENT)'],
    ['€{file:.}', 'file . cannot be read (EISDIR)'],
    ['€{file:empty}', 'file empty is empty'],
    ['€{file:utf16}', 'file utf16 is no UTF-8 text'],
  ])('to nothing, %s, is a fault', (text, fault) => {
    expect(expand(text).fault).toContain(fault);
  });

  it('is not for names', async () => {
    const config = dollars({ version: 1, models: { '€{env:OTHER}': { engine: ENGINE } } });
    const fault = dollars('models["€{env:OTHER}"]: a name cannot hold a reference; write the name itself');
    expect(await faultsOf(config, env)).toEqual([fault]);
  });
});

describe('a reference in the place of a number or a flag', () => {
  const config = (server: object, model: object = {}) =>
    dollars({ version: 1, server, models: { demo: { engine: ENGINE, ...model } } });
  const numbers = {
    PORT: '8123',
    FLAG: 'True',
    WEIGHT: '1.5',
    SLOTS: '4\n',
    WORD: 'eight',
    BIG: '70000',
    HALF: '80.5',
  };

  it('is turned into it, in the frame and in options of an engine', async () => {
    const given = config(
      { port: '€{env:PORT}', allowOpen: '€{env:FLAG}', maxConnections: '€{env:NONE:-7}' },
      { slots: '€{env:SLOTS}', weight: '€{env:WEIGHT}', tokenMs: '€{env:NONE:-€{env:SLOTS}}' },
    );
    const resolved = await resolveConfig(rawFromObject(given, folder), numbers);
    expect(resolved.config.server).toMatchObject({ port: 8123, allowOpen: true, maxConnections: 7 });
    expect(resolved.workers).toMatchObject([{ slots: 4, weight: 1.5, options: { tokenMs: 4 } }]);
  });

  it('is turned in each entry of workers, and what it came from stays as it was', async () => {
    const entry = dollars({ engine: ENGINE, weight: '€{env:WEIGHT}', tokenMs: '€{env:SLOTS}' });
    const given = { version: 1, models: { demo: { workers: [entry, entry] } } };
    const { workers } = await resolveConfig(rawFromObject(given, folder), numbers);
    expect(workers).toMatchObject([
      { weight: 1.5, options: { tokenMs: 4 } },
      { weight: 1.5, options: { tokenMs: 4 } },
    ]);
    expect(entry.weight).toBe(dollars('€{env:WEIGHT}'));
  });

  it('stays a text where a text is wanted', async () => {
    const given = config({}, { labels: { rack: '€{env:SLOTS}', on: '€{env:FLAG}' } });
    const { workers } = await resolveConfig(rawFromObject(given, folder), numbers);
    expect(workers[0]?.labels).toEqual({ rack: '4', on: 'True' });
  });

  it.each([
    [{ port: '€{env:WORD}' }, 'server.port: must be a number, and environment variable WORD is not'],
    [{ allowOpen: '€{env:WORD}' }, 'server.allowOpen: must be true or false, and environment variable WORD is not'],
    [{ port: '€{file:key}' }, 'server.port: must be a number, and file key is not'],
    [{ port: '€{env:NONE:-x}' }, 'server.port: must be a number, and the default of environment variable NONE is not'],
    [
      { port: '€{env:NONE}' },
      'server.port: environment variable NONE is not set; set it, or give a default: €{env:NONE:-value}',
    ],
  ])('that is none, %j, is one fault which names it and not its value', async (server, fault) => {
    expect(await faultsOf(config(server), numbers, folder)).toEqual([dollars(fault)]);
  });

  it.each([
    [{ port: '8€{env:PORT}' }, /^server\.port: .*expected number/],
    [{ port: '8100' }, /^server\.port: .*expected number/],
    [{ port: '€{env:BIG}' }, /^server\.port: .*65535/],
    [{ port: '€{env:HALF}' }, /^server\.port: .*int/],
  ])('with more than the reference, or beyond the limits, %j, is a fault', async (server, fault) => {
    expect(await faultsOf(config(server), numbers)).toEqual([expect.stringMatching(fault)]);
  });
});

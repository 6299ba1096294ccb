import { describe, expect, it } from 'vitest';
import { skim, spliceBody } from '../src/index.ts';
import { randomBody, seeded, spell } from './random-body.ts';

describe('spliceBody', () => {
  it('changes the wanted fields of 10,000 generated bodies and nothing else', () => {
    const random = seeded(2);
    for (let round = 0; round < 10_000; round++) {
      const text = Buffer.from(spell(random, randomBody(random)));
      const before = JSON.parse(text.toString());
      const { fields } = skim(text);
      if (!fields) throw new Error(`not read: ${text}`);
      const model = random() < 0.5 ? 'up/stream "é"' : undefined;
      const includeUsage = random() < 0.5;
      const result = spliceBody(text, fields, { ...(model === undefined ? {} : { model }), includeUsage });
      const expected = { ...before, ...(model === undefined ? {} : { model }) };
      if (includeUsage) expected.stream_options = { ...before.stream_options, include_usage: true };
      expect(JSON.parse(result.toString())).toEqual(expected);
      if (model === undefined && !includeUsage) expect(result).toBe(text);
    }
  });

  it('keeps every byte around the change', () => {
    const text = Buffer.from('{ "x" : 1.0e2 ,\t"model": "a" , "messages":[ ] }');
    const { fields } = skim(text);
    if (!fields) throw new Error('not read');
    expect(spliceBody(text, fields, { model: 'b' }).toString()).toBe(
      '{ "x" : 1.0e2 ,\t"model": "b" , "messages":[ ] }',
    );
  });

  it('finds the key that stands last in a body of a megabyte', () => {
    const text = Buffer.from(JSON.stringify({ messages: [{ content: 'x"\\'.repeat(350_000) }], model: 'a' }));
    const { fields } = skim(text);
    if (!fields) throw new Error('not read');
    const result = JSON.parse(spliceBody(text, fields, { model: 'b', includeUsage: true }).toString());
    expect(result).toEqual({ ...JSON.parse(text.toString()), model: 'b', stream_options: { include_usage: true } });
  });

  it.each([
    ['"include_usage":false,"include_usage":true'],
    ['"include_usage":true,"include_usage":false'],
    ['"include_usage":true,"include_\\u0075sage":false'],
  ])('leaves one of options that repeat a key, which two readers could read differently: %s', (options) => {
    const text = Buffer.from(`{"model":"a","stream_options":{${options}}}`);
    const { fields } = skim(text);
    if (!fields) throw new Error('not read');
    const result = spliceBody(text, fields, { includeUsage: true }).toString();
    expect(result.match(/"stream_options".*$/)?.[0]).toMatch(/^[^:]*:\s*\{\s*"include_usage"\s*:\s*true\s*\}\s*\}$/);
  });
});

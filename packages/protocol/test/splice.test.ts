import { describe, expect, it } from 'vitest';
import { type BodyChanges, scanFields, spliceBody } from '../src/index.ts';
import { randomBody, seeded, spell } from './random-body.ts';

function splice(text: string, changes: BodyChanges): string {
  const body = Buffer.from(text);
  const { fields } = scanFields(body);
  if (!fields) throw new Error(`not read: ${text}`);
  return spliceBody(body, fields, changes).toString();
}

describe('spliceBody', () => {
  it('keeps every byte around the change', () => {
    const text = Buffer.from('{ "x" : 1.0e2 ,\t"model": "a" , "messages":[ ] }');
    const { fields } = scanFields(text);
    if (!fields) throw new Error('not read');
    expect(spliceBody(text, fields, { model: 'b' }).toString()).toBe(
      '{ "x" : 1.0e2 ,\t"model": "b" , "messages":[ ] }',
    );
  });

  it('finds the key that stands last in a body of a megabyte', () => {
    const text = Buffer.from(JSON.stringify({ messages: [{ content: 'x"\\'.repeat(350_000) }], model: 'a' }));
    const { fields } = scanFields(text);
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
    const { fields } = scanFields(text);
    if (!fields) throw new Error('not read');
    const result = spliceBody(text, fields, { includeUsage: true }).toString();
    expect(result.match(/"stream_options".*$/)?.[0]).toMatch(/^[^:]*:\s*\{\s*"include_usage"\s*:\s*true\s*\}\s*\}$/);
  });

  it.each([
    ['{}', '{"stream_options":{"include_usage":true}}'],
    [' { "a":1}', ' {"stream_options":{"include_usage":true}, "a":1}'],
    ['{"stream_options":null}', '{"stream_options":{"include_usage":true}}'],
    ['{"stream_options":{ }}', '{"stream_options":{"include_usage":true }}'],
    ['{"stream_options":{"x":[1]}}', '{"stream_options":{"include_usage":true,"x":[1]}}'],
    ['{"stream_options":{"x":1, "include_usage" : false }}', '{"stream_options":{"x":1, "include_usage" : true }}'],
  ])('asks for usage in %s', (text, expected) => {
    expect(splice(text, { includeUsage: true })).toBe(expected);
  });

  it.each([
    ['{ "stream_options" : {} }', '{ }'],
    [' {"stream_options":{},"a":1}', ' {"a":1}'],
    ['{ "stream_options":{"x":","} , "a":1 }', '{ "a":1 }'],
    ['{"a":1 , "stream_options":null, "b":[2]}', '{"a":1, "b":[2]}'],
    ['{"a":1,"b":2, "stream_options":{} }', '{"a":1,"b":2 }'],
  ])('takes the options of streams, with one comma, out of %s', (text, expected) => {
    expect(splice(text, { withoutStreamOptions: true })).toBe(expected);
  });

  it('makes several changes, in whatever order the fields stand', () => {
    const options = '"stream_options":{"include_usage":false}';
    const wanted = '"stream_options":{"include_usage":true}';
    const changes = { model: 'b', includeUsage: true };
    expect(splice(`{"model":"long name",${options}}`, changes)).toBe(`{"model":"b",${wanted}}`);
    expect(splice(`{${options},"model":"a"}`, changes)).toBe(`{${wanted},"model":"b"}`);
    expect(splice(`{"model":"a"}`, changes)).toBe(`{${wanted},"model":"b"}`);
  });

  it.each([
    ['{"a":1,"b":2}', { a: undefined }, '{"b":2}'],
    ['{"a":1,"b":2}', { b: undefined }, '{"a":1}'],
    ['{ "a" : 1 , "b":2,"c":3}', { a: undefined, b: undefined }, '{"c":3}'],
    ['{"a":1, "b":2 ,"c":3 }', { b: undefined, c: undefined }, '{"a":1 }'],
    ['{"a":1,"b":2}', { a: undefined, b: undefined }, '{}'],
    ['{"a":1,"b":2,"c":3}', { a: undefined, c: undefined }, '{"b":2}'],
    ['{"a":1,"b":2,"c":3}', { a: undefined, b: '[5]', c: undefined }, '{"b":[5]}'],
    ['{"a":1}', { a: undefined, 'x"y': '"ü"' }, '{"x\\"y":"ü"}'],
    ['{}', { a: '1', b: '2' }, '{"a":1,"b":2}'],
    [' {"b":1}', { a: '1', c: undefined }, ' {"a":1,"b":1}'],
    ['{"\\u0061":1,"b":2}', { a: undefined }, '{"b":2}'],
  ])('changes the fields of %s to %j', (text, fields, expected) => {
    const result = splice(text, { fields });
    expect(JSON.parse(result)).toEqual(JSON.parse(expected));
    expect(result.replaceAll(' ', '')).toBe(expected.replaceAll(' ', ''));
  });

  it('changes fields together with the model and the options of streams, of which the fields have the last word', () => {
    const changes = { model: 'b', includeUsage: true, fields: { stream_options: undefined, n: '1' } };
    expect(splice('{"stream_options":{},"model":"a"}', changes)).toBe('{"n":1,"model":"b"}');
  });

  it('takes any set of fields out of 5,000 generated bodies, and leaves JSON with the others', () => {
    const random = seeded(7);
    for (let round = 0; round < 5_000; round++) {
      const text = Buffer.from(spell(random, randomBody(random)));
      const { fields } = scanFields(text);
      if (!fields) throw new Error(`not read: ${text}`);
      const expected = JSON.parse(text.toString());
      const changed: Record<string, string | undefined> = random() < 0.3 ? { fresh: '{"x":[1]}' } : {};
      for (const key of fields.keys()) {
        if (random() < 0.5) changed[key] = random() < 0.7 ? undefined : '0';
        if (key in changed && changed[key] === undefined) delete expected[key];
        else if (key in changed) expected[key] = 0;
      }
      if ('fresh' in changed) expected.fresh = { x: [1] };
      expect(JSON.parse(spliceBody(text, fields, { fields: changed }).toString())).toEqual(expected);
    }
  });

  it('hands the very same bytes back where there is nothing to change', () => {
    const text = Buffer.from('{"a":1}');
    const { fields } = scanFields(text);
    if (!fields) throw new Error('not read');
    expect(spliceBody(text, fields, { model: 'b', withoutStreamOptions: true })).toBe(text);
    expect(spliceBody(text, fields, { includeUsage: false, withoutStreamOptions: false })).toBe(text);
  });

  it('changes the wanted fields of 10,000 generated bodies and nothing else', () => {
    const random = seeded(2);
    for (let round = 0; round < 10_000; round++) {
      const text = Buffer.from(spell(random, randomBody(random)));
      const before = JSON.parse(text.toString());
      const { fields } = scanFields(text);
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
});

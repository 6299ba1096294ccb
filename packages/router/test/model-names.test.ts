import { describe, expect, it } from 'vitest';
import { ModelNames } from '../src/model-names.ts';

const replaced = (names: ModelNames, text: string, found: unknown): string | undefined =>
  names.replaced(Buffer.from(text), found)?.toString();

describe('the name of the model', () => {
  it('differs only where a text was found that is not the name asked for', () => {
    const names = new ModelNames('asked');
    for (const found of [undefined, null, 7, ['asked'], 'asked']) expect(names.differs(found)).toBe(false);
    expect(names.engineModel).toBe('asked');
    expect(names.differs('other')).toBe(true);
    expect(names.engineModel).toBe('asked');
  });

  it('is learned and left alone where none was asked for', () => {
    const names = new ModelNames(undefined);
    expect(names.engineModel).toBeUndefined();
    expect(names.differs('up')).toBe(false);
    expect(names.engineModel).toBe('up');
    expect(replaced(names, '{"model":"up"}', 'up')).toBeUndefined();
  });

  it('is put in place in event after event, however each spells its field', () => {
    const names = new ModelNames('a"b');
    const events = [
      ['data: {"id":1,"model":"up","x":{}}\n\n', 'data: {"id":1,"model":"a\\"b","x":{}}\n\n'],
      ['data: {"id":22,"model":"up","x":{}}\n\n', 'data: {"id":22,"model":"a\\"b","x":{}}\n\n'],
      ['data: {"model" : "up"}\n\n', 'data: {"model" : "a\\"b"}\n\n'],
      ['data: {"mod\\u0065l":"up"}\n\n', 'data: {"mod\\u0065l":"a\\"b"}\n\n'],
      ['data: {"model":"up"}\n\n', 'data: {"model":"a\\"b"}\n\n'],
    ] as const;
    for (const [event, wanted] of events) expect(replaced(names, event, 'up')).toBe(wanted);
  });

  it('is put in place where it stands outermost, also when the same field stands further inside', () => {
    const names = new ModelNames('asked');
    const inside = '{"x":{"model":"up"},"model":"up","y":[{"model":"up"}]}';
    const wanted = '{"x":{"model":"up"},"model":"asked","y":[{"model":"up"}]}';
    for (const [text, expected] of [
      [inside, wanted],
      ['{"model":"up"}', '{"model":"asked"}'],
      [inside, wanted],
      // The outermost one is spelled otherwise than the one that is remembered.
      ['{"x":{"model":"up"},"model" : "up"}', '{"x":{"model":"up"},"model" : "asked"}'],
      ['{"x":[{"model":"up"}],"model" : "up"}', '{"x":[{"model":"up"}],"model" : "asked"}'],
    ] as const)
      expect(replaced(names, text, 'up')).toBe(expected);
  });

  it('is not taken for the same text elsewhere: a value, or a name that the engine had before or has since', () => {
    const names = new ModelNames('asked');
    for (const [found, text, wanted] of [
      ['up', '{"model" : "up"}', '{"model" : "asked"}'],
      ['other', '{"x":{"model" : "up"},"model":"other"}', '{"x":{"model" : "up"},"model":"asked"}'],
      ['up', '{"x":"up","model":"\\u0075p"}', '{"x":"up","model":"asked"}'],
      ['up', '{"x":{"model":"other"},"model":"up"}', '{"x":{"model":"other"},"model":"asked"}'],
    ] as const)
      expect(replaced(names, text, found)).toBe(wanted);
  });

  it('is found in an event of several lines', () => {
    expect(replaced(new ModelNames('asked'), 'data: {"model":"up"}\nid: 7\n\n', 'up')).toBe(
      'data: {"model":"asked"}\nid: 7\n\n',
    );
  });

  it('may change on the way: each event gets the name asked for', () => {
    const names = new ModelNames('asked');
    const names2 = ['up', 'other', 'up', 'asked', 'up'];
    expect(names2.map((name) => replaced(names, `{"model":"${name}"}`, name))).toEqual([
      '{"model":"asked"}',
      '{"model":"asked"}',
      '{"model":"asked"}',
      undefined,
      '{"model":"asked"}',
    ]);
    expect(names.engineModel).toBe('up');
  });

  it('is left out where the bytes hold no field of it, or no object', () => {
    const names = new ModelNames('asked');
    for (const text of ['{"x":1}', '{"x":', 'no object', '']) expect(replaced(names, text, 'up')).toBeUndefined();
  });
});

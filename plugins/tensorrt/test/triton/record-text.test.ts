import { describe, expect, it } from 'vitest';
import { createRecordText } from '../../src/triton/record-text.ts';

function read(records: readonly string[], accumulates?: boolean): { pieces: string[]; text: string } {
  const reader = createRecordText(accumulates);
  const pieces = [...records.map((text) => reader.push(text)), reader.end()].filter((piece) => piece !== '');
  return { pieces, text: pieces.join('') };
}

describe('the text of records', () => {
  it.each([
    [['The', ' sea', ' is', ' wide'], 'The sea is wide'],
    [['ha', 'ha', 'ha', '!'], 'hahaha!'],
    [['ha', 'ha'], 'haha'],
    [['\n', '\n\n', 'Yes'], '\n\n\nYes'],
    [['1', '10', '0'], '1100'],
    [['one'], 'one'],
    [[], ''],
    [['', 'a', '', 'b'], 'ab'],
    [['caf\uFFFD', 'x'], 'caf\uFFFDx'],
  ])('of pieces %j is %j, though nobody says that they are pieces', (records, text) => {
    expect(read(records).text).toBe(text);
  });

  it.each([
    [['The', 'The sea', 'The sea is', 'The sea is wide'], 'The sea is wide'],
    [['The', 'The sea'], 'The sea'],
    [['The', 'The', 'The sea'], 'The sea'],
    [['ha', 'haha', 'hahaha', 'hahaha!'], 'hahaha!'],
    [['caf\uFFFD', 'café', 'café au'], 'café au'],
    [
      ['A sentence that is far longer than any token.', 'A sentence that is far longer than any token. So'],
      'A sentence that is far longer than any token. So',
    ],
  ])('that grows, %j, is %j', (records, text) => {
    expect(read(records).text).toBe(text);
    expect(read(records, true).text).toBe(text);
  });

  it('is held back by no more than the records that leave it open', () => {
    expect(read(['The', ' sea', ' is']).pieces).toEqual(['The', ' sea', ' is']);
    expect(read(['a', 'a b', 'a b c', 'a b c d', 'a b c d e']).pieces).toEqual(['a', ' b c d', ' e']);
    expect(read(['a', 'a b', 'a b c'], true).pieces).toEqual(['a', ' b', ' c']);
    expect(read(['a', 'ab', 'abc', 'abcd'], false).text).toBe('aababcabcd');
  });

  it('that becomes shorter though it held all so far is no answer', () => {
    expect(() => read(['abc', 'a'], true)).toThrow(expect.objectContaining({ code: 'ENGINE_FAILED' }));
  });
});

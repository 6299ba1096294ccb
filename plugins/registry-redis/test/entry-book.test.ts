import { testEntry } from '@smmf/testkit';
import { describe, expect, it } from 'vitest';
import { EntryBook } from '../src/entry-book.ts';
import type { Reading } from '../src/replies.ts';

const reading = (revision: number, ...ids: readonly string[]): Reading => ({
  generation: 'g',
  revision,
  nextEndMs: undefined,
  entries: new Map(ids.map((id) => [id, testEntry(id)])),
});
const change = (revision: number, id: string) => ({ revision, id });

describe('what a process knows of the entries', () => {
  it('takes changes in their order, without those that a list has shown already', () => {
    const book = new EntryBook();
    book.list(reading(5, 'a', 'b'));
    const news = book.news([change(4, 'a'), change(5, 'b'), change(6, 'b'), change(7, 'c')]);
    expect(news).toEqual([change(6, 'b'), change(7, 'c')]);
    expect(book.apply(news ?? [], reading(9, 'c'))).toBe(true);
    expect(book.view).toMatchObject({ revision: 7, entries: [testEntry('a'), testEntry('c')] });
  });

  it('wants a list when a change is missing, or the data are of another generation', () => {
    const book = new EntryBook();
    book.list(reading(5, 'a'));
    expect(book.news([change(7, 'b')])).toBeUndefined();
    expect(book.news([change(6, 'b'), change(8, 'c')])).toBeUndefined();
    expect(book.apply([change(6, 'b')], { ...reading(6, 'b'), generation: 'another' })).toBe(false);
    expect(book.view?.revision).toBe(5);
  });

  it('never goes back within a generation, and begins anew with another one', () => {
    const book = new EntryBook();
    const known = book.list(reading(5, 'a'));
    expect(book.list(reading(4))).toBe(known);
    expect(book.list(reading(5))).toBe(known);
    book.list(reading(9, 'b'));
    expect(book.apply([change(6, 'b')], reading(6))).toBe(true);
    expect(book.view).toMatchObject({ revision: 9, entries: [testEntry('b')] });
    expect(book.list({ ...reading(1), generation: 'another' })).toEqual({
      generation: 'another',
      revision: 1,
      entries: [],
    });
  });
});

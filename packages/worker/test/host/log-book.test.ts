import { createFakeClock } from '@smmf/testkit';
import { expect, it } from 'vitest';
import { LogBook } from '../../src/host/log-book.ts';

function filled(count: number): LogBook {
  const book = new LogBook(createFakeClock());
  for (let line = 1; line <= count; line++) book.add('a', `line ${line}`);
  return book;
}

const texts = (book: LogBook, query: Parameters<LogBook['read']>[1]) =>
  book.read('a', query).lines.map(({ text }) => text);

it('gives the newest lines, oldest first, and those after one that is known', () => {
  const book = filled(150);
  expect(texts(book, { limit: 2 })).toEqual(['line 149', 'line 150']);
  expect(texts(book, {})).toHaveLength(100);
  expect(book.read('a', { after: 149 }).lines).toEqual([{ seq: 150, atMs: expect.any(Number), text: 'line 150' }]);
  expect(texts(book, { after: 150 })).toEqual([]);
  expect(book.read('b', {}).lines).toEqual([]);
});

it('keeps the last thousand lines, and their numbers', () => {
  const { lines } = filled(5_000).read('a', { limit: 10_000 });
  expect(lines).toHaveLength(1_000);
  expect([lines[0]?.seq, lines.at(-1)?.seq]).toEqual([4_001, 5_000]);
});

it('takes credentials out, and lets go of an instance that is no more', () => {
  const book = new LogBook(createFakeClock());
  book.add('a', 'calling https://user:hunter22@host/ now');
  expect(texts(book, {})[0]).not.toContain('hunter22');
  book.drop('a');
  expect(texts(book, {})).toEqual([]);
});

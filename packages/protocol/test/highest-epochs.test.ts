import { expect, it } from 'vitest';
import { highestEpochs } from '../src/index.ts';

const entry = (id: string, epoch: number) => ({ id, epoch, value: `${id}${epoch}` });

it('of each id the highest epoch stays, in the order of the entries', () => {
  const entries = [entry('a', 1), entry('b', 3), entry('a', 12), entry('b', 2), entry('c', 1), entry('a', 2)];
  expect(highestEpochs(entries)).toEqual([entry('b', 3), entry('a', 12), entry('c', 1)]);
});

it('of the same start twice one stays, and nothing is copied where all ids differ', () => {
  expect(highestEpochs([entry('a', 1), entry('a', 1)])).toHaveLength(1);
  const entries = [entry('a', 1), entry('b', 1)];
  expect(highestEpochs(entries)).toBe(entries);
});

import { tmpdir } from 'node:os';
import { SmmfError } from '@smmf/core';
import { expect, it } from 'vitest';
import { diskFull, SpaceBook } from '../src/disk-space.ts';

const folder = tmpdir();
const PETABYTE = 1e15;

it('what had no room is refused until there is some, and then forgotten', async () => {
  const book = new SpaceBook();
  await book.note('big', folder, diskFull(folder, { neededBytes: PETABYTE }));
  await expect(book.check('big', folder)).rejects.toMatchObject({
    code: 'SOURCE_UNAVAILABLE',
    message: expect.stringMatching(/\(\d+ MB free\) is full, the file needs 1000000000 MB; free some space/),
  });
  await book.check('other', folder);
  await book.note('big', folder, diskFull(folder, { neededBytes: 1 }));
  await book.check('big', folder);
});

it('what filled the disk without saying its size needs more room than there was', async () => {
  const book = new SpaceBook();
  await book.note('chunked', folder, diskFull(folder));
  await expect(book.check('chunked', folder)).rejects.toThrow('is full');
});

it('other failures say nothing of the disk', async () => {
  const book = new SpaceBook();
  await book.note('away', folder, new SmmfError('SOURCE_UNAVAILABLE', 'no route'));
  await book.check('away', folder);
});

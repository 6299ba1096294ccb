import { describe, expect, it } from 'vitest';
import { type BatchQueue, createBatchQueue, type Entry } from '../../src/bridge/batch-queue.ts';

function add(queue: BatchQueue<string>, owner: string, lengths: readonly number[], sinceMs = 0): void {
  queue.add(
    owner,
    lengths.map((tokens, index): Entry<string> => ({ owner, index, item: { tokens }, sinceMs })),
  );
}

/** Takes the next batch: the owners of its texts and their lengths. */
function take(queue: BatchQueue<string>): string[] {
  const batch = queue.plan();
  if (!batch) return [];
  queue.take(batch);
  return batch.entries.map(({ owner, item }) => `${owner}${item.tokens}`);
}

describe('a batch', () => {
  it('is of texts of similar length', () => {
    const queue = createBatchQueue<string>({ items: 16, tokens: 2_048 });
    add(queue, 'a', [200, 10, 190, 12, 210, 14]);
    expect(take(queue)).toEqual(['a210', 'a200', 'a190']);
    expect(take(queue)).toEqual(['a14', 'a12', 'a10']);
    expect(take(queue)).toEqual([]);
  });

  it('has at most so many texts and so many padded tokens, and a longer text runs alone', () => {
    const queue = createBatchQueue<string>({ items: 4, tokens: 100 });
    add(queue, 'a', [1, 1, 1, 1, 1]);
    expect([take(queue).length, take(queue).length]).toEqual([4, 1]);
    add(queue, 'a', [30, 26, 25, 24]);
    expect(take(queue)).toEqual(['a30', 'a26', 'a25']);
    add(queue, 'b', [500, 500]);
    expect([take(queue), take(queue), take(queue)]).toEqual([['a24'], ['b500'], ['b500']]);
  });

  it('says whether more would fit', () => {
    const queue = createBatchQueue<string>({ items: 2, tokens: 100 });
    add(queue, 'a', [40]);
    expect(queue.plan()?.isFull).toBe(false);
    add(queue, 'b', [41]);
    expect(queue.plan()).toMatchObject({ isFull: true, entries: [{ owner: 'a' }, { owner: 'b' }] });
    add(queue, 'c', [60]);
    queue.remove('a');
    queue.remove('b');
    expect(queue.plan()?.isFull).toBe(true);
  });

  it('holds a text of every request before a second one of any', () => {
    const queue = createBatchQueue<string>({ items: 4, tokens: 2_048 });
    add(queue, 'a', [10, 10, 10, 10, 10]);
    add(queue, 'b', [10]);
    add(queue, 'c', [10, 10]);
    expect(take(queue)).toEqual(['a10', 'b10', 'c10', 'a10']);
  });
});

describe('turns', () => {
  it('let a request with one text of another length in after the batches of those before it', () => {
    const queue = createBatchQueue<string>({ items: 16, tokens: 2_048 });
    add(queue, 'big', Array(2_048).fill(10));
    expect(take(queue)).toHaveLength(16);
    add(queue, 'single', [300]);
    expect(take(queue)[0]).toBe('big10');
    expect(take(queue)).toEqual(['single300']);
    expect(queue.size).toBe(2_048 - 32);
  });

  it('forget a request that was removed', () => {
    const queue = createBatchQueue<string>({ items: 16, tokens: 2_048 });
    add(queue, 'a', [10], 5);
    add(queue, 'b', [10], 7);
    expect(queue.oldestMs).toBe(5);
    queue.remove('a');
    expect(queue.oldestMs).toBe(7);
    expect(take(queue)).toEqual(['b10']);
    expect(queue.oldestMs).toBeUndefined();
  });
});

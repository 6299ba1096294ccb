import { describe, expect, it } from 'vitest';
import { parseSnapshot, snapshotText } from '../src/snapshot-text.ts';

const entry = (index: number) => ({
  id: `i-${index}`,
  epoch: 1,
  value: JSON.stringify({ text: 'a, b\n]}'.repeat(60) }),
});
const snapshot = (count: number) => ({
  ...{ generation: 'g', revision: 3, complete: true, asOfMs: 1 },
  entries: Array.from({ length: count }, (_, index) => entry(index)),
});

describe('the text of a snapshot', () => {
  it.each([0, 1, 3, 1_000])('of %d entries is JSON, and is read as what was written', async (count) => {
    const text = snapshotText(snapshot(count));
    expect(JSON.parse(text)).toEqual(snapshot(count));
    expect(await parseSnapshot(text)).toEqual(snapshot(count));
  });

  it('that others wrote, on one line or on many, is read, too', async () => {
    expect(await parseSnapshot(JSON.stringify(snapshot(1_000)))).toEqual(snapshot(1_000));
    expect(await parseSnapshot(JSON.stringify(snapshot(1_000), null, 2))).toEqual(snapshot(1_000));
  });

  it('that is long is parsed in several turns', async () => {
    const text = snapshotText(snapshot(20_000));
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns++;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await parseSnapshot(text);
    isOver = true;
    expect(turns).toBeGreaterThan(3);
  });

  it('that is none is refused', async () => {
    await expect(parseSnapshot('{"entries":[\n')).rejects.toThrow(SyntaxError);
    await expect(parseSnapshot(`{"entries":[\n${'x'.repeat(300_000)}\n]}`)).rejects.toThrow(SyntaxError);
  });
});

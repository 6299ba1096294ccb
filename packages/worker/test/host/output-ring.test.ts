import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createOutputRing } from '../../src/host/output-ring.ts';
import { settle } from './harness.ts';

async function written(...chunks: (string | Buffer)[]) {
  const lines: string[] = [];
  const ring = createOutputRing((line) => void lines.push(line));
  const stream = new PassThrough();
  ring.attach(stream);
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await settle();
  return { ring, lines };
}

it('keeps the last 20 lines of any number', async () => {
  const { ring, lines } = await written(Array.from({ length: 50 }, (_, index) => `line ${index}\n`).join(''));
  expect(ring.lines()).toEqual(Array.from({ length: 20 }, (_, index) => `line ${index + 30}`));
  expect(lines).toHaveLength(50);
});

it('joins lines and characters that come in pieces, takes any line end, and the last line without one', async () => {
  const euro = Buffer.from('€');
  const { ring } = await written('a', 'b\r', '\nc', euro.subarray(0, 1), euro.subarray(1), '\n\nend');
  expect(ring.lines()).toEqual(['ab', 'c€', 'end']);
});

it('cuts long lines and does not keep an endless one', async () => {
  const { ring } = await written(`${'x'.repeat(1_000)}\n`, 'y'.repeat(100_000), 'z');
  expect(ring.lines().map(({ length }) => length)).toEqual([300, 300]);
});

it('shows no credentials', async () => {
  const { ring } = await written('authorization: Bearer sk-1234567890abcdef\n');
  expect(ring.lines().join()).not.toContain('sk-1234567890abcdef');
});

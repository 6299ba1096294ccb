import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fingerprintOf } from '../src/fingerprint.ts';

const folder = mkdtempSync(join(tmpdir(), 'smmf-fingerprint-'));
afterAll(() => rmSync(folder, { recursive: true }));
const fileWith = (name: string, content: Buffer) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};

describe('the fingerprint of an answer', () => {
  it('is the same for the same build and file, wherever it lies', async () => {
    const [one, copy] = [fileWith('a', Buffer.from('GGUF')), fileWith('b', Buffer.from('GGUF'))];
    expect(await fingerprintOf(one, 'build 1')).toMatch(/^fp_[0-9a-f]{12}$/);
    expect(await fingerprintOf(one, 'build 1')).toBe(await fingerprintOf(copy, 'build 1'));
  });

  it('differs for another build, another beginning, end or size of the file', async () => {
    const large = (first: number, last: number, size: number) => {
      const content = Buffer.alloc(size);
      content.writeUInt8(first, 0);
      content.writeUInt8(last, size - 1);
      return fileWith(`${first}-${last}-${size}`, content);
    };
    const size = 3 * 2 ** 20;
    const files = [large(1, 1, size), large(2, 1, size), large(1, 2, size), large(1, 1, size + 1)];
    const prints = await Promise.all(files.map((file) => fingerprintOf(file, 'build 1')));
    prints.push(await fingerprintOf(files[0] ?? '', 'build 2'));
    expect(new Set(prints).size).toBe(5);
  });
});

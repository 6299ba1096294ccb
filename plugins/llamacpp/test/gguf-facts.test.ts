import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { describeGguf } from '../src/gguf-facts.ts';
import plugin from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'smmf-facts-'));
afterAll(() => rmSync(folder, { recursive: true }));

const u32 = (value: number): Buffer => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (value: number): Buffer => Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
const text = (value: string): Buffer => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);

/** A file with these entries and one tensor of 64 numbers of four bytes. */
function written(entries: readonly (readonly [key: string, value: string | number])[]): string {
  const metadata = entries.map(([key, value]) =>
    Buffer.concat([
      text(key),
      typeof value === 'string' ? Buffer.concat([u32(8), text(value)]) : Buffer.concat([u32(4), u32(value)]),
    ]),
  );
  const tensor = Buffer.concat([text('w'), u32(2), u64(32), u64(2), u32(0), u64(0)]);
  const head = Buffer.concat([Buffer.from('GGUF'), u32(3), u64(1), u64(entries.length), ...metadata, tensor]);
  const file = join(folder, 'model.gguf');
  writeFileSync(file, Buffer.concat([head, Buffer.alloc(((32 - (head.length % 32)) % 32) + 64 * 4)]));
  return file;
}

describe('what a GGUF file says of its model', () => {
  it('is name, architecture, size, build, context and licence, and whether there is a template', async () => {
    const file = written([
      ['general.architecture', 'qwen3'],
      ['general.name', 'Größe'],
      ['general.file_type', 15],
      ['general.license', 'apache-2.0'],
      ['qwen3.context_length', 32_768],
      ['bert.context_length', 1],
      ['tokenizer.chat_template', '{{ x }}'.repeat(10_000)],
    ]);
    const facts = {
      format: 'GGUF 3',
      name: 'Größe',
      architecture: 'qwen3',
      parameters: 64,
      quantization: 'Q4_K_M',
      contextLength: 32_768,
      hasChatTemplate: true,
      license: 'apache-2.0',
    };
    expect(await describeGguf(file)).toEqual(facts);
    expect(await plugin.describe?.(file)).toEqual(facts);
  });

  it('leaves out what is not there or cannot be: a text that is too long, a build that nobody knows', async () => {
    const file = written([
      ['general.name', 'x'.repeat(5_000)],
      ['general.file_type', 999],
      ['general.license', 7],
    ]);
    expect(await describeGguf(file)).toEqual({
      format: 'GGUF 3',
      name: undefined,
      architecture: undefined,
      parameters: 64,
      quantization: undefined,
      contextLength: undefined,
      hasChatTemplate: false,
      license: undefined,
    });
  });

  it('is refused from a file that is cut off', async () => {
    const file = join(folder, 'cut.gguf');
    writeFileSync(file, 'GGUF');
    await expect(describeGguf(file)).rejects.toMatchObject({ code: 'SOURCE_CORRUPT' });
  });
});

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open, truncate } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkGgufHeader } from '../src/gguf-header.ts';

const folder = mkdtempSync(join(tmpdir(), 'smmf-gguf-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'model.gguf');

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const u64 = (value: bigint | number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};
const text = (value: string): Buffer => Buffer.concat([u64(value.length), Buffer.from(value)]);
const start = (tensors: bigint | number, metadata: bigint | number, version = 3): Buffer =>
  Buffer.concat([Buffer.from('GGUF'), u32(version), u64(tensors), u64(metadata)]);
const tensor = (name: string, dimensions: (bigint | number)[], type: number, offset: bigint | number): Buffer =>
  Buffer.concat([text(name), u32(dimensions.length), ...dimensions.map(u64), u32(type), u64(offset)]);

/** Every kind of entry once: scalars, text, arrays of numbers and of texts, alignment, tensors of two types. */
function goodFile(): Buffer {
  const head = Buffer.concat([
    start(2, 6),
    text('general.architecture'),
    u32(8),
    text('llama'),
    text('general.alignment'),
    u32(4),
    u32(64),
    text('llama.context_length'),
    u32(10),
    u64(8_192),
    text('tokenizer.ggml.tokens'),
    u32(9),
    u32(8),
    u64(3),
    text('a'),
    text(''),
    text('hello'),
    text('tokenizer.ggml.scores'),
    u32(9),
    u32(6),
    u64(3),
    Buffer.alloc(12),
    text('flag'),
    u32(7),
    Buffer.from([1]),
    tensor('token_embd.weight', [64, 2], 2, 0),
    tensor('norm.weight', [16], 0, 128),
  ]);
  return Buffer.concat([head, Buffer.alloc(64 - (head.length % 64)), Buffer.alloc(128 + 64)]);
}

const check = (...parts: Buffer[]) => {
  writeFileSync(file, Buffer.concat(parts));
  return checkGgufHeader(file, 'model.gguf');
};

describe('checkGgufHeader (S32)', () => {
  it('accepts a whole file', async () => {
    expect(await check(goodFile())).toEqual({ version: 3, tensorCount: 2, metadataCount: 6 });
    expect(await check(start(0, 0, 2))).toEqual({ version: 2, tensorCount: 0, metadataCount: 0 });
  });

  it('accepts a real model', async ({ skip }) => {
    const real = join(
      process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
      'smmf-models',
      'SmolLM2-135M-Instruct.Q4_1.gguf',
    );
    if (!existsSync(real)) skip(`no model at ${real}`);
    expect(await checkGgufHeader(real)).toEqual({ version: 3, tensorCount: 272, metadataCount: 33 });
  });

  it('refuses a real-sized file that was cut by one byte', async () => {
    await expect(check(goodFile().subarray(0, -1))).rejects.toThrow(
      /tensor 2 \("norm.weight"\) ends at byte \d+ and the file has/,
    );
  });

  const huge = 1n << 63n;
  it.each<[string, Buffer[], RegExp]>([
    ['an empty file', [], /ends at byte 0, inside the first four bytes/],
    ['another format', [Buffer.from('PK\u0003\u0004 not a model at all')], /starts with "PK/],
    ['version 1', [start(0, 0, 1)], /version is 1/],
    ['the other byte order', [start(0, 0, 0x03000000)], /big-endian/],
    ['2^63 tensors', [start(huge, 0)], /number of tensors claims 9223372036854775808/],
    ['2^63 metadata entries', [start(0, huge)], /number of metadata entries claims 9223372036854775808/],
    ['too many tensors', [start(200_000, 0), Buffer.alloc(24 * 200_000)], /200000 tensors; at most 100000/],
    [
      'too many metadata entries',
      [start(0, 70_000), Buffer.alloc(13 * 70_000)],
      /70000 metadata entries; at most 65536/,
    ],
    [
      'an array of 2^63 elements',
      [start(0, 1), text('k'), u32(9), u32(4), u64(huge), Buffer.alloc(20)],
      /length of metadata entry 1 \("k"\) claims 9223372036854775808/,
    ],
    [
      'an array whose byte size wraps around',
      [start(0, 1), text('k'), u32(9), u32(12), u64((1n << 61n) + 1n)],
      /claims 2305843009213693953/,
    ],
    ['an array of arrays', [start(0, 1), text('k'), u32(9), u32(9), u64(1), Buffer.alloc(20)], /array of arrays/],
    [
      'an array of an unknown type',
      [start(0, 1), text('k'), u32(9), u32(77), u64(1), Buffer.alloc(20)],
      /unknown type 77/,
    ],
    ['an unknown type', [start(0, 1), text('k'), u32(13), Buffer.alloc(20)], /unknown type 13/],
    [
      'a text longer than the file',
      [start(0, 1), text('k'), u32(8), u64(1_000), Buffer.alloc(20)],
      /claims 1000 and the file has 20/,
    ],
    [
      'a name of 100,000 bytes',
      [start(0, 1), text('k'.repeat(100_000)), Buffer.alloc(20)],
      /takes 100000 bytes; at most 65535/,
    ],
    ['alignment 0', [start(0, 1), text('general.alignment'), u32(4), u32(0)], /is 0; it must be a power of two/],
    ['alignment 48', [start(0, 1), text('general.alignment'), u32(4), u32(48)], /is 48; it must be a power of two/],
    ['alignment of another type', [start(0, 1), text('general.alignment'), u32(8), text('32')], /type 8 in place of 4/],
    ['five dimensions', [start(1, 0), tensor('t', [1, 1, 1, 1, 1], 0, 0)], /5 dimensions/],
    [
      'dimensions whose product wraps around',
      [start(1, 0), tensor('t', [1n << 32n, 1n << 32n], 0, 0), Buffer.alloc(64)],
      /ends at byte 7378697629483820/,
    ],
    ['a tensor behind the end', [start(1, 0), tensor('t', [4], 0, 1 << 20), Buffer.alloc(64)], /ends at byte/],
    [
      'an offset near 2^64',
      [start(1, 0), tensor('t', [4], 0, (1n << 64n) - 32n), Buffer.alloc(64)],
      /ends at byte 18446744073709551/,
    ],
    [
      'an offset off the alignment',
      [start(1, 0), tensor('t', [4], 0, 4), Buffer.alloc(64)],
      /no multiple of the alignment 32/,
    ],
    ['half a block', [start(1, 0), tensor('t', [33], 2, 0), Buffer.alloc(64)], /no whole number of blocks of 32/],
    [
      'an end inside a tensor entry',
      [start(1, 0), text('t'), u32(1), u64(4), Buffer.alloc(8)],
      /inside tensor 1 \("t"\)/,
    ],
  ])('refuses %s and names the fault', async (_name, parts, reason) => {
    await expect(check(...parts)).rejects.toThrow(
      expect.objectContaining({ code: 'SOURCE_CORRUPT', message: expect.stringMatching(reason) }),
    );
  });

  it('leaves a tensor type that it does not know to the engine', async () => {
    await expect(check(start(1, 0), tensor('t', [33], 99, 0), Buffer.alloc(64))).resolves.toBeDefined();
  });

  it('shows no control character of a hostile name', async () => {
    const failure = check(start(0, 1), text('\u001b[31mred'), u32(13), Buffer.alloc(20));
    await expect(failure).rejects.toThrow('metadata entry 1 ("?[31mred") has the unknown type 13');
  });

  it('reads at most 64 MiB, whatever the header claims', async () => {
    // 200 MB of text entries, each behind the end of the buffer: every one costs a read of 64 KiB.
    const handle = await open(file, 'w');
    const step = 100_000;
    const entries = 2_000;
    await handle.write(Buffer.concat([start(0, 1), text('k'), u32(9), u32(8), u64(entries)]), 0, undefined, 0);
    for (let index = 0; index < entries; index += 1) await handle.write(u64(step), 0, 8, 49 + index * (step + 8));
    await handle.close();
    await truncate(file, 49 + entries * (step + 8));
    const startMs = performance.now();
    await expect(checkGgufHeader(file)).rejects.toThrow('longer than 64 MiB');
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });

  it('ends within 100 ms and with a clear answer for each of 20,000 mutated headers', async () => {
    const good = goodFile();
    let seed = 42;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * below);
    };
    const mutate = (): Buffer => {
      const bytes = Buffer.from(good);
      for (let count = 1 + random(3); count > 0; count -= 1) {
        const at = random(bytes.length);
        const kind = random(4);
        if (kind === 0) bytes[at] = random(256);
        if (kind === 1) bytes.fill(0xff, at, Math.min(at + 8, bytes.length));
        if (kind === 2 && at + 8 <= bytes.length) bytes.writeBigUInt64LE(1n << BigInt(random(64)), at);
        if (kind === 3 && at + 4 <= bytes.length) bytes.writeUInt32LE(random(16), at);
      }
      return random(10) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes;
    };
    let refused = 0;
    const timeOf = async (path: string): Promise<number> => {
      const startMs = performance.now();
      await checkGgufHeader(path).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'SOURCE_CORRUPT' });
        refused += 1;
      });
      return performance.now() - startMs;
    };
    let slowestMs = 0;
    const before = process.memoryUsage().external;
    let mostBytes = 0;
    const lane = async (path: string): Promise<void> => {
      for (let round = 0; round < 5_000; round += 1) {
        const bytes = mutate();
        writeFileSync(path, bytes);
        let ms = await timeOf(path);
        // A busy machine is slow once; a header that makes the reader slow is so each time.
        for (let again = 0; ms > 100 && again < 3; again += 1) ms = Math.min(ms, await timeOf(path));
        slowestMs = Math.max(slowestMs, ms);
        mostBytes = Math.max(mostBytes, process.memoryUsage().external - before);
      }
    };
    await Promise.all([0, 1, 2, 3].map((number) => lane(join(folder, `mutated-${number}.gguf`))));
    expect(refused).toBeGreaterThan(5_000);
    expect(slowestMs).toBeLessThan(100);
    expect(mostBytes).toBeLessThan(64 * 1024 * 1024);
  }, 90_000);
});

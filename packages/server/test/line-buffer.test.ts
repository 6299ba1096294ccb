import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createLogger } from '../src/index.ts';
import { createLineBuffer } from '../src/line-buffer.ts';

function openFile(): { readonly descriptor: number; text(): string } {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-'));
  const path = join(folder, 'log');
  const descriptor = openSync(path, 'a');
  onTestFinished(() => {
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  });
  return { descriptor, text: () => readFileSync(path, 'utf8') };
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index} größer\n`);

describe('lines', () => {
  it('come out within 100 ms or so, whole and in order', async () => {
    const { descriptor, text } = openFile();
    const buffer = createLineBuffer(descriptor);
    onTestFinished(() => buffer.close());
    for (const line of numbered(100)) buffer.write(line);
    expect(text()).toBe('');
    await expect.poll(text).toBe(numbered(100).join(''));
    buffer.write('later\n');
    await expect.poll(text).toBe(`${numbered(100).join('')}later\n`);
  });

  it('come out at once when they are flushed, and when the buffer is closed', () => {
    const { descriptor, text } = openFile();
    const buffer = createLineBuffer(descriptor);
    buffer.write('one\n');
    buffer.flush();
    expect(text()).toBe('one\n');
    buffer.write('two\n');
    buffer.close();
    buffer.close();
    expect(text()).toBe('one\ntwo\n');
    expect(process.listeners('exit')).not.toContain(buffer.flush);
  });

  it('that find no room are dropped, whole and counted, and the program goes on', async () => {
    const { descriptor, text } = openFile();
    const told: number[] = [];
    const buffer = createLineBuffer(descriptor, (count) => {
      told.push(count);
      buffer.write(`lost ${count}\n`);
    });
    onTestFinished(() => buffer.close());
    const line = `${'x'.repeat(999)}\n`;
    for (let count = 0; count < 10_000; count++) buffer.write(line);
    expect(buffer.dropped()).toBeGreaterThan(1_000);
    await expect.poll(() => text().length).toBeGreaterThan(300_000);
    buffer.write('after\n');
    await expect.poll(text).toContain('\nafter\n');
    await expect.poll(text).toContain('\nlost ');
    const lines = text().trimEnd().split('\n');
    expect(lines.every((each) => each === 'after' || each.startsWith('lost ') || each.length === 999)).toBe(true);
    const kept = lines.filter((each) => each.startsWith('x')).length;
    expect(kept + buffer.dropped()).toBe(10_000);
    expect(told).toEqual([buffer.dropped()]);
    // The line that tells of the gap stands behind every line that came before it; one that still found room may be before it.
    expect(lines.slice(kept).toSorted()).toEqual(['after', `lost ${buffer.dropped()}`]);
  });

  it('that were lost are told of in the same turn when the buffer is flushed', () => {
    const { descriptor, text } = openFile();
    const buffer = createLineBuffer(descriptor, (count) => buffer.write(`lost ${count}\n`));
    onTestFinished(() => buffer.close());
    expect(buffer.dropped()).toBe(0);
    const line = `${'x'.repeat(99_999)}\n`;
    for (let count = 0; count < 100; count++) buffer.write(line);
    buffer.flush();
    const [before = '', behind, ...more] = text().split(`\nlost ${buffer.dropped()}\n`);
    expect(more).toEqual([]);
    expect(before.length).toBeGreaterThan(99_999);
    // Nothing but the one write that the kernel had already may land behind it: a buffer of 1 MiB.
    expect(behind?.length).toBeLessThanOrEqual(2 ** 20);
    expect(behind).toMatch(/^[x\n]*$/);
    buffer.flush();
    expect(text().match(/lost/g)).toHaveLength(1);
  });

  it('for a descriptor that is closed harm nobody', async () => {
    const { descriptor } = openFile();
    const logger = createLogger({ destination: 99_999 });
    logger.info({}, 'lost');
    logger.flush();
    logger.info({}, 'lost');
    await new Promise((resolve) => void setTimeout(resolve, 150));
    logger.close();
    expect(descriptor).toBeGreaterThan(0);
  });
});

describe('a descriptor that takes nothing', () => {
  it('costs the lines, which are counted and not told of: the line that tells would be lost as well', async () => {
    let told = 0;
    const buffer = createLineBuffer(99_999, () => told++);
    onTestFinished(() => buffer.close());
    for (const line of ['one\n', 'two\n']) buffer.write(line);
    await expect.poll(buffer.dropped).toBe(2);
    buffer.write('three\n');
    buffer.flush();
    expect(buffer.dropped()).toBe(3);
    expect(told).toBe(0);
  });

  it('is told of once it takes lines again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'smmf-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const openReader = (): number => openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const gone = openReader();
    const descriptor = openSync(path, 'w');
    onTestFinished(() => closeSync(descriptor));
    closeSync(gone);
    const buffer = createLineBuffer(descriptor, (count) => buffer.write(`lost ${count}\n`));
    onTestFinished(() => buffer.close());
    buffer.write('one\n');
    await expect.poll(buffer.dropped).toBe(1);
    const reader = openReader();
    onTestFinished(() => closeSync(reader));
    buffer.write('two\n');
    buffer.flush();
    const bytes = Buffer.alloc(64);
    expect(bytes.toString('utf8', 0, readSync(reader, bytes))).toBe('two\nlost 1\n');
    expect(buffer.dropped()).toBe(1);
  });
});

it('a program whose reader is stuck goes on, and says afterwards how many lines were lost', async () => {
  const program = `
    import { createLogger } from '@smmf/server';
    const logger = createLogger({ pretty: false });
    const LINES = 20_000;
    for (let index = 0; index < LINES; index++) {
      logger.info({ index, text: 'x'.repeat(500) }, 'line');
      if (index % 100 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    process.stderr.write(String(logger.dropped()));
    process.stdin.once('data', () => {
      logger.info({ index: LINES }, 'line');
      process.stdin.destroy();
      // Lines go out while the program lives: it ends once the last one is out.
      setTimeout(() => {}, 1_000);
    });
  `;
  const args = ['--conditions=smmf-source', '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [dropped] = await once(child.stderr, 'data');
  expect(Number(dropped)).toBeGreaterThan(5_000);
  let text = '';
  child.stdout.on('data', (bytes) => {
    text += bytes;
  });
  child.stdin.write('go\n');
  await once(child, 'close');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const told = lines.filter(({ msg }) => msg === 'log lines dropped');
  expect(told[0]).toMatchObject({ level: 'warn' });
  expect(told.reduce((sum, { count }) => sum + count, 0)).toBe(Number(dropped));
  expect(lines.length - told.length + Number(dropped)).toBe(20_001);
  const indices = lines.filter(({ msg }) => msg === 'line').map(({ index }) => index);
  expect(indices).toEqual(indices.toSorted((one, other) => one - other));
  expect(indices.at(-1)).toBe(20_000);
});

it('a program that ends by an exception leaves its last lines behind', async () => {
  const program = `
    import { createLogger } from '@smmf/server';
    const logger = createLogger({ pretty: false });
    for (let index = 0; index < 5; index++) logger.info({ index }, 'line');
    throw new Error('the end');
  `;
  const args = ['--conditions=smmf-source', '--input-type=module', '--eval', program];
  const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (bytes) => {
    text += bytes;
  });
  await once(child, 'close');
  expect(
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).index),
  ).toEqual([0, 1, 2, 3, 4]);
});

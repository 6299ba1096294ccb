import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
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

  it('that find no room are dropped, whole, and the program goes on', async () => {
    const { descriptor, text } = openFile();
    const buffer = createLineBuffer(descriptor);
    onTestFinished(() => buffer.close());
    const line = `${'x'.repeat(999)}\n`;
    for (let count = 0; count < 10_000; count++) buffer.write(line);
    await expect.poll(() => text().length).toBeGreaterThan(300_000);
    buffer.write('after\n');
    await expect.poll(() => text().endsWith('after\n')).toBe(true);
    expect(
      text()
        .split('\n')
        .every((each) => each === '' || each === 'after' || each.length === 999),
    ).toBe(true);
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

import { mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeEach, expect, it, vi } from 'vitest';
import { createModelStore } from '../../src/model-store.ts';
import type { HeldCalls } from '../held-calls.ts';
import { cleanEnv, ggufBytes, newHttp, temporaryFolder } from '../loopback-hub.ts';

const held = vi.hoisted((): HeldCalls => ({ before: undefined }));
vi.mock('node:fs/promises', async (original) => {
  const { heldCalls } = await import('../held-calls.ts');
  return heldCalls(await original(), held);
});

let root: string;
let file: string;
let outside: string;
beforeEach(() => {
  held.before = undefined;
  const base = realpathSync(temporaryFolder());
  [root, outside] = [join(base, 'models'), join(base, 'outside')];
  file = join(root, 'sub', 'm.gguf');
  for (const folder of [dirname(file), outside]) mkdirSync(folder, { recursive: true });
  for (const path of [file, join(outside, 'm.gguf')]) writeFileSync(path, ggufBytes());
});

/** Fetches the file; at its `count`th call on the file or below it something else is put in the place of it. */
async function fetchWhile(call: string, swap: () => void): Promise<string> {
  held.before = (name, path) => {
    if (name !== call || path !== file) return undefined;
    held.before = undefined;
    swap();
    return undefined;
  };
  const cacheDir = join(dirname(root), 'cache');
  const options = { http: newHttp(), baseDir: root, roots: ['.'], cacheDir, env: cleanEnv() };
  const answer = await createModelStore(options)
    .fetch('./sub/m.gguf')
    .catch((error: { code: string }) => error.code);
  // A test whose swap never came would prove nothing.
  expect(held.before).toBeUndefined();
  return answer;
}

it('gets the file where nothing is swapped', async () => {
  expect(await fetchWhile('open', () => undefined)).toBe(file);
});

it('refuses a link that takes the place of the file after the look at its path', async () => {
  const swap = (): void => {
    rmSync(file);
    symlinkSync(join(outside, 'm.gguf'), file);
  };
  expect(await fetchWhile('open', swap)).toBe('SOURCE_UNAVAILABLE');
});

it('refuses a link that takes the place of a folder above the file after the look at its path', async () => {
  const swap = (): void => {
    renameSync(dirname(file), `${dirname(file)}-real`);
    symlinkSync(outside, dirname(file));
  };
  expect(await fetchWhile('open', swap)).toBe('SOURCE_UNAVAILABLE');
});

it('refuses a file that was opened through such a link which is gone again', async () => {
  const folder = dirname(file);
  held.before = undefined;
  const swap = (): void => {
    renameSync(folder, `${folder}-real`);
    symlinkSync(outside, folder);
    held.before = (name, path) => {
      if (name !== 'realpath' || path !== file) return undefined;
      held.before = undefined;
      rmSync(folder);
      renameSync(`${folder}-real`, folder);
      return undefined;
    };
  };
  expect(await fetchWhile('open', swap)).toBe('SOURCE_UNAVAILABLE');
});

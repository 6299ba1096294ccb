import { readFileSync } from 'node:fs';
import { beforeEach, expect, it, vi } from 'vitest';
import { createModelStore } from '../src/model-store.ts';
import type { HeldCalls } from './held-calls.ts';
import { cleanEnv, ggufBytes, newHttp, PATIENT, serveBytes, startHub, temporaryFolder } from './loopback-hub.ts';

const held = vi.hoisted((): HeldCalls => ({ before: undefined }));
vi.mock('node:fs/promises', async (original) => {
  const { heldCalls } = await import('./held-calls.ts');
  return heldCalls(await original(), held);
});
beforeEach(() => {
  held.before = undefined;
});

const model = ggufBytes(1_000);
const fetchFrom = async (cacheDir: string): Promise<string> => {
  const hub = await startHub((request, response) => serveBytes(request, response, model));
  return createModelStore({ http: newHttp(), cacheDir, env: cleanEnv(), limits: PATIENT }).fetch(
    `${hub.origin}/m.gguf`,
  );
};

it.each([
  ['EACCES', 'mkdir'],
  ['EROFS', 'mkdir'],
  ['EPERM', 'open'],
])('a cache folder that the system refuses to write (%s at %s) is named, with the remedy', async (code, call) => {
  const cacheDir = temporaryFolder();
  held.before = (name, path) =>
    name === call && path.startsWith(cacheDir)
      ? Promise.reject(Object.assign(new Error(`${code}: not permitted`), { code }))
      : undefined;
  await expect(fetchFrom(cacheDir)).rejects.toMatchObject({
    code: 'SOURCE_UNAVAILABLE',
    message: expect.stringContaining(
      `the cache folder ${cacheDir} cannot be written (${code}); set SMMF_CACHE to another`,
    ),
  });
  held.before = undefined;
  expect(readFileSync(await fetchFrom(cacheDir))).toEqual(model);
});

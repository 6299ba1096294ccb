import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { acquireLock } from '../src/cache-lock.ts';
import { createModelStore, listStored, removeStored } from '../src/index.ts';
import { cleanEnv, ggufBytes, newHttp, PATIENT, serveBytes, startHub, temporaryFolder } from './loopback-hub.ts';

const BYTES = ggufBytes(50_000);
const SOURCE = 'hf://acme/tiny/model.gguf';

async function filled() {
  const cacheDir = temporaryFolder();
  const { origin } = await startHub((request, response) => serveBytes(request, response, BYTES));
  const env = cleanEnv({ HF_ENDPOINT: origin });
  return { cacheDir, store: createModelStore({ http: newHttp(), cacheDir, env, limits: PATIENT }) };
}

describe('what a cache holds', () => {
  it('is a whole file with its source and its size, and nothing once it was removed', async () => {
    const { cacheDir, store } = await filled();
    expect(await listStored(cacheDir)).toEqual([]);
    const path = await store.fetch(SOURCE);
    const [model, ...others] = await listStored(cacheDir);
    expect(others).toEqual([]);
    expect(model).toMatchObject({ source: 'hf://acme/tiny@main/model.gguf', name: 'model.gguf', path, isWhole: true });
    expect(model).toMatchObject({ sizeBytes: BYTES.length, isElsewhere: false });
    const freed = model && (await removeStored(model));
    expect(freed).toBeGreaterThan(BYTES.length);
    expect(readdirSync(join(cacheDir, 'models'))).toEqual([]);
  });

  it('is also what came in part, whose room is given back too', async () => {
    const cacheDir = temporaryFolder();
    const folder = join(cacheDir, 'models/model-0123');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'model.gguf.part'), BYTES);
    writeFileSync(join(folder, 'part.json'), '{"etag":"\\"one\\""}');
    const [model] = await listStored(cacheDir);
    expect(model).toMatchObject({ name: 'model.gguf', isWhole: false, source: undefined, sizeBytes: undefined });
    expect(model?.diskBytes).toBeGreaterThan(BYTES.length);
    if (model) await removeStored(model);
    expect(await listStored(cacheDir)).toEqual([]);
  });

  it('is not whole when its file was taken away', async () => {
    const { cacheDir, store } = await filled();
    rmSync(await store.fetch(SOURCE));
    writeFileSync(join(cacheDir, 'models', 'stray'), 'no folder');
    expect((await listStored(cacheDir)).filter(({ isWhole }) => isWhole)).toEqual([]);
  });

  it('is not removed while another process fetches it', async () => {
    const { cacheDir, store } = await filled();
    await store.fetch(SOURCE);
    const [model] = await listStored(cacheDir);
    if (!model) throw new Error('nothing was stored');
    const lock = await acquireLock(join(model.folder, 'lock'), { signal: new AbortController().signal });
    await expect(removeStored(model, 0)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await lock.release();
    expect((await listStored(cacheDir)).map(({ isWhole }) => isWhole)).toEqual([true]);
  });
});

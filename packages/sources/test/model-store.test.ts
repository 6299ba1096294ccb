import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { createModelStore, type ModelStoreOptions } from '../src/model-store.ts';
import type { FetchProgress } from '../src/progress.ts';
import {
  cleanEnv,
  FAST,
  ggufBytes,
  type LoopbackHub,
  newHttp,
  PATIENT,
  serveBytes,
  sha256,
  startHub,
  temporaryFolder,
} from './loopback-hub.ts';

const model = ggufBytes();
const digest = sha256(model);

const newStore = (options: Partial<ModelStoreOptions> = {}) =>
  createModelStore({ http: newHttp(), cacheDir: temporaryFolder(), env: cleanEnv(), limits: PATIENT, ...options });
const serveModel = (): Promise<LoopbackHub> => startHub((request, response) => serveBytes(request, response, model));
/** All files of a cache, without their folders' keys. */
const filesIn = (cacheDir: string): string[] =>
  readdirSync(cacheDir, { recursive: true, withFileTypes: true })
    .filter((item) => !item.isDirectory())
    .map((item) => item.name)
    .sort();

describe('createModelStore', () => {
  it('fetches a file once, verifies it, and then needs no network', async () => {
    const hub = await serveModel();
    const { fetch, cacheDir } = newStore();
    const source = `${hub.origin}/a/model.gguf#sha256=${digest}`;
    const phases: FetchProgress[] = [];
    const file = await fetch(source, { onProgress: (progress) => phases.push(progress) });
    expect(readFileSync(file)).toEqual(model);
    expect(filesIn(cacheDir)).toEqual(['model.gguf', 'source.json']);
    expect([...new Set(phases.map(({ phase }) => phase))]).toEqual(['connecting', 'downloading', 'verifying', 'done']);
    expect(phases.at(-1)).toMatchObject({ phase: 'done', receivedBytes: model.length, totalBytes: model.length });
    expect(await fetch(source)).toBe(file);
    expect(await newStore({ cacheDir, offline: true }).fetch(source)).toBe(file);
    expect(hub.requests).toHaveLength(1);
  });

  it('fetches a damaged cached file anew', async () => {
    const hub = await serveModel();
    const { fetch } = newStore();
    const file = await fetch(`${hub.origin}/model.gguf`);
    truncateSync(file, 1_000);
    expect(readFileSync(await fetch(`${hub.origin}/model.gguf`))).toEqual(model);
    writeFileSync(file, Buffer.alloc(model.length));
    expect(readFileSync(await fetch(`${hub.origin}/model.gguf`))).toEqual(model);
    expect(hub.requests).toHaveLength(3);
  });

  it('reads a cached file that was touched, once, and keeps it when it is the same', async () => {
    const hub = await serveModel();
    const { fetch } = newStore();
    const file = await fetch(`${hub.origin}/model.gguf`);
    const isRead = async (): Promise<boolean> => {
      const phases: string[] = [];
      expect(await fetch(`${hub.origin}/model.gguf`, { onProgress: ({ phase }) => phases.push(phase) })).toBe(file);
      return phases.includes('verifying');
    };
    expect(await isRead()).toBe(false);
    utimesSync(file, 1_000, 1_000);
    expect(await isRead()).toBe(true);
    expect(await isRead()).toBe(false);
    expect(hub.requests).toHaveLength(1);
  });

  it('checks a cached file against a digest that the config got later', async () => {
    const hub = await serveModel();
    const { fetch } = newStore();
    const file = await fetch(`${hub.origin}/model.gguf`);
    expect(await fetch({ url: `${hub.origin}/model.gguf`, sha256: digest })).toBe(file);
    expect(hub.requests).toHaveLength(1);
    await expect(fetch({ url: `${hub.origin}/model.gguf`, sha256: 'f'.repeat(64) })).rejects.toMatchObject({
      code: 'SOURCE_CORRUPT',
    });
    expect(readFileSync(await fetch({ url: `${hub.origin}/model.gguf`, sha256: digest }))).toEqual(model);
  });

  it('refuses a file with the wrong digest and keeps nothing of it', async () => {
    const hub = await serveModel();
    const { fetch, cacheDir } = newStore();
    await expect(fetch({ url: `${hub.origin}/model.gguf`, sha256: '0'.repeat(64) })).rejects.toMatchObject({
      code: 'SOURCE_CORRUPT',
      message: expect.stringContaining(`model.gguf has the sha256 ${digest} in place of 000`),
    });
    expect(filesIn(cacheDir)).toEqual([]);
  });

  it('refuses a web page in place of a file', async () => {
    const hub = await startHub((_request, response) => {
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end('<html>please log in</html>');
    });
    const { fetch, cacheDir } = newStore();
    await expect(fetch(`${hub.origin}/page.gguf`)).rejects.toThrow('sent a web page in place of the file');
    expect(filesIn(cacheDir)).toEqual([]);
  });

  it('tries a list in order and falls through quickly', async () => {
    const [hub, gone, silent] = [await serveModel(), createServer(), await startHub(() => undefined)];
    gone.listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as { port: number };
    gone.close();
    const startMs = performance.now();
    const file = await newStore({ limits: FAST }).fetch([
      `http://127.0.0.1:${port}/m.gguf`,
      `${silent.origin}/m.gguf`,
      './missing.gguf',
      `${hub.origin}/m.gguf`,
    ]);
    expect(readFileSync(file)).toEqual(model);
    expect(performance.now() - startMs).toBeLessThan(3_000);
  });

  it('names every source and its reason when none works', async () => {
    const hub = await startHub((_request, response) => response.writeHead(503).end());
    const { fetch } = newStore();
    const failure = fetch([`${hub.origin}/a.gguf?key=hunter2`, './b.gguf', 'https://nowhere.invalid/c.gguf']);
    await expect(failure).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringMatching(
        /from any of its 3 sources:\n- http:\/\/127\S+\/a.gguf: 127.0.0.1:\d+ answered with HTTP 503\n- .\/b.gguf: .*does not exist.*\n- https:\/\/nowhere.invalid\/c.gguf: /,
      ),
      details: { failures: [{ code: 'SOURCE_UNAVAILABLE' }, {}, {}] },
    });
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
  });

  it('uses a cached later source before it asks the network for an earlier one, but never before a local path', async () => {
    const hub = await serveModel();
    const base = temporaryFolder();
    writeFileSync(join(base, 'local.gguf'), ggufBytes(10));
    const { fetch } = newStore({ baseDir: base });
    const cached = await fetch(`${hub.origin}/m.gguf`);
    expect(await fetch(['https://nowhere.invalid/m.gguf', `${hub.origin}/m.gguf`])).toBe(cached);
    expect(await fetch(['./local.gguf', `${hub.origin}/m.gguf`])).toMatch(/local\.gguf$/);
  });

  it.each(['SMMF_OFFLINE', 'HF_HUB_OFFLINE'])('%s=1 keeps it from the network', async (name) => {
    const hub = await serveModel();
    const { fetch } = newStore({ env: cleanEnv({ [name]: '1' }) });
    await expect(fetch([`${hub.origin}/m.gguf`, 'pypi://a==1/m.gguf'])).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringMatching(/not in the cache .* network is switched off; unset SMMF_OFFLINE/),
    });
    expect(hub.requests).toHaveLength(0);
  });

  it('two fetches at the same time download once, and the second says that it waits', async () => {
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const hub = await startHub((request, response) => {
      void gate.then(() => serveBytes(request, response, model));
    });
    const options = { cacheDir: temporaryFolder() };
    const first = newStore(options).fetch(`${hub.origin}/m.gguf`);
    const second = newStore(options).fetch(`${hub.origin}/m.gguf`, {
      onProgress: ({ phase }) => {
        if (phase === 'waiting') release();
      },
    });
    // Whichever of the two came first, the other one is the one that waits.
    const third = newStore(options).fetch(`${hub.origin}/m.gguf`, {
      onProgress: ({ phase }) => phase === 'waiting' && release(),
    });
    expect(new Set(await Promise.all([first, second, third])).size).toBe(1);
    expect(hub.requests).toHaveLength(1);
  });

  it('two processes download once', async () => {
    const hub = await startHub((request, response) => {
      setTimeout(() => serveBytes(request, response, model), 200);
    });
    const cacheDir = temporaryFolder();
    const child = fileURLToPath(new URL('./fetch-in-process.ts', import.meta.url));
    const runOne = async (): Promise<string> => {
      const args = ['--conditions=smmf-source', child, cacheDir, `${hub.origin}/m.gguf`];
      const { stdout, stderr } = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      const [out, err] = await Promise.all([stdout.toArray(), stderr.toArray()]);
      expect(Buffer.concat(err).toString()).toBe('');
      return Buffer.concat(out).toString();
    };
    const files = await Promise.all([runOne(), runOne()]);
    expect(files[0]).toBe(files[1]);
    expect(readFileSync(files[0] ?? '')).toEqual(model);
    expect(hub.requests).toHaveLength(1);
  });

  it('stops when its signal says so, and goes on from there the next time', async () => {
    const hub = await startHub((request, response) => {
      if (hub.requests.length > 1) return serveBytes(request, response, model);
      response.writeHead(200, { etag: `"${digest.slice(0, 16)}"`, 'content-length': model.length });
      response.write(model.subarray(0, 50_000));
    });
    const { fetch, cacheDir } = newStore();
    const controller = new AbortController();
    const onProgress = ({ receivedBytes }: FetchProgress): void => {
      if (receivedBytes > 0) controller.abort(new Error('Ctrl-C'));
    };
    const failure = fetch(`${hub.origin}/m.gguf`, { signal: controller.signal, onProgress });
    setTimeout(() => controller.abort(new Error('Ctrl-C')), 250);
    await expect(failure).rejects.toMatchObject({ code: 'ABORTED' });
    expect(filesIn(cacheDir)).toEqual(['m.gguf.part', 'part.json']);
    expect(readFileSync(await fetch(`${hub.origin}/m.gguf`))).toEqual(model);
    expect(hub.requests[1]?.headers.range).toMatch(/^bytes=\d+-$/);
    await expect(fetch('./x', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('says that the cache folder cannot be written', async () => {
    const hub = await serveModel();
    const cacheDir = join(temporaryFolder(), 'file');
    writeFileSync(cacheDir, '');
    await expect(newStore({ cacheDir }).fetch(`${hub.origin}/m.gguf`)).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringMatching(/cache folder \S+file cannot be written \(ENOTDIR\); set SMMF_CACHE to another/),
    });
    expect(hub.requests).toHaveLength(0);
  });

  it('logs what failed and what came, without a query or token', async () => {
    const hub = await startHub((request, response) => {
      if (request.url?.startsWith('/no')) response.writeHead(403).end();
      else serveBytes(request, response, model);
    });
    const lines: unknown[] = [];
    const write = (fields: object, text: string): void => void lines.push({ ...fields, text });
    const logger: Logger = {
      fatal: write,
      error: write,
      warn: write,
      info: write,
      debug: write,
      trace: write,
      child: () => logger,
    };
    await newStore({ logger, env: cleanEnv({ HF_TOKEN: 'hf_secret' }) }).fetch([
      `${hub.origin}/no?k=hunter2`,
      `${hub.origin}/m.gguf?k=hunter2`,
    ]);
    expect(lines).toMatchObject([
      { text: 'model source failed', code: 'SOURCE_UNAVAILABLE' },
      { text: 'model file is here', bytes: model.length },
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|hf_secret/);
  });
});

describe('a full disk', () => {
  it('is noticed before a byte is fetched when the size is known, and nobody is asked again before there is room', async () => {
    let asked = 0;
    const hub = await startHub((_request, response) => {
      asked++;
      response.writeHead(200, { 'content-length': 9e15 });
      response.write('GGUF');
    });
    const { fetch, cacheDir } = newStore();
    await expect(fetch(`${hub.origin}/m.gguf`)).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringMatching(
        /disk of .* is full, the file needs 9000000000 MB; free some space or set SMMF_CACHE/,
      ),
    });
    expect(filesIn(cacheDir)).toEqual([]);
    await expect(fetch(`${hub.origin}/m.gguf`)).rejects.toThrow('is full');
    expect(asked).toBe(1);
  });

  it.runIf(existsSync('/dev/full'))('while writing gives a clear error and leaves no half file', async () => {
    const hub = await serveModel();
    const { fetch, cacheDir } = newStore();
    const file = await fetch(`${hub.origin}/m.gguf`);
    truncateSync(file, 10);
    // The kernel answers every write to /dev/full with ENOSPC.
    symlinkSync('/dev/full', `${file}.part`);
    await expect(fetch(`${hub.origin}/m.gguf`)).rejects.toMatchObject({ message: expect.stringContaining('is full') });
    expect(filesIn(cacheDir)).toEqual(['m.gguf', 'source.json']);
    expect(readFileSync(await fetch(`${hub.origin}/m.gguf`))).toEqual(model);
  });
});

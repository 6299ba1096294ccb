import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createModelStore, type ModelStoreOptions } from '../../src/model-store.ts';
import type { FetchProgress } from '../../src/progress.ts';
import { cleanEnv, FAST, ggufBytes, newHttp, PATIENT, serveBytes, startHub, temporaryFolder } from '../loopback-hub.ts';
import { COMMITS, type ScriptedHub, startScriptedHub } from '../scripted-hub.ts';

const files = {
  '.gitattributes': Buffer.from('*.safetensors filter=lfs'),
  'config.json': Buffer.from('{"model_type":"llama"}'),
  'model-00001-of-00002.safetensors': ggufBytes(200_000, 1),
  'model-00002-of-00002.safetensors': ggufBytes(100_000, 2),
  'pytorch_model.bin': ggufBytes(100, 3),
  'sub/tokenizer.json': Buffer.from('{}'),
};
const CHOSEN = [
  'config.json',
  'model-00001-of-00002.safetensors',
  'model-00002-of-00002.safetensors',
  'sub/tokenizer.json',
] as const;
const chosenBytes = CHOSEN.reduce((sum, path) => sum + files[path].length, 0);

let hub: ScriptedHub;
let cacheDir: string;
beforeEach(async () => {
  hub = await startScriptedHub({ ...files });
  cacheDir = temporaryFolder();
});
const newStore = (options: Partial<ModelStoreOptions> = {}, env: Record<string, string> = {}) =>
  createModelStore({
    ...{ http: newHttp(), cacheDir, env: cleanEnv({ HF_ENDPOINT: hub.origin, ...env }), limits: PATIENT },
    ...options,
  });
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => !item.isDirectory())
    .map((item) => join(item.parentPath, item.name).slice(folder.length + 1))
    .sort();
const resolved = (): string[] => hub.paths().filter((path) => path.startsWith('/org/repo/resolve/'));
const listed = (): string[] => hub.paths().filter((path) => path.startsWith('/api/'));
/** Answers a file with an error as long as it is told to. */
const refuse = (name: string, status = 503) => {
  hub.before = ({ url = '' }, response) => {
    if (!url.endsWith(name)) return false;
    response.writeHead(status).end();
    return true;
  };
};

describe('a whole repository', () => {
  it('is fetched into a folder, each file checked, and then needs no network', async () => {
    const folder = await newStore().fetch('hf://org/repo');
    expect(basename(folder)).toBe('repo');
    expect(filesIn(folder)).toEqual([...CHOSEN]);
    for (const path of CHOSEN) expect(readFileSync(join(folder, path))).toEqual(files[path]);
    const { length } = hub.requests;
    expect(await newStore({ offline: true }).fetch('hf://org/repo')).toBe(folder);
    expect(await newStore().fetch('hf://org/repo@main')).toBe(folder);
    expect(hub.requests).toHaveLength(length);
    expect(readdirSync(join(folder, '..')).sort()).toEqual(['repo', 'source.json']);
  });

  it('stays at the commit that was seen first, also when it goes on after its branch has moved', async () => {
    refuse('model-00002-of-00002.safetensors');
    await expect(newStore().fetch('hf://org/repo')).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    hub.before = undefined;
    hub.commits[COMMITS[1]] = { 'config.json': Buffer.from('{"other":1}'), 'model.safetensors': ggufBytes(50, 9) };
    hub.commit = COMMITS[1];
    const folder = await newStore().fetch('hf://org/repo');
    expect(filesIn(folder)).toEqual([...CHOSEN]);
    expect(listed()).toHaveLength(2);
    expect(resolved().every((path) => path.includes(`/resolve/${COMMITS[0]}/`))).toBe(true);
    // What had come before has not come again.
    expect(resolved().filter((path) => path.endsWith('model-00001-of-00002.safetensors'))).toHaveLength(1);
    expect(filesIn(await newStore().fetch(`hf://org/repo@${COMMITS[1]}`))).toEqual([
      'config.json',
      'model.safetensors',
    ]);
  });

  it('asks anew which commit it is when that commit is gone, and mixes no files', async () => {
    refuse('model-00002-of-00002.safetensors');
    await expect(newStore().fetch('hf://org/repo')).rejects.toThrow('503');
    hub.before = undefined;
    delete hub.commits[COMMITS[0]];
    hub.commits[COMMITS[1]] = { 'config.json': Buffer.from('{"other":1}'), 'model.safetensors': ggufBytes(50, 9) };
    hub.commit = COMMITS[1];
    await expect(newStore().fetch('hf://org/repo')).rejects.toThrow(`at revision ${COMMITS[0]}`);
    const folder = await newStore().fetch('hf://org/repo');
    expect(filesIn(folder)).toEqual(['config.json', 'model.safetensors']);
    expect(readFileSync(join(folder, 'config.json'), 'utf8')).toBe('{"other":1}');
  });

  it('goes on within a file that was cut', async () => {
    let cuts = 0;
    const storage = await startHub((request, response) => {
      const cut = cuts++ === 0 ? { cutAfter: 70_000, cacheDir } : {};
      serveBytes(request, response, files['model-00001-of-00002.safetensors'], cut);
    });
    hub.before = ({ url = '' }, response) => {
      if (!url.endsWith('model-00001-of-00002.safetensors')) return false;
      response.writeHead(302, { location: `${storage.origin}/blob` }).end();
      return true;
    };
    const folder = await newStore().fetch('hf://org/repo');
    expect(storage.requests.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=70000-']);
    const [, first] = CHOSEN;
    expect(readFileSync(join(folder, first)).equals(files[first])).toBe(true);
  });

  it('takes a file that came before a crash as it is, though no record says that it is there', async () => {
    const folder = await newStore().fetch('hf://org/repo');
    const record = join(folder, '..', 'source.json');
    const written = JSON.parse(readFileSync(record, 'utf8'));
    for (const file of written.files) delete file.mtimeMs;
    writeFileSync(record, JSON.stringify(written));
    const { length } = hub.requests;
    expect(await newStore().fetch('hf://org/repo')).toBe(folder);
    expect(hub.requests).toHaveLength(length);
  });

  it('of which a file was damaged or removed gets that one anew', async () => {
    const folder = await newStore().fetch('hf://org/repo');
    const [config, first] = CHOSEN;
    rmSync(join(folder, config));
    writeFileSync(join(folder, first), Buffer.alloc(files[first].length));
    const { length } = hub.requests;
    expect(await newStore().fetch('hf://org/repo')).toBe(folder);
    expect(
      hub
        .paths()
        .slice(length)
        .map((path) => basename(path)),
    ).toEqual([config, first]);
    expect(readFileSync(join(folder, first)).equals(files[first])).toBe(true);
  });

  it('two fetches at the same time download once', async () => {
    const both = await Promise.all([newStore().fetch('hf://org/repo'), newStore().fetch('hf://org/repo')]);
    expect(both[0]).toBe(both[1]);
    expect(resolved()).toHaveLength(CHOSEN.length);
  });

  it('shows how far all of it has come', async () => {
    const seen: FetchProgress[] = [];
    await newStore().fetch('hf://org/repo', { onProgress: (progress) => seen.push(progress) });
    expect([...new Set(seen.map(({ phase }) => phase))]).toEqual(['connecting', 'downloading', 'done']);
    const downloading = seen.filter(({ phase }) => phase === 'downloading');
    expect(downloading.every(({ totalBytes }) => totalBytes === chosenBytes)).toBe(true);
    const counts = seen.map(({ receivedBytes }) => receivedBytes);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toMatchObject({ receivedBytes: chosenBytes, totalBytes: chosenBytes });
  });

  it('may be chosen from by patterns, and each choice is a folder of its own', async () => {
    const some = await newStore().fetch('hf://org/repo#include=*.bin,config.json');
    expect(filesIn(some)).toEqual(['config.json', 'pytorch_model.bin']);
    const others = await newStore().fetch('hf://org/repo#exclude=sub/*');
    expect(filesIn(others)).toEqual(CHOSEN.slice(0, 3));
  });

  it('is listed page by page', async () => {
    hub.pageSize = 2;
    expect(filesIn(await newStore().fetch('hf://org/repo'))).toEqual([...CHOSEN]);
    const [about, first, ...others] = listed();
    expect(about).toBe('/api/models/org/repo/revision/main?expand=sha');
    expect(first).toBe(`/api/models/org/repo/tree/${COMMITS[0]}?recursive=true`);
    expect(others).toHaveLength(3);
  });
});

describe('a whole repository is refused', () => {
  it.each<[string, string, object, RegExp]>([
    [
      'whose file in LFS has another digest',
      'model-00001-of-00002.safetensors',
      { oid: 'e'.repeat(64) },
      /has the sha256/,
    ],
    ['whose small file has another git hash', 'config.json', { oid: 'e'.repeat(40) }, /config\.json has the git hash/],
    ['whose small file has another size', 'config.json', { size: 21 }, /config\.json has 22 bytes in place of 21/],
  ])('%s', async (_, wanted, change, reason) => {
    hub.edit = (entry) => {
      if (entry.path !== wanted) return entry;
      return 'lfs' in entry ? { ...entry, lfs: { ...(entry.lfs as object), ...change } } : { ...entry, ...change };
    };
    await expect(newStore().fetch('hf://org/repo')).rejects.toMatchObject({
      code: 'SOURCE_CORRUPT',
      message: expect.stringMatching(reason),
    });
    expect(filesIn(cacheDir).filter((path) => path.endsWith(wanted))).toEqual([]);
  });

  it.each(['../../escape', 'a/../b', '/etc/passwd', 'a\\b', 'C:x', 'a//b', 'a\u001b[31m'])(
    'when it lists the path %j, and nothing is written there',
    async (path) => {
      hub.edit = (entry) => (entry.path === 'config.json' ? { ...entry, path } : entry);
      await expect(newStore().fetch('hf://org/repo')).rejects.toMatchObject({
        code: 'SOURCE_UNAVAILABLE',
        message: expect.stringContaining('unsafe path'),
      });
      expect(filesIn(cacheDir)).toEqual([]);
    },
  );

  const json = (text: string) => (response: ServerResponse) =>
    response.setHeader('content-type', 'application/json').end(text);
  it.each<[string, (response: ServerResponse) => unknown, RegExp]>([
    ['no JSON', json('<html>'), /gave a listing of org\/repo that cannot be read/],
    ['no commit', json('{"id":"org/repo","sha":"main"}'), /gave a listing of org\/repo that cannot be read/],
    ['17 MB', json(' '.repeat(17 * 1024 * 1024)), /sends a listing of more than 16777216 bytes/],
    [
      '401',
      (response) => response.writeHead(401, { 'x-error-code': 'GatedRepo' }).end(),
      /gated or private .*set HF_TOKEN/,
    ],
    ['404', (response) => response.writeHead(404).end(), /has no revision main, or does not exist/],
    ['500', (response) => response.writeHead(500).end(), /answered with HTTP 500/],
  ])('when the hub answers with %s', async (_, answer, reason) => {
    hub.before = (_request, response) => {
      answer(response);
      return true;
    };
    await expect(newStore().fetch('hf://org/repo')).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringMatching(reason),
    });
    expect(hub.requests).toHaveLength(1);
  });

  it('when the hub is silent, within the limits', async () => {
    hub.before = () => true;
    await expect(newStore({ limits: FAST }).fetch('hf://org/repo')).rejects.toThrow('gave no answer within 300 ms');
  });

  it('when the network is switched off', async () => {
    await expect(newStore({ offline: true }).fetch('hf://org/repo')).rejects.toThrow('network is switched off');
    expect(hub.requests).toHaveLength(0);
  });
});

describe('the token of a whole repository', () => {
  it('goes to the hub with each request, and not to its storage', async () => {
    await newStore({}, { HF_TOKEN: 'hf_secret' }).fetch('hf://org/repo');
    expect(new Set(hub.requests.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer hf_secret']));
    expect(hub.storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it('does not go to another host that the next page is said to be at', async () => {
    const other = await startHub((_request, response) => response.end('[]'));
    hub.before = ({ url = '' }, response) => {
      if (!url.includes('/tree/')) return false;
      response.setHeader('link', `<${other.origin}/next>; rel="next"`);
      response.setHeader('content-type', 'application/json').end('[]');
      return true;
    };
    await expect(newStore({}, { HF_TOKEN: 'hf_secret' }).fetch('hf://org/repo')).rejects.toThrow(
      "the hub's listing goes on at another host",
    );
    expect(other.requests).toHaveLength(0);
  });
});

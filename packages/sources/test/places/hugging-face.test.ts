import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createModelStore } from '../../src/model-store.ts';
import {
  cleanEnv,
  ggufBytes,
  newHttp,
  PATIENT,
  serveBytes,
  sha256,
  startHub,
  temporaryFolder,
} from '../loopback-hub.ts';

const model = ggufBytes();
const digest = sha256(model);
const COMMIT = '0123456789abcdef0123456789abcdef01234567';
const FILE = '/org/repo/resolve/main/sub/m.gguf';

const newStore = (env: Record<string, string>) =>
  createModelStore({ http: newHttp(), cacheDir: temporaryFolder(), env: cleanEnv(env), limits: PATIENT });

/** The hub redirects to its storage, which is another origin, and tells digest and size of the file before. */
async function startHubWithStorage(linked: { digest?: string; bytes?: number } = {}) {
  const storage = await startHub((request, response) => serveBytes(request, response, model));
  const hub = await startHub((_request, response) => {
    response.writeHead(302, {
      location: `${storage.origin}/blob?signature=hunter2`,
      'x-linked-etag': `"${linked.digest ?? digest}"`,
      'x-linked-size': linked.bytes ?? model.length,
      'x-repo-commit': COMMIT,
    });
    response.end('Found. Redirecting');
  });
  return { hub, storage };
}

describe('hf://', () => {
  it('fetches from HF_ENDPOINT and sends the token to the hub alone, not to where it redirects', async () => {
    const { hub, storage } = await startHubWithStorage();
    const file = await newStore({ HF_ENDPOINT: `${hub.origin}/`, HF_TOKEN: ' hf_secret\n' }).fetch(
      'hf://org/repo/sub/m.gguf',
    );
    expect(readFileSync(file)).toEqual(model);
    expect(hub.requests[0]?.url).toBe(FILE);
    expect(hub.requests[0]?.headers.authorization).toBe('Bearer hf_secret');
    expect(storage.requests).toHaveLength(1);
    expect(storage.requests[0]?.headers.authorization).toBeUndefined();
  });

  it('keeps the token while the hub redirects to itself', async () => {
    const hub = await startHub((request, response) => {
      if (request.url?.startsWith('/org/')) response.writeHead(307, { location: '/api/moved' }).end();
      else serveBytes(request, response, model);
    });
    await newStore({ HF_ENDPOINT: hub.origin, HUGGING_FACE_HUB_TOKEN: 'hf_old' }).fetch('hf://org/repo@v1.0/m.gguf');
    expect(hub.requests.map((request) => request.headers.authorization)).toEqual(['Bearer hf_old', 'Bearer hf_old']);
    expect(hub.requests[0]?.url).toBe('/org/repo/resolve/v1.0/m.gguf');
  });

  it('sends no token that is not set, and refuses one that no header can carry without showing it', async () => {
    const { hub } = await startHubWithStorage();
    await newStore({ HF_ENDPOINT: hub.origin, HF_TOKEN: '' }).fetch('hf://org/repo/sub/m.gguf');
    expect(hub.requests[0]?.headers.authorization).toBeUndefined();
    const failure = newStore({ HF_ENDPOINT: hub.origin, HF_TOKEN: 'hf\nsecret' }).fetch('hf://org/repo/sub/m.gguf');
    await expect(failure).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.not.stringContaining('secret'),
    });
  });

  it('verifies the digest and the size that the hub tells', async () => {
    const wrongDigest = await startHubWithStorage({ digest: 'e'.repeat(64) });
    const failure = newStore({ HF_ENDPOINT: wrongDigest.hub.origin }).fetch('hf://org/repo/sub/m.gguf');
    await expect(failure).rejects.toMatchObject({ code: 'SOURCE_CORRUPT', message: expect.stringContaining('eeee') });
    const wrongSize = await startHubWithStorage({ bytes: model.length + 1 });
    const second = newStore({ HF_ENDPOINT: wrongSize.hub.origin }).fetch('hf://org/repo/sub/m.gguf');
    await expect(second).rejects.toMatchObject({
      code: 'SOURCE_CORRUPT',
      message: expect.stringContaining(String(model.length + 1)),
    });
  });

  it.each<[number, string | undefined, string | undefined, RegExp]>([
    [
      401,
      'GatedRepo',
      undefined,
      /org\/repo is gated or private \(HTTP 401\): accept its licence at http\S+\/org\/repo and set HF_TOKEN/,
    ],
    [403, 'GatedRepo', 'hf_x', /gated or private \(HTTP 403\).*account of HF_TOKEN has accepted it/],
    [401, 'RepoNotFound', undefined, /gated or private.*set HF_TOKEN/],
    [401, 'RepoNotFound', 'hf_x', /does not exist, or HF_TOKEN may not see it/],
    [404, 'EntryNotFound', undefined, /org\/repo has no file sub\/m.gguf at revision main/],
    [404, 'RevisionNotFound', undefined, /has no revision main/],
    [404, undefined, undefined, /no file sub\/m.gguf at revision main, or does not exist/],
    [503, undefined, undefined, /answered with HTTP 503/],
  ])('answered with %i %s (token: %s) says what to do', async (status, code, token, reason) => {
    const hub = await startHub((_request, response) =>
      response.writeHead(status, code ? { 'x-error-code': code } : {}).end(),
    );
    const store = newStore({ HF_ENDPOINT: hub.origin, ...(token ? { HF_TOKEN: token } : {}) });
    await expect(store.fetch('hf://org/repo/sub/m.gguf')).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringMatching(reason),
    });
    expect(hub.requests).toHaveLength(1);
  });

  it.each(['http://example.com', 'not a url', 'https://u:p@h', 'https://h/?q=1'])(
    'refuses the endpoint %s',
    async (endpoint) => {
      const failure = newStore({ HF_ENDPOINT: endpoint }).fetch(['hf://org/repo/m.gguf', './other.gguf']);
      await expect(failure).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining('HF_ENDPOINT must be'),
      });
    },
  );
});

describe('a filled Hugging Face cache', () => {
  /** The layout of the hub's own client: blobs by digest, snapshots of links, refs with the commit. */
  function fillCache(cache: string): string {
    const repository = join(cache, 'models--org--repo');
    for (const folder of ['blobs', 'refs/refs/pr', `snapshots/${COMMIT}/sub`])
      mkdirSync(join(repository, folder), { recursive: true });
    writeFileSync(join(repository, 'blobs', digest), model);
    writeFileSync(join(repository, 'refs', 'main'), COMMIT);
    writeFileSync(join(repository, 'refs', 'refs/pr/1'), COMMIT);
    symlinkSync(`../../../blobs/${digest}`, join(repository, 'snapshots', COMMIT, 'sub', 'm.gguf'));
    return repository;
  }

  it('is used without network, by branch, pull request and commit', async () => {
    const hfHome = temporaryFolder();
    const repository = fillCache(join(hfHome, 'hub'));
    const { fetch } = newStore({ HF_HUB_CACHE: '', HF_HOME: hfHome, SMMF_OFFLINE: '1' });
    for (const revision of ['', '@main', '@refs%2Fpr%2F1', `@${COMMIT}`]) {
      expect(await fetch(`hf://org/repo${revision}/sub/m.gguf`)).toBe(join(repository, 'blobs', digest));
    }
    expect(await fetch({ url: 'hf://org/repo/sub/m.gguf', sha256: digest })).toBe(join(repository, 'blobs', digest));
    const { fetch: fetchByCache } = newStore({ HF_HUB_CACHE: join(hfHome, 'hub'), SMMF_OFFLINE: '1' });
    expect(await fetchByCache('hf://org/repo/sub/m.gguf')).toBe(join(repository, 'blobs', digest));
  });

  it('is not used for what it lacks, for another digest, or when its file is damaged', async () => {
    const cache = temporaryFolder();
    const repository = fillCache(cache);
    const { fetch } = newStore({ HF_HUB_CACHE: cache, SMMF_OFFLINE: '1' });
    await expect(fetch('hf://org/repo@other/sub/m.gguf')).rejects.toThrow('not in the cache');
    await expect(fetch('hf://org/repo/other.gguf')).rejects.toThrow('not in the cache');
    await expect(fetch({ url: 'hf://org/repo/sub/m.gguf', sha256: '0'.repeat(64) })).rejects.toThrow(
      'not in the cache',
    );
    writeFileSync(join(repository, 'blobs', digest), 'half');
    await expect(fetch('hf://org/repo/sub/m.gguf')).rejects.toThrow('not in the cache');
  });

  it('is read and compared with the name of the blob once, and again when that was touched', async () => {
    const cache = temporaryFolder();
    const blob = join(fillCache(cache), 'blobs', digest);
    const { fetch } = newStore({ HF_HUB_CACHE: cache, SMMF_OFFLINE: '1' });
    const isRead = async (): Promise<boolean> => {
      const phases: string[] = [];
      const onProgress = ({ phase }: { phase: string }): void => void phases.push(phase);
      expect(await fetch('hf://org/repo/sub/m.gguf', { onProgress })).toBe(blob);
      return phases.includes('verifying');
    };
    expect([await isRead(), await isRead()]).toEqual([true, false]);
    utimesSync(blob, 1_000, 1_000);
    expect([await isRead(), await isRead()]).toEqual([true, false]);
    writeFileSync(blob, Buffer.alloc(model.length));
    await expect(fetch('hf://org/repo/sub/m.gguf')).rejects.toThrow('not in the cache');
  });

  it('leads to no file outside of it (S31)', async () => {
    const cache = temporaryFolder();
    const repository = fillCache(cache);
    writeFileSync(join(cache, 'secret.gguf'), model);
    symlinkSync(join(cache, 'secret.gguf'), join(repository, 'snapshots', COMMIT, 'evil.gguf'));
    writeFileSync(join(repository, 'refs', 'evil'), '../../..');
    const { fetch } = newStore({ HF_HUB_CACHE: cache, SMMF_OFFLINE: '1' });
    await expect(fetch('hf://org/repo/evil.gguf')).rejects.toThrow('not in the cache');
    await expect(fetch('hf://org/repo@evil/secret.gguf')).rejects.toThrow('not in the cache');
  });
});

describe('modelscope://', () => {
  const startModelScope = (answer: (request: IncomingMessage, response: ServerResponse) => void) => startHub(answer);

  it('fetches from MODELSCOPE_ENDPOINT, without the token of another hub', async () => {
    const hub = await startModelScope((request, response) => serveBytes(request, response, model));
    const env = { MODELSCOPE_ENDPOINT: hub.origin, HF_TOKEN: 'hf_secret' };
    const file = await newStore(env).fetch('modelscope://org/repo/sub dir/m&1.gguf');
    expect(readFileSync(file)).toEqual(model);
    const { url, headers } = hub.requests[0] ?? {};
    expect(url).toBe('/api/v1/models/org/repo/repo?Revision=master&FilePath=sub+dir%2Fm%261.gguf');
    expect(headers?.authorization).toBeUndefined();
  });

  it.each([
    [404, /ModelScope has no file m.gguf in org\/repo at v2/],
    [403, /ModelScope refuses org\/repo \(HTTP 403\)/],
  ])('answered with %i names the thing', async (status, reason) => {
    const hub = await startModelScope((_request, response) => response.writeHead(status).end());
    await expect(
      newStore({ MODELSCOPE_ENDPOINT: hub.origin }).fetch('modelscope://org/repo@v2/m.gguf'),
    ).rejects.toThrow(reason);
  });
});

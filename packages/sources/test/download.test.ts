import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { dirname, join } from 'node:path';
import type { HttpClient } from '@smmf/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { createModelStore, type ModelStoreOptions } from '../src/model-store.ts';
import { openRemoteFile } from '../src/remote-file.ts';
import {
  cleanEnv,
  FAST,
  ggufBytes,
  newHttp,
  PATIENT,
  serveBytes,
  sha256,
  startHub,
  temporaryFolder,
} from './loopback-hub.ts';

const model = ggufBytes(300_000);
let cacheDir: string;
beforeEach(() => {
  cacheDir = temporaryFolder();
});
const newStore = (options: Partial<ModelStoreOptions> = {}) =>
  createModelStore({ http: newHttp(), cacheDir, env: cleanEnv(), limits: PATIENT, ...options });
/** Ends the connection after so many bytes, which the store has written down by then. */
const cut = (cutAfter: number) => ({ cutAfter, cacheDir });
const firstByteOf = ({ headers }: IncomingMessage): number =>
  Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);

describe('a download', () => {
  it('that is cut in mid-file goes on from there', async () => {
    const hub = await startHub((request, response) => {
      serveBytes(request, response, model, hub.requests.length < 4 ? cut(70_000) : {});
    });
    const file = await newStore().fetch({ url: `${hub.origin}/m.gguf`, sha256: sha256(model) });
    expect(readFileSync(file)).toEqual(model);
    expect(hub.requests).toHaveLength(4);
    const starts = hub.requests.map((request) => Number(/bytes=(\d+)-/.exec(request.headers.range ?? 'bytes=0-')?.[1]));
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
    expect(starts[3]).toBeGreaterThan(100_000);
    expect(hub.requests[1]?.headers['if-range']).toBe(`"${sha256(model).slice(0, 16)}"`);
  });

  it('that failed in an earlier process goes on from there', async () => {
    let isBroken = true;
    const hub = await startHub((request, response) => {
      if (isBroken && hub.requests.length > 1) response.destroy();
      else serveBytes(request, response, model, isBroken ? cut(100_000) : {});
    });
    await expect(newStore().fetch(`${hub.origin}/m.gguf`)).rejects.toThrow('cut the connection off');
    // The first request brought bytes, then three in a row without any are the end.
    expect(hub.requests).toHaveLength(5);
    isBroken = false;
    expect(readFileSync(await newStore().fetch(`${hub.origin}/m.gguf`))).toEqual(model);
    expect(hub.requests.at(-1)?.headers.range).toBeDefined();
  });

  it('begins again when the file on the server has changed in between', async () => {
    const other = ggufBytes(300_000, 7);
    const hub = await startHub((request, response) => {
      if (hub.requests.length === 1) serveBytes(request, response, model, cut(70_000));
      else serveBytes(request, response, other);
    });
    expect(readFileSync(await newStore().fetch(`${hub.origin}/m.gguf`))).toEqual(other);
    expect(hub.requests).toHaveLength(2);
  });

  it('begins again when a range is answered with the wrong piece, or with 416', async () => {
    const hub = await startHub((request, response) => {
      const isRange = request.headers.range !== undefined;
      if (hub.requests.length === 1 || hub.requests.length === 4) serveBytes(request, response, model, cut(70_000));
      else if (isRange && hub.requests.length === 2) {
        response.writeHead(206, { etag: '"x"', 'content-range': 'bytes 5-9/10' }).end('wrong');
      } else if (isRange) response.writeHead(416).end();
      else serveBytes(request, response, model);
    });
    for (const path of ['/a.gguf', '/b.gguf'])
      expect(readFileSync(await newStore().fetch(hub.origin + path))).toEqual(model);
    expect(hub.requests).toHaveLength(6);
  });

  it('takes no piece that begins elsewhere, though its validator fits', async () => {
    const hub = await startHub((request, response) => {
      const first = firstByteOf(request);
      if (hub.requests.length === 1) return serveBytes(request, response, model, cut(70_000));
      if (first === 0) return serveBytes(request, response, model);
      const range = `bytes ${first - 100}-${model.length - 1}/${model.length}`;
      const etag = `"${sha256(model).slice(0, 16)}"`;
      response.writeHead(206, { etag, 'content-range': range }).end(model.subarray(first - 100));
    });
    expect(readFileSync(await newStore().fetch(`${hub.origin}/m.gguf`)).equals(model)).toBe(true);
    expect(hub.requests.map(firstByteOf)).toEqual([0, 70_000, 0]);
  });

  it('takes no piece of another file, though it begins at the right place', async () => {
    const other = ggufBytes(300_000, 7);
    const hub = await startHub((request, response) => {
      const first = firstByteOf(request);
      if (hub.requests.length === 1) return serveBytes(request, response, model, cut(70_000));
      if (first === 0) return serveBytes(request, response, other);
      // As a server that does not know If-Range.
      const range = `bytes ${first}-${other.length - 1}/${other.length}`;
      response.writeHead(206, { etag: '"other"', 'content-range': range }).end(other.subarray(first));
    });
    expect(readFileSync(await newStore().fetch(`${hub.origin}/m.gguf`)).equals(other)).toBe(true);
    expect(hub.requests.map(firstByteOf)).toEqual([0, 70_000, 0]);
  });

  it('forgets the validator of an older part when newer bytes take its place', async () => {
    const other = ggufBytes(300_000, 7);
    const hub = await startHub((request, response) => {
      const count = hub.requests.length;
      if (count === 1) serveBytes(request, response, model, cut(70_000));
      else if (count === 2) serveBytes(request, response, other, { ...cut(70_000), etag: 'W/"weak"' });
      else serveBytes(request, response, model);
    });
    expect(readFileSync(await newStore().fetch(`${hub.origin}/m.gguf`)).equals(model)).toBe(true);
    expect(hub.requests.map(firstByteOf)).toEqual([0, 70_000, 0]);
  });

  it('does not ask for a range when the server gave no strong validator', async () => {
    const hub = await startHub((request, response) => {
      serveBytes(request, response, model, {
        etag: 'W/"weak"',
        ...(hub.requests.length === 1 ? cut(70_000) : {}),
      });
    });
    expect(readFileSync(await newStore().fetch(`${hub.origin}/m.gguf`))).toEqual(model);
    expect(hub.requests[1]?.headers.range).toBeUndefined();
  });

  it('whose earlier part turns out to be damaged is fetched once more, whole', async () => {
    let isBroken = true;
    const hub = await startHub((request, response) => {
      if (isBroken && hub.requests.length > 1) response.destroy();
      else serveBytes(request, response, model, isBroken ? cut(100_000) : {});
    });
    const source = { url: `${hub.origin}/m.gguf`, sha256: sha256(model) };
    await newStore()
      .fetch(source)
      .catch(() => undefined);
    const part =
      readdirSync(cacheDir, { recursive: true, encoding: 'utf8' }).find((name) => name.endsWith('.part')) ?? '';
    const bytes = readFileSync(join(cacheDir, part));
    bytes.fill(0, 1_000, 2_000);
    writeFileSync(join(cacheDir, part), bytes);
    isBroken = false;
    expect(readFileSync(await newStore().fetch(source))).toEqual(model);
  });

  it('of unknown length is taken when the server ends it in order', async () => {
    const hub = await startHub((_request, response) => {
      response.write(model.subarray(0, 1_000));
      response.end(model.subarray(1_000));
    });
    expect(readFileSync(await newStore().fetch(`${hub.origin}/m.gguf`))).toEqual(model);
  });

  it('of unknown length is held to the size that the hub told', async () => {
    const storage = await startHub((_request, response) => {
      response.write(model.subarray(0, 1_000));
      response.end();
    });
    const hub = await startHub((_request, response) =>
      response.writeHead(302, { location: `${storage.origin}/blob`, 'x-linked-size': model.length }).end(),
    );
    const store = newStore({ env: cleanEnv({ HF_ENDPOINT: hub.origin }) });
    await expect(store.fetch('hf://o/r/m.gguf')).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining(`ended after 1000 of ${model.length} bytes`),
    });
  });

  it('is ended when more comes than the hub told', async () => {
    const storage = await startHub((_request, response) => {
      const write = (): void => {
        while (!response.destroyed && response.write(model));
      };
      response.on('drain', write);
      write();
    });
    const hub = await startHub((_request, response) =>
      response.writeHead(302, { location: `${storage.origin}/blob`, 'x-linked-size': model.length }).end(),
    );
    const store = newStore({ env: cleanEnv({ HF_ENDPOINT: hub.origin }) });
    await expect(store.fetch('hf://o/r/m.gguf')).rejects.toMatchObject({
      code: 'SOURCE_CORRUPT',
      message: expect.stringContaining(`sends more than the ${model.length} bytes that the file has`),
    });
  });

  it('never leaves a half file under the final name', async () => {
    const hub = await startHub((request, response) =>
      serveBytes(request, response, model, { ...cut(70_000), etag: `"${hub.requests.length}"` }),
    );
    await expect(newStore().fetch(`${hub.origin}/m.gguf`)).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    });
    const names = readdirSync(cacheDir, { recursive: true, encoding: 'utf8' });
    expect(names.some((name) => name.endsWith('m.gguf'))).toBe(false);
    expect(hub.requests.length).toBeLessThan(8);
  });

  it.each([
    [404, /127\.0\.0\.1:\d+ has no such file \(HTTP 404\)/],
    [403, /answered with HTTP 403/],
    [500, /answered with HTTP 500/],
    [204, /answered with HTTP 204/],
  ])('answered with %i is not tried again', async (status, reason) => {
    const hub = await startHub((_request, response) => response.writeHead(status).end());
    await expect(newStore().fetch(`${hub.origin}/m.gguf`)).rejects.toThrow(reason);
    expect(hub.requests).toHaveLength(1);
  });

  it('ends when the server is silent before its answer, or in the middle of it', async () => {
    const silent = await startHub(() => undefined);
    const hasty = newStore({ limits: FAST });
    await expect(hasty.fetch(`${silent.origin}/m.gguf`)).rejects.toThrow('gave no answer within 300 ms');
    const stalling = await startHub((_request, response) => {
      response.writeHead(200, { 'content-length': model.length });
      response.write(model.subarray(0, 10));
    });
    await expect(hasty.fetch(`${stalling.origin}/m.gguf`)).rejects.toThrow('sent nothing for 300 ms');
  });

  it('refuses a body that the server has packed', async () => {
    const hub = await startHub((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    );
    await expect(newStore().fetch(`${hub.origin}/m.gguf`)).rejects.toThrow('content-encoding gzip');
    expect(hub.requests[0]?.headers['accept-encoding']).toBe('identity');
  });
});

describe('a redirect', () => {
  it('is followed, five times at most', async () => {
    const hub = await startHub((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) serveBytes(request, response, model);
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    expect(readFileSync(await newStore().fetch(`${hub.origin}/5`))).toEqual(model);
    await expect(newStore().fetch(`${hub.origin}/6`)).rejects.toThrow('redirects more than 5 times');
  });

  it.each(['http://example.com/m', 'ftp://127.0.0.1/m', 'file:///etc/passwd', 'http://[bad'])(
    'to %s is refused',
    async (location) => {
      const hub = await startHub((_request, response) => response.writeHead(302, { location }).end());
      await expect(newStore().fetch(`${hub.origin}/m`)).rejects.toThrow(/redirects to/);
    },
  );
});

it('a redirect from https never leads to plain http, not even on this machine', async () => {
  const asked: string[] = [];
  const request: HttpClient['request'] = async ({ url }) => {
    asked.push(url);
    const headers = asked.length === 1 ? { location: 'http://127.0.0.1:1/x' } : {};
    const [status, body] = [asked.length === 1 ? 302 : 200, (async function* () {})()];
    return { url, status, headers, body, text: async () => '', discard: () => undefined };
  };
  const http = { ...newHttp(), request };
  const file = { url: new URL('https://hub.example/m') };
  const opened = openRemoteFile(file, {}, { http, limits: PATIENT, signal: new AbortController().signal });
  await expect(opened).rejects.toThrow('which is not https');
  expect(asked).toEqual(['https://hub.example/m']);
});

describe('a proxy', () => {
  const startProxy = async () => {
    const seen: string[] = [];
    const server = createTcpServer((socket) => {
      socket
        .on('error', () => undefined)
        .once('data', (chunk) => {
          seen.push(chunk.toString().split('\r\n')[0] ?? '');
          socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n');
        });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      seen,
      url: `http://127.0.0.1:${(server.address() as { port: number }).port}`,
      close: () => server.close(),
    };
  };

  it('of HTTPS_PROXY is used for https, and its refusal is no hang', async () => {
    const proxy = await startProxy();
    const http = newHttp({ HTTPS_PROXY: proxy.url });
    await expect(newStore({ http }).fetch('https://models.invalid/m.gguf')).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    });
    expect(proxy.seen).toEqual(['CONNECT models.invalid:443 HTTP/1.1']);
    proxy.close();
  });

  it('is passed by for NO_PROXY and for this machine', async () => {
    const proxy = await startProxy();
    const http = newHttp({ HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, NO_PROXY: '.invalid' });
    await expect(newStore({ http }).fetch('https://models.invalid/m.gguf')).rejects.toThrow('cannot be looked up');
    const hub = await startHub((request, response) => serveBytes(request, response, model));
    expect(dirname(await newStore({ http }).fetch(`${hub.origin}/m.gguf`))).toBeDefined();
    expect(proxy.seen).toEqual([]);
    proxy.close();
  });
});

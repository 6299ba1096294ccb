import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDialer, createHttpClient } from '../../net/src/index.ts';
import { TEST_CERT, TEST_KEY } from '../../server/test/tls-fixture.ts';
import { createModelStore, type ModelStoreOptions } from '../src/model-store.ts';
import { cleanEnv, FAST, ggufBytes, newHttp, PATIENT, serveBytes, startHub, temporaryFolder } from './loopback-hub.ts';

const model = ggufBytes(1_000);
const newStore = (options: Partial<ModelStoreOptions> = {}) =>
  createModelStore({ http: newHttp(), cacheDir: temporaryFolder(), env: cleanEnv(), limits: PATIENT, ...options });

async function portOf(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('a source that cannot be reached says why', () => {
  it('nothing listens', async () => {
    const server = createServer();
    const port = await portOf(server);
    server.close();
    await expect(newStore().fetch(`http://127.0.0.1:${port}/m.gguf`)).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining(`127.0.0.1:${port} refused the connection`),
    });
  });

  it('a proxy takes the connection and says nothing, which counts as connecting', async () => {
    const port = await portOf(createServer((socket) => onTestFinished(() => void socket.destroy())));
    const http = newHttp({ HTTPS_PROXY: `http://127.0.0.1:${port}` });
    await expect(newStore({ http, limits: FAST }).fetch('https://models.invalid/m.gguf')).rejects.toThrow(
      'no connection to models.invalid within 1000 ms',
    );
  });

  it('a proxy refuses, in its own words', async () => {
    const port = await portOf(
      createServer((socket) => void socket.end('HTTP/1.1 407 Who\r\ncontent-length: 0\r\n\r\n')),
    );
    const http = newHttp({ HTTPS_PROXY: `http://u:hunter2@127.0.0.1:${port}` });
    const failure = newStore({ http }).fetch('https://models.invalid/m.gguf');
    await expect(failure).rejects.toThrow(`the proxy http://127.0.0.1:${port} refused the user name and password`);
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('hunter2') });
  });

  it('the client was closed', async () => {
    const http = newHttp();
    await http.close();
    await expect(newStore({ http }).fetch('https://models.invalid/m.gguf')).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

it('an authority of the dialer is trusted, and no other', async () => {
  const server = createHttpsServer({ cert: TEST_CERT, key: TEST_KEY }, (request, response) =>
    serveBytes(request, response, model),
  );
  const source = `https://127.0.0.1:${await portOf(server)}/m.gguf`;
  await expect(newStore().fetch(source)).rejects.toThrow('TLS failed');
  const http = createHttpClient(createDialer({ tls: { ca: TEST_CERT } }));
  expect(readFileSync(await newStore({ http }).fetch(source))).toEqual(model);
  await http.close();
});

it('a redirect leads to another host only where public addresses may be reached, and is not tried again', async () => {
  const inner = await startHub((request, response) => serveBytes(request, response, model));
  const location = `${inner.origin.replace('127.0.0.1', 'localhost')}/m.gguf`;
  const hub = await startHub((_request, response) => void response.writeHead(302, { location }).end());
  await expect(newStore().fetch(`${hub.origin}/m.gguf`)).rejects.toThrow(
    /the request to localhost:\d+ failed: .*it is this machine, and the address does not come from the config/,
  );
  expect([hub.requests.length, inner.requests.length]).toEqual([1, 0]);
  const http = createHttpClient(createDialer({ egress: { allow: ['127.0.0.0/8', '::1'] } }));
  expect(readFileSync(await newStore({ http }).fetch(`${hub.origin}/m.gguf`))).toEqual(model);
  await http.close();
});

it('a refusal that comes packed is a refusal all the same', async () => {
  const hub = await startHub((_request, response) => {
    response.writeHead(404, { 'content-encoding': 'gzip' }).end('zzz');
  });
  await expect(newStore().fetch(`${hub.origin}/m.gguf`)).rejects.toThrow('has no such file (HTTP 404)');
  expect(hub.requests[0]?.headers).toMatchObject({ 'user-agent': 'smmf', 'accept-encoding': 'identity' });
});

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpBase } from '@smmf/server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDialer } from '../../net/src/index.ts';
import { createPeerCheck, IDENTITY_PATH, identityRoute } from '../src/index.ts';
import { testKeys } from './test-cluster.ts';

const keyId = testKeys.engineKeyId('start-1');
const dialer = createDialer({ checkPeer: createPeerCheck(testKeys) });
const limit = (): AbortSignal => AbortSignal.timeout(5_000);

/** A server that answers as a test says, and keeps what it was asked. */
async function strange(answer: RequestListener): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked };
}

const models =
  (...ids: string[]): RequestListener =>
  (_request, response) =>
    void response.end(JSON.stringify({ data: ids.map((id) => ({ id, root: `${id}-root` })) }));

async function post(url: string, peer: object): Promise<string> {
  const socket = await dialer.connect({ url, connectTimeoutMs: 1_000, peer: { instance: 'a', ...peer } }, limit());
  onTestFinished(() => void socket.destroy());
  socket.write('POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n');
  socket.resume();
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  return bytes.toString();
}

describe('an engine of the cluster', () => {
  async function engine(instance = 'a', id = keyId) {
    const base = createHttpBase();
    identityRoute(base, testKeys.identityKey(instance, id));
    base.app.post('/x', { config: { scope: 'public' } }, (_request, reply) => void reply.send('welcome'));
    const { url } = await base.listen({ port: 0 });
    onTestFinished(() => base.close());
    return url;
  }

  it('proves on the very connection that it is the start that its record names, then takes the request', async () => {
    expect(await post(await engine(), { keyId })).toContain('welcome');
  });

  it.each([
    ['another instance', 'b', keyId],
    ['an earlier start of it', 'a', testKeys.engineKeyId('start-0')],
  ])('is not taken for %s', async (_what, instance, id) => {
    await expect(post(await engine(instance, id), { keyId })).rejects.toMatchObject({
      code: 'UNREACHABLE',
      details: { reason: 'identity' },
      message: expect.stringContaining('does not prove that it is the instance "a"'),
    });
  });

  it.each<[string, RequestListener]>([
    ['does not know the question', (_request, response) => void response.writeHead(404).end()],
    ['answers anything', (_request, response) => void response.end('{"proof":"x"}')],
    [
      'sends the question back',
      ({ url }: IncomingMessage, response) => void response.end(JSON.stringify({ proof: url?.split('nonce=')[1] })),
    ],
  ])('that %s is a stranger, who hears the question and nothing else', async (_what, answer) => {
    const { url, asked } = await strange(answer);
    await expect(post(url, { keyId })).rejects.toMatchObject({ details: { reason: 'identity' } });
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatch(new RegExp(`^GET ${IDENTITY_PATH}\\?nonce=[\\w-]{32}$`));
  });

  it('cannot be asked for a proof of a nonce that is none', async () => {
    const url = await engine();
    for (const nonce of ['', 'short', 'x'.repeat(65), '{"a":1}aaaaaaaaaaaaaaaa']) {
      expect((await fetch(`${url}${IDENTITY_PATH}?nonce=${encodeURIComponent(nonce)}`)).status).toBe(400);
    }
  });
});

describe('an engine of others', () => {
  it.each([['m'], ['m-root']])(
    'whose list names the model (%s) gets the request on the same connection',
    async (model) => {
      const { url, asked } = await strange(models('other', 'm'));
      await post(url, { model });
      expect(asked).toEqual(['GET /v1/models', 'POST /x']);
    },
  );

  it.each([['models/m'], ['m:latest']])('whose list names it as some services do (%s) is known', async (listed) => {
    const { url, asked } = await strange(models(listed));
    await post(url, { model: 'm' });
    expect(asked).toEqual(['GET /v1/models', 'POST /x']);
  });

  it('whose list does not is a stranger', async () => {
    const { url, asked } = await strange(models('other'));
    await expect(post(url, { model: 'm' })).rejects.toMatchObject({
      details: { reason: 'identity' },
      message: expect.stringContaining('does not serve "m"'),
    });
    expect(asked).toEqual(['GET /v1/models']);
  });

  it.each<[string, RequestListener]>([
    ['has no list', (request, response) => void response.writeHead(request.url === '/x' ? 200 : 404).end()],
    ['wants a key for it', (request, response) => void response.writeHead(request.url === '/x' ? 200 : 401).end('{}')],
    ['answers something else', (_request, response) => void response.end('hello')],
    [
      'says it in chunks',
      (_request, response) => {
        response.write('{"da');
        response.end('ta":[{"id":"m"}]}');
      },
    ],
    [
      'ends the connection with its answer',
      (_request, response) => void response.writeHead(200, { connection: 'close' }).end('{}'),
    ],
    ['hangs up', (request, response) => void (request.url === '/x' ? response.end() : response.destroy())],
  ])('that %s is given the request all the same', async (_what, answer) => {
    const { url } = await strange(answer);
    expect(await post(url, { model: 'm' })).toContain('HTTP/1.1 200');
  });

  it('that says nothing for a second is given the request on another connection', async () => {
    const { url } = await strange((request, response) => {
      if (request.url === '/x') response.end();
    });
    const startedMs = performance.now();
    expect(await post(url, { model: 'm' })).toContain('HTTP/1.1 200');
    expect(performance.now() - startedMs).toBeGreaterThan(900);
  });
});

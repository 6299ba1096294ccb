import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFixedServer, type FixedRoutes, type FixedServer } from '@smmf/testkit';
import { createSmmf, type Smmf } from 'smmf';
import { describe, expect, it, onTestFinished } from 'vitest';
import { huggingFace, infinity, tei, vectorOf } from '../../../plugins/embeddings/test/servers.ts';

type Json = Readonly<Record<string, unknown>>;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: {
    readonly data: readonly { readonly index: number; readonly embedding: unknown }[];
    readonly results: readonly {
      readonly index: number;
      readonly relevance_score: number;
      readonly document?: unknown;
    }[];
    readonly usage: Json;
    readonly error?: { readonly code: string; readonly message: string; readonly param: string | null };
  };
}

async function open(options: Json): Promise<Smmf> {
  const timeouts = { queue: '200ms' };
  const models = { m: { engine: 'embeddings', ...options, timeouts, retry: { waitAtMost: 0 } } };
  const smmf = await createSmmf({ version: 1, models }, { baseDir: import.meta.dirname });
  onTestFinished(() => smmf.close(1_000));
  await expect.poll(() => smmf.inspect().instances[0]?.state).not.toBe('starting');
  return smmf;
}

async function behind(routes: FixedRoutes, options: Json): Promise<{ smmf: Smmf; server: FixedServer }> {
  const server = await createFixedServer(routes);
  onTestFinished(() => server.close());
  return { server, smmf: await open({ ...options, url: server.url + String(options.url ?? '') }) };
}

async function post(smmf: Smmf, path: string, body: Json, signal: AbortSignal | null = null): Promise<Answer> {
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify({ model: 'm', ...body }), signal };
  const reply = await smmf.fetch(`http://smmf/v1/${path}`, request);
  return { status: reply.status, headers: reply.headers, body: (await reply.json()) as Answer['body'] };
}

const embed = (smmf: Smmf, input: unknown, more: Json = {}): Promise<Answer> =>
  post(smmf, 'embeddings', { input, ...more });

const fault = ({ status, body }: Answer) => [status, body.error?.code, body.error?.param];
const texts = Array.from({ length: 100 }, (_, at) => 'x'.repeat(at + 1));

/** Answers questions about itself as the table says, and requests never. */
async function createHangingServer(routes: FixedRoutes) {
  const [asked, left] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const server = createServer((message, response) => {
    const answer = routes[`${message.method} ${message.url}`];
    if (message.method === 'POST') {
      response.once('close', left.resolve);
      asked.resolve();
    } else if (typeof answer !== 'object') response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked: asked.promise, left: left.promise };
}

async function stateOf(smmf: Smmf): Promise<string> {
  const [instance] = await smmf.controller.instances();
  return `${instance?.state}: ${instance?.reason ?? ''}`;
}

const SERVERS: Readonly<Record<string, { routes: FixedRoutes; options: Json; path: string }>> = {
  tei: { routes: tei('embedding'), options: { server: 'tei' }, path: '/v1/embeddings' },
  infinity: { routes: infinity(), options: { server: 'infinity' }, path: '/embeddings' },
  'infinity with a prefix': {
    routes: infinity('/v1'),
    options: { server: 'infinity', url: '/v1' },
    path: '/v1/embeddings',
  },
  huggingface: {
    routes: huggingFace('/models/a/pipeline/feature-extraction'),
    options: { server: 'huggingface', url: '/models/a/pipeline/feature-extraction' },
    path: '/models/a/pipeline/feature-extraction',
  },
};

describe.each(Object.entries(SERVERS))('embeddings by %s', (name, { routes, options, path }) => {
  it('are given for a hundred texts in their order, and its tokens', async () => {
    const { smmf, server } = await behind(routes, options);
    expect(await stateOf(smmf)).toBe('ready: ');
    const { status, body } = await embed(smmf, texts);
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.data.map(({ index, embedding }) => [index, embedding])).toEqual(
      texts.map((text, index) => [index, vectorOf(text)]),
    );
    expect(body.usage).toMatchObject({ prompt_tokens: 300 });
    const calls = server.requests.filter((one) => one === `POST ${path}`);
    expect(calls).toHaveLength(name.startsWith('infinity') ? 1 : 4);
  });

  it('are the same as base64 and as numbers, of one text as of a list', async () => {
    const { smmf } = await behind(routes, options);
    const [floats, base64, nothing] = [
      await embed(smmf, 'hello', { encoding_format: 'float' }),
      await embed(smmf, ['hello'], { encoding_format: 'base64' }),
      await embed(smmf, 'hello', { encoding_format: null }),
    ];
    expect(floats.body.data[0]?.embedding).toEqual([...vectorOf('hello')]);
    const bytes = Buffer.from(String(base64.body.data[0]?.embedding), 'base64');
    expect([...new Float32Array(new Uint8Array(bytes).buffer)]).toEqual([...Float32Array.from(vectorOf('hello'))]);
    expect(nothing.body.data).toEqual(floats.body.data);
  });

  it('end with the request when its caller goes', async () => {
    const server = await createHangingServer(routes);
    const smmf = await open({ ...options, url: server.url + String(options.url ?? '') });
    const controller = new AbortController();
    const answer = post(smmf, 'embeddings', { input: texts }, controller.signal).catch(() => 'left');
    await server.asked;
    controller.abort();
    expect(await answer).toBe('left');
    await server.left;
  });

  it.each([
    [401, { error: 'Unauthorized' }, [502, 'engine_credentials', null]],
    [404, {}, [502, 'engine_failed', null]],
    [500, { error: 'broken' }, [502, 'engine_failed', null]],
    [503, { error: 'loading' }, [503, 'engine_overloaded', null]],
    [200, { answer: 42 }, [502, 'engine_failed', null]],
    [200, [[[0.5, 1]], [[0.25, 2]]], [502, 'engine_failed', null]],
    [200, [[0.5, 1], [0.25]], [502, 'engine_failed', null]],
  ])('fail by name where it answers %i %j', async (status, body, wanted) => {
    const { smmf } = await behind({ ...routes, [`POST ${path}`]: { status, body } }, options);
    expect(fault(await embed(smmf, ['a', 'b']))).toEqual(wanted);
  });
});

describe('TEI', () => {
  it('whose model fails has failed, and is not the request that is wrong', async () => {
    const body = { message: 'Inference failed', code: 424, type: 'Backend' };
    const { smmf } = await behind(
      { ...tei('embedding'), 'POST /v1/embeddings': { status: 424, body } },
      { server: 'tei' },
    );
    expect(fault(await embed(smmf, 'a'))).toEqual([502, 'engine_failed', null]);
  });

  it('says what is too long, which is context_length_exceeded', async () => {
    const { smmf } = await behind(tei('embedding'), { server: 'tei' });
    const answer = await embed(smmf, ['a', 'b'.repeat(600)]);
    expect(fault(answer).slice(0, 2)).toEqual([400, 'context_length_exceeded']);
    expect(answer.body.error?.message).toContain('must have less than 512 tokens');
    const { smmf: other } = await behind(huggingFace('/'), { server: 'huggingface' });
    expect(fault(await embed(other, 'b'.repeat(600)))[1]).toBe('context_length_exceeded');
    const { smmf: ranker } = await behind(tei('reranker'), { server: 'tei', task: 'rerank' });
    const ranked = await post(ranker, 'rerank', { query: 'q', documents: ['b'.repeat(600)] });
    expect(fault(ranked)[1]).toBe('context_length_exceeded');
  });

  it('tells how many texts it takes at once and how long, and the option can only lower it', async () => {
    const { smmf, server } = await behind(tei('embedding', 10), { server: 'tei', batch: 25 });
    expect((await embed(smmf, texts)).status).toBe(200);
    expect(server.bodies).toHaveLength(10);
    const [instance] = await smmf.controller.instances();
    expect(instance?.models).toMatchObject([{ id: 'm', tasks: ['embeddings'], contextLength: 512 }]);
    const { smmf: large, server: other } = await behind(tei('embedding', 64), { server: 'tei' });
    expect((await embed(large, texts)).status).toBe(200);
    expect(other.bodies).toHaveLength(2);
  });

  it('ranks, every result with what clients read', async () => {
    const { smmf, server } = await behind(tei('reranker'), { server: 'tei', task: 'rerank' });
    const documents = ['a', { text: 'abc', title: 't' }];
    const more = { return_documents: true, raw_scores: null };
    const { status, body } = await post(smmf, 'rerank', { query: 'q', documents, ...more });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.results).toMatchObject([
      { index: 1, relevance_score: 0.3, document: { text: 'abc', title: 't' } },
      { index: 0, relevance_score: 0.1, document: { text: 'a' } },
    ]);
    expect(server.bodies).toEqual([{ model: 'm', query: 'q', texts: ['a', 'abc'] }]);
  });

  it('is asked for no more documents than it takes: the refusal says what to do', async () => {
    const { smmf, server } = await behind(tei('reranker'), { server: 'tei', task: 'rerank' });
    const answer = await post(smmf, 'rerank', { query: 'q', documents: texts.slice(0, 33) });
    expect(fault(answer)).toEqual([400, 'invalid_value', 'documents']);
    expect(answer.body.error?.message).toContain('takes 32 documents at once: send fewer');
    expect(server.bodies).toEqual([]);
    expect((await post(smmf, 'rerank', { query: 'q', documents: texts.slice(0, 32) })).status).toBe(200);
  });

  it.each<[string, FixedRoutes, Json, RegExp]>([
    ['another kind of model', tei('reranker'), {}, /kind "reranker" there, which does no embeddings/],
    [
      'a classifier for a reranker',
      tei('embedding'),
      { task: 'rerank' },
      /kind "embedding" there, which does no rerank/,
    ],
    [
      'one that is not healthy',
      { ...tei('embedding'), 'GET /health': { status: 503 } },
      {},
      /not healthy \(HTTP 503\)/,
    ],
    ['a refused key', { ...tei('embedding'), 'GET /info': { status: 401 } }, {}, /refused the key \(HTTP 401\)/],
  ])('is not ready with %s', async (_, routes, options, reason) => {
    const { smmf } = await behind(routes, { server: 'tei', ...options });
    expect(await stateOf(smmf)).toMatch(reason);
  });

  it('is told from what answers something else', async () => {
    const { smmf } = await behind({ 'POST /v1/embeddings': { body: {} } }, { server: 'tei' });
    expect(await stateOf(smmf)).toMatch(/^ready: what answers there is no TEI/);
  });
});

describe('Infinity', () => {
  const options = { server: 'infinity', model: 'BAAI/bge-small-en-v1.5' };

  it('ranks, cuts to the best and gives its tokens', async () => {
    const { smmf } = await behind(infinity(), { ...options, task: 'rerank' });
    const documents = ['a', { text: 'abc', title: 't' }, 'ab'];
    const more = { top_n: 2, return_documents: true, raw_scores: null };
    const { status, body } = await post(smmf, 'rerank', { query: 'q', documents, ...more });
    expect(status, JSON.stringify(body)).toBe(200);
    expect(body.results).toEqual([
      { index: 1, relevance_score: 0.3, document: { text: 'abc', title: 't' } },
      { index: 2, relevance_score: 0.2, document: { text: 'ab' } },
    ]);
    expect(body.usage).toMatchObject({ prompt_tokens: 9 });
  });

  it('knows no dimensions and no token ids, which is said and not passed over', async () => {
    const { smmf } = await behind(infinity(), options);
    expect(fault(await embed(smmf, 'a', { dimensions: 2 }))).toEqual([400, 'unsupported_parameter', 'dimensions']);
    expect(fault(await embed(smmf, [1, 2]))).toEqual([400, 'invalid_request', 'input']);
  });

  it('that has no such model is a fault of the config, not of the request', async () => {
    const { smmf } = await behind(infinity(), { ...options, model: 'other' });
    expect(await stateOf(smmf)).toMatch(/^ready: does not list "other"; it lists BAAI/);
    expect(fault(await embed(smmf, 'a'))).toEqual([502, 'engine_failed', null]);
  });
});

describe('a Hugging Face endpoint', () => {
  const options = { server: 'huggingface', url: '/e' };

  it('is asked in the parts that the option says, with the key, and each vector is cut where the caller wants it', async () => {
    const { smmf, server } = await behind(huggingFace('/e'), { ...options, batch: 2, apiKey: 'hf_abcdefgh' });
    const { body } = await embed(smmf, ['a', 'bb', 'ccc'], { dimensions: 2 });
    expect(server.bodies).toEqual([{ inputs: ['a', 'bb'] }, { inputs: ['ccc'] }]);
    for (const [at, text] of ['a', 'bb', 'ccc'].entries()) {
      const [x = 0, y = 0] = vectorOf(text);
      const length = Math.hypot(x, y);
      expect(body.data[at]?.embedding).toEqual([expect.closeTo(x / length, 6), expect.closeTo(y / length, 6)]);
    }
    expect(fault(await embed(smmf, 'a', { dimensions: 5 }))).toEqual([400, 'invalid_value', 'dimensions']);
    expect(fault(await embed(smmf, [[1, 2]]))).toEqual([400, 'invalid_value', 'input']);
  });

  it('that tells no tokens has none', async () => {
    const { smmf } = await behind({ 'POST /e': { body: [[0.5, 1]] } }, options);
    expect((await embed(smmf, 'a')).body.usage).toEqual({ prompt_tokens: 0, total_tokens: 0 });
  });

  it('is asked once for a request that it cannot serve now', async () => {
    const { smmf, server } = await behind({ 'POST /e': { status: 503, body: { error: 'loading' } } }, options);
    expect(fault(await embed(smmf, 'a'))).toEqual([503, 'engine_overloaded', null]);
    expect(server.bodies).toHaveLength(1);
  });
});

import { join } from 'node:path';
import { createFakeEngine } from '@smmf/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createSmmf } from '../src/index.ts';

type Json = Readonly<Record<string, unknown>>;

/** SMMF before a server that answers as TEI does: the bare list, the longest text first, one score not as JSON.stringify writes it. */
async function behindTei() {
  const tei = await createFakeEngine({ models: ['ranker'] });
  onTestFinished(() => tei.close());
  tei.script(({ json, path }) => {
    if (path !== '/rerank' || !Array.isArray(json?.texts)) {
      return {
        status: 422,
        pieces: ['{"error":"Failed to deserialize: missing field `texts`","error_type":"validation"}'],
      };
    }
    const texts: readonly string[] = json.texts;
    const best = texts.map((text, index) => ({ index, size: text.length })).sort((a, b) => b.size - a.size);
    return { pieces: [`[${best.map(({ index, size }) => `{"index":${index},"score":${size}.50}`).join(',')}]`] };
  });
  const smmf = await createSmmf({
    version: 1,
    server: { port: 0 },
    admin: { port: 0 },
    models: {
      ranker: { engine: join(import.meta.dirname, 'plugins/tei-engine.ts'), url: `http://127.0.0.1:${tei.port}` },
    },
  });
  onTestFinished(() => smmf.close(100));
  await smmf.ready();
  const { server } = await smmf.listen();
  const post = (path: string, more: Json): Promise<Response> =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'ranker', query: 'q', ...more }),
    });
  return { tei, post };
}

describe('a rerank by TEI', () => {
  it('is asked by its texts and answered as everywhere, its scores as it wrote them', async () => {
    const { tei, post } = await behindTei();
    const documents = ['a', { text: 'abc', title: 't' }];
    const response = await post('/v2/rerank', { documents, return_documents: true, raw_scores: true, top_n: 2 });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    expect(tei.requests[0]?.json).toEqual({ model: 'ranker', query: 'q', texts: ['a', 'abc'], raw_scores: true });
    expect(JSON.parse(text)).toEqual({
      id: expect.stringMatching(/^rerank-./),
      model: 'ranker',
      results: [
        { index: 1, score: 3.5, relevance_score: 3.5, document: { text: 'abc', title: 't' } },
        { index: 0, score: 1.5, relevance_score: 1.5, document: { text: 'a' } },
      ],
      usage: {},
      meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } },
    });
    expect(text).toContain('"relevance_score":3.50');
    expect(response.headers.get('x-smmf-adjusted')).toBeNull();
  });

  it('says that it was not cut to the best', async () => {
    const { post } = await behindTei();
    const response = await post('/v1/rerank', { documents: ['a', 'b'], top_n: 1 });
    expect(response.headers.get('x-smmf-adjusted')).toBe('top_n');
    expect(((await response.json()) as { results: object[] }).results).toHaveLength(2);
  });

  it("answers DB-GPT's relevance", async () => {
    const { post } = await behindTei();
    const response = await post('/api/v1/beta/relevance', { documents: ['a', 'abc', 'ab'] });
    expect(await response.text()).toBe('{"object":"list","model":"ranker","data":[1.50,3.50,2.50],"usage":{}}');
  });
});

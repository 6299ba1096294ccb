import { SmmfError } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { EMBED, failWith, INSTANCE_HEADERS, json, outcome, type Script } from './fake-router.ts';
import { createServer } from './harness.ts';

const ANSWER = {
  id: 'rerank-1',
  model: EMBED.id,
  results: [
    { index: 1, relevance_score: 0.9 },
    { index: 0, relevance_score: 0.1 },
  ],
  usage: { prompt_tokens: 4, total_tokens: 4 },
};
const BODY = { model: EMBED.id, query: 'q', documents: ['a', 'b'] };

async function post(url: string, body: object = BODY, script: Script = json(ANSWER)) {
  const server = createServer({ script });
  const response = await server.base.inject({ method: 'POST', url, payload: body });
  return { ...server, response };
}

describe('a rerank', () => {
  it.each(['/v1/rerank', '/v2/rerank', '/rerank', '/api/v1/rerank', '/api/v2/rerank'])(
    'is answered at %s, as everywhere',
    async (url) => {
      const { response, router, lines } = await post(url);
      expect(response.statusCode).toBe(200);
      expect(response.json()).toEqual(ANSWER);
      expect(router.played[0]?.request).toMatchObject({ task: 'rerank', model: EMBED.id, stream: false });
      expect(lines.filter(({ text }) => text === 'request')).toHaveLength(1);
    },
  );

  it.each<[string, object, string, string]>([
    ['an empty query', { query: '' }, 'invalid_value', 'query'],
    ['no documents', { documents: [] }, 'invalid_value', 'documents'],
    ['documents of another kind', { documents: ['a', 1] }, 'invalid_value', 'documents[1]'],
    ['an object without text', { documents: [{ title: 'a' }] }, 'missing_required_parameter', 'documents[0].text'],
    ['too many documents', { documents: Array.from({ length: 10_001 }, () => '') }, 'invalid_value', 'documents'],
    ['fields to rank', { rank_fields: ['title'] }, 'unsupported_parameter', 'rank_fields'],
    ['half a document', { top_n: 0.5 }, 'invalid_value', 'top_n'],
  ])('with %s is refused by name on every path', async (_what, more, code, param) => {
    for (const url of ['/v1/rerank', '/v2/rerank', '/rerank', '/v1/beta/relevance']) {
      const { response, router } = await post(url, { ...BODY, ...more });
      expect(response.statusCode).toBe(400);
      expect(response.json().error).toMatchObject({ code, param });
      expect(router.played).toHaveLength(0);
    }
  });
});

describe("DB-GPT's /beta/relevance", () => {
  it.each(['/api/v1/beta/relevance', '/v1/beta/relevance'])('is answered at %s, over a rerank', async (url) => {
    const { response, router } = await post(url);
    expect(response.statusCode).toBe(200);
    expect(response.json()).toEqual({ object: 'list', model: EMBED.id, data: [0.1, 0.9], usage: ANSWER.usage });
    expect(response.headers).toMatchObject({ ...INSTANCE_HEADERS, 'content-type': 'application/json' });
    expect(router.played[0]?.request.task).toBe('rerank');
  });

  it('takes an answer that comes in pieces', async () => {
    const text = JSON.stringify(ANSWER);
    const { response } = await post('/v1/beta/relevance', BODY, (played) => {
      played.sink.start({ status: 200, contentType: 'application/json', headers: {} });
      played.sink.write(text.slice(0, 20));
      played.sink.write(Buffer.from(text.slice(20)));
      played.sink.end();
      played.sink.done(outcome(played));
    });
    expect(response.json().data).toEqual([0.1, 0.9]);
  });

  it('passes errors on', async () => {
    const { response } = await post('/v1/beta/relevance', BODY, (played) =>
      failWith(played, new SmmfError('OVERLOADED', 'Too much')),
    );
    expect(response.statusCode).toBe(503);
    expect(response.json().error).toMatchObject({ code: 'overloaded' });
  });

  it('fails where a document got no score, after an answer too', async () => {
    const [best] = ANSWER.results;
    const { response } = await post('/v1/beta/relevance', BODY, json({ ...ANSWER, results: [best] }));
    expect(response.statusCode).toBe(502);
    expect(response.json().error.code).toBe('engine_failed');
  });

  it('does not keep an answer without end', async () => {
    const { response } = await post('/v1/beta/relevance', BODY, (played) => {
      played.sink.start({ status: 200, contentType: 'application/json', headers: {} });
      const piece = Buffer.alloc(2 ** 20, ' ');
      for (let count = 0; count < 65; count++) expect(played.sink.write(piece)).toBe(true);
      played.sink.end(JSON.stringify(ANSWER));
      played.sink.done(outcome(played));
    });
    expect(response.statusCode).toBe(502);
  });

  it('has nothing to cut: top_n is refused, unless it says nothing', async () => {
    const { response } = await post('/v1/beta/relevance', { ...BODY, top_n: 1 });
    expect(response.json().error).toMatchObject({ code: 'unsupported_parameter', param: 'top_n' });
    expect((await post('/v1/beta/relevance', { ...BODY, top_n: null })).response.statusCode).toBe(200);
  });
});

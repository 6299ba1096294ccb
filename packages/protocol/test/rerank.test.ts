import { describe, expect, it } from 'vitest';
import {
  asRerankObject,
  completeRerank,
  documentTexts,
  isRanking,
  type RerankRequest,
  relevanceReply,
  renderRerank,
  rerankReply,
  scanFields,
} from '../src/index.ts';

const usage = { prompt_tokens: 1, total_tokens: 1 };
const META = { api_version: { version: '2' }, billed_units: { search_units: 1 } };

function fieldsOf(body: Buffer) {
  const { fields } = scanFields(body);
  if (!fields) throw new Error('the test body is no object');
  return fields;
}

const asked = (more: object = {}, documents: unknown[] = ['a', { text: 'b', title: 't' }]) => {
  const body = Buffer.from(JSON.stringify({ model: 'm', query: 'q', documents, ...more }));
  return { id: 'rerank-1', model: 'm', body, fields: fieldsOf(body) };
};

/** The answer of an engine, as the client gets it. */
function completed(answer: string, request = asked()): string | undefined {
  return completeRerank(asRerankObject(Buffer.from(answer)), request)?.toString();
}

describe('what a typed worker says', () => {
  const request: RerankRequest = { model: 'm', query: 'q', documents: ['a', { text: 'b', title: 't' }, 'c'] };
  const scores = [0.1, 0.9, 0.5];

  it('is sorted by score, with everything that clients of Cohere and Jina read, and no document unasked', () => {
    const reply = renderRerank({ scores, usage }, request, 'rerank-1');
    expect(reply).toEqual({
      id: 'rerank-1',
      model: 'm',
      results: [
        { index: 1, relevance_score: 0.9 },
        { index: 2, relevance_score: 0.5 },
        { index: 0, relevance_score: 0.1 },
      ],
      usage,
      meta: META,
    });
    expect(rerankReply.parse(reply)).toEqual(reply);
  });

  it('comes with its documents where they were asked for, texts as objects, objects whole', () => {
    const { results } = renderRerank({ scores, usage }, { ...request, return_documents: true }, 'id');
    expect(results.map(({ document }) => document)).toEqual([{ text: 'b', title: 't' }, { text: 'c' }, { text: 'a' }]);
  });

  it.each([
    [1, [1]],
    [2, [1, 2]],
    [3, [1, 2, 0]],
    [99, [1, 2, 0]],
    [0, [1, 2, 0]],
    [null, [1, 2, 0]],
  ])('is cut to the best %j', (top_n, wanted) => {
    const { results } = renderRerank({ scores, usage }, { ...request, top_n }, 'id');
    expect(results.map(({ index }) => index)).toEqual(wanted);
  });

  it('keeps the order of the request among equals', () => {
    const { results } = renderRerank({ scores: [1, 2, 1], usage }, request, 'id');
    expect(results.map(({ index }) => index)).toEqual([1, 0, 2]);
  });

  it.each([
    [1, 1],
    [100, 1],
    [101, 2],
  ])('counts search units as Cohere does: %i documents, %i', (count, units) => {
    const documents = Array.from({ length: count }, () => 'x');
    const { meta } = renderRerank({ scores: documents.map(() => 0), usage }, { ...request, documents }, 'id');
    expect(meta?.billed_units?.search_units).toBe(units);
  });

  it.each([[[1, 2]], [[1, 2, 3, 4]], [[1, 2, Number.NaN]], [[1, 2, Number.POSITIVE_INFINITY]]])(
    'is no ranking of three documents: %j',
    (scores) => {
      expect(isRanking({ scores, usage }, request)).toBe(false);
      expect(isRanking({ scores: scores.map(() => 1), usage }, { ...request, documents: scores.map(String) })).toBe(
        true,
      );
    },
  );
});

describe("an engine's own answer", () => {
  it.each<[string, string, object]>([
    [
      'of vLLM',
      '{"id":"score-1","model":"up","usage":{"total_tokens":9},"results":[{"index":0,"document":{"text":"a"},"relevance_score":0.5}]}',
      { meta: META },
    ],
    [
      'of Cohere',
      '{"id":"c","model":"m","results":[{"index":1,"relevance_score":0.5}],"usage":{},"meta":{"api_version":{"version":"1"}}}',
      {},
    ],
    [
      'of Jina',
      '{"model":"m","usage":{"total_tokens":9},"results":[{"index":0,"relevance_score":0.5}]}',
      { id: 'rerank-1', meta: META },
    ],
    [
      'of llama-server',
      '{"model":"m","object":"list","usage":{"prompt_tokens":9,"total_tokens":9},"results":[{"index":0,"relevance_score":-8.5}]}',
      { id: 'rerank-1', meta: META },
    ],
    [
      'of Xinference',
      '{"id":"x","results":[{"index":0,"relevance_score":0.5,"document":null}],"meta":{"api_version":null,"billed_units":null}}',
      { model: 'm', usage: {} },
    ],
    ['with nothing but results', ' { "results" : [ ] } ', { id: 'rerank-1', model: 'm', usage: {}, meta: META }],
    [
      'that says null for what it does not know',
      '{"id":null,"results":[],"usage":null,"meta":null,"model":null}',
      { id: 'rerank-1', model: 'm', usage: {}, meta: META },
    ],
  ])('%s gets the keys that it lacks, and no others', (_who, answer, lacking) => {
    const text = completed(answer) ?? '';
    expect(JSON.parse(text)).toEqual({ ...JSON.parse(answer), ...lacking });
    if (Object.keys(lacking).length === 0) expect(text).toBe(answer);
  });

  it('that is complete is handed on as the same bytes, not copied', () => {
    const answer = Buffer.from(
      '{"id":"c","model":"m","results":[{"index":0,"relevance_score":0.5}],"usage":{},"meta":{}}',
    );
    expect(completeRerank(answer, asked())).toBe(answer);
  });

  it('of TEI is put into an object; its scores and texts keep their bytes', () => {
    const answer = ' [ {"index":1,"score":1.0}, {"index":0,"score":9.76e-1,"text":"caf\\u00e9"} ]\n';
    const text = completed(answer) ?? '';
    expect(JSON.parse(text)).toEqual({
      id: 'rerank-1',
      model: 'm',
      results: [
        { index: 1, score: 1, relevance_score: 1 },
        { index: 0, score: 0.976, relevance_score: 0.976, text: 'café', document: { text: 'café' } },
      ],
      usage: {},
      meta: META,
    });
    expect(text).toContain('"relevance_score":1.0,');
    expect(text).toContain('"relevance_score":9.76e-1,');
    expect(text).toContain('"document":{"text":"caf\\u00e9"}');
  });

  it("with `data` and `score`, as of vLLM's score API and Voyage, has results too", () => {
    const answer = '{"data":[{"index":1,"object":"score","score":0.250},{"index":0,"relevance_score":0.1}]}';
    expect(JSON.parse(completed(answer) ?? '')).toEqual({
      ...JSON.parse(answer),
      ...{ id: 'rerank-1', model: 'm', usage: {}, meta: META },
      results: [
        { index: 1, object: 'score', score: 0.25, relevance_score: 0.25 },
        { index: 0, relevance_score: 0.1 },
      ],
    });
    expect(completed(answer)).toContain('"relevance_score":0.250,');
  });

  it('has results too where the entries of its `data` lack nothing', () => {
    const answer = '{"data":[{"index":0,"relevance_score":0.1}]}';
    expect(JSON.parse(completed(answer) ?? '').results).toEqual([{ index: 0, relevance_score: 0.1 }]);
  });

  it('with the texts alone gets the whole documents of the request, where they were asked for', () => {
    const documents = (more: object) =>
      JSON.parse(completed('[{"index":1,"score":1,"text":"b"}]', asked(more)) ?? '').results[0].document;
    expect(documents({ return_documents: true })).toEqual({ text: 'b', title: 't' });
    expect(documents({})).toEqual({ text: 'b' });
  });

  it('gets the documents from the request where they were asked for and are not there', () => {
    const answer =
      '{"results":[{"index":1,"relevance_score":2},{"index":0,"relevance_score":1,"document":{"text":"own"}},{"index":7,"relevance_score":0}]}';
    const documents = (more: object) =>
      JSON.parse(completed(answer, asked(more)) ?? '').results.map(({ document }: { document: unknown }) => document);
    expect(documents({ return_documents: true })).toEqual([{ text: 'b', title: 't' }, { text: 'own' }, undefined]);
    for (const more of [{}, { return_documents: false }, { return_documents: null }])
      expect(documents(more)).toEqual([undefined, { text: 'own' }, undefined]);
  });

  it('gets the document of a text as an object, its escapes as they were', () => {
    const body = Buffer.from('{"documents" : [ "x" ,\n"caf\\u00e9 \\"q\\"" ],"return_documents":true}');
    const text = completed('[{"index":1,"score":1}]', { id: 'i', model: 'm', body, fields: fieldsOf(body) });
    expect(text).toContain('"document":{"text":"caf\\u00e9 \\"q\\""}');
  });

  it.each([
    '{"results":[1]}',
    '{"results":[[]]}',
    '{"results":[null]}',
    '{"results":[{"index":0}]}',
    '{"results":[{"relevance_score":1}]}',
    '{"results":[{"index":0,"relevance_score":"1"}]}',
    '{"results":[{"index":0,"relevance_score":null}]}',
    '{"results":[{"index":0,"relevance_score":"1","score":1}]}',
    '{"results":[{"index":"0","relevance_score":1}]}',
    '{"results":[{"index":0,"relevance_score":1},{}]}',
    '{"data":[{"index":0,"embedding":[1]}]}',
    '{"results":{}}',
    '[{"error":"no"}]',
  ])('is none without an index and a score in each entry: %s', (answer) => {
    expect(completed(answer)).toBeUndefined();
  });

  it.each(['{"results":[],"x":1,"x":2}', `{"results":[],"x":${'['.repeat(100)}${']'.repeat(100)}}`])(
    'that cannot be added to stays as it is: %.40s',
    (answer) => {
      expect(completed(answer)).toBe(answer);
    },
  );
});

describe('the documents of a request', () => {
  it('are told as texts, each as it was written', () => {
    const body = Buffer.from('{"documents": [ "a\\n" , {"title":"t","text" : "caf\\u00e9"},{"text":"","n":[{}]} ]}');
    expect(documentTexts(body, fieldsOf(body))).toBe('["a\\n","caf\\u00e9",""]');
  });
});

describe("DB-GPT's relevance", () => {
  it('is the scores in the order of the documents, each as it was written', () => {
    const answer = completed('[{"index":2,"score":0.90},{"index":0,"score":5e-1},{"index":1,"score":-1}]') ?? '';
    expect(relevanceReply(Buffer.from(answer), 3)).toBe(
      '{"object":"list","model":"m","data":[5e-1,-1,0.90],"usage":{}}',
    );
    const reply = renderRerank({ scores: [1, 2], usage }, { model: 'm', query: 'q', documents: ['a', 'b'] }, 'id');
    expect(relevanceReply(Buffer.from(JSON.stringify(reply)), 2)).toBe(
      '{"object":"list","model":"m","data":[1,2],"usage":{"prompt_tokens":1,"total_tokens":1}}',
    );
  });

  it.each(['{"results":[{"index":0,"relevance_score":1}]}', '{"results":[]}', 'no'])(
    'is none where a document has no score: %s',
    (answer) => {
      expect(relevanceReply(Buffer.from(answer), 2)).toBeUndefined();
    },
  );
});

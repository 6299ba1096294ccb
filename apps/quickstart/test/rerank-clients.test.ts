import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, type Running, startSmmf, stop, writeConfig } from './run-smmf.ts';

/** The demo backend ranks by letters: the document that is the query comes first. */
const config = writeConfig(`  ranker: { engine: "${join(ROOT, 'packages/testkit/src/demo/demo-sync.ts')}" }\n`);
let running: Running;

beforeAll(async () => {
  running = await startSmmf(config.file);
});
afterAll(async () => {
  if (running) await stop(running);
  config.remove();
});

const python = process.env.SMMF_TEST_PYTHON ?? 'python3';

/** What the client of each of Cohere's APIs makes of an answer: everything that it promises its user. */
const PROGRAM = `
import json, sys
import cohere
texts = ["xyz", "a cat", "cat"]
objects = [{"text": "xyz"}, {"text": "cat", "title": "t"}]

def shown(reply):
    assert reply.id.startswith("rerank-"), reply
    assert reply.meta.api_version.version == "2", reply
    assert reply.meta.billed_units.search_units == 1, reply
    return [[result.index, result.relevance_score, getattr(result, "document", None)] for result in reply.results]

v1 = cohere.Client(api_key="none", base_url=sys.argv[1])
v2 = cohere.ClientV2(api_key="none", base_url=sys.argv[1])
documents = v1.rerank(model="ranker", query="cat", documents=objects, return_documents=True, max_chunks_per_doc=10)
refused = []
for ask in (
    lambda: v1.rerank(model="ranker", query="cat", documents=objects, rank_fields=["title"]),
    lambda: v1.rerank(model="ranker", query="cat", documents=[{"title": "t"}]),
    lambda: v2.rerank(model="ranker", query="", documents=texts),
    lambda: v2.rerank(model="ranker", query="cat", documents=[]),
):
    try:
        refused.append(str(ask()))
    except cohere.errors.BadRequestError as error:
        refused.append(error.body["error"]["param"])
print(json.dumps({
    "v1": shown(v1.rerank(model="ranker", query="cat", documents=texts)),
    "v2": shown(v2.rerank(model="ranker", query="cat", documents=texts, top_n=2, max_tokens_per_doc=512)),
    "documents": [[result.index, result.document.text, result.document.title if result.index == 1 else None] for result in documents.results],
    "refused": refused,
}))
`;

describe("cohere's own client for Python", () => {
  it('gets its answers by both of its APIs', ({ skip }) => {
    if (spawnSync(python, ['-c', 'import cohere']).status !== 0) {
      console.log(`skipped: ${python} has no package "cohere" (pip install cohere, or set SMMF_TEST_PYTHON)`);
      skip();
    }
    const { status, stdout, stderr } = spawnSync(python, ['-c', PROGRAM, running.url], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const score = expect.any(Number);
    const first = [2, expect.closeTo(1, 5), null];
    expect(JSON.parse(stdout)).toEqual({
      v1: [first, [1, score, null], [0, score, null]],
      v2: [first, [1, score, null]],
      documents: [
        [1, 'cat', 't'],
        [0, 'xyz', null],
      ],
      refused: ['rank_fields', 'documents[0].text', 'query', 'documents'],
    });
  });
});

describe('the shapes in which clients ask', () => {
  const ask = async (path: string, more: object): Promise<{ status: number; body: Record<string, unknown> }> => {
    const body = JSON.stringify({ model: 'ranker', query: 'cat', documents: ['xyz', 'cat'], ...more });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(running.url + path, { method: 'POST', headers, body });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it.each(['/v1/rerank', '/v2/rerank', '/rerank', '/api/v1/rerank', '/api/v2/rerank'])(
    'get one answer at %s',
    async (path) => {
      const { status, body } = await ask(path, { return_documents: true, top_n: 1 });
      expect(status).toBe(200);
      expect(body).toEqual({
        id: expect.stringMatching(/^rerank-./),
        model: 'ranker',
        results: [{ index: 1, relevance_score: expect.closeTo(1, 5), document: { text: 'cat' } }],
        usage: { prompt_tokens: 3, total_tokens: 3 },
        meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } },
      });
    },
  );

  it("get the scores in their documents' order by DB-GPT's path", async () => {
    const { status, body } = await ask('/api/v1/beta/relevance', {});
    expect(status).toBe(200);
    expect(body).toEqual({
      object: 'list',
      model: 'ranker',
      data: [expect.closeTo(0, 5), expect.closeTo(1, 5)],
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
  });
});

import type { Profile, TaskMap, Worker } from '@smmf/core';
import { describe, expect, it } from 'vitest';
import { model, record, request, rig } from './harness.ts';

const usage = { prompt_tokens: 3, total_tokens: 3 };
const META = { api_version: { version: '2' }, billed_units: { search_units: 1 } };
const rerank = (more: object = {}) =>
  request({ model: 'm', query: 'q', documents: ['a', { text: 'b', title: 't' }, 'c'], ...more }, { task: 'rerank' });

const workerOf =
  (more: Partial<Worker>) =>
  (id: string): Worker => ({
    models: [],
    tasks: {},
    endpoint: { url: `http://${id}.invalid/v1` },
    health: async () => ({ live: true, ready: true }),
    close: async () => undefined,
    ...more,
  });
const wired = (profile?: Profile) =>
  rig([record('a')], [model('m')], {
    workerOf: workerOf({ endpoint: { url: 'http://a.invalid/v1', ...(profile ? { profile } : {}) } }),
  });
const { address: _address, ...local } = record('local');
const typed = (tasks: TaskMap) =>
  rig([local], undefined, {
    workerOf: () => {
      const { endpoint: _endpoint, ...worker } = workerOf({ tasks })('local');
      return worker;
    },
  });

describe('a rerank on the typed path', () => {
  it('reaches the worker with what it may know, and is answered for every client', async () => {
    let got: unknown;
    const { send } = typed({
      rerank: async (asked) => {
        got = asked;
        return { scores: [1, 3, 2], usage };
      },
    });
    const more = { raw_scores: true, max_tokens_per_doc: 7, max_chunks_per_doc: 2, top_n: 2, return_documents: true };
    const { sink } = send(rerank(more));
    expect(await sink.outcome).toMatchObject({ status: 200, usage });
    expect(got).toMatchObject(more);
    expect(JSON.parse(sink.text)).toEqual({
      id: 'rerank-req-1',
      model: 'm',
      results: [
        { index: 1, relevance_score: 3, document: { text: 'b', title: 't' } },
        { index: 2, relevance_score: 2, document: { text: 'c' } },
      ],
      usage,
      meta: META,
    });
  });

  it.each([[[1, 2]], [[1, 2, 3, 4]], [[1, Number.NaN, 2]]])('is none of %j for three documents', async (scores) => {
    const { send, clock } = typed({ rerank: async () => ({ scores, usage }) });
    const { sink } = send(rerank());
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(500);
    expect(await sink.outcome).toMatchObject({ status: 502, errorCode: 'ENGINE_FAILED' });
    expect(sink.text).toBe('');
  });
});

describe('a rerank on the wire path', () => {
  it('goes out byte for byte where its documents are texts', () => {
    const rigged = wired();
    const asked = rerank({ documents: ['a', 'b'], top_n: 1, rank: { x: 1.0 } });
    rigged.send(asked);
    expect(rigged.last().outgoing.path).toBe('/rerank');
    expect(rigged.last().outgoing.body.equals(asked.body)).toBe(true);
  });

  it('goes out with texts in place of objects, which come back in the answer', async () => {
    const rigged = wired();
    const { sink } = rigged.send(rerank({ return_documents: true }));
    expect(JSON.parse(rigged.last().outgoing.body.toString())).toEqual({
      ...{ model: 'm', query: 'q', documents: ['a', 'b', 'c'], return_documents: false },
    });
    rigged.last().json({ results: [{ index: 1, relevance_score: 0.5 }] });
    await sink.outcome;
    expect(JSON.parse(sink.text).results).toEqual([
      { index: 1, relevance_score: 0.5, document: { text: 'b', title: 't' } },
    ]);
  });

  it('adds no field for documents that nobody wants back', () => {
    const rigged = wired();
    rigged.send(rerank());
    expect(JSON.parse(rigged.last().outgoing.body.toString())).not.toHaveProperty('return_documents');
  });

  it('is answered with the keys that the engine leaves out, its numbers as they came', async () => {
    const rigged = wired();
    const { sink } = rigged.send(rerank());
    rigged
      .last()
      .head(200, { 'content-type': 'application/json' })
      .data('{"model":"up","usage":{"prompt_tokens":9,"total_tokens":9},"results":[{"index":0,')
      .data('"relevance_score":0.50}]}')
      .end();
    expect(await sink.outcome).toMatchObject({ status: 200, usage: { prompt_tokens: 9 } });
    expect(sink.text).toContain('"relevance_score":0.50');
    expect(JSON.parse(sink.text)).toEqual({
      ...{ id: 'rerank-req-1', model: 'm', usage: { prompt_tokens: 9, total_tokens: 9 }, meta: META },
      results: [{ index: 0, relevance_score: 0.5 }],
    });
  });

  it.each([10, 200_000])('takes the bare list of TEI, also in %i bytes and more', async (size) => {
    const rigged = wired();
    const { sink } = rigged.send(rerank());
    const text = 'x'.repeat(size);
    rigged
      .last()
      .head(200, { 'content-type': 'application/json' })
      .data(`[{"index":2,"score":0.90,"text":"${text}"}]`)
      .end();
    expect(await sink.outcome).toMatchObject({ status: 200, usage: undefined });
    expect(JSON.parse(sink.text)).toEqual({
      ...{ id: 'rerank-req-1', model: 'm', usage: {}, meta: META },
      results: [{ index: 2, score: 0.9, relevance_score: 0.9, text, document: { text } }],
    });
    expect(sink.text).toContain('"relevance_score":0.90,');
  });

  it('completes an answer of more than 1 MiB', async () => {
    const rigged = wired();
    const { sink } = rigged.send(rerank());
    const document = { text: 'x'.repeat(2 ** 20) };
    rigged.last().json({ results: [{ index: 0, relevance_score: 1, document }] });
    await sink.outcome;
    expect(JSON.parse(sink.text)).toMatchObject({ id: 'rerank-req-1', meta: META, results: [{ document }] });
  });

  it.each([
    ['{"results":[{"index":0}]}', 'The engine sent no list of scores'],
    ['[1]', 'The engine sent no list of scores'],
    ['[1', 'The engine sent no JSON object'],
    ['{"object":"list"}', 'The engine sent an answer without results or data'],
    ['[{"error":{"message":"boom"}}]', 'boom'],
    ['{"results":[],"error":"boom"}', 'boom'],
  ])('is a failure of the engine where it answers %s', async (answer, cause) => {
    const rigged = wired();
    const { sink } = rigged.send({ ...rerank(), mayRetry: false });
    rigged.last().head(200, { 'content-type': 'application/json' }).data(answer).end();
    expect(await sink.outcome).toMatchObject({ status: 502, errorCode: 'ENGINE_FAILED' });
    expect((await sink.outcome).cause).toEqual(expect.objectContaining({ message: cause }));
  });

  it('lets a profile say more of the request than SMMF does', () => {
    const rigged = wired({ edits: () => ({ fields: { documents: undefined, texts: '["z"]' } }) });
    rigged.send(rerank());
    const body = JSON.parse(rigged.last().outgoing.body.toString());
    expect(body).toEqual({ model: 'm', query: 'q', texts: ['z'] });
  });
});

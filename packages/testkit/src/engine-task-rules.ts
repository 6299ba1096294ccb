import assert from 'node:assert/strict';
import type { Worker } from '@smmf/core';
import type { EmbeddingResult } from '@smmf/protocol';
import { type EngineSubject, modelOf, QUESTION, read, ruleFor, testCall } from './engine-subject.ts';
import { completionOverHttp, embedOverHttp, rerankOverHttp } from './http-calls.ts';
import type { Rule } from './suite.ts';

const DOCUMENTS = ['the sea', 'a mountain', 'the night train'];

async function embed(worker: Worker, subject: EngineSubject): Promise<EmbeddingResult> {
  const request = { model: modelOf(worker, subject), input: ['the sea', 'a mountain', 'the sea'] };
  if (worker.endpoint) return embedOverHttp(worker.endpoint, request);
  assert.ok(worker.tasks.embeddings);
  return worker.tasks.embeddings(request, testCall());
}

const rowsOf = ({ vectors }: EmbeddingResult): number[][] => vectors.map((vector: Iterable<number>) => [...vector]);
const isNear = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((value, index) => Math.abs(value - (b[index] ?? Number.NaN)) < 1e-4);

/** The rules of the tasks beside chat; those of a task that no model lists check nothing, and say so. */
export const taskRules: readonly Rule<EngineSubject>[] = [
  ruleFor('completions', 'answers a completion with text, one finish and a usage', async (worker, subject) => {
    const request = { model: modelOf(worker, subject), prompt: QUESTION, max_tokens: 8, temperature: 0 };
    const events = worker.endpoint
      ? completionOverHttp(worker.endpoint, request)
      : (worker.tasks.completions?.(request, testCall()) ?? assert.fail('no handler'));
    const answer = await read(events);
    assert.notEqual(answer.text, '', 'no text at all');
    assert.equal(answer.events.filter(({ type }) => type === 'finish').length, 1, 'it must finish exactly once');
    assert.ok(answer.usage, 'no usage');
  }),
  ruleFor(
    'embeddings',
    'gives one vector for each text, all of one length, and counts tokens',
    async (worker, subject) => {
      const result = await embed(worker, subject);
      const rows = rowsOf(result);
      assert.equal(rows.length, 3, 'vectors for three texts');
      assert.ok(
        rows.every((row) => row.length > 0 && row.length === rows[0]?.length && row.every(Number.isFinite)),
        'vectors are empty, of different lengths or not finite',
      );
      assert.ok(result.usage.prompt_tokens > 0, 'texts have tokens');
    },
  ),
  ruleFor(
    'embeddings',
    'gives equal texts equal vectors, and different texts different ones',
    async (worker, subject) => {
      const [first = [], second = [], third = []] = rowsOf(await embed(worker, subject));
      assert.ok(isNear(first, third), 'equal texts have different vectors');
      assert.ok(!isNear(first, second), 'different texts have equal vectors');
    },
  ),
  ruleFor('rerank', 'scores every document', async (worker, subject) => {
    const request = { model: modelOf(worker, subject), query: 'sea', documents: DOCUMENTS };
    const scores = worker.endpoint
      ? await rerankOverHttp(worker.endpoint, request)
      : (await worker.tasks.rerank?.(request, testCall()))?.scores;
    assert.equal(scores?.length, DOCUMENTS.length, 'scores for three documents');
    assert.ok(scores.every(Number.isFinite), 'a score is no number');
    assert.ok(new Set(scores).size > 1, 'three different documents have one score');
  }),
  ruleFor('rerank', 'scores a document that is an object by its text', async (worker, subject) => {
    // Over HTTP the router sends texts alone.
    if (!worker.tasks.rerank) return 'it has an endpoint';
    const ask = { model: modelOf(worker, subject), query: 'sea' };
    const objects = DOCUMENTS.map((text) => ({ text, title: 'sea' }));
    const { scores } = await worker.tasks.rerank({ ...ask, documents: objects }, testCall());
    const wanted = await worker.tasks.rerank({ ...ask, documents: DOCUMENTS }, testCall());
    assert.ok(isNear(wanted.scores, scores), 'an object has another score than its text');
  }),
];

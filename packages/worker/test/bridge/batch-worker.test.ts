import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Call, systemClock, type Worker } from '@smmf/core';
import type { EmbeddingRequest, RerankRequest } from '@smmf/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createPiscinaWorker } from '../../src/index.ts';

/** Its vectors are [length of the text, size of the batch, thread]; a batch keeps its thread busy for `batchMs`. */
const BACKEND = `
  import { threadId } from 'node:worker_threads';
  export function load({ batchMs = 0, limits }, model) {
    return {
      models: [{ id: model, tasks: ['embeddings', 'rerank'] }],
      limits,
      read({ text, query = '', param, fields }) {
        if (text === 'refuse') throw Object.assign(new Error('no'), { cause: param });
        return { tokens: text.length + query.length, wasCut: String(text).startsWith('long'), by: fields.dimensions ?? 1 };
      },
      embed(items) {
        const endMs = performance.now() + batchMs;
        while (performance.now() < endMs);
        if (items.some(({ tokens }) => tokens === 13)) throw new Error('bad luck');
        return items.map(({ tokens, by }) => Float32Array.of(tokens * by, items.length, threadId));
      },
      rerank: (items) => items.map(({ tokens }) => -tokens),
    };
  }`;

async function create(options: object = {}, threads = 1): Promise<Worker> {
  const folder = await mkdtemp(join(tmpdir(), 'smmf-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'backend.mjs');
  await writeFile(file, BACKEND);
  const backendUrl = pathToFileURL(file).href;
  const worker = await createPiscinaWorker({ backendUrl, options, model: 'm', threads }, { clock: systemClock });
  onTestFinished(() => worker.close());
  return worker;
}

const callOf = (signal = new AbortController().signal): Call => ({ id: 'r', signal, deadlineMs: 0 });

async function embed(worker: Worker, input: EmbeddingRequest['input'], more: object = {}, signal?: AbortSignal) {
  const result = await worker.tasks.embeddings?.({ model: 'm', input, ...more } as EmbeddingRequest, callOf(signal));
  return { ...result, rows: (result?.vectors ?? []).map((vector) => [...vector]) };
}

describe('a batch backend in its threads', () => {
  it('serves what it has functions for, with usage and cut texts told', async () => {
    const worker = await create();
    expect(Object.keys(worker.tasks)).toEqual(['embeddings', 'rerank']);
    const { rows, usage, headers } = await embed(worker, ['ab', 'long one'], { dimensions: 3 });
    expect(rows.map(([first, size]) => [first, size])).toEqual([
      [6, 2],
      [24, 2],
    ]);
    expect(usage).toEqual({ prompt_tokens: 10, total_tokens: 10 });
    expect(headers).toEqual({ 'x-smmf-truncated': '1' });
    const request = { model: 'm', query: 'q', documents: ['aa', { text: 'a' }] } as RerankRequest;
    expect(await worker.tasks.rerank?.(request, callOf())).toEqual({
      scores: [-3, -2],
      usage: { prompt_tokens: 5, total_tokens: 5 },
    });
  });

  it('takes one text, several, one list of token ids and several', async () => {
    const worker = await create();
    const lengths = async (input: EmbeddingRequest['input']) =>
      (await embed(worker, input)).rows.map(([length]) => length);
    expect(await lengths('abc')).toEqual([3]);
    expect(await lengths(['', 'a'])).toEqual([0, 1]);
    expect(await lengths([5, 6, 7, 8])).toEqual([4]);
    expect(await lengths([[5], [6, 7]])).toEqual([1, 2]);
  });

  it('computes the texts of requests that run at once together, in all threads', async () => {
    const worker = await create({ batchMs: 20 }, 2);
    const answers = await Promise.all(
      Array.from({ length: 64 }, (_, index) => embed(worker, 'x'.repeat(20 + (index % 4)))),
    );
    const rows = answers.map(({ rows: [row = []] }) => row);
    expect(rows.map(([length]) => length)).toEqual(rows.map((_, index) => 20 + (index % 4)));
    expect(Math.max(...rows.map(([, size = 0]) => size))).toBeGreaterThan(8);
    expect(new Set(rows.map(([, , thread]) => thread)).size).toBe(2);
    expect(worker.slots).toBeGreaterThanOrEqual(64);
  });

  it('loses no answer of another when one is cancelled or fails', async () => {
    const worker = await create({ batchMs: 5 });
    const controller = new AbortController();
    const cancelled = embed(worker, ['abc', 'abcd'], {}, controller.signal);
    const bad = Promise.allSettled([cancelled, embed(worker, 'x'.repeat(13)), embed(worker, 'refuse')]);
    const others = Array.from({ length: 20 }, () => embed(worker, 'x'.repeat(10)));
    controller.abort(new Error('client left'));
    expect(await bad).toMatchObject([
      { reason: { message: 'client left' } },
      { reason: { code: 'ENGINE_FAILED', cause: { message: 'bad luck' } } },
      { reason: { code: 'ENGINE_FAILED', cause: { message: 'no' } } },
    ]);
    for (const { rows } of await Promise.all(others)) expect(rows[0]?.[0]).toBe(10);
  });

  it('is closed when its running batch has ended, and not before', async () => {
    const worker = await create({ batchMs: 300 });
    const answer = embed(worker, 'abc');
    await expect.poll(async () => (await worker.load?.(callOf().signal))?.waiting, { interval: 1 }).toBe(0);
    const startMs = performance.now();
    await worker.close();
    expect(performance.now() - startMs).toBeGreaterThan(100);
    expect((await answer).rows[0]?.[0]).toBe(3);
    await expect(embed(worker, 'x')).rejects.toMatchObject({ code: 'CLOSED' });
  });
});

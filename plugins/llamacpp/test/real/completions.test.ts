import type { Worker } from '@smmf/core';
import type { EmbeddingRequest } from '@smmf/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, callWith, modelPath, refusalOf, startWorker } from './engine.ts';

describe.skipIf(!modelPath)('completions and embeddings by a real model', () => {
  let worker: Worker;
  beforeAll(async () => {
    worker = await startWorker({ parallel: 1, contextLength: 256 });
  });
  afterAll(() => worker.close());
  const complete = (fields: object) => ask(worker, { ...fields }, { task: 'completions' });
  const embed = async (fields: Partial<EmbeddingRequest>, signal?: AbortSignal) => {
    const handler = worker.tasks.embeddings ?? Promise.reject(new Error('no embeddings'));
    return (await handler)({ model: 'smol', input: '', ...fields }, callWith(signal));
  };

  it('go on with a raw prompt, by default for sixteen tokens', async () => {
    const { text, reason, usage } = await complete({ prompt: 'The capital of France is', temperature: 0 });
    expect([text.startsWith(' Paris'), reason]).toEqual([true, 'length']);
    expect(usage).toMatchObject({ prompt_tokens: 5, completion_tokens: 16, total_tokens: 21 });
  });

  it('take several prompts, texts or tokens, and several choices of each, numbered in order', async () => {
    const { events, usage } = await complete({ prompt: ['One two', 'A b c'], n: 2, max_tokens: 2 });
    const finished = events.flatMap((event) => (event.type === 'finish' ? [event.choice] : []));
    expect(finished).toEqual([0, 1, 2, 3]);
    expect(usage.completion_tokens).toBe(8);
    const tokens = await complete({ prompt: [504, 3575, 282, 4649, 314], temperature: 0, max_tokens: 1 });
    expect(tokens.text).toBe(' Paris');
  });

  it('give the prompt back before the answer where that is asked for, for each choice', async () => {
    const text = { prompt: ['One two', 'The capital'], n: 2, max_tokens: 1, echo: true, seed: 1 };
    const choices = async (fields: object) => {
      const { events } = await complete(fields);
      return [0, 1, 2, 3].map((choice) =>
        events.flatMap((event) => (event.type === 'text' && event.choice === choice ? [event.text] : [])).join(''),
      );
    };
    const starts = (await choices(text)).map((answer) => /^(One two|The capital)./s.exec(answer)?.[1]);
    expect(starts).toEqual(['One two', 'One two', 'The capital', 'The capital']);
    const ids = await choices({ ...text, prompt: [[504, 3575]] });
    expect(ids.map((answer) => answer.startsWith('The capital'))).toEqual([true, true, false, false]);
  });

  it('say what wrote them, the same each time', async () => {
    const fingerprints = async () => {
      const { events } = await complete({ prompt: 'a', max_tokens: 1 });
      return events.flatMap((event) => (event.type === 'head' ? [event.systemFingerprint] : []));
    };
    const first = await fingerprints();
    expect(first).toEqual([expect.stringMatching(/^fp_/)]);
    expect(await fingerprints()).toEqual(first);
  });

  it('know control tokens in a raw prompt', async () => {
    const { usage } = await complete({ prompt: '<|im_start|>', max_tokens: 1 });
    expect(usage.prompt_tokens).toBe(1);
  });

  it('stop at a stop text', async () => {
    const { text, reason } = await complete({ prompt: 'one, two, three,', stop: [','], temperature: 0 });
    expect([text, reason]).toEqual([' four', 'stop']);
  });

  it('end for length where the context is full, and never shift it', async () => {
    const { reason, usage } = await complete({ prompt: 'word '.repeat(240), temperature: 0, max_tokens: 100 });
    expect([reason, usage.total_tokens]).toEqual(['length', 256]);
  });

  it('refuse what does not fit, and what they cannot honour', async () => {
    const refusals = [
      ['prompt', 'CONTEXT_LENGTH_EXCEEDED', { prompt: 'word '.repeat(300) }],
      ['prompt[1]', 'CONTEXT_LENGTH_EXCEEDED', { prompt: ['short', 'word '.repeat(300)] }],
      ['prompt[0]', 'INVALID_VALUE', { prompt: [-1] }],
      ['suffix', 'UNSUPPORTED_PARAMETER', { prompt: 'a', suffix: 'b' }],
      ['echo', 'UNSUPPORTED_PARAMETER', { prompt: 'a', suffix: 'b', echo: true }],
      ['mirostat', 'UNSUPPORTED_PARAMETER', { prompt: 'a', mirostat: 2 }],
      ['best_of', 'UNSUPPORTED_PARAMETER', { prompt: 'a', best_of: 3 }],
    ] as const;
    for (const [param, code, fields] of refusals) {
      expect(await refusalOf(() => complete(fields))).toMatchObject({ code, param });
    }
  });

  it('give vectors of length 1, equal for equal texts, near for near ones', async () => {
    const { vectors, usage } = await embed({
      input: ['a cat sleeps', 'a cat sleeps', 'the cat is sleeping', 'stock market report'],
    });
    const [first = [], same = [], near = [], far = []] = vectors.map((vector) => Array.from(vector));
    const dot = (a: readonly number[], b: readonly number[]) =>
      a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
    expect(first).toHaveLength(576);
    for (const vector of [first, near, far]) expect(dot(vector, vector)).toBeCloseTo(1, 5);
    expect(dot(first, same)).toBeCloseTo(1, 5);
    expect(dot(first, near)).toBeGreaterThan(dot(first, far));
    expect(usage.total_tokens).toBe(usage.prompt_tokens);
    expect(usage.prompt_tokens).toBeGreaterThan(10);
  });

  it('take tokens for embeddings, refuse dimensions and what is too long, and stop when nobody waits', async () => {
    const { vectors, usage } = await embed({ input: [[504, 3575], [504]] });
    expect([vectors.length, usage.prompt_tokens]).toEqual([2, 3]);
    expect(await refusalOf(() => embed({ input: 'a', dimensions: 64 }))).toMatchObject({
      code: 'UNSUPPORTED_PARAMETER',
      param: 'dimensions',
    });
    expect((await embed({ input: 'a', dimensions: 576 })).vectors[0]).toHaveLength(576);
    const long = refusalOf(() => embed({ input: ['a', 'word '.repeat(300)] }));
    expect(await long).toMatchObject({ code: 'CONTEXT_LENGTH_EXCEEDED', param: 'input[1]' });
    const controller = new AbortController();
    const many = refusalOf(() => embed({ input: Array<string>(50).fill('word '.repeat(200)) }, controller.signal));
    setTimeout(() => controller.abort(), 50);
    const begun = performance.now();
    expect(await many).toMatchObject({ code: 'ABORTED' });
    expect(performance.now() - begun).toBeLessThan(250);
  });
});

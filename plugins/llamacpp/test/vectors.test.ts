import { describe, expect, it } from 'vitest';
import type { Engine } from '../src/load.ts';
import { createEmbeddings } from '../src/vectors.ts';

const WHOLE = [3, 4, 12, 84];

function embed(dimensions: number | undefined, matryoshka: Engine['matryoshka']) {
  const context = { calculateInputLength: () => 1, getEmbeddingFor: async () => ({ vector: WHOLE }) };
  const engine = {
    matryoshka,
    contextLength: 10,
    model: {
      embeddingVectorSize: WHOLE.length,
      tokens: { bos: null },
      fileInfo: { metadata: { tokenizer: { ggml: { tokens: { length: 9 } } } } },
    },
    embeddingContext: async () => context,
  } as unknown as Engine;
  const request = { model: 'm', input: [1], ...(dimensions === undefined ? {} : { dimensions }) };
  const call = { id: 'c', signal: new AbortController().signal, deadlineMs: Number.POSITIVE_INFINITY };
  return createEmbeddings(engine, { hold: (work) => work })(request, call);
}

describe('vectors', () => {
  it('are cut, and then of length 1, where the option says that the model was trained for it', async () => {
    const { vectors } = await embed(2, [2, 3]);
    expect(Array.from(vectors[0] ?? [])).toEqual([expect.closeTo(0.6, 5), expect.closeTo(0.8, 5)]);
    expect(Array.from((await embed(3, true)).vectors[0] ?? [])).toEqual(
      [3, 4, 12].map((value) => expect.closeTo(value / 13, 5)),
    );
  });

  it('are whole where nothing is said, or their own size', async () => {
    for (const size of [undefined, 4]) expect((await embed(size, [])).vectors[0]).toHaveLength(4);
  });

  it.each([
    [2, [] as readonly number[], 'UNSUPPORTED_PARAMETER', 'matryoshka'],
    [2, [3], 'INVALID_VALUE', '3, 4 numbers'],
    [5, true as const, 'INVALID_VALUE', '1 to 4 numbers'],
    [5, [5], 'INVALID_VALUE', '5, 4 numbers'],
  ])('are refused with %i numbers under %j', async (dimensions, matryoshka, code, words) => {
    const refusal = { code, param: 'dimensions', message: expect.stringContaining(words) };
    await expect(embed(dimensions, matryoshka)).rejects.toMatchObject(refusal);
  });
});

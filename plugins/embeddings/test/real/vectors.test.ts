import { describe, expect, it } from 'vitest';
import { distance, embedAll, inputOf, knownTexts, loadBackend, modelFolder } from './minilm.ts';

const backend = modelFolder ? loadBackend() : undefined;

describe.skipIf(!backend)('vectors of the real model', () => {
  const known = modelFolder ? knownTexts() : [];
  const texts = known.map(({ text }) => text);
  const get = () => backend ?? expect.fail('no model');

  it.each([1, 7, 16, 64])('equal those computed elsewhere, in batches of %i', (size) => {
    const vectors = embedAll(get(), texts, size);
    const distances = vectors.map((vector, at) => distance(vector, known[at]?.vector ?? []));
    console.log(`batches of ${size}: at most ${Math.max(...distances).toExponential(1)} away`);
    expect(Math.max(...distances)).toBeLessThan(1e-4);
    expect(distances).toHaveLength(100);
  });

  it('come from texts that are counted, and cut to 256 tokens with the mark at the end', () => {
    const items = texts.map((text) => get().read(inputOf(text)));
    expect(items.map(({ tokens }) => tokens)).toEqual(known.map(({ tokens }) => Math.min(tokens, 256)));
    expect(items.map(({ wasCut }) => wasCut)).toEqual(known.map(({ tokens }) => tokens > 256));
  });

  it('of token ids are those of the text, and ids of a text that is too long keep the mark', () => {
    const [text = '', vector = []] = [known[2]?.text, known[2]?.vector];
    const item = get().read(inputOf(text)) as unknown as { ids: Int32Array };
    const same = get().read(inputOf([...item.ids]));
    expect(distance(get().embed?.([same])[0] ?? [], vector)).toBeLessThan(1e-4);
    const long = get().read(inputOf(Array(300).fill(2_000))) as unknown as { ids: Int32Array; wasCut: boolean };
    expect([long.ids.length, long.ids.at(-2), long.ids.at(-1), long.wasCut]).toEqual([256, 2_000, 102, true]);
  });

  it('of an empty text are those of its marks, of length 1', () => {
    const [vector = new Float32Array()] = embedAll(get(), ['']);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
  });

  it('are cut to the dimensions that are asked for, and of length 1 again', () => {
    const item = get().read(inputOf(texts[1] ?? '', { dimensions: 64 }));
    const [vector = new Float32Array()] = get().embed?.([item]) ?? [];
    const whole = known[1]?.vector.slice(0, 64) ?? [];
    const length = Math.hypot(...whole);
    expect(
      distance(
        vector,
        whole.map((value) => value / length),
      ),
    ).toBeLessThan(1e-4);
    expect(() => get().read(inputOf('x', { dimensions: 385 }))).toThrow(
      expect.objectContaining({ code: 'INVALID_VALUE', param: 'dimensions' }),
    );
  });

  it('are refused for ids that the model does not have, which would fail all texts of the batch', () => {
    for (const id of [-1, 30_522])
      expect(() => get().read(inputOf([101, id], {}, 'input[3]'))).toThrow(
        expect.objectContaining({ code: 'INVALID_VALUE', param: 'input[3]' }),
      );
  });

  it('pool as they are told', () => {
    const cls = embedAll(loadBackend({ pooling: 'cls', normalize: false }), [texts[0] ?? '']);
    const last = embedAll(loadBackend({ pooling: 'last', normalize: false }), [texts[0] ?? '']);
    expect(Math.hypot(...(cls[0] ?? []))).toBeGreaterThan(1.5);
    expect(distance(cls[0] ?? [], last[0] ?? [])).toBeGreaterThan(0.01);
  });

  it('of longer texts are refused where cutting is not wanted', () => {
    const strict = loadBackend({ truncate: 'error', maxTokens: 8 });
    expect(strict.models[0]?.contextLength).toBe(8);
    expect(strict.read(inputOf('one two three four five six')).tokens).toBe(8);
    expect(() => strict.read(inputOf('one two three four five six seven', {}, 'input[1]'))).toThrow(
      expect.objectContaining({
        code: 'CONTEXT_LENGTH_EXCEEDED',
        param: 'input[1]',
        message: "This model's maximum context length is 8 tokens; your text has 9",
      }),
    );
  });
});

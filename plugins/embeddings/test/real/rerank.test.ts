import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BatchInput } from '@smmf/protocol';
import { afterAll, describe, expect, it } from 'vitest';
import { createWitness } from './bert-witness.ts';
import { BIAS, head, writeCrossEncoder } from './cross-encoder.ts';
import { inputOf, knownTexts, loadBackend, modelFolder } from './minilm.ts';

const folder = mkdtempSync(join(tmpdir(), 'smmf-rerank-'));
afterAll(() => rmSync(folder, { recursive: true }));

const QUERY = 'Where does the last train go?';
const pairOf = (text: string, fields: object = {}, query = QUERY): BatchInput => ({
  ...{ task: 'rerank', text, query, param: 'documents[0]', fields: { ...fields } },
});
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

describe.skipIf(!modelFolder)('a cross-encoder', () => {
  if (modelFolder) writeCrossEncoder(modelFolder, folder);
  const backend = modelFolder ? loadBackend({ folder, task: 'rerank' }) : undefined;
  const get = () => backend ?? expect.fail('no model');
  const witness = modelFolder ? createWitness(modelFolder) : () => [];
  const read = (input: BatchInput) =>
    get().read(input) as unknown as { ids: Int32Array; types: Uint8Array; tokens: number; wasCut: boolean };

  it('is held against a witness that knows the vectors of the model', () => {
    const [, , known] = knownTexts();
    const { ids } = loadBackend().read(inputOf(known?.text ?? '')) as unknown as { ids: Int32Array };
    const rows = witness(
      [...ids],
      [...ids].map(() => 0),
    );
    const mean = Array.from(
      { length: 384 },
      (_, at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0) / rows.length,
    );
    const length = Math.hypot(...mean);
    for (const [at, number] of (known?.vector ?? []).entries()) expect((mean[at] ?? 0) / length).toBeCloseTo(number, 6);
  });

  it('scores documents as the witness does, also in one batch with longer ones, as a sigmoid or raw', {
    timeout: 120_000,
  }, () => {
    const documents = [
      'no',
      'The last train goes to Cambridge.',
      'Zum Hafen.',
      '去上海的火车',
      'A cat sat on the warm windowsill and watched the rain.',
    ];
    const items = documents.map((text) => read(pairOf(text)));
    const raw = documents.map((text) => read(pairOf(text, { raw_scores: true })));
    const logits = items.map(({ ids, types }) => {
      const [first = new Float64Array()] = witness([...ids], [...types]);
      return first.reduce((sum, number, at) => sum + number * (head[at] ?? 0), BIAS);
    });
    const scores = get().rerank?.([...items, ...raw] as never) ?? [];
    const wanted = [...logits.map(sigmoid), ...logits];
    console.log(`scores ${scores.map((score) => score.toFixed(4)).join(' ')}`);
    for (const [at, score] of wanted.entries()) expect(Math.abs((scores[at] ?? 9) - score)).toBeLessThan(1e-4);
    expect(Math.max(...logits) - Math.min(...logits)).toBeGreaterThan(0.05);
  });

  it('scores documents as numpy does', { timeout: 120_000 }, ({ skip }) => {
    const python = process.env.SMMF_TEST_PYTHON ?? 'python3';
    if (spawnSync(python, ['-c', 'import numpy']).status !== 0) skip(`${python} has no package "numpy"`);
    const texts = knownTexts().filter((_, at) => at % 5 === 0);
    const items = texts.map(({ text }) => read(pairOf(text)));
    const pairs = items.map(({ ids, types }) => ({ ids: [...ids], types: [...types] }));
    const input = JSON.stringify({ head: [...head], bias: BIAS, pairs });
    const program = join(import.meta.dirname, 'scores-by-numpy.py');
    const limits = { encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
    const { stdout, stderr } = spawnSync(python, [program, modelFolder ?? ''], { input, ...limits });
    expect(stderr).toBe('');
    const wanted = (JSON.parse(stdout) as number[]).map(sigmoid);
    const scores = get().rerank?.(items as never) ?? [];
    const far = wanted.map((score, at) => Math.abs((scores[at] ?? 9) - score));
    console.log(`numpy: at most ${Math.max(...far).toExponential(1)} away, over ${far.length} documents`);
    expect(far).toHaveLength(20);
    expect(Math.max(...far)).toBeLessThan(1e-4);
  });

  it('reads the query as the first part and the document as the second', () => {
    expect(read(pairOf('world peace', {}, 'hello'))).toMatchObject({
      ids: Int32Array.of(101, 7592, 102, 2088, 3521, 102),
      types: Uint8Array.of(0, 0, 0, 1, 1, 1),
      tokens: 6,
      wasCut: false,
    });
  });

  it('cuts the document and never the query', () => {
    const long = read(pairOf('peace '.repeat(400), {}, 'hello hello'));
    expect([...long.ids.slice(0, 5)]).toEqual([101, 7592, 7592, 102, 3521]);
    expect([long.ids.length, long.ids.at(-1), long.wasCut]).toEqual([256, 102, true]);
    expect(() => read(pairOf('a', {}, 'hello '.repeat(260)))).toThrow(
      expect.objectContaining({ code: 'CONTEXT_LENGTH_EXCEEDED', param: 'query' }),
    );
  });

  it('is not found in a model of vectors', () => {
    expect(() => loadBackend({ task: 'rerank' })).toThrow(
      expect.objectContaining({ code: 'MODEL_LOAD_FAILED', message: expect.stringContaining('task: embeddings') }),
    );
  });
});

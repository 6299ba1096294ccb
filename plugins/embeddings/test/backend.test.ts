import { describe, expect, it } from 'vitest';
import { value } from './onnx-writer.ts';
import { loadTiny, tableModel, writeFolder } from './tiny-model.ts';

type Options = Parameters<typeof loadTiny>[1];

function embed(texts: readonly string[], options: Options = {}, folder = writeFolder()): number[][] {
  const backend = loadTiny(folder, { normalize: false, ...options });
  const items = texts.map((text) => backend.read({ task: 'embeddings', text, param: 'input', fields: {} }));
  return (backend.embed?.(items) ?? []).map((vector) => [...vector]);
}

const failure = (message: string) =>
  expect.objectContaining({ code: 'MODEL_LOAD_FAILED', message: expect.stringContaining(message) });

describe('a vector', () => {
  it('is the mean of the tokens, marks included and padding not', () => {
    expect(embed(['one two', 'three'])).toEqual(
      [
        [7 / 4, 7 / 4],
        [7 / 3, 7 / 3],
      ].map((row) => row.map(Math.fround)),
    );
  });

  it('is that of the first or the last token where the pooling says so', () => {
    expect(embed(['one two', 'three'], { pooling: 'cls' })).toEqual([
      [1, 0],
      [1, 0],
    ]);
    expect(embed(['one two', 'three'], { pooling: 'last' })).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('follows the files of the model, and options go before them', () => {
    const folder = writeFolder({
      'modules.json': [
        { path: '', type: 'sentence_transformers.models.Transformer' },
        { path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
        { path: '2_Normalize', type: 'sentence_transformers.models.Normalize' },
      ],
      '1_Pooling/config.json': { pooling_mode_cls_token: true, pooling_mode_mean_tokens: false },
    });
    expect(embed(['one'], {}, folder)).toEqual([[1, 0]]);
    const [[first = 0, second = 0] = []] = embed(['three'], { pooling: 'mean', normalize: true }, folder);
    expect([first, second]).toEqual([Math.fround(Math.SQRT1_2), Math.fround(Math.SQRT1_2)]);
  });

  it('is of a text cut to what the model takes', () => {
    const backend = loadTiny(writeFolder(), { maxTokens: 100 });
    const text = 'one '.repeat(20);
    expect(backend.read({ task: 'embeddings', text, param: 'input', fields: {} })).toMatchObject({
      ids: Int32Array.of(2, 4, 4, 4, 4, 4, 4, 3),
      tokens: 8,
      wasCut: true,
    });
    expect(backend.models).toEqual([{ id: 'tiny', tasks: ['embeddings'], contextLength: 8 }]);
    expect(backend.limits).toEqual({ items: 4, tokens: 64, waitMs: 1 });
  });
});

describe('a text that cannot fit', () => {
  const text = 'one '.repeat(10_000_000);
  const input = { task: 'embeddings', text, param: 'input[2]', fields: {} } as const;

  it('is not read to its end', () => {
    const startMs = performance.now();
    expect(loadTiny(writeFolder()).read(input)).toMatchObject({ tokens: 8, wasCut: true });
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });

  it('is refused unread where cutting is not wanted', () => {
    expect(() => loadTiny(writeFolder(), { truncate: 'error' }).read(input)).toThrow(
      expect.objectContaining({ code: 'CONTEXT_LENGTH_EXCEEDED', param: 'input[2]' }),
    );
  });
});

describe('a model that cannot be served', () => {
  it.each([
    ['has no tokenizer.json', { 'tokenizer.json': undefined }],
    ['has no onnx/model.onnx', { 'onnx/model.onnx': undefined }],
    ['cannot be loaded', { 'onnx/model.onnx': Buffer.from('no model') }],
    ['tokenizer_config.json is not what it should be', { 'tokenizer_config.json': { model_max_length: 'many' } }],
    ['"Dense", which @smmf/embeddings does not do', { 'modules.json': [{ path: '2_Dense', type: 'models.Dense' }] }],
    ['none of mean, cls, last', { '1_Pooling/config.json': { pooling_mode_max_tokens: true } }],
    [
      'an input "past_key_values.0.key"',
      { 'onnx/model.onnx': tableModel('input_ids', [value('input', 'past_key_values.0.key', 'float', [1])]) },
    ],
  ])('is told: %s', (message, files: Record<string, object | Buffer | undefined>) => {
    expect(() => loadTiny(writeFolder(files))).toThrow(failure(message));
  });

  it('is told when it is a file', () => {
    expect(() => loadTiny(`${writeFolder()}/tokenizer.json`)).toThrow(failure("the source is the model's folder"));
  });
});

describe('how much a model takes', () => {
  it.each([
    [20, { 'sentence_bert_config.json': { max_seq_length: 20 }, 'config.json': { max_position_embeddings: 64 } }],
    [64, { 'sentence_bert_config.json': { max_seq_length: 128 }, 'config.json': { max_position_embeddings: 64 } }],
    [
      62,
      {
        'tokenizer_config.json': { model_max_length: 1e30 },
        'config.json': { max_position_embeddings: 64, model_type: 'roberta' },
      },
    ],
    [512, { 'tokenizer_config.json': {} }],
  ])('is %i tokens by its files', (limit, files: Record<string, object>) => {
    expect(loadTiny(writeFolder(files)).models[0]?.contextLength).toBe(limit);
  });
});

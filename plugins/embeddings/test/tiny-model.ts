import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BatchBackend, BatchItem } from '@smmf/protocol';
import { onTestFinished } from 'vitest';
import { type BackendOptions, load } from '../src/backend.ts';
import { model, node, value, weights } from './onnx-writer.ts';

const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'one', 'two', 'three'];
const TABLE = [
  [9, 9],
  [0, 0],
  [1, 0],
  [0, 1],
  [2, 4],
  [4, 2],
  [6, 6],
];

// A tokenizer of whole words with BERT's marks.
const TOKENIZER = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: WORDS.slice(0, 4).map((content, id) => ({
    ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
  })),
  normalizer: null,
  pre_tokenizer: { type: 'Whitespace' },
  post_processor: { type: 'BertProcessing', sep: ['[SEP]', 3], cls: ['[CLS]', 2] },
  decoder: null,
  model: { type: 'WordLevel', vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])), unk_token: '[UNK]' },
};

/** A model whose vector of a token is a row of a table; padding has the largest, so that it shows. */
export function tableModel(input = 'input_ids', extra: readonly Buffer[] = []): Buffer {
  const tokens = ['batch', 'tokens'];
  return model([
    node('Gather', ['table', input], 'last_hidden_state', { axis: 0 }),
    weights('table', [WORDS.length, 2], Float32Array.from(TABLE.flat())),
    value('input', input, 'int64', tokens),
    ...extra,
    value('output', 'last_hidden_state', 'float', [...tokens, 2]),
  ]);
}

/** A folder with these files besides a tokenizer and the model; undefined takes one away. */
export function writeFolder(files: Readonly<Record<string, object | Buffer | undefined>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-tiny-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const usual = { 'tokenizer.json': TOKENIZER, 'tokenizer_config.json': { pad_token: '[PAD]', model_max_length: 8 } };
  for (const [name, content] of Object.entries({ ...usual, 'onnx/model.onnx': tableModel(), ...files })) {
    if (content === undefined) continue;
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), Buffer.isBuffer(content) ? content : JSON.stringify(content));
  }
  return folder;
}

/** The backend over a folder. */
export function loadTiny(folder: string, options: Partial<BackendOptions> = {}): BatchBackend<BatchItem> {
  const usual = { task: 'embeddings', truncate: 'end', dtype: 'fp32', intraOpThreads: 1 } as const;
  const batches = { batchItems: 4, batchTokens: 64, batchWait: 1 };
  return load({ folder, ...usual, ...batches, ...options }, 'tiny') as BatchBackend<BatchItem>;
}

// Runs in the threads of the engine's process: one model for each.
import { SmmfError } from '@smmf/core';
import type { BatchBackend, BatchInput, BatchItem } from '@smmf/protocol';
import { type ModelFolder, type Pooling, readModelFolder } from './model-folder.ts';
import { loadModel, type OnnxModel, type TokenRow } from './onnx-model.ts';
import { pool, shape } from './pooling.ts';
import { createTextEncoder, type Encoded, type TextEncoder } from './text-encoder.ts';

/** The plugin's options as `prepare` hands them on. */
export interface BackendOptions {
  readonly folder: string;
  readonly task: 'embeddings' | 'rerank';
  readonly pooling?: Pooling | undefined;
  readonly normalize?: boolean | undefined;
  readonly maxTokens?: number | undefined;
  readonly truncate: 'end' | 'error';
  readonly dtype: string;
  readonly intraOpThreads: number;
  readonly batchItems: number;
  readonly batchTokens: number;
  readonly batchWait: number;
}

/** A text that waits for its batch. */
interface Item extends BatchItem, TokenRow {
  /** Numbers of its vector. */
  readonly size: number;
  readonly isRaw: boolean;
}

/** Where a model of one sort has its vectors, or its scores. */
const OUTPUTS = { embeddings: ['last_hidden_state', 'token_embeddings', 'sentence_embedding'], rerank: ['logits'] };

/** Loads the model. @throws MODEL_LOAD_FAILED */
export function load(options: BackendOptions, id: string): BatchBackend<Item> {
  const { task, truncate, intraOpThreads, batchItems, batchTokens, batchWait } = options;
  const folder = readModelFolder(options.folder, options.dtype);
  const { tokenizer, settings, onnxPath } = folder;
  const maxTokens = Math.min(options.maxTokens ?? folder.maxTokens, folder.maxTokens);
  const encoder = createTextEncoder({ tokenizer, settings, maxTokens, truncate });
  const model = loadModel(onnxPath, { names: OUTPUTS[task], padId: encoder.padId, intraOpThreads });
  return {
    models: [{ id, tasks: [task], contextLength: maxTokens }],
    limits: { items: batchItems, tokens: batchTokens, waitMs: batchWait },
    ...(task === 'rerank' ? reranker(encoder, model) : embedder(encoder, model, folder, options)),
  };
}

function embedder(
  encoder: TextEncoder,
  model: OnnxModel,
  folder: ModelFolder,
  { pooling = folder.pooling, normalize = folder.normalize }: BackendOptions,
): Pick<BatchBackend<Item>, 'read' | 'embed'> {
  return {
    read: ({ text, param, fields }) => itemOf(encoder.single(text, param), sizeOf(fields, model.width)),
    embed(items) {
      const output = model.run(items);
      return items.map(({ size, tokens }, row) => shape(pool(output, row, tokens, pooling), size, normalize));
    },
  };
}

/** @throws INVALID_VALUE for more dimensions than the model has */
function sizeOf({ dimensions }: BatchInput['fields'], width: number): number {
  const size = dimensions ?? width;
  if (typeof size === 'number' && size <= width) return size;
  throw new SmmfError('INVALID_VALUE', `This model's vectors have ${width} dimensions`, { param: 'dimensions' });
}

function reranker(encoder: TextEncoder, model: OnnxModel): Pick<BatchBackend<Item>, 'read' | 'rerank'> {
  if (model.rank !== 2 || model.width !== 1) {
    const text =
      'The model gives no single score for a pair: a cross-encoder has one logit (for vectors say task: embeddings)';
    throw new SmmfError('MODEL_LOAD_FAILED', text);
  }
  return {
    read: ({ text, query = '', param, fields }) =>
      itemOf(encoder.pair(query, String(text), param), 1, fields.raw_scores === true),
    rerank(items) {
      const { data } = model.run(items);
      return items.map(({ isRaw }, row) => (isRaw ? (data[row] ?? 0) : 1 / (1 + Math.exp(-(data[row] ?? 0)))));
    },
  };
}

function itemOf({ ids, types, wasCut }: Encoded, size: number, isRaw = false): Item {
  return { ids, tokens: ids.length, wasCut, size, isRaw, ...(types ? { types } : {}) };
}

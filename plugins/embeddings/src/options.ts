import { option } from '@smmf/core';
import * as z from 'zod';
import { isGguf, USE_LLAMACPP } from './sources.ts';

const count = () => z.int().positive();

/** Options of the engine. */
export const options = z.strictObject({
  source: option
    .source()
    .refine((source) => !isGguf(source), { error: USE_LLAMACPP })
    .describe('The folder with the ONNX model: a path, or a repository hf://org/repo, or a list tried in order'),
  task: z
    .enum(['embeddings', 'rerank'])
    .default('embeddings')
    .describe('rerank: the model is a cross-encoder, which reads a query and a document together'),
  pooling: z
    .enum(['mean', 'cls', 'last'])
    .optional()
    .describe(
      "How a text's vector comes from those of its tokens; default: what 1_Pooling/config.json says, else mean",
    ),
  normalize: z
    .boolean()
    .optional()
    .describe('Make every vector of length 1; default: what modules.json says, true where there is none'),
  maxTokens: count()
    .min(8)
    .optional()
    .describe('Tokens of a text, or of a query and a document; default and upper bound: what the model is made for'),
  truncate: z
    .enum(['end', 'error'])
    .default('end')
    .describe('A longer text loses its end, which the header x-smmf-truncated tells, or is refused'),
  dtype: z
    .enum(['fp32', 'fp16', 'q8', 'int8', 'uint8', 'q4', 'q4f16', 'bnb4'])
    .default('fp32')
    .describe('Which of the ONNX files: onnx/model.onnx, onnx/model_fp16.onnx, onnx/model_quantized.onnx (q8), …'),
  threads: count().max(64).default(1).describe('Threads; each holds the model once and computes one batch at a time'),
  intraOpThreads: count().max(64).default(1).describe('Threads that compute one batch together'),
  batchItems: count().max(1_024).default(16).describe('Texts in one batch'),
  batchTokens: count().default(2_048).describe('Texts in one batch times the longest of them, in tokens'),
  batchWait: option.duration().prefault('2ms').describe('Longest wait of a text for others to share its batch'),
});

/** Options of the engine, as written in the config. */
export type EmbeddingsOptions = z.input<typeof options>;

import { option } from '@smmf/core';
import * as z from 'zod';

const count = () => z.number().int().positive();

/** Options of the llama.cpp engine. */
export const options = z.strictObject({
  source: option
    .source()
    .describe('The GGUF file: a path, https://, hf://, modelscope://, pypi://, or a list tried in order'),
  contextLength: count()
    .min(64)
    .optional()
    .describe(
      'Tokens that one request may hold, prompt and answer together; default: what the model was trained on, at most 4096',
    ),
  parallel: count()
    .max(64)
    .optional()
    .describe('Requests at once, each with a context of its own; default: one for each core, at most 4'),
  threads: count()
    .optional()
    .describe('Threads that compute; default: the physical cores that the process may use, less one, at least 1'),
  gpu: z
    .union([z.literal(false), z.enum(['auto', 'metal', 'cuda', 'vulkan'])])
    .optional()
    .describe('Where to compute; default: auto on macOS, elsewhere false (GPU builds are packages of their own)'),
  matryoshka: z
    .union([z.literal(true), z.array(count()).min(1)])
    .optional()
    .describe(
      'Sizes that vectors may be cut to (`dimensions`), or true for any, where the model was trained for it; default: none, since no file says so',
    ),
});

/** Options of the llama.cpp engine, as written in the config. */
export type LlamaCppOptions = z.input<typeof options>;

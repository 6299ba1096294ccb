import { option } from '@smmf/core';
import * as z from 'zod';

/** Options of the vLLM engine. */
export const options = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Root of a running vLLM server, without /v1'),
  served: z
    .string()
    .optional()
    .describe(
      'Name under which vLLM serves the model (--served-model-name); default: the model id of the config, or the only one that it lists',
    ),
  apiKey: option.secret().optional().describe('Sent as a bearer token (vLLM --api-key)'),
  tasks: z
    .array(z.enum(['chat', 'completions', 'embeddings', 'rerank']))
    .min(1)
    .default(['chat', 'completions'])
    .describe('What the model does; a pooling model: [embeddings, rerank]'),
  connectTimeout: option.duration().prefault('1s').describe('Limit for connecting'),
});

/** Options of the vLLM engine, as written in the config. */
export type VllmOptions = z.input<typeof options>;

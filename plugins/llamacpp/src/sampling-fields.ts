import { SmmfError } from '@smmf/core';
import * as z from 'zod';

const probability = () => z.number().min(0).max(1).nullish();
const count = () => z.number().int().min(0).nullish();
/** So many tokens; -1 for all. */
const reach = () => z.number().int().min(-1).nullish();

const MOST_LIKELIEST = 100;

/** Sampling fields beyond OpenAI's, under the names that llama.cpp's server gives them. */
const fields = z.object({
  top_k: reach(),
  min_p: probability(),
  repeat_penalty: z.number().positive().nullish(),
  repeat_last_n: reach(),
  dry_multiplier: z.number().min(0).nullish(),
  dry_base: z.number().positive().nullish(),
  dry_allowed_length: count(),
  dry_penalty_last_n: reach(),
  dry_sequence_breakers: z.array(z.string().min(1).max(40)).max(32).nullish(),
  xtc_probability: probability(),
  xtc_threshold: probability(),
  ignore_eos: z.boolean().nullish(),
  n_probs: z.number().int().min(0).max(MOST_LIKELIEST).nullish(),
});

/** Sampling fields beyond OpenAI's. */
export type SamplingFields = z.infer<typeof fields>;

/** Fields of llama.cpp's server that would change the answer and that this engine does not have, and when they change nothing. */
const ABSENT: Readonly<Record<string, (value: unknown) => boolean>> = {
  typical_p: (value) => Number(value) >= 1,
  tfs_z: (value) => Number(value) >= 1,
  top_n_sigma: (value) => Number(value) <= 0,
  dynatemp_range: (value) => value === 0,
  mirostat: (value) => value === 0,
  adaptive_target: (value) => Number(value) < 0,
  min_keep: (value) => value === 0,
  n_indent: (value) => value === 0,
  t_max_predict_ms: (value) => Number(value) <= 0,
  samplers: isEmpty,
  lora: isEmpty,
  grammar: isEmpty,
  json_schema: () => false,
  post_sampling_probs: (value) => value === false,
};

function isEmpty(value: unknown): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}

/**
 * Reads the sampling fields of llama.cpp's server.
 * @throws INVALID_VALUE with the field's path, UNSUPPORTED_PARAMETER for one that this engine does not have
 */
export function readSamplingFields(request: Readonly<Record<string, unknown>>): SamplingFields {
  for (const [param, changesNothing] of Object.entries(ABSENT)) {
    const value = request[param];
    if (value === undefined || value === null || changesNothing(value)) continue;
    throw new SmmfError('UNSUPPORTED_PARAMETER', `"${param}" is not supported by the engine llamacpp`, { param });
  }
  const found = fields.safeParse(request);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw new SmmfError('INVALID_VALUE', `Invalid value: ${issue?.message}`, { param: String(issue?.path[0]) });
}

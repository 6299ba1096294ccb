import * as z from 'zod';

/** Token counts of one answer, as OpenAI reports them; unknown fields (`prompt_tokens_details`, …) are kept. */
export const usage = z.looseObject({
  prompt_tokens: z.number().int().nonnegative(),
  completion_tokens: z.number().int().nonnegative().optional(),
  total_tokens: z.number().int().nonnegative(),
});

/** Token counts of one answer. */
export type Usage = z.infer<typeof usage>;

const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 0;

/** Does an engine's `usage` hold counts that can be added up: what else it may hold is not looked at. */
export function isUsage(value: unknown): value is Usage {
  if (typeof value !== 'object' || value === null) return false;
  const { prompt_tokens: input, completion_tokens: output } = value as Readonly<Record<string, unknown>>;
  return isCount(input) && (output === undefined || output === null || isCount(output));
}

import * as z from 'zod';

/** Token counts of one answer, as OpenAI reports them; unknown fields (`prompt_tokens_details`, …) are kept. */
export const usage = z.looseObject({
  prompt_tokens: z.number().int().nonnegative(),
  completion_tokens: z.number().int().nonnegative().optional(),
  total_tokens: z.number().int().nonnegative(),
});

/** Token counts of one answer. */
export type Usage = z.infer<typeof usage>;

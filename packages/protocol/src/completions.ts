import * as z from 'zod';
import { sampling } from './chat.ts';
import { usage } from './usage.ts';

/** Text, several texts, token ids, or several lists of token ids. */
export const promptInput = z.union([
  z.string(),
  z.array(z.string()).min(1),
  z.array(z.number().int()).min(1),
  z.array(z.array(z.number().int()).min(1)).min(1),
]);

/** Body of `POST /v1/completions`; unknown fields are kept. */
export const completionRequest = z.looseObject({
  ...sampling,
  model: z.string().min(1),
  prompt: promptInput,
  best_of: z.number().int().min(1).nullish(),
  echo: z.boolean().nullish(),
  logprobs: z.number().int().min(0).max(5).nullish(),
  suffix: z.string().nullish(),
});

/** Body of `POST /v1/completions`. */
export type CompletionRequest = z.infer<typeof completionRequest>;

/** Reply of completions, and each event of its stream: both carry the same object name. */
export const completion = z.looseObject({
  id: z.string(),
  object: z.literal('text_completion'),
  created: z.number(),
  model: z.string(),
  choices: z.array(
    z.looseObject({
      index: z.number().int(),
      text: z.string(),
      finish_reason: z.string().nullish(),
      logprobs: z.looseObject({}).nullish(),
    }),
  ),
  usage: usage.nullish(),
});

/** Reply of completions, and each event of its stream. */
export type Completion = z.infer<typeof completion>;

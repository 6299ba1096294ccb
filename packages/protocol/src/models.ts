import * as z from 'zod';

/** One model in `GET /v1/models`; engines' own fields (`max_model_len`, `root`, …) are kept. */
export const modelObject = z.looseObject({
  id: z.string(),
  object: z.string().default('model'),
  created: z.number().optional(),
  owned_by: z.string().optional(),
  max_model_len: z.number().int().positive().nullish(),
  parent: z.string().nullish(),
});

/** Reply of `GET /v1/models`. */
export const modelList = z.looseObject({ object: z.literal('list').optional(), data: z.array(modelObject) });

/** Does a list that has `id` name `model`: some services put a prefix or a tag around the name under which they take a model. */
export const isListedAs = (id: string, model: string): boolean =>
  id === model || id === `models/${model}` || id === `${model}:latest`;

/** One model in `GET /v1/models`. */
export type ModelObject = z.infer<typeof modelObject>;
/** Reply of `GET /v1/models`. */
export type ModelList = z.infer<typeof modelList>;

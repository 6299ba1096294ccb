import * as z from 'zod';
import { usage } from './usage.ts';

/** A piece of a message: text, image, audio, file; kinds that SMMF does not know are kept. */
const contentPart = z.looseObject({ type: z.string(), text: z.string().nullish() });

const toolCall = z.looseObject({
  id: z.string(),
  type: z.string().nullish(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }).nullish(),
});

/** One message of a conversation. */
export const chatMessage = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z.union([z.string(), z.array(contentPart)]).nullish(),
  name: z.string().nullish(),
  tool_calls: z.array(toolCall).nullish(),
  tool_call_id: z.string().nullish(),
});

/** A JSON Schema as a client sends it; the engine judges its inside. */
const jsonSchema = z.record(z.string(), z.unknown());

/** A function that the model may call. */
export const chatTool = z.looseObject({
  type: z.string(),
  function: z
    .looseObject({
      name: z.string().min(1).max(128),
      description: z.string().nullish(),
      parameters: jsonSchema.nullish(),
    })
    .nullish(),
});

const toolChoice = z.union([
  z.enum(['none', 'auto', 'required']),
  z.looseObject({ type: z.string(), function: z.looseObject({ name: z.string() }).nullish() }),
]);

const responseFormat = z.looseObject({
  type: z.enum(['text', 'json_object', 'json_schema']),
  json_schema: z.looseObject({ name: z.string().nullish(), schema: jsonSchema.nullish() }).nullish(),
});

/** A signed 64-bit number; beyond 2^53 JSON's reader keeps its leading digits, which is enough to be a seed. */
const seed = z
  .number()
  .refine((value) => Number.isInteger(value) && Math.abs(value) <= 2 ** 63, 'a 64-bit whole number');

/** Sampling fields that chat and completions share. Null means absent, as at OpenAI. */
export const sampling = {
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  logit_bias: z.record(z.string(), z.number().min(-100).max(100)).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  n: z.number().int().min(1).max(8).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  seed: seed.nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  user: z.string().nullish(),
};

/**
 * Body of `POST /v1/chat/completions`; unknown fields are kept at every level.
 * @see OpenAI's openapi.yaml, spec version 2.3.0, read 2026-08
 */
export const chatRequest = z.looseObject({
  ...sampling,
  model: z.string().min(1),
  messages: z.array(chatMessage).min(1),
  max_completion_tokens: z.number().int().positive().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  response_format: responseFormat.nullish(),
  tools: z.array(chatTool).nullish(),
  tool_choice: toolChoice.nullish(),
  reasoning_effort: z.string().nullish(),
});

/** Body of `POST /v1/chat/completions`. */
export type ChatRequest = z.infer<typeof chatRequest>;
/** One message of a conversation. */
export type ChatMessage = z.infer<typeof chatMessage>;
/** A function that the model may call. */
export type ChatTool = z.infer<typeof chatTool>;

const logprobs = z.looseObject({
  content: z.array(z.looseObject({})).nullish(),
  refusal: z.array(z.looseObject({})).nullish(),
});

/** Reply of chat without `stream`; engines' answers are read with it, so everything they may leave out is optional. */
export const chatCompletion = z.looseObject({
  id: z.string(),
  object: z.literal('chat.completion'),
  created: z.number(),
  model: z.string(),
  choices: z.array(
    z.looseObject({
      index: z.number().int(),
      message: z.looseObject({
        role: z.string(),
        content: z.string().nullish(),
        refusal: z.string().nullish(),
        reasoning_content: z.string().nullish(),
        tool_calls: z.array(toolCall).nullish(),
      }),
      finish_reason: z.string().nullable(),
      logprobs: logprobs.nullish(),
    }),
  ),
  usage: usage.nullish(),
});

/** Reply of chat without `stream`. */
export type ChatCompletion = z.infer<typeof chatCompletion>;

/** One event of a streamed chat. */
export const chatChunk = z.looseObject({
  id: z.string(),
  object: z.literal('chat.completion.chunk'),
  created: z.number(),
  model: z.string(),
  choices: z.array(
    z.looseObject({
      index: z.number().int(),
      delta: z.looseObject({
        role: z.string().nullish(),
        content: z.string().nullish(),
        refusal: z.string().nullish(),
        reasoning_content: z.string().nullish(),
        tool_calls: z
          .array(
            z.looseObject({
              index: z.number().int(),
              id: z.string().nullish(),
              type: z.string().nullish(),
              function: z.looseObject({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
            }),
          )
          .nullish(),
      }),
      finish_reason: z.string().nullish(),
      logprobs: logprobs.nullish(),
    }),
  ),
  usage: usage.nullish(),
});

/** One event of a streamed chat. */
export type ChatChunk = z.infer<typeof chatChunk>;

import * as z from 'zod';
import { promptInput } from './completions.ts';
import type { ResultHeaders } from './result-headers.ts';
import { type Usage, usage } from './usage.ts';

/** Body of `POST /v1/embeddings`; unknown fields are kept. */
export const embeddingRequest = z.looseObject({
  model: z.string().min(1),
  input: promptInput,
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.number().int().positive().nullish(),
  user: z.string().nullish(),
});

/** Body of `POST /v1/embeddings`. */
export type EmbeddingRequest = z.infer<typeof embeddingRequest>;

/** What a typed worker answers: one vector for each input, in order. */
export interface EmbeddingResult {
  readonly vectors: readonly (Float32Array | readonly number[])[];
  readonly usage: Usage;
  readonly headers?: ResultHeaders;
}

/** Reply of embeddings; each vector is a list of numbers, or base64 of little-endian 32-bit floats. */
export const embeddingReply = z.looseObject({
  object: z.literal('list'),
  data: z.array(
    z.looseObject({
      object: z.string(),
      index: z.number().int(),
      embedding: z.union([z.string(), z.array(z.number())]),
    }),
  ),
  model: z.string(),
  usage: usage.nullish(),
});

/** Reply of embeddings. */
export type EmbeddingReply = z.infer<typeof embeddingReply>;

/** Base64 of little-endian 32-bit floats, as the OpenAI SDKs decode it. */
export function toBase64(vector: Float32Array | readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (let index = 0; index < vector.length; index++) bytes.writeFloatLE(vector[index] ?? 0, index * 4);
  return bytes.toString('base64');
}

/** The numbers behind {@link toBase64}. */
export function fromBase64(text: string): number[] {
  const bytes = Buffer.from(text, 'base64');
  return Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readFloatLE(index * 4));
}

/** The reply with every vector in the form that the client asked for; the same object when all are in it already. */
export function inEncoding(reply: EmbeddingReply, base64: boolean): EmbeddingReply {
  const wanted = base64 ? 'string' : 'object';
  if (reply.data.every(({ embedding }) => typeof embedding === wanted)) return reply;
  const convert = (embedding: string | number[]): string | number[] => {
    if (base64) return typeof embedding === 'string' ? embedding : toBase64(embedding);
    return typeof embedding === 'string' ? fromBase64(embedding) : embedding;
  };
  return { ...reply, data: reply.data.map((item) => ({ ...item, embedding: convert(item.embedding) })) };
}

/** Renders what a typed worker answered. */
export function renderEmbeddings(result: EmbeddingResult, model: string, base64: boolean): EmbeddingReply {
  const data = result.vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: base64 ? toBase64(vector) : Array.from(vector),
  }));
  return { object: 'list', data, model, usage: result.usage };
}

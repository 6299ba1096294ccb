import * as z from 'zod';
import type { ResultHeaders } from './result-headers.ts';
import { type Usage, usage } from './usage.ts';

/**
 * Body of a rerank, as Cohere (v1 and v2) and Jina defined it and vLLM and llama-server take it; unknown fields are kept. Two fields of Cohere's
 * need no more than that: `max_chunks_per_doc` has no meaning where a document is never split, and `rank_fields` is refused before.
 */
export const rerankRequest = z.looseObject({
  model: z.string().min(1),
  query: z.string().min(1),
  documents: z.array(z.union([z.string(), z.looseObject({ text: z.string() })])).min(1),
  /** The best so many; 0 or absent: all. */
  top_n: z.number().int().nonnegative().nullish(),
  return_documents: z.boolean().nullish(),
  /** The model's own numbers, not brought between 0 and 1; for workers that know both. */
  raw_scores: z.boolean().nullish(),
  /** The most tokens of a document that need be read; a worker that reads more of it ranks no worse. */
  max_tokens_per_doc: z.number().int().positive().nullish(),
});

/** Body of a rerank. */
export type RerankRequest = z.infer<typeof rerankRequest>;

/** What a typed worker answers: the score of each document, in the order of the request, higher is closer. */
export interface RerankResult {
  readonly scores: readonly number[];
  readonly usage: Usage;
  readonly headers?: ResultHeaders;
}

const rerankMetaSchema = z.looseObject({
  api_version: z.looseObject({ version: z.string() }).nullish(),
  billed_units: z.looseObject({ search_units: z.number().optional() }).nullish(),
});

/** Reply of rerank: best document first. Engines may leave out what is optional here; SMMF's own answers have all of it. */
export const rerankReply = z.looseObject({
  id: z.string().optional(),
  model: z.string().optional(),
  results: z.array(
    z.looseObject({
      index: z.number().int(),
      relevance_score: z.number(),
      /** Where the request has `return_documents`; an engine may send it unasked. */
      document: z.unknown().optional(),
    }),
  ),
  usage: usage.partial().nullish(),
  meta: rerankMetaSchema.nullish(),
});

/** Reply of rerank. */
export type RerankReply = z.infer<typeof rerankReply>;

/** Documents of one search unit in Cohere's price list (2026-11), which clients that add up costs read. */
const UNIT_DOCUMENTS = 100;

/** `meta` of an answer as Cohere's clients read it. @param documents how many were ranked */
export function rerankMeta(documents: number): NonNullable<RerankReply['meta']> {
  return {
    api_version: { version: '2' },
    billed_units: { search_units: Math.ceil(documents / UNIT_DOCUMENTS) },
  };
}

/** Does a typed worker's answer have a number for each document. */
export function isRanking({ scores }: RerankResult, { documents }: RerankRequest): boolean {
  return scores.length === documents.length && scores.every(Number.isFinite);
}

/** Renders what a typed worker answered: sorted by score, cut to `top_n` (0 or absent: all). */
export function renderRerank(result: RerankResult, request: RerankRequest, id: string): RerankReply {
  const results = result.scores
    .map((score, index) => ({ index, relevance_score: score }))
    .sort((a, b) => b.relevance_score - a.relevance_score)
    .slice(0, request.top_n || undefined)
    .map((item) => {
      const document = request.documents[item.index];
      if (!request.return_documents || document === undefined) return item;
      return { ...item, document: typeof document === 'string' ? { text: document } : document };
    });
  return { id, model: request.model, results, usage: result.usage, meta: rerankMeta(request.documents.length) };
}

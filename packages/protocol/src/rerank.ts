import * as z from 'zod';
import type { ResultHeaders } from './result-headers.ts';
import { type Usage, usage } from './usage.ts';

/** Body of `POST /v1/rerank`, as Cohere and Jina defined it and vLLM, llama-server and TEI take it; unknown fields are kept. */
export const rerankRequest = z.looseObject({
  model: z.string().min(1),
  query: z.string(),
  documents: z.array(z.union([z.string(), z.looseObject({ text: z.string() })])).min(1),
  top_n: z.number().int().nonnegative().nullish(),
  return_documents: z.boolean().nullish(),
});

/** Body of `POST /v1/rerank`. */
export type RerankRequest = z.infer<typeof rerankRequest>;

/** What a typed worker answers: the score of each document, in the order of the request, higher is closer. */
export interface RerankResult {
  readonly scores: readonly number[];
  readonly usage: Usage;
  readonly headers?: ResultHeaders;
}

/** Reply of rerank: best document first. */
export const rerankReply = z.looseObject({
  id: z.string().optional(),
  model: z.string().optional(),
  results: z.array(z.looseObject({ index: z.number().int(), relevance_score: z.number() })),
  usage: usage.partial().nullish(),
});

/** Reply of rerank. */
export type RerankReply = z.infer<typeof rerankReply>;

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
  return { id, model: request.model, results, usage: result.usage };
}

import type { BodyEdits, Profile, RouterRequest } from '@smmf/core';
import { documentTexts, fieldValue } from '@smmf/protocol';

/** TEI gives all results: a cut that would have taken some away is told. */
function isCut({ body, fields }: RouterRequest): boolean {
  const best = Number(fieldValue(body, fields.get('top_n')) ?? 0);
  return best > 0 && best < (fields.get('documents')?.length ?? 0);
}

/** It takes no null for absent. */
function withoutNull({ fields }: RouterRequest): BodyEdits['fields'] {
  return fields.get('raw_scores')?.kind === 'null' ? { raw_scores: undefined } : {};
}

function edits(request: RouterRequest): BodyEdits | undefined {
  if (request.task !== 'rerank') return undefined;
  const texts = documentTexts(request.body, request.fields);
  return {
    // It need not return the texts: the router has them from the request.
    fields: { documents: undefined, texts, top_n: undefined, return_documents: undefined, ...withoutNull(request) },
    ...(isCut(request) ? { adjusted: ['top_n'] } : {}),
  };
}

/**
 * The profile of Text Embeddings Inference (1.9.3, 2026-11), which wants `texts` to rank, in place of `documents`, and knows no `top_n`. The router
 * makes a reply of the list that it answers. Its rerank is beside the OpenAI API:
 * `{ url: 'http://tei:3000', paths: { rerank: '/rerank', embeddings: '/v1/embeddings' } }`. More texts than its `--max-client-batch-size` (32)
 * are refused by TEI.
 */
export const teiProfile: Profile = { edits };

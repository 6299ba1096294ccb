import type { Dialect, Json, Refusal } from './dialect.ts';
import { textOf } from './said.ts';

/** A vector that tells its text: no two texts of a test share one. */
export function vectorOf(text: string): number[] {
  const codes = [...text].map((character) => character.codePointAt(0) ?? 0);
  return [codes.length / 8, codes.reduce((sum, code, at) => sum + code * (at + 1), 0) / 64, -0.5];
}

const base64 = (vector: readonly number[]): string => Buffer.from(Float32Array.from(vector).buffer).toString('base64');

/** The vendor's answer to a call for embeddings; three tokens for each text. */
export function embeddingsAnswer({ embeddings }: Dialect, body: Json): Refusal {
  if (!embeddings) return { status: 404, body: { error: { message: 'no such route' } } };
  const inputs = [body.input].flat().map(textOf);
  const wantsBase64 = body.encoding_format === 'base64';
  if (inputs.length > embeddings.batch || (wantsBase64 && !embeddings.base64)) return embeddings.refusal;
  const data = inputs.map((text, index) => {
    const vector = vectorOf(text);
    return { object: 'embedding', index, embedding: wantsBase64 ? base64(vector) : vector };
  });
  const tokens = inputs.length * 3;
  const usage = { prompt_tokens: tokens, total_tokens: tokens };
  return { status: 200, body: { object: 'list', data, model: body.model, usage } };
}

/** The vendor's answer to a call for ranking: longer documents are better ones. */
export function rerankAnswer({ rerank }: Dialect, body: Json): Refusal {
  if (!rerank) return { status: 404, body: { error: { message: 'no such route' } } };
  const documents = (body.documents ?? []) as readonly string[];
  const scored = documents.map((text, index) => ({ index, relevance_score: text.length / 100 }));
  const best = scored
    .sort((a, b) => b.relevance_score - a.relevance_score)
    .slice(0, Number(body.top_n ?? scored.length));
  return { status: 200, body: rerank.answer(best, String(body.model)) };
}

/** The list of models as OpenAI gives it. */
export const openAiList = (models: readonly string[]): Json => ({
  object: 'list',
  data: models.map((id) => ({ id, object: 'model', created: 1_764_000_000, owned_by: 'vendor' })),
});

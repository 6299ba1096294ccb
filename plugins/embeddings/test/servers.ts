import type { FixedAnswer, FixedRoutes } from '@smmf/testkit';

type Json = Readonly<Record<string, unknown>>;

const textsIn = (input: unknown): readonly string[] => (Array.isArray(input) ? input : [input]).map(String);

/** A vector that tells its text: no two texts of these tests share one. */
export const vectorOf = (text: string): readonly number[] => [text.length, text.charCodeAt(0) / 128, 0.25, -1];
const scoreOf = (text: string): number => text.length / 10;

/** What OpenAI's route answers. */
function embeddings(input: unknown, model: string): Json {
  const data = textsIn(input).map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) }));
  const prompt_tokens = data.length * 3;
  return { object: 'list', data, model, usage: { prompt_tokens, total_tokens: prompt_tokens } };
}

const TOO_LONG = 512;
const isTooLong = (texts: readonly string[]): boolean => texts.some(({ length }) => length > TOO_LONG);
const tooLong = 'Input validation error: `inputs` must have less than 512 tokens. Given: 1026';

/**
 * Text Embeddings Inference with `--auto-truncate false`, by its kind of model. Neither list of models nor `top_n`; null is no flag.
 * @see router/src/http/server.rs, router/src/http/types.rs and docs/openapi.json of text-embeddings-inference 1.9.3, read 2026-11; not run
 */
export function tei(kind: 'embedding' | 'reranker', batch = 32): FixedRoutes {
  const refused = (count: number): string => `batch size ${count} > maximum allowed batch size ${batch}`;
  const fault = (message: string): FixedAnswer => ({ status: 413, body: { message, code: 413, type: 'Validation' } });
  const native = (error: string): FixedAnswer => ({ status: 413, body: { error, error_type: 'Validation' } });
  return {
    'GET /health': { body: '' },
    'GET /info': {
      body: {
        model_id: 'a/model',
        model_sha: null,
        model_dtype: 'float32',
        model_type: { [kind]: kind === 'embedding' ? { pooling: 'mean' } : { id2label: { 0: 'LABEL_0' } } },
        max_concurrent_requests: 512,
        max_input_length: 512,
        max_batch_tokens: 16_384,
        max_client_batch_size: batch,
        auto_truncate: false,
        version: '1.9.3',
      },
    },
    'GET /metrics': { body: '# TYPE te_queue_size gauge\nte_queue_size 4\n' },
    'POST /v1/embeddings'(body) {
      const { input } = body as Json;
      const texts = textsIn(input);
      if (texts.length > batch) return fault(refused(texts.length));
      return isTooLong(texts) ? fault(tooLong) : { body: embeddings(input, 'a/model') };
    },
    'POST /rerank'(body) {
      const { texts, raw_scores: raw } = body as { texts?: readonly string[]; raw_scores?: unknown };
      if (!texts || raw === null) return { status: 422, body: 'Failed to deserialize the JSON body: missing field' };
      if (texts.length > batch) return native(refused(texts.length));
      if (isTooLong(texts)) return native(tooLong);
      const ranks = texts.map((text, index) => ({ index, score: scoreOf(text) }));
      return { body: ranks.sort((a, b) => b.score - a.score) };
    },
  };
}

const detail = (loc: readonly string[], msg: string): FixedAnswer => ({
  status: 422,
  body: { detail: [{ type: 'type_error', loc: ['body', ...loc], msg, input: null }] },
});

/**
 * Infinity, which serves several models by name, below its `--url-prefix`. Fields that it does not know it passes over.
 * @see libs/infinity_emb/infinity_emb/infinity_server.py and fastapi_schemas/ of michaelfeil/infinity 0.0.77, read 2026-11; not run
 */
export function infinity(prefix = ''): FixedRoutes {
  const name = 'BAAI/bge-small-en-v1.5';
  const unknown = (model: unknown): FixedAnswer | undefined => {
    if (model === name) return undefined;
    const message = `Invalid model: Engine for model name ${model} not found. Available model names are ['${name}']`;
    return { status: 400, body: { error: { message, type: null, param: null, code: 400 } } };
  };
  return {
    'GET /health': { body: { unix: 1_764_000_000 } },
    [`GET ${prefix}/models`]: {
      body: {
        object: 'list',
        data: [{ id: name, stats: {}, object: 'model', owned_by: 'infinity', created: 1, backend: 'torch' }],
      },
    },
    [`POST ${prefix}/embeddings`](body) {
      const { input, model, encoding_format: format } = body as Json;
      if (format === null) return detail(['encoding_format'], "Input should be 'float' or 'base64'");
      if ((Array.isArray(input) ? input : [input]).some((item) => typeof item !== 'string'))
        return detail(['input'], 'Input should be a valid string');
      if (textsIn(input).some((text) => text.length > 122_880))
        return detail(['input'], 'String should have at most 122880 characters');
      return unknown(model) ?? { body: { ...embeddings(input, name), id: 'infinity-1', created: 1 } };
    },
    [`POST ${prefix}/rerank`](body) {
      const { documents, model, top_n: best, raw_scores: raw, return_documents: withTexts } = body as Json;
      if (raw === null || withTexts === null) return detail(['raw_scores'], 'Input should be a valid boolean');
      const ranks = textsIn(documents).map((text, index) => ({ relevance_score: scoreOf(text), index }));
      const results = ranks
        .sort((a, b) => b.relevance_score - a.relevance_score)
        .slice(0, Number(best ?? ranks.length));
      const usage = { prompt_tokens: 9, total_tokens: 9 };
      return (
        unknown(model) ?? { body: { object: 'rerank', results, model: name, usage, id: 'infinity-2', created: 1 } }
      );
    },
  };
}

/**
 * An endpoint for feature extraction: a list of texts in, a list of vectors out, the tokens in a header.
 * @see packages/inference of huggingface.js 4.13.30 and `POST /` of text-embeddings-inference 1.9.3, which such endpoints run; read 2026-11; not run
 */
export function huggingFace(path: string): FixedRoutes {
  return {
    [`POST ${path}`](body) {
      const { inputs } = body as { inputs: readonly string[] };
      const error = `batch size ${inputs.length} > maximum allowed batch size 32`;
      if (inputs.length > 32) return { status: 413, body: { error, error_type: 'Validation' } };
      if (isTooLong(inputs)) return { status: 413, body: { error: tooLong, error_type: 'Validation' } };
      return { body: inputs.map(vectorOf), headers: { 'x-compute-tokens': String(inputs.length * 3) } };
    },
  };
}

import { type Differences, type OpenAiWorkerOptions, typedFault } from '@smmf/client';
import { type Call, type EngineContext, type HttpHeaders, type Profile, SmmfError, type TaskMap } from '@smmf/core';
import type { EmbeddingRequest } from '@smmf/protocol';
import * as z from 'zod';
import type { RemoteSettings } from '../options.ts';
import { shape } from '../pooling.ts';
import { TEI_BATCH, teiDifferences } from './tei.ts';

/** Endpoints for embeddings run TEI, and so do those of the Inference Providers; the words of errors are its own. */
export const hfDifferences: Differences = { ...teiDifferences, vendor: 'The Hugging Face endpoint' };

const BODY_LIMIT = 64 * 2 ** 20;

const vectors = z.array(z.array(z.number()));

/** @throws INVALID_VALUE for token ids, which `featureExtraction` does not take */
function textsOf({ input }: EmbeddingRequest): readonly string[] {
  const list = Array.isArray(input) ? input : [input];
  const isText = (item: unknown): item is string => typeof item === 'string';
  if (list.every(isText)) return list;
  throw new SmmfError('INVALID_VALUE', 'This model takes texts and no token ids', { param: 'input' });
}

/** One vector of the same length for each text. @throws ENGINE_FAILED for anything else */
function checked(output: unknown, count: number): number[][] {
  const { data } = vectors.safeParse(output);
  const width = data?.[0]?.length ?? 0;
  if (data?.length === count && width > 0 && data.every(({ length }) => length === width)) return data;
  const isMatrix = Array.isArray(output) && Array.isArray(output[0]) && Array.isArray(output[0][0]);
  const what = isMatrix
    ? 'a vector for each token: a model that pools them into one for each text is needed'
    : `no list of ${count} vectors of one length`;
  throw new SmmfError('ENGINE_FAILED', `The Hugging Face endpoint gave ${what}`);
}

/** The first numbers of a vector, made of length 1 again. @throws INVALID_VALUE for more than it has */
function cut(vector: readonly number[], dimensions: number | null | undefined): Float32Array | readonly number[] {
  if (dimensions === undefined || dimensions === null) return vector;
  if (dimensions <= vector.length) return shape(Float32Array.from(vector), dimensions, true);
  const text = `This model's vectors have ${vector.length} dimensions`;
  throw new SmmfError('INVALID_VALUE', text, { param: 'dimensions' });
}

/** How the endpoint is reached. */
type Reach = Required<Pick<OpenAiWorkerOptions, 'headers' | 'connectTimeoutMs'>> &
  Pick<OpenAiWorkerOptions, 'proxy' | 'tls'> & { readonly profile: Profile };

/** A `fetch` for the SDK over our own client, which throws our own errors: the SDK's hold the texts that were sent. */
function createSdkFetch(
  reach: Reach,
  { http, clock }: EngineContext,
  call: Call,
  onHeaders: (headers: HttpHeaders) => void,
): typeof fetch {
  const { profile, proxy, tls, connectTimeoutMs } = reach;
  const headers = { ...reach.headers, 'content-type': 'application/json' };
  return async (url, init) => {
    const headTimeoutMs = Math.max(1, call.deadlineMs - clock.now());
    const way = { proxy, tls, connectTimeoutMs, headTimeoutMs, bodyLimitBytes: BODY_LIMIT };
    const request = { url: String(url), headers, body: String(init?.body ?? ''), ...way };
    const { status, text, answer } = await http
      .request(request, call.signal)
      .then(async (response) => ({ status: response.status, text: await response.text(), answer: response }))
      .catch((cause: unknown) => {
        call.signal.throwIfAborted();
        throw new SmmfError('ENGINE_UNREACHABLE', 'The Hugging Face endpoint cannot be reached', { cause });
      });
    const json = parsed(text);
    onHeaders(answer.headers);
    if (status === 200 && json !== undefined) return Response.json(json);
    throw typedFault(hfDifferences.vendor, profile, { status, headers: answer.headers, url: answer.url, text, json });
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** TEI tells its count of tokens in a header alone, which the SDK does not hand on. @see `ResponseMetadata` in router/src/lib.rs of TEI 1.9.3, read 2026-11 */
const TOKENS = 'x-compute-tokens';

/** Embeddings by `featureExtraction` of `@huggingface/inference`, in parts. Tokens are 0 where the endpoint tells none. */
export async function createHfEmbedder(
  { url, batch = TEI_BATCH }: RemoteSettings,
  reach: Reach,
  context: EngineContext,
): Promise<NonNullable<TaskMap['embeddings']>> {
  const { featureExtraction } = await import('@huggingface/inference');
  return async (request, call) => {
    const texts = textsOf(request);
    let tokens = 0;
    // It would ask again at once, without end, after each 503.
    const own = createSdkFetch(reach, context, call, ({ [TOKENS]: told }) => {
      tokens += Number(told) || 0;
    });
    const options = { retry_on_error: false, signal: call.signal, fetch: own };
    const all: (Float32Array | readonly number[])[] = [];
    for (let at = 0; at < texts.length; at += batch) {
      const inputs = texts.slice(at, at + batch);
      const output = await featureExtraction({ endpointUrl: url, inputs }, options);
      for (const vector of checked(output, inputs.length)) all.push(cut(vector, request.dimensions));
    }
    return { vectors: all, usage: { prompt_tokens: tokens, total_tokens: tokens } };
  };
}

import {
  type Call,
  type DialTarget,
  type HttpAnswer,
  type HttpClient,
  type Profile,
  type Secret,
  SmmfError,
  type TaskMap,
} from '@smmf/core';
import { type EmbeddingRequest, fromBase64, isUsage } from '@smmf/protocol';
import * as z from 'zod';
import { createParameterMap } from './parameters.ts';
import { typedFault } from './typed-fault.ts';
import type { VendorProfile } from './vendor-profile.ts';

/** Where the parts go, and how. */
export interface EmbedderOptions extends Pick<DialTarget, 'proxy' | 'egress' | 'tls' | 'connectTimeoutMs'> {
  readonly vendor: Pick<VendorProfile, 'vendor' | 'parameters' | 'usage' | 'paths' | 'embeddings'>;
  readonly url: string;
  /** The vendor's own name. */
  readonly model: string;
  readonly strict?: boolean;
  /** What is shown beside OpenAI's headers, with the key of the lane. */
  readonly headers: (lane: string) => Readonly<Record<string, string | Secret>>;
  /** Most inputs of one call, where it is learnt; default what the profile says. */
  readonly batch?: () => number;
  readonly profile: Profile;
  /** On the scale of a call's deadline. */
  readonly now: () => number;
}

type Fields = Record<string, unknown>;

/** What is needed of an answer; an index that is missing is the place in the list. */
const reply = z.looseObject({
  data: z.array(
    z.looseObject({ index: z.int().optional(), embedding: z.union([z.string(), z.array(z.number()).readonly()]) }),
  ),
  usage: z.unknown().optional(),
});

const BODY_LIMIT = 64 * 2 ** 20;
/** What OpenAI takes at once. */
const BATCH = 2_048;

/** Each text, or each list of tokens, for itself. */
function inputsOf({ input }: EmbeddingRequest): readonly unknown[] {
  return Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
}

function* partsOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/** The vectors of one part, in the order of its inputs. */
function vectorsIn({ status, json }: HttpAnswer, count: number): z.output<typeof reply> | undefined {
  const parsed = status === 200 ? reply.safeParse(json).data : undefined;
  if (parsed?.data.length !== count) return undefined;
  const placed = parsed.data.map((item, place) => ({ ...item, index: item.index ?? place }));
  return { ...parsed, data: placed.sort((a, b) => a.index - b.index) };
}

/**
 * Embeddings of a vendor with a limit on the inputs of one call, or that knows floats only: the parts go one after another under one
 * lease, their vectors in the order of the inputs, their usage summed. One part that fails fails all.
 */
export function createEmbedder(options: EmbedderOptions, http: HttpClient): NonNullable<TaskMap['embeddings']> {
  const { vendor, url, model, strict = false, profile, proxy, egress, tls, connectTimeoutMs } = options;
  const map = createParameterMap(vendor, model, strict);
  const { batch: most = BATCH, floatsOnly = false } = vendor.embeddings ?? {};
  const { batch = () => most } = options;
  const path = vendor.paths?.embeddings ?? '/embeddings';

  const ask = async (body: Fields, { signal, lane = 'default', deadlineMs }: Call): Promise<HttpAnswer> => {
    const headTimeoutMs = Math.max(1, deadlineMs - options.now());
    const way = { proxy, egress, tls, connectTimeoutMs };
    const more = { headers: options.headers(lane), ...way, headTimeoutMs, bodyLimitBytes: BODY_LIMIT };
    return http.post(`${url}${path}`, body, signal, more).catch((cause: unknown) => {
      signal.throwIfAborted();
      throw new SmmfError('ENGINE_UNREACHABLE', `${vendor.vendor} cannot be reached`, { cause });
    });
  };

  return async (request, call) => {
    const { encoding_format: _, ...rest } = request;
    const { fields, adjusted } = mapped({ ...rest, ...(floatsOnly ? {} : { encoding_format: 'float' }) }, map);
    const vectors: (readonly number[])[] = [];
    let tokens = 0;
    for (const input of partsOf(inputsOf(request), batch())) {
      const answer = await ask({ ...fields, model, input }, call);
      const part = vectorsIn(answer, input.length);
      if (!part) throw typedFault(vendor.vendor, profile, answer, call.lane);
      for (const { embedding } of part.data)
        vectors.push(typeof embedding === 'string' ? fromBase64(embedding) : embedding);
      tokens += isUsage(part.usage) ? part.usage.prompt_tokens : 0;
    }
    const usage = { prompt_tokens: tokens, total_tokens: tokens };
    return { vectors, usage, ...(adjusted === '' ? {} : { headers: { 'x-smmf-adjusted': adjusted } }) };
  };
}

/** The parameter map over a parsed body. */
function mapped(
  body: Fields,
  map: ReturnType<typeof createParameterMap>,
): { readonly fields: Fields; readonly adjusted: string } {
  const edits = map?.({
    task: 'embeddings',
    stream: false,
    names: Object.keys(body),
    has: (name) => body[name] !== undefined,
    text: (name) => JSON.stringify(body[name]),
  });
  const changed = Object.entries(edits?.fields ?? {}).map(([name, text]) => [
    name,
    text === undefined ? undefined : JSON.parse(text),
  ]);
  return { fields: { ...body, ...Object.fromEntries(changed) }, adjusted: edits?.adjusted?.join(', ') ?? '' };
}

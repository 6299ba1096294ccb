import {
  type Call,
  type EgressZone,
  type HttpAnswer,
  type HttpClient,
  type Profile,
  redact,
  type Secret,
  SmmfError,
  type TaskMap,
  type TlsSettings,
} from '@smmf/core';
import { type EmbeddingRequest, fromBase64, isUsage, readErrorBody } from '@smmf/protocol';
import * as z from 'zod';
import { type Credentials, headersFor } from './credentials.ts';
import { createParameterMap } from './parameters.ts';
import type { VendorProfile } from './vendor-profile.ts';

/** Where the parts go, and how. */
export interface EmbedderOptions {
  readonly vendor: VendorProfile;
  readonly url: string;
  /** The vendor's own name. */
  readonly model: string;
  readonly strict: boolean;
  readonly headers: Readonly<Record<string, string | Secret>>;
  readonly proxy: 'none' | 'env';
  readonly egress: EgressZone;
  readonly tls: TlsSettings | undefined;
  readonly credentials: Credentials;
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
const MESSAGE_LIMIT = 500;
/** What OpenAI takes at once. */
const BATCH = 2_048;

/** Each text, or each list of tokens, for itself. */
function inputsOf({ input }: EmbeddingRequest): readonly unknown[] {
  return Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
}

function* partsOf<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

/** What the vendor's answer means when it is no result. */
function faultOf({ vendor, profile }: EmbedderOptions, { status, headers, text, json }: HttpAnswer, lane: string) {
  const header = (name: string): string | undefined => (name in headers ? String(headers[name]) : undefined);
  const known = profile.classify?.({ status, header, body: Buffer.from(text.slice(0, 2 ** 16)) }, lane);
  if (known) return known;
  const said = readErrorBody(json)?.message ?? '';
  const words = redact(said.replaceAll(/\b[a-z][a-z0-9+.-]{1,20}:\/\/\S+/gi, '[url]')).slice(0, MESSAGE_LIMIT);
  if (status >= 400 && status < 500) {
    return new SmmfError('INVALID_REQUEST', words || `${vendor.vendor} refused the request (HTTP ${status})`);
  }
  const cause = new Error(`HTTP ${status}: ${words}`);
  return new SmmfError('ENGINE_FAILED', `${vendor.vendor} sent no embeddings (HTTP ${status})`, { cause });
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
  const { vendor, url, model, strict, headers, proxy, egress, tls, credentials } = options;
  const map = createParameterMap(vendor, model, strict);
  const { batch = BATCH, floatsOnly = false } = vendor.embeddings ?? {};
  const path = vendor.paths?.embeddings ?? '/embeddings';

  const ask = async (body: Fields, { signal, lane = 'default', deadlineMs }: Call): Promise<HttpAnswer> => {
    const headTimeoutMs = Math.max(1, deadlineMs - options.now());
    const shown = { ...headers, ...headersFor(credentials, lane) };
    const more = { headers: shown, proxy, egress, tls, headTimeoutMs, bodyLimitBytes: BODY_LIMIT };
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
    for (const input of partsOf(inputsOf(request), batch)) {
      const answer = await ask({ ...fields, model, input }, call);
      const part = vectorsIn(answer, input.length);
      if (!part) throw faultOf(options, answer, call.lane ?? 'default');
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

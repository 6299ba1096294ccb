import {
  createEmbedder,
  type Differences,
  type EmbedderOptions,
  type Inspection,
  type OpenAiWorkerOptions,
  readLoad,
  type SmallClient,
  teiProfile,
} from '@smmf/client';
import { type EngineContext, type Profile, SmmfError } from '@smmf/core';
import * as z from 'zod';
import type { RemoteSettings } from '../options.ts';

/**
 * What errors of TEI mean: 413 is a text that is too long as well as a list that is, 424 a failure of its model.
 * @see router/src/http/server.rs (`ErrorType` and its statuses) and core/src/tokenization.rs of text-embeddings-inference 1.9.3, read 2026-11
 */
export const teiDifferences: Differences = {
  vendor: 'TEI',
  chunks: 'as-is',
  errors: [
    { message: /must have less than \d+ tokens/, is: 'context' },
    { status: 424, is: 'failed' },
    { status: 429, is: 'overloaded' },
  ],
};

/** TEI's `--max-client-batch-size` where nobody sets it. */
export const TEI_BATCH = 32;

/** `model_type` is `{ "embedding": … }`, or `{ "reranker": … }`, or a word. */
const info = z.looseObject({
  model_type: z.union([z.string(), z.record(z.string(), z.unknown())]),
  max_input_length: z.int().positive().optional(),
  max_client_batch_size: z.int().positive().optional(),
});

const KINDS: Readonly<Record<RemoteSettings['task'], string>> = { embeddings: 'embedding', rerank: 'reranker' };

/** Reads `/info` and `/health`; `learn` is told how many texts it takes at once. */
async function inspectTei(
  task: RemoteSettings['task'],
  learn: (batch: number) => void,
  root: SmallClient,
  signal: AbortSignal,
): Promise<Inspection> {
  const [health, about] = await Promise.all([root.get('/health', signal), root.get('/info', signal)]);
  if (health.status === 503) return { reason: 'TEI says that it is not healthy (HTTP 503); see its log' };
  if (about.status === 401) return { reason: 'TEI refused the key (HTTP 401); apiKey is what --api-key says' };
  const { data } = info.safeParse(about.json);
  if (about.status !== 200 || !data) {
    return {
      note: 'what answers there is no TEI (no /info); is it the right port (3000 by default, 80 in the image)?',
    };
  }
  const kind = typeof data.model_type === 'string' ? data.model_type : Object.keys(data.model_type).join();
  if (kind !== KINDS[task]) return { reason: `TEI has a model of the kind "${kind}" there, which does no ${task}` };
  if (data.max_client_batch_size !== undefined) learn(data.max_client_batch_size);
  return data.max_input_length === undefined ? {} : { contextLength: data.max_input_length };
}

/** @throws INVALID_VALUE for more documents than TEI takes: half a ranking is none */
function rankingProfile(profile: Profile, batch: () => number): Profile {
  return {
    ...profile,
    edits(request) {
      const documents = request.fields.get('documents')?.length ?? 0;
      if (documents <= batch()) return teiProfile.edits?.(request);
      const text = `TEI takes ${batch()} documents at once: send fewer, or start it with --max-client-batch-size ${documents}`;
      throw new SmmfError('INVALID_VALUE', text, { param: 'documents' });
    },
  };
}

/** What of TEI's worker is its own: embeddings go in parts, a rerank as bytes. */
export function createTei(
  { task, batch: most }: RemoteSettings,
  reach: Omit<EmbedderOptions, 'vendor' | 'headers' | 'now' | 'batch'> &
    Required<Pick<OpenAiWorkerOptions, 'root' | 'headers'>>,
  { clock, http }: EngineContext,
): Pick<OpenAiWorkerOptions, 'url' | 'paths' | 'profile' | 'inspect' | 'load' | 'handlers'> {
  const { root: url, headers, profile } = reach;
  let told: number | undefined;
  const batch = (): number => Math.min(most ?? told ?? TEI_BATCH, told ?? Number.POSITIVE_INFINITY);
  const paths = { embeddings: '/v1/embeddings', rerank: '/rerank' };
  const vendor = { ...teiDifferences, paths };
  const embedder = { ...reach, vendor, url, headers: () => headers, batch, now: () => clock.now() };
  const learn = (found: number): void => {
    told = found;
  };
  return {
    url,
    paths,
    profile: rankingProfile(profile, batch),
    handlers: task === 'embeddings' ? { embeddings: createEmbedder(embedder, http) } : {},
    inspect: (client, signal) => inspectTei(task, learn, client, signal),
    load: async (client, signal) => {
      const { text } = await client.get('/metrics', signal);
      return readLoad(text, { waiting: ['te_queue_size'] }, clock.wallMs());
    },
  };
}

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BatchBackend, BatchInput, BatchItem } from '@smmf/protocol';
import { type BackendOptions, load } from '../../src/backend.ts';

const script = join(
  process.env.SMMF_REAL ?? resolve(import.meta.dirname, '../../../../../shared/real'),
  'model-minilm',
);

/** Folder of all-MiniLM-L6-v2; undefined, with the reason printed, where its script is absent. */
export const modelFolder = existsSync(script) ? execFileSync(script, { encoding: 'utf8' }).trim() : undefined;
if (!modelFolder) console.warn(`skipped: no real model (${script} is absent; SMMF_REAL names its folder)`);

/** A text whose vector is known. */
export interface KnownText {
  readonly language: string;
  readonly text: string;
  /** With its marks, before it is cut. */
  readonly tokens: number;
  readonly vector: readonly number[];
}

/** The hundred texts, with vectors computed elsewhere in 64 bits. */
export function knownTexts(): readonly KnownText[] {
  return JSON.parse(readFileSync(join(modelFolder ?? '', 'reference.json'), 'utf8')).items;
}

/** The backend as a thread loads it. */
export function loadBackend(options: Partial<BackendOptions> = {}): BatchBackend<BatchItem> {
  const defaults = { task: 'embeddings', truncate: 'end', dtype: 'fp32', intraOpThreads: 1 } as const;
  const batches = { batchItems: 16, batchTokens: 2_048, batchWait: 2 };
  return load({ folder: modelFolder ?? '', ...defaults, ...batches, ...options }, 'minilm') as BatchBackend<BatchItem>;
}

/** An input of embeddings. */
export function inputOf(text: BatchInput['text'], fields: object = {}, param = 'input'): BatchInput {
  return { task: 'embeddings', text, param, fields: { ...fields } };
}

/** The vectors of texts, in batches of `size`. */
export function embedAll(backend: BatchBackend<BatchItem>, texts: readonly string[], size = 16): Float32Array[] {
  const items = texts.map((text) => backend.read(inputOf(text)));
  const vectors: Float32Array[] = [];
  for (let at = 0; at < items.length; at += size) vectors.push(...(backend.embed?.(items.slice(at, at + size)) ?? []));
  return vectors;
}

/** The largest difference of any two numbers; infinite for vectors of other lengths. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let at = 0; at < a.length; at++) most = Math.max(most, Math.abs((a[at] ?? 0) - (b[at] ?? 0)));
  return most;
}

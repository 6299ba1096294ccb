import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const script = join(process.env.SMMF_REAL ?? resolve(import.meta.dirname, '../../../../shared/real'), 'model-minilm');

/** Folder of all-MiniLM-L6-v2; undefined, with the reason printed, where its script is absent. */
export const folder = existsSync(script) ? execFileSync(script, { encoding: 'utf8' }).trim() : undefined;
if (!folder) console.warn(`skipped: no real model (${script} is absent; SMMF_REAL names its folder)`);

/** A text whose vector is known. */
export interface Known {
  readonly text: string;
  readonly tokens: number;
  readonly vector: readonly number[];
}

/** The hundred texts of the model's folder. */
export const known: readonly Known[] = folder
  ? JSON.parse(readFileSync(join(folder, 'reference.json'), 'utf8')).items
  : [];

/** The largest difference of these vectors from those known of the texts. */
export function distance(vectors: readonly (readonly number[])[], texts: readonly Known[]): number {
  if (vectors.length !== texts.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (const [at, { vector }] of texts.entries())
    for (const [index, value] of vector.entries()) most = Math.max(most, Math.abs((vectors[at]?.[index] ?? 9) - value));
  return most;
}

/** Numbers from 0 to 1 that are the same at every run. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

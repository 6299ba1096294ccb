import { randomInt } from 'node:crypto';
import { SmmfError } from '@smmf/core';
import type { ChatRequest, CompletionRequest } from '@smmf/protocol';
import { type LlamaModel, type SequenceEvaluateOptions, type Token, TokenBias } from 'node-llama-cpp';
import * as z from 'zod';
import type { RunSettings } from './token-run.ts';

/** Sampling fields beyond OpenAI's, under the names that vLLM and llama-server give them. */
const extras = z.object({
  top_k: z.number().int().min(0).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
});

/** llama.cpp's own defaults; temperature and top_p default to 1 as at OpenAI. */
const DEFAULT_TOP_K = 40;
const DEFAULT_MIN_P = 0.05;

/** llama.cpp takes the highest 32-bit number for "any seed". */
const SEEDS = 2 ** 32 - 1;

/** Sampling of one answer; the settings of a {@link RunSettings} that come from the request. */
export type Sampling = Pick<RunSettings, 'sampling' | 'bias' | 'penalties'>;

/**
 * Reads the sampling fields. The result is called with the index of a choice, so that choices differ: with a given seed each has
 * the seed's next number.
 * @throws INVALID_VALUE with the field's path
 */
export function readSampling(
  request: ChatRequest | CompletionRequest,
  model: LlamaModel,
): (choice: number) => Sampling {
  const found = extras.safeParse(request);
  if (!found.success) {
    const [issue] = found.error.issues;
    throw new SmmfError('INVALID_VALUE', `Invalid value: ${issue?.message}`, { param: String(issue?.path[0]) });
  }
  const { frequency_penalty, presence_penalty } = request;
  const seed = request.seed ?? randomInt(SEEDS);
  const bias = readBias(request, model);
  const sampling: SequenceEvaluateOptions = {
    temperature: request.temperature ?? 1,
    topP: request.top_p ?? 1,
    topK: found.data.top_k ?? DEFAULT_TOP_K,
    minP: found.data.min_p ?? DEFAULT_MIN_P,
  };
  const frequencyPenalty = frequency_penalty ?? 0;
  const presencePenalty = presence_penalty ?? 0;
  const penalties = frequencyPenalty || presencePenalty ? { frequencyPenalty, presencePenalty } : undefined;
  return (choice) => ({ sampling: { ...sampling, seed: modulo(seed + choice, SEEDS) }, bias, penalties });
}

const modulo = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor;

function readBias({ logit_bias }: ChatRequest | CompletionRequest, model: LlamaModel): TokenBias | undefined {
  const entries = Object.entries(logit_bias ?? {});
  if (entries.length === 0) return undefined;
  const bias = TokenBias.for(model);
  for (const [key, logit] of entries) {
    const token = Number(key) as Token;
    if (!isToken(token, model) || model.isEogToken(token)) {
      const text = `"${key}" is no token id of this model whose bias can be set`;
      throw new SmmfError('INVALID_VALUE', text, { param: `logit_bias.${key}` });
    }
    bias.set(token, { logit });
  }
  return bias;
}

/** Is this number the id of a token; llama.cpp ends the process on one that is not. */
export function isToken(value: number, model: LlamaModel): boolean {
  const count = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
  return Number.isInteger(value) && value >= 0 && value < count;
}

/** The stop texts of a request; empty ones would stop before the first character and are refused. */
export function readStops({ stop }: ChatRequest | CompletionRequest): string[] {
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  if (stops.includes('')) throw new SmmfError('INVALID_VALUE', 'A stop text must not be empty', { param: 'stop' });
  return stops;
}

/** Values that ask for nothing, as clients send them for fields that they do not use. */
function asksForNothing(param: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  return (Array.isArray(value) && value.length === 0) || (param === 'top_logprobs' && value === 0);
}

/**
 * Refuses fields that would change the answer and that this engine cannot honour.
 * @throws UNSUPPORTED_PARAMETER naming the first one that is set
 */
export function refuse(request: Readonly<Record<string, unknown>>, fields: readonly string[]): void {
  for (const param of fields) {
    if (asksForNothing(param, request[param])) continue;
    throw new SmmfError('UNSUPPORTED_PARAMETER', `"${param}" is not supported by the engine llamacpp`, { param });
  }
}

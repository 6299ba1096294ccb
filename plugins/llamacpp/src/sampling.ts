import { randomInt } from 'node:crypto';
import { SmmfError } from '@smmf/core';
import type { ChatRequest, CompletionRequest } from '@smmf/protocol';
import { type LlamaModel, type SequenceEvaluateOptions, type Token, TokenBias } from 'node-llama-cpp';
import { readSamplingFields, type SamplingFields } from './sampling-fields.ts';
import type { Penalties, RunSettings } from './token-run.ts';

/** llama.cpp's own defaults; temperature and top_p default to 1 as at OpenAI. */
const DEFAULT_TOP_K = 40;
const DEFAULT_MIN_P = 0.05;
const DEFAULT_REPEAT_LAST = 64;
const DEFAULT_XTC_THRESHOLD = 0.1;

/** llama.cpp takes the highest 32-bit number for "any seed". */
const SEEDS = 2 ** 32 - 1;

/** Sampling of one answer; the settings of a {@link RunSettings} that come from the request. */
export type Sampling = Pick<RunSettings, 'sampling' | 'bias' | 'endless' | 'penalties'>;

/**
 * Reads the sampling fields. The result is called with the index of a choice, so that choices differ: with a given seed each has
 * the seed's next number.
 * @throws INVALID_VALUE, UNSUPPORTED_PARAMETER with the field's path
 */
export function readSampling(
  request: ChatRequest | CompletionRequest,
  model: LlamaModel,
): (choice: number) => Sampling {
  const fields = readSamplingFields(request);
  const seed = request.seed ?? randomInt(SEEDS);
  const bias = readBias(request, model);
  const endless = fields.ignore_eos ? withoutEnd(model, readBias(request, model)) : undefined;
  const sampling: SequenceEvaluateOptions = {
    temperature: request.temperature ?? 1,
    topP: request.top_p ?? 1,
    topK: Math.max(fields.top_k ?? DEFAULT_TOP_K, 0),
    minP: fields.min_p ?? DEFAULT_MIN_P,
    ...cuts(fields),
  };
  const penalties = readPenalties(request, fields);
  return (choice) => ({ sampling: { ...sampling, seed: modulo(seed + choice, SEEDS) }, bias, endless, penalties });
}

/** The samplers that are off unless they are asked for. */
function cuts(fields: SamplingFields): Pick<SequenceEvaluateOptions, 'xtc' | 'dryRepeatPenalty'> {
  const { xtc_probability: probability, xtc_threshold: threshold, dry_multiplier: strength } = fields;
  const { dry_base: base, dry_allowed_length: allowedLength, dry_penalty_last_n: reach } = fields;
  const { dry_sequence_breakers: sequenceBreakers } = fields;
  const dry = {
    ...{ strength: strength ?? 0, lastTokens: reach === -1 ? null : (reach ?? DEFAULT_REPEAT_LAST) },
    ...(base ? { base } : {}),
    ...(allowedLength ? { allowedLength } : {}),
    ...(sequenceBreakers ? { sequenceBreakers } : {}),
  };
  return {
    ...(probability ? { xtc: { probability, threshold: threshold ?? DEFAULT_XTC_THRESHOLD } } : {}),
    ...(strength ? { dryRepeatPenalty: dry } : {}),
  };
}

/** OpenAI's penalties count in the whole answer; with a field of llama.cpp's own, all count as there: in the last tokens, the prompt's too. */
function readPenalties(
  { frequency_penalty, presence_penalty }: ChatRequest | CompletionRequest,
  { repeat_penalty: penalty, repeat_last_n: last }: SamplingFields,
): Penalties | undefined {
  const frequencyPenalty = frequency_penalty ?? 0;
  const presencePenalty = presence_penalty ?? 0;
  const isOwnWay = (penalty ?? 1) !== 1 || (last ?? undefined) !== undefined;
  if (last === 0 || (!frequencyPenalty && !presencePenalty && (penalty ?? 1) === 1)) return undefined;
  const reach = last === -1 ? Number.POSITIVE_INFINITY : (last ?? DEFAULT_REPEAT_LAST);
  return { frequencyPenalty, presencePenalty, penalty: penalty ?? 1, last: isOwnWay ? reach : undefined };
}

/** A bias under which an answer never ends by itself. */
function withoutEnd(model: LlamaModel, bias = TokenBias.for(model)): TokenBias {
  const count = model.fileInfo.metadata.tokenizer.ggml.tokens.length;
  for (let token = 0; token < count; token++) {
    if (model.isEogToken(token as Token)) bias.set(token as Token, { logit: Number.NEGATIVE_INFINITY });
  }
  return bias;
}

const modulo = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor;

function readBias({ logit_bias }: ChatRequest | CompletionRequest, model: LlamaModel): TokenBias | undefined {
  const entries = Object.entries(logit_bias ?? {});
  if (entries.length === 0) return undefined;
  const bias = TokenBias.for(model);
  for (const [key, logit] of entries) {
    const token = Number(key) as Token;
    if (!isToken(token, model)) {
      const text = `"${key}" is no token id of this model`;
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
function asksForNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  return Array.isArray(value) && value.length === 0;
}

/**
 * Refuses fields that would change the answer and that this engine cannot honour.
 * @throws UNSUPPORTED_PARAMETER naming the first one that is set
 */
export function refuse(request: Readonly<Record<string, unknown>>, fields: readonly string[]): void {
  for (const param of fields) {
    if (asksForNothing(request[param])) continue;
    throw new SmmfError('UNSUPPORTED_PARAMETER', `"${param}" is not supported by the engine llamacpp`, { param });
  }
}

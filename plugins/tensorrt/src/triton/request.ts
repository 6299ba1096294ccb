import { SmmfError } from '@smmf/core';
import type { ChatRequest, CompletionRequest } from '@smmf/protocol';
import * as z from 'zod';
import { PROMPT } from './layouts.ts';
import type { TritonModel } from './model.ts';

type TextRequest = ChatRequest | CompletionRequest;

/** What would change an answer and what no model of Triton is known to do. */
const UNSUPPORTED = [
  'tools',
  'functions',
  'function_call',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'audio',
  'web_search_options',
  'echo',
  'suffix',
  'chat_template',
];

/** Sampling fields beyond OpenAI's, by the names that engines give them. */
const extras = z.object({
  top_k: z.number().int().min(-1).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  min_tokens: z.number().int().min(0).nullish(),
  repetition_penalty: z.number().positive().nullish(),
});

/** Values of a field that leave an answer as it is, so that no input is needed for them. */
const NEUTRAL: Readonly<Record<string, unknown>> = {
  frequency_penalty: 0,
  presence_penalty: 0,
  repetition_penalty: 1,
  temperature: 1,
  top_p: 1,
  top_k: -1,
  min_p: 0,
  min_tokens: 0,
};

function refusal(param: string, more = ''): SmmfError {
  const text = `"${param}" is not supported by this model of Triton${more}`;
  return new SmmfError('UNSUPPORTED_PARAMETER', text, { param });
}

function asksForNothing(param: string, value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return true;
  if (param === 'top_logprobs' && value === 0) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/**
 * Refuses what would be passed over.
 * @throws UNSUPPORTED_PARAMETER naming the field
 */
export function refuse(request: Readonly<Record<string, unknown>>): void {
  const isWithoutTools = request.tool_choice === 'none';
  for (const param of UNSUPPORTED) {
    const isIdle = isWithoutTools && param === 'tools';
    if (!isIdle && !asksForNothing(param, request[param])) throw refusal(param);
  }
  if (typeof request.n === 'number' && request.n > 1) throw refusal('n', ': it gives one answer to a prompt');
  if (typeof request.best_of === 'number' && request.best_of > 1) throw refusal('best_of');
  const format = request.response_format as { readonly type?: string } | null | undefined;
  if (format && format.type !== 'text') throw refusal('response_format');
}

/** The stop texts of a request. @throws INVALID_VALUE for an empty one, which would stop before the first character */
export function readStops({ stop }: TextRequest): string[] {
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  if (stops.includes('')) throw new SmmfError('INVALID_VALUE', 'A stop text must not be empty', { param: 'stop' });
  return stops;
}

/** A seed is a whole number; models take 64 bits without a sign, and JSON here 53 of them. */
const seedOf = (seed: number): number => Math.abs(seed) % Number.MAX_SAFE_INTEGER;

/** Sampling by the names of the model's inputs. @throws INVALID_VALUE, UNSUPPORTED_PARAMETER with the field's name */
function readSampling(request: TextRequest, { layout, inputs }: TritonModel): Record<string, unknown> {
  const checked = extras.safeParse(request);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new SmmfError('INVALID_VALUE', `Invalid value: ${issue?.message}`, { param: String(issue?.path[0]) });
  }
  const given: Readonly<Record<string, unknown>> = { ...request, ...checked.data };
  const sampling: Record<string, unknown> = {};
  const known = new Map(layout.fields.map((row) => [row.param, row.inputs]));
  for (const param of new Set([...known.keys(), ...Object.keys(NEUTRAL), 'seed'])) {
    const value = given[param];
    if (value === undefined || value === null) continue;
    const names = known.get(param) ?? [];
    const input = layout.samplingInput === undefined ? names.find((name) => inputs.has(name)) : names[0];
    if (input !== undefined) sampling[input] = param === 'seed' ? seedOf(Number(value)) : value;
    else if (value !== NEUTRAL[param]) throw refusal(param, `: it has no input ${names.join(' or ') || 'for it'}`);
  }
  const isGreedy = request.temperature === 0 && given.top_k === undefined;
  for (const [input, value] of Object.entries(isGreedy ? (layout.greedy ?? {}) : {})) {
    if (inputs.has(input)) sampling[input] = value;
  }
  return sampling;
}

/** What one answer is asked for. */
export interface Asked {
  readonly maxTokens: number;
  readonly stops: readonly string[];
}

/** The body of a request but for its prompt. @throws INVALID_VALUE, UNSUPPORTED_PARAMETER with the field's name */
export function bodyOf(request: TextRequest, { maxTokens, stops }: Asked, model: TritonModel): Record<string, unknown> {
  const { layout, inputs, decoupled } = model;
  const sampling = readSampling(request, model);
  const limits: Record<string, unknown> = { [layout.maxTokens]: maxTokens };
  const takesStops = layout.samplingInput !== undefined || inputs.has(layout.stop);
  if (stops.length > 0 && takesStops) limits[layout.stop] = stops;
  const flags: Record<string, unknown> = {};
  if (inputs.has(layout.stream)) flags[layout.stream] = decoupled;
  for (const input of [layout.withoutPrompt, ...askedFor(model)]) if (inputs.has(input)) flags[input] = true;
  if (layout.samplingInput === undefined) return { ...flags, ...limits, ...sampling };
  return { ...flags, [layout.samplingInput]: JSON.stringify({ ...limits, ...sampling }) };
}

const askedFor = ({ extras: outputs }: TritonModel): string[] => [...outputs].map((output) => `return_${output}`);

/** The same with its prompt. */
export const withPrompt = (body: Readonly<Record<string, unknown>>, prompt: string): object => ({
  [PROMPT]: prompt,
  ...body,
});

import { SmmfError } from '@smmf/core';
import type { CompletionRequest } from '@smmf/protocol';
import type { LlamaModel, Token } from 'node-llama-cpp';
import { isToken } from './sampling.ts';

/** One prompt and its path in the request. */
export interface Prompt {
  readonly tokens: readonly Token[];
  /** As it was given; undefined where token ids were. */
  readonly text: string | undefined;
  readonly param: string;
}

/**
 * The prompts of a completion or of embeddings, each given as text or as token ids; texts begin with the model's begin token
 * where it wants one. In a `special` text, the names of control tokens mean these tokens.
 * @throws INVALID_VALUE with the path of an empty prompt or a number that is no token
 */
export function promptTokens(
  input: CompletionRequest['prompt'],
  param: string,
  model: LlamaModel,
  kind: 'special' | 'plain',
): Prompt[] {
  const one = typeof input === 'string' || typeof input[0] === 'number';
  const prompts = (one ? [input] : input) as readonly (string | readonly number[])[];
  return prompts.map((prompt, index) => {
    const path = one ? param : `${param}[${index}]`;
    const tokens = typeof prompt === 'string' ? fromText(prompt, model, kind) : fromIds(prompt, path, model);
    if (tokens.length === 0) throw new SmmfError('INVALID_VALUE', 'A prompt must not be empty', { param: path });
    return { tokens, text: typeof prompt === 'string' ? prompt : undefined, param: path };
  });
}

function fromText(text: string, model: LlamaModel, kind: 'special' | 'plain'): Token[] {
  const { bos, shouldPrependBosToken } = model.tokens;
  const tokens = model.tokenize(text, kind === 'special');
  const isBegun = tokens[0] === bos;
  return bos !== null && !isBegun && (shouldPrependBosToken || tokens.length === 0) ? [bos, ...tokens] : tokens;
}

function fromIds(ids: readonly number[], path: string, model: LlamaModel): Token[] {
  const wrong = ids.findIndex((id) => !isToken(id, model));
  if (wrong < 0) return ids as Token[];
  throw new SmmfError('INVALID_VALUE', `${ids[wrong]} is no token of this model`, { param: `${path}[${wrong}]` });
}

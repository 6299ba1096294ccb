import { SmmfError } from '@smmf/core';
import { LlamaGrammarEvaluationState } from 'node-llama-cpp';
import type { Engine } from './load.ts';

/**
 * Hands a GBNF grammar to llama.cpp. What it returns begins the grammar anew for each text.
 * @param param path of the schema that it came from
 * @throws INVALID_VALUE when llama.cpp cannot take it
 */
export async function compileGrammar(
  { llama, model }: Pick<Engine, 'llama' | 'model'>,
  grammar: string,
  param: string,
): Promise<() => LlamaGrammarEvaluationState> {
  const compiled = await llama.createGrammar({ grammar }).catch((cause: unknown) => {
    const text = 'JSON schema cannot be enforced: it is too large, or refers to nothing but itself';
    throw new SmmfError('INVALID_VALUE', text, { param, cause });
  });
  return () => new LlamaGrammarEvaluationState({ model, grammar: compiled });
}

import { SmmfError } from '@smmf/core';
import { type Llama, LlamaGrammarEvaluationState } from 'node-llama-cpp';
import { jsonGrammar } from './json-grammar.ts';
import type { Engine } from './load.ts';

/** A grammar, begun anew for each text. */
export type Grammar = () => LlamaGrammarEvaluationState;

/** Most schemas whose grammars are kept: agents send the same ones with every turn. */
const MOST_KEPT = 256;

/** The grammars of each library, by schema, the longest unused first. */
const kept = new WeakMap<Llama, Map<string, Grammar>>();

/**
 * Hands a GBNF grammar to llama.cpp.
 * @param param path of the schema that it came from
 * @throws INVALID_VALUE when llama.cpp cannot take it
 */
export async function compileGrammar(
  { llama, model }: Pick<Engine, 'llama' | 'model'>,
  grammar: string,
  param: string,
): Promise<Grammar> {
  const compiled = await llama.createGrammar({ grammar }).catch((cause: unknown) => {
    const text = 'JSON schema cannot be enforced: it is too large, or refers to nothing but itself';
    throw new SmmfError('INVALID_VALUE', text, { param, cause });
  });
  return () => new LlamaGrammarEvaluationState({ model, grammar: compiled });
}

/**
 * The grammar of a JSON schema.
 * @param param path of the schema in the request
 * @throws INVALID_VALUE naming what cannot be enforced
 */
export async function schemaGrammar(
  engine: Pick<Engine, 'llama' | 'model'>,
  schema: object,
  param: string,
): Promise<Grammar> {
  const known = kept.get(engine.llama) ?? new Map<string, Grammar>();
  kept.set(engine.llama, known);
  const key = JSON.stringify(schema);
  const grammar = known.get(key) ?? (await compileGrammar(engine, jsonGrammar(schema, param), param));
  known.delete(key);
  known.set(key, grammar);
  const [oldest] = known.keys();
  if (known.size > MOST_KEPT && oldest !== undefined) known.delete(oldest);
  return grammar;
}

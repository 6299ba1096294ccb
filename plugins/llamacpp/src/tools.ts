import { isSmmfError, SmmfError } from '@smmf/core';
import type { ChatRequest } from '@smmf/protocol';
import type { CallPlan } from './answer.ts';
import type { CallSyntax } from './call-syntax.ts';
import { compileGrammar, type Grammar, schemaGrammar } from './compile-grammar.ts';
import type { ControlTokens } from './control-tokens.ts';
import { Text } from './jinja/text.ts';
import { textGrammar } from './json-grammar.ts';
import { fault } from './json-schema.ts';
import type { Engine } from './load.ts';

/** A function that the model may call; `schema` is undefined when it takes no arguments. */
interface ToolFunction {
  readonly description: string | undefined;
  readonly schema: Readonly<Record<string, unknown>> | undefined;
  /** Arguments that do not follow the schema are worse than none. */
  readonly strict: boolean;
  readonly param: string;
}

/** The functions of a request, and whether one must be called. */
export interface Tools {
  readonly functions: ReadonlyMap<string, ToolFunction>;
  /** Set when the answer must be a call, of the function `name` where it was given. */
  readonly forced: { readonly name: string | undefined } | undefined;
}

/**
 * Reads `tools` and `tool_choice`; undefined when nothing may be called.
 * @throws INVALID_VALUE, UNSUPPORTED_PARAMETER with the field's path
 */
export function readTools({ tools, tool_choice: choice }: ChatRequest): Tools | undefined {
  const functions = new Map<string, ToolFunction>();
  for (const [index, { type, function: declared }] of (tools ?? []).entries()) {
    const param = `tools[${index}]`;
    if (type !== 'function' || !declared) {
      throw new SmmfError('UNSUPPORTED_PARAMETER', `Tools of type "${type}" are not supported`, {
        param: `${param}.type`,
      });
    }
    const { name, description, parameters, strict } = declared;
    if (functions.has(name)) {
      throw new SmmfError('INVALID_VALUE', `Two functions are named "${name}"`, { param: `${param}.function.name` });
    }
    const schema = parameters && Object.keys(parameters).length > 0 ? { type: 'object', ...parameters } : undefined;
    functions.set(name, {
      description: description ?? undefined,
      schema,
      strict: strict === true,
      param: `${param}.function.parameters`,
    });
  }
  const forced = readChoice(choice, functions);
  const [only] = functions.keys();
  if (only === undefined || choice === 'none') return undefined;
  return { functions, forced: forced && functions.size === 1 ? { name: only } : forced };
}

function readChoice(choice: ChatRequest['tool_choice'], functions: ReadonlyMap<string, ToolFunction>): Tools['forced'] {
  if (!choice || choice === 'auto' || choice === 'none') return undefined;
  if (choice === 'required') {
    if (functions.size > 0) return { name: undefined };
    throw new SmmfError('INVALID_VALUE', 'A call is required, but there are no tools', { param: 'tool_choice' });
  }
  const name = choice.function?.name;
  if (choice.type !== 'function' || name === undefined) {
    const text = `A tool choice of type "${choice.type}" is not supported`;
    throw new SmmfError('UNSUPPORTED_PARAMETER', text, { param: 'tool_choice.type' });
  }
  if (functions.has(name)) return { name };
  throw new SmmfError('INVALID_VALUE', `No tool is named "${name}"`, { param: 'tool_choice.function.name' });
}

/** How the functions of a request may be called. */
export interface PlannedCalls {
  readonly plan: CallPlan;
  /** The functions whose arguments may be any object, because no grammar follows their schema, as `x-smmf-adjusted` names them. */
  readonly unbound: readonly string[];
}

/**
 * Compiles the grammars of all functions before anything is written.
 * @throws INVALID_VALUE with the path of a schema that cannot be enforced, where the function is strict
 */
export async function planCalls(
  engine: Engine,
  { functions }: Tools,
  { opening, between }: CallSyntax,
  control: ControlTokens,
): Promise<PlannedCalls> {
  const names = await compileGrammar(engine, textGrammar([...functions.keys()]), 'tools');
  const grammars = new Map<string, Grammar>();
  const unbound: string[] = [];
  for (const [name, tool] of functions) {
    if (!tool.schema) continue;
    const found = await bound(engine, tool.schema, tool.param).catch((error: unknown) => {
      if (!isSmmfError(error) || error.code !== 'INVALID_VALUE') throw error;
      if (tool.strict) throw refusal(name, error);
      unbound.push(shownName(name, tool.param));
      return schemaGrammar(engine, { type: 'object' }, tool.param);
    });
    grammars.set(name, found);
  }
  const plan: CallPlan = {
    opening: (rest) => control.encode(Text.join([Text.foreign(rest), Text.own(opening)]), true),
    nameGrammar: names,
    openingOfArguments: () => control.encode(Text.own(between), true),
    argumentsGrammar: (name) => grammars.get(name)?.(),
  };
  return { plan, unbound };
}

async function bound(engine: Engine, schema: Readonly<Record<string, unknown>>, param: string): Promise<Grammar> {
  const types: unknown[] = [schema.type].flat();
  if (!types.includes('object')) throw fault('"type" of arguments must be "object"', `${param}.type`);
  return schemaGrammar(engine, { ...schema, type: 'object' }, param);
}

function refusal(name: string, error: SmmfError): SmmfError {
  const text = `Tool "${name}" is strict. ${error.message}`;
  return new SmmfError('INVALID_VALUE', text, { ...(error.param ? { param: error.param } : {}), cause: error });
}

/** By its name where a header can hold it. */
const shownName = (name: string, param: string): string =>
  /^[\w.-]{1,64}$/.test(name) ? `tools.${name}` : param.replace('.function.parameters', '');

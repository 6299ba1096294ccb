import { SmmfError } from '@smmf/core';
import type { ChatRequest } from '@smmf/protocol';
import { type ChatWrapper, type LlamaGrammarEvaluationState, LlamaText, type Token } from 'node-llama-cpp';
import type { AnswerPlan } from './answer.ts';
import { type CallSyntax, callSyntaxOf } from './call-syntax.ts';
import { toChatHistory } from './chat-history.ts';
import { compileGrammar } from './compile-grammar.ts';
import { jsonGrammar } from './json-grammar.ts';
import type { Engine } from './load.ts';
import { beginReply, replyMarks } from './reply-marks.ts';
import { readStops, refuse } from './sampling.ts';
import { planCalls, readTools, type Tools } from './tools.ts';

/** Fields of a chat that would change its answer and that this engine does not have. */
const UNSUPPORTED = ['logprobs', 'top_logprobs', 'functions', 'function_call', 'audio', 'web_search_options'];

/** A chat made ready: what the model reads, and how its text is to be taken apart. */
export interface ChatPlan {
  readonly prompt: readonly Token[];
  readonly shown: ReadonlySet<Token>;
  /** Grammars have a state, so each choice has a plan of its own. */
  answer(): AnswerPlan;
}

/**
 * Renders a conversation with the model's template and reads what may be answered.
 * @throws INVALID_VALUE, UNSUPPORTED_PARAMETER, MISSING_REQUIRED_PARAMETER with the field's path
 */
export async function planChat(engine: Engine, template: ChatWrapper, request: ChatRequest): Promise<ChatPlan> {
  refuse(request, UNSUPPORTED);
  const { model } = engine;
  const tools = readTools(request);
  const grammar = await readFormat(engine, request, tools);
  const syntax = callSyntaxOf(template);
  const planned = tools && (await planCalls(engine, tools, syntax));
  const binding = tools?.forced ? 'call' : grammar ? 'text' : 'free';
  const history = toChatHistory(request.messages);
  const start = beginReply(template, history, binding);
  const state = template.generateContextState({ chatHistory: history, ...(tools ? documentation(tools) : {}) });
  const written = { stops: readStops(request), syntax: tools && syntax };
  const { marks, begins, leadIn, callLeadIn } = replyMarks(template, state, binding, start, written);
  const forced = tools?.forced ? [callLeadIn, syntax.opening, ...nameOf(tools.forced.name, syntax)] : [];
  const opening = (rest: string): Token[] =>
    LlamaText([rest, callLeadIn, syntax.opening]).tokenize(model.tokenizer, 'trimLeadingSpace');
  const calls = planned && { ...planned, opening };
  return {
    prompt: LlamaText([state.contextText, leadIn, ...forced]).tokenize(model.tokenizer),
    shown: shownTokens(
      engine,
      Object.values(marks).flatMap((texts) => [...texts.keys()]),
    ),
    answer: () => ({ marks, begins, grammar: grammar?.(), calls, forced: tools?.forced }),
  };
}

const nameOf = (name: string | undefined, syntax: CallSyntax): LlamaText[] =>
  name === undefined ? [] : [LlamaText(name), syntax.between(name)];

/** The functions as a template describes them to the model. */
function documentation({
  functions,
}: Tools): Pick<Parameters<ChatWrapper['generateContextState']>[0], 'availableFunctions' | 'documentFunctionParams'> {
  const described = [...functions].map(([name, { description, schema }]) => [name, { description, params: schema }]);
  return { availableFunctions: Object.fromEntries(described), documentFunctionParams: true };
}

/** The control tokens in texts that must be seen to be recognised. */
function shownTokens({ model }: Engine, texts: readonly string[]): ReadonlySet<Token> {
  const tokens = texts.flatMap((text) => model.tokenize(text, true));
  return new Set(tokens.filter((token) => model.isSpecialToken(token)));
}

/** The grammar of `response_format`; undefined for free text. */
async function readFormat(
  engine: Engine,
  { response_format: format }: ChatRequest,
  tools: Tools | undefined,
): Promise<(() => LlamaGrammarEvaluationState) | undefined> {
  if (!format || format.type === 'text') return undefined;
  if (tools) {
    const text = 'A response_format together with tools is not supported; set tool_choice to "none"';
    throw new SmmfError('UNSUPPORTED_PARAMETER', text, { param: 'response_format' });
  }
  const param = 'response_format.json_schema.schema';
  const schema = format.type === 'json_object' ? { type: 'object' } : format.json_schema?.schema;
  if (!schema) throw new SmmfError('MISSING_REQUIRED_PARAMETER', 'A JSON schema is needed', { param });
  return compileGrammar(engine, jsonGrammar(schema, param), param);
}

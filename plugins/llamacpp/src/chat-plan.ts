import { SmmfError } from '@smmf/core';
import type { ChatRequest } from '@smmf/protocol';
import {
  type ChatHistoryItem,
  type ChatWrapper,
  LlamaGrammarEvaluationState,
  LlamaText,
  type Token,
} from 'node-llama-cpp';
import type { AnswerPlan, Mark } from './answer.ts';
import { toChatHistory } from './chat-history.ts';
import { jsonGrammar } from './json-grammar.ts';
import type { Engine } from './load.ts';
import { readStops, refuse } from './sampling.ts';
import { callSyntaxOf, plainText, planCalls, readTools, type Tools } from './tools.ts';

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
  const calls = tools && (await planCalls(engine, tools, syntax));
  const history = toChatHistory(request.messages);
  const thought = thoughtOf(template, history, grammar !== undefined || tools?.forced !== undefined);
  const state = template.generateContextState({ chatHistory: history, ...(tools ? documentation(tools) : {}) });
  const opening = tools?.forced ? [syntax.opening, ...nameOf(tools.forced.name)] : [];
  const text = LlamaText([state.contextText, thought.closing, ...opening]);
  const stops = [...readStops(request), ...state.stopGenerationTriggers.map(plainText)].filter((stop) => stop !== '');
  const ends = new Map<string, Mark>(stops.map((stop) => [stop, 'stop']));
  const marks = {
    text: new Map([...ends, ...thought.opens, ...(calls ? syntax.heads : []).map((head) => [head, 'call'] as const)]),
    reasoning: new Map<string, Mark>(thought.closes),
  };
  return {
    prompt: text.tokenize(model.tokenizer),
    shown: shownTokens(engine, [...marks.text.keys(), ...marks.reasoning.keys()]),
    answer: () => ({ marks, begins: thought.begins, grammar: grammar?.(), calls, forced: tools?.forced }),
  };

  function nameOf(name: string | undefined): LlamaText[] {
    return name === undefined ? [] : [LlamaText(name), syntax.between(name)];
  }
}

/** The functions as a template describes them to the model. */
function documentation({
  functions,
}: Tools): Pick<Parameters<ChatWrapper['generateContextState']>[0], 'availableFunctions' | 'documentFunctionParams'> {
  const described = [...functions].map(([name, { description, schema }]) => [name, { description, params: schema }]);
  return { availableFunctions: Object.fromEntries(described), documentFunctionParams: true };
}

interface Thought {
  readonly begins: 'text' | 'reasoning';
  /** Ends the reasoning that the template has begun, when the answer must not begin with it. */
  readonly closing: LlamaText;
  readonly opens: readonly (readonly [string, Mark])[];
  readonly closes: readonly (readonly [string, Mark])[];
}

/** How the template marks reasoning; begins it in the history where the template wants each answer to begin so. */
function thoughtOf({ settings }: ChatWrapper, history: ChatHistoryItem[], isBound: boolean): Thought {
  const { thought } = settings.segments ?? {};
  const none = LlamaText([]);
  if (!thought) return { begins: 'text', closing: none, opens: [], closes: [] };
  const isOpened = typeof thought.prefix === 'object' && 'type' in thought.prefix;
  const opening = isOpened ? '' : plainText(LlamaText(thought.prefix as string | LlamaText)).trim();
  const end = plainText(LlamaText(thought.suffix ?? '')).trim();
  const turn = history.at(-1);
  const begins =
    !isBound && thought.openOnResponseStart === true && turn?.type === 'model' && turn.response.length === 0;
  if (begins) turn.response.push({ type: 'segment', segmentType: 'thought', text: '', ended: false });
  return {
    begins: begins || (isOpened && !isBound) ? 'reasoning' : 'text',
    closing: isOpened && isBound ? LlamaText(thought.suffix ?? '') : none,
    opens: opening === '' ? [] : [[opening, 'reasoning']],
    closes: end === '' ? [] : [[end, 'text']],
  };
}

/** The control tokens in texts that must be seen to be recognised. */
function shownTokens({ model }: Engine, texts: readonly string[]): ReadonlySet<Token> {
  const tokens = texts.flatMap((text) => model.tokenize(text, true));
  return new Set(tokens.filter((token) => model.isSpecialToken(token)));
}

/** The grammar of `response_format`; undefined for free text. */
async function readFormat(
  { llama, model }: Engine,
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
  const grammar = await llama.createGrammar({ grammar: jsonGrammar(schema, param) }).catch((cause: unknown) => {
    throw new SmmfError('INVALID_VALUE', 'JSON schema cannot be enforced: its grammar is too large', { param, cause });
  });
  return () => new LlamaGrammarEvaluationState({ model, grammar });
}

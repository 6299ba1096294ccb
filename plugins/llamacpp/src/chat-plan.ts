import { SmmfError } from '@smmf/core';
import type { ChatRequest } from '@smmf/protocol';
import type { Token } from 'node-llama-cpp';
import type { AnswerPlan } from './answer.ts';
import { renderPrompt } from './chat-prompt.ts';
import type { ChatTemplate, ChatTemplates } from './chat-template.ts';
import { type Grammar, schemaGrammar } from './compile-grammar.ts';
import { Text } from './jinja/text.ts';
import type { Engine } from './load.ts';
import { type Binding, replyMarks } from './reply-marks.ts';
import { readStops, refuse } from './sampling.ts';
import { planCalls, readTools, type Tools } from './tools.ts';

/** Fields of a chat that would change its answer and that this engine does not have. */
const UNSUPPORTED = ['functions', 'function_call', 'audio', 'web_search_options'];

/** A chat made ready: what the model reads, and how its text is to be taken apart. */
export interface ChatPlan {
  readonly prompt: readonly Token[];
  readonly shown: ReadonlySet<Token>;
  /** What is not done as it was asked for, as `x-smmf-adjusted` names it. */
  readonly adjusted: readonly string[];
  /** Grammars have a state, so each choice has a plan of its own. */
  answer(): AnswerPlan;
}

/**
 * Renders a conversation with the model's template and reads what may be answered.
 * @throws INVALID_VALUE, UNSUPPORTED_PARAMETER, MISSING_REQUIRED_PARAMETER with the field's path
 */
export async function planChat(engine: Engine, templates: ChatTemplates, request: ChatRequest): Promise<ChatPlan> {
  refuse(request, UNSUPPORTED);
  const tools = readTools(request);
  const grammar = await readFormat(engine, request, tools);
  const template = tools ? templates.tools : templates.plain;
  const { syntax } = template;
  const planned = tools && (await planCalls(engine, tools, syntax, templates.control));
  const rendered = renderPrompt(template, request, tools);
  const signs = {
    source: template.source,
    prompt: rendered.text.text,
    isBegun: rendered.begun.text !== '',
    stops: [...readStops(request), ...template.stops, ...(template.turnEnd ? [template.turnEnd] : [])],
    syntax: tools && syntax,
  };
  const binding: Binding = tools?.forced ? 'call' : grammar ? 'text' : 'free';
  const { marks, first, begins, leadIn } = replyMarks(signs, binding);
  const pieces = [rendered.text, Text.own(leadIn), rendered.begun, Text.own(forcedOpening(tools, template))];
  return {
    prompt: withBegin(engine, templates.control.encode(Text.join(pieces))),
    shown: shownTokens(
      engine,
      [...Object.values(marks), first].flatMap((texts) => [...texts.keys()]),
    ),
    adjusted: planned?.unbound ?? [],
    answer: () => ({ marks, first, begins, grammar: grammar?.(), calls: planned?.plan, forced: tools?.forced }),
  };
}

/** The begin token stands once where the file wants one, whether or not the template writes it. */
function withBegin({ model }: Engine, tokens: Token[]): Token[] {
  const { bos, shouldPrependBosToken } = model.tokens;
  if (bos !== null && tokens[0] !== bos && (shouldPrependBosToken || tokens.length === 0)) return [bos, ...tokens];
  if (tokens.length > 0) return tokens;
  throw new SmmfError('INVALID_VALUE', 'The chat template of the model makes nothing of this conversation', {
    param: 'messages',
  });
}

/** The beginning of a call that must be, up to what the model is to write. */
function forcedOpening(tools: Tools | undefined, { syntax }: ChatTemplate): string {
  if (!tools?.forced) return '';
  const { name } = tools.forced;
  return syntax.opening + (name === undefined ? '' : name + syntax.between);
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
): Promise<Grammar | undefined> {
  if (!format || format.type === 'text') return undefined;
  if (tools) {
    const text = 'A response_format together with tools is not supported; set tool_choice to "none"';
    throw new SmmfError('UNSUPPORTED_PARAMETER', text, { param: 'response_format' });
  }
  const param = 'response_format.json_schema.schema';
  const schema = format.type === 'json_object' ? { type: 'object' } : format.json_schema?.schema;
  if (!schema) throw new SmmfError('MISSING_REQUIRED_PARAMETER', 'A JSON schema is needed', { param });
  return schemaGrammar(engine, schema, param);
}

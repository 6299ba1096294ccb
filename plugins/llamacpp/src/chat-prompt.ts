import { SmmfError } from '@smmf/core';
import type { ChatRequest } from '@smmf/protocol';
import { foreign, type Message, readMessages } from './chat-messages.ts';
import type { ChatTemplate } from './chat-template.ts';
import { toJson, toValue } from './jinja/json.ts';
import { RefusalError } from './jinja/template.ts';
import type { Text } from './jinja/text.ts';
import { TemplateError, type Value } from './jinja/value.ts';
import { toTemplate } from './template-messages.ts';
import type { Tools } from './tools.ts';

/** Names that a request cannot give to a template: they are made of its other fields. */
const RESERVED = ['messages', 'tools', 'documents', 'add_generation_prompt', 'bos_token', 'eos_token', 'eot_token'];

/** A conversation as the model reads it. */
export interface ChatPrompt {
  /** Up to where the answer begins. */
  readonly text: Text;
  /** What the assistant has said already of its answer; '' for nothing. */
  readonly begun: Text;
}

/**
 * Renders a conversation. Of an assistant's message at the end the answer goes on.
 * @throws INVALID_VALUE, UNSUPPORTED_PARAMETER, MISSING_REQUIRED_PARAMETER with the field's path
 */
export function renderPrompt(template: ChatTemplate, request: ChatRequest, tools: Tools | undefined): ChatPrompt {
  const names = templateNames(request);
  const messages = readMessages(request.messages);
  const last = messages.at(-1);
  const begun = last?.role === 'assistant' && last.calls.length === 0 ? last.content : undefined;
  const before = begun === undefined ? messages : messages.slice(0, -1);
  const taught = tools && !template.abilities.tools ? withPreamble(before, preamble(tools)) : before;
  const values: [string, Value][] = [
    ...names,
    ['messages', toTemplate(taught, template.abilities)],
    ['add_generation_prompt', true],
  ];
  if (tools && template.abilities.tools) values.push(['tools', toValue(declared(request))]);
  try {
    return { text: template.render(values), begun: foreign(begun ?? '') };
  } catch (error) {
    throw explained(error);
  }
}

/** The functions of a request, which are checked, as they came. */
const declared = ({ tools }: ChatRequest): unknown => tools;

function templateNames({ chat_template_kwargs: given, reasoning_effort: effort }: ChatRequest): [string, Value][] {
  const names: [string, Value][] = [];
  if (effort) names.push(['reasoning_effort', foreign(effort)]);
  if (effort === 'none') names.push(['enable_thinking', false]);
  if (given === undefined || given === null) return names;
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new SmmfError('INVALID_VALUE', 'This must be an object', { param: 'chat_template_kwargs' });
  }
  for (const [name, value] of Object.entries(given)) {
    if (RESERVED.includes(name)) {
      const text = `"${name}" is made of the request's other fields`;
      throw new SmmfError('INVALID_VALUE', text, { param: `chat_template_kwargs.${name}` });
    }
    names.push([name, toValue(value)]);
  }
  return names;
}

/** What a model whose template knows no functions is told of them. */
function preamble({ functions }: Tools): string {
  const lines = [...functions].map(([name, { description, schema }]) =>
    toJson(toValue({ name, ...(description ? { description } : {}), parameters: schema ?? {} })),
  );
  return [
    'You may call these functions, each given as JSON with the schema of its arguments:',
    ...lines.map(({ text }) => text),
    'To call one, answer with nothing but:',
    '<tool_call>\n{"name": "the name of the function", "arguments": {an object that follows its schema}}\n</tool_call>',
    'The result comes back to you. Answer in plain text where no call is needed.',
  ].join('\n');
}

/** It stands at the end of the first system message, or is one. */
function withPreamble(messages: readonly Message[], text: string): readonly Message[] {
  const [first, ...rest] = messages;
  if (first?.role === 'system' || first?.role === 'developer') {
    return [{ ...first, content: `${first.content}\n\n${text}` }, ...rest];
  }
  return [{ role: 'system', content: text, calls: [], callId: undefined, fields: [] }, ...messages];
}

/** Says only what the template itself wrote: the rest may be of the prompt. */
function explained(error: unknown): unknown {
  if (!(error instanceof TemplateError)) return error;
  const what = error instanceof RefusalError ? 'refuses' : 'cannot hold';
  const text = `The chat template of the model ${what} this conversation: ${error.message}`;
  return new SmmfError('INVALID_VALUE', text, { param: 'messages', cause: error });
}

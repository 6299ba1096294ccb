import { SmmfError } from '@smmf/core';
import type { ChatMessage } from '@smmf/protocol';
import { jsonText, toValue } from './jinja/json.ts';
import { Text } from './jinja/text.ts';
import type { JsonText, Value } from './jinja/value.ts';

/** A call of an assistant's message. Its arguments are as they came: JSON or not. */
export interface MessageCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonText;
}

/** A message of a conversation, checked. */
export interface Message {
  readonly role: 'system' | 'developer' | 'user' | 'assistant' | 'tool';
  /** Parts of text joined by line ends; absent beside calls alone. */
  readonly content: string | undefined;
  readonly calls: readonly MessageCall[];
  /** Of a tool's message: the call that it answers. */
  readonly callId: string | undefined;
  /** Fields that templates may read besides, such as `reasoning_content` and `name`. */
  readonly fields: readonly (readonly [string, Value])[];
}

const KNOWN = new Set(['role', 'content', 'tool_calls', 'tool_call_id']);

/**
 * Reads the messages of a request. A call may stay without a result: it may be one that was cut.
 * @throws INVALID_VALUE, MISSING_REQUIRED_PARAMETER, UNSUPPORTED_PARAMETER for what a template cannot hold, with the field's path
 */
export function readMessages(messages: readonly ChatMessage[]): Message[] {
  const open = new Set<string>();
  return messages.map((message, index) => {
    const path = `messages[${index}]`;
    const { role, tool_call_id: callId } = message;
    if (role === 'function') {
      throw new SmmfError('UNSUPPORTED_PARAMETER', 'Role "function" is not supported; use "tool"', {
        param: `${path}.role`,
      });
    }
    const calls = role === 'assistant' ? readCalls(message, path) : [];
    for (const { id } of calls) open.add(id);
    if (role === 'tool' && !open.has(callId ?? '')) {
      const text = 'A message of role "tool" must name a call of an assistant message before it';
      throw new SmmfError('INVALID_VALUE', text, { param: `${path}.tool_call_id` });
    }
    const fields = Object.entries(message).filter(([name, value]) => !KNOWN.has(name) && value !== null);
    return {
      role,
      content: contentOf(message, calls.length > 0, path),
      calls,
      callId: callId ?? undefined,
      fields: fields.map(([name, value]) => [name, toValue(value)] as const),
    };
  });
}

function readCalls(message: ChatMessage, path: string): MessageCall[] {
  return (message.tool_calls ?? []).map(({ id, function: called }, index) => {
    if (called) return { id, name: called.name, arguments: jsonText(called.arguments, '{}') };
    throw new SmmfError('UNSUPPORTED_PARAMETER', 'Only calls of functions are supported', {
      param: `${path}.tool_calls[${index}]`,
    });
  });
}

function contentOf({ content, role }: ChatMessage, hasCalls: boolean, path: string): string | undefined {
  if (typeof content === 'string') return content;
  if (!content) {
    if (role === 'assistant') return hasCalls ? undefined : '';
    throw new SmmfError('MISSING_REQUIRED_PARAMETER', 'A message needs content', { param: `${path}.content` });
  }
  const texts = content.map(({ type, text }, index) => {
    if (type === 'text' && typeof text === 'string') return text;
    const param = `${path}.content[${index}].type`;
    const refusal = `Content of type "${type}" is not supported; this model reads text only`;
    throw new SmmfError('UNSUPPORTED_PARAMETER', refusal, { param });
  });
  // As llama.cpp joins them: no line's end before the first that is not empty.
  return texts.reduce((joined, text) => (joined === '' ? text : `${joined}\n${text}`), '');
}

/** A text that came with the request. */
export const foreign = (text: string): Text => Text.foreign(text.toWellFormed());

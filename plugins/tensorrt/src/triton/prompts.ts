import { SmmfError } from '@smmf/core';
import type { ChatMessage, ChatRequest, CompletionRequest } from '@smmf/protocol';
import type { ChatTemplate } from './chat-template.ts';

/** Names that a request cannot give to a template: they are made of its other fields. */
const RESERVED = ['messages', 'tools', 'documents', 'add_generation_prompt', 'bos_token', 'eos_token'];

interface TextMessage {
  readonly role: string;
  readonly content: string;
}

function unsupported(text: string, param: string): SmmfError {
  return new SmmfError('UNSUPPORTED_PARAMETER', text, { param });
}

function contentOf({ content, role }: ChatMessage, path: string): string {
  if (typeof content === 'string') return content;
  if (!content) {
    if (role === 'assistant') return '';
    throw new SmmfError('MISSING_REQUIRED_PARAMETER', 'A message needs content', { param: `${path}.content` });
  }
  const texts = content.map(({ type, text }, index) => {
    if (type === 'text' && typeof text === 'string') return text;
    throw unsupported(
      `Content of type "${type}" is not supported; Triton is sent text`,
      `${path}.content[${index}].type`,
    );
  });
  return texts.join('\n');
}

/** Triton reads the prompt as one text: what looks like the end of a turn would be one. @throws INVALID_VALUE */
function checkText(text: string, param: string, { control }: ChatTemplate): void {
  const found = control.find((sign) => text.includes(sign));
  if (found === undefined) return;
  const message = `The text holds ${JSON.stringify(found)}, which the model would take for a sign of its own; leave it out`;
  throw new SmmfError('INVALID_VALUE', message, { param });
}

function readMessage(message: ChatMessage, index: number, template: ChatTemplate): TextMessage {
  const path = `messages[${index}]`;
  if (message.role === 'tool' || message.role === 'function') {
    throw unsupported('Results of functions are not supported by this engine', `${path}.role`);
  }
  if (message.tool_calls?.length) {
    throw unsupported('Calls of functions are not supported by this engine', `${path}.tool_calls`);
  }
  // Templates may read texts of other names, such as `reasoning_content`.
  const texts = Object.entries(message).filter(([, value]) => typeof value === 'string');
  const read = { ...Object.fromEntries(texts), content: contentOf(message, path) };
  for (const [name, text] of Object.entries(read)) checkText(String(text), `${path}.${name}`, template);
  return { ...read, role: message.role === 'developer' ? 'system' : message.role };
}

function templateNames(request: ChatRequest, template: ChatTemplate): Record<string, unknown> {
  const { chat_template_kwargs: given, reasoning_effort: effort } = request;
  const names = {
    ...(effort ? { reasoning_effort: effort } : {}),
    ...(effort === 'none' ? { enable_thinking: false } : {}),
  };
  checkText(effort ?? '', 'reasoning_effort', template);
  if (given === undefined || given === null) return names;
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw new SmmfError('INVALID_VALUE', 'This must be an object', { param: 'chat_template_kwargs' });
  }
  for (const [name, value] of Object.entries(given)) {
    const param = `chat_template_kwargs.${name}`;
    if (RESERVED.includes(name)) {
      throw new SmmfError('INVALID_VALUE', `"${name}" is made of the request's other fields`, { param });
    }
    checkText(JSON.stringify(value) ?? '', param, template);
  }
  return { ...names, ...given };
}

/**
 * Renders a conversation, up to where the answer begins. Of an assistant's message at the end the answer goes on.
 * @throws INVALID_VALUE, UNSUPPORTED_PARAMETER, MISSING_REQUIRED_PARAMETER with the field's path
 */
export function chatPrompt(template: ChatTemplate, request: ChatRequest, keepBos: boolean): string {
  const messages = request.messages.map((message, index) => readMessage(message, index, template));
  const last = messages.at(-1);
  const begun = last?.role === 'assistant' ? last.content : '';
  const before = last?.role === 'assistant' ? messages.slice(0, -1) : messages;
  const names = { ...templateNames(request, template), messages: before, add_generation_prompt: true };
  const prompt = rendered(template, names);
  const { bos } = template;
  const isDouble = !keepBos && bos !== '' && prompt.startsWith(bos);
  return (isDouble ? prompt.slice(bos.length) : prompt) + begun;
}

/** Of what the template says when it refuses, only its own words are told: the rest may be of the prompt. */
function rendered(template: ChatTemplate, names: Readonly<Record<string, unknown>>): string {
  try {
    return template.render(names);
  } catch (cause) {
    const words = cause instanceof Error && template.says(cause.message) ? `: ${cause.message}` : '';
    const text = `The chat template of the model refuses this conversation${words}`;
    throw new SmmfError('INVALID_VALUE', text, { param: 'messages', cause });
  }
}

/** The prompts of a completion. @throws UNSUPPORTED_PARAMETER for token ids: Triton's models take text */
export function completionPrompts({ prompt }: CompletionRequest): string[] {
  const prompts = typeof prompt === 'string' ? [prompt] : prompt;
  return prompts.map((text) => {
    if (typeof text === 'string') return text;
    throw unsupported('A prompt of token ids is not supported by this engine; send text', 'prompt');
  });
}

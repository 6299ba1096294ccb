import { SmmfError } from '@smmf/core';
import type { ChatMessage } from '@smmf/protocol';
import type { ChatHistoryItem, ChatModelFunctionCall, ChatModelResponse } from 'node-llama-cpp';

/**
 * A conversation as node-llama-cpp's templates take it: the results of tools stand in the calls that asked for them, and an
 * assistant's messages around them are one turn. Ends with the turn that is to be written.
 * @throws INVALID_VALUE, UNSUPPORTED_PARAMETER for what a template cannot hold, with the field's path
 */
export function toChatHistory(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const history: ChatHistoryItem[] = [];
  const open = new Map<string, ChatModelFunctionCall>();
  for (const [index, message] of messages.entries()) {
    const path = `messages[${index}]`;
    if (message.role === 'tool') takeResult(message, open, path);
    else {
      refuseOpenCalls(open, path);
      addMessage(history, message, open, path);
    }
  }
  refuseOpenCalls(open, `messages[${messages.length - 1}]`);
  modelTurn(history);
  return history;
}

function addMessage(
  history: ChatHistoryItem[],
  message: ChatMessage,
  open: Map<string, ChatModelFunctionCall>,
  path: string,
): void {
  const text = textOf(message, path);
  if (message.role === 'system' || message.role === 'developer') history.push({ type: 'system', text });
  else if (message.role === 'user') history.push({ type: 'user', text });
  else if (message.role === 'assistant') {
    const turn = modelTurn(history);
    if (text !== '') turn.response.push(text);
    for (const call of toCalls(message, open, path)) turn.response.push(call);
  } else {
    throw new SmmfError('UNSUPPORTED_PARAMETER', `Role "${message.role}" is not supported; use "tool"`, {
      param: `${path}.role`,
    });
  }
}

/** The assistant's turn at the end of the history; begun when another's turn is there. */
function modelTurn(history: ChatHistoryItem[]): ChatModelResponse {
  const last = history.at(-1);
  if (last?.type === 'model') return last;
  const turn: ChatModelResponse = { type: 'model', response: [] };
  history.push(turn);
  return turn;
}

/** The calls of an assistant's message; they stay open until their results come. */
function toCalls(
  message: ChatMessage,
  open: Map<string, ChatModelFunctionCall>,
  path: string,
): ChatModelFunctionCall[] {
  return (message.tool_calls ?? []).map(({ id, function: called }, index) => {
    const param = `${path}.tool_calls[${index}]`;
    if (!called) throw new SmmfError('UNSUPPORTED_PARAMETER', 'Only calls of functions are supported', { param });
    const params = parse(called.arguments);
    if (params === undefined) {
      throw new SmmfError('INVALID_VALUE', 'The arguments of a call must be JSON', {
        param: `${param}.function.arguments`,
      });
    }
    const call: ChatModelFunctionCall = {
      type: 'functionCall',
      name: called.name,
      params: params.value,
      result: undefined,
      startsNewChunk: index === 0,
    };
    open.set(id, call);
    return call;
  });
}

function takeResult(message: ChatMessage, open: Map<string, ChatModelFunctionCall>, path: string): void {
  const call = open.get(message.tool_call_id ?? '');
  if (!call) {
    const text = 'A message of role "tool" must name a call of the assistant message before it';
    throw new SmmfError('INVALID_VALUE', text, { param: `${path}.tool_call_id` });
  }
  open.delete(message.tool_call_id ?? '');
  const text = textOf(message, path);
  const parsed = parse(text);
  call.result = parsed ? parsed.value : text;
}

function refuseOpenCalls(open: ReadonlyMap<string, ChatModelFunctionCall>, path: string): void {
  const [id] = open.keys();
  if (id === undefined) return;
  throw new SmmfError('INVALID_VALUE', `The call "${id}" has no message of role "tool" with its result`, {
    param: path,
  });
}

/** The text of a message; several parts are joined. */
function textOf({ content, role }: ChatMessage, path: string): string {
  if (typeof content === 'string') return content;
  if (!content) {
    if (role === 'assistant') return '';
    throw new SmmfError('MISSING_REQUIRED_PARAMETER', 'A message needs content', { param: `${path}.content` });
  }
  return content
    .map(({ type, text }, index) => {
      if (type === 'text' && text !== undefined) return text;
      throw new SmmfError(
        'UNSUPPORTED_PARAMETER',
        `Content of type "${type}" is not supported; this model reads text only`,
        {
          param: `${path}.content[${index}].type`,
        },
      );
    })
    .join('\n');
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

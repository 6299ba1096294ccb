import type { ApiClient } from '@smmf/client';
import { type ChatRequest, isSmmfError, SmmfError } from '@smmf/runtime';
import type { AnswerPiece, AnswerPrinter } from './answer.ts';
import type { Parameters } from './parameters.ts';

/** One message of a conversation. */
export type Message = Pick<ChatRequest['messages'][number], 'role'> & { readonly content: string };

/** What is kept of a chat from one question to the next. */
export interface Conversation {
  readonly model: string;
  system: string | undefined;
  parameters: Parameters;
  messages: readonly Message[];
  /** Tokens that the last question and answer took together, where the server says so. */
  tokens: number | undefined;
}

/** A conversation that has not begun. */
export function beginConversation(model: string): Conversation {
  return { model, system: undefined, parameters: {}, messages: [], tokens: undefined };
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The text and the reasoning of one choice, under both names that engines give the latter. */
function piecesOf(delta: Readonly<Record<string, unknown>> | undefined): AnswerPiece[] {
  const pieces = [
    { kind: 'reasoning', text: text(delta?.reasoning_content) || text(delta?.reasoning) },
    { kind: 'answer', text: text(delta?.content) || text(delta?.refusal) },
  ] as const;
  return pieces.filter((piece) => piece.text !== '');
}

/**
 * Asks, hands each piece of the answer to `printer`, and ends it. Question and answer join the conversation at the end; after an
 * error, and where nothing had come when `signal` stopped it, the conversation is as it was.
 * @throws INVALID_REQUEST with the server's words, UNREACHABLE, ENGINE_TRUNCATED
 */
export async function ask(
  api: ApiClient,
  conversation: Conversation,
  question: string,
  printer: AnswerPrinter,
  signal: AbortSignal,
): Promise<void> {
  const { model, system, parameters, messages } = conversation;
  const asked: Message = { role: 'user', content: question };
  const first: readonly Message[] = system === undefined ? [] : [{ role: 'system', content: system }];
  const usage = { stream_options: { include_usage: true } };
  const request = { model, ...parameters, ...usage, messages: [...first, ...messages, asked] } as ChatRequest;
  let [content, reason, tokens]: [string, string | undefined, number | undefined] = ['', undefined, undefined];
  try {
    for await (const { choices, usage: used } of api.chat(request, signal)) {
      tokens = used?.total_tokens ?? tokens;
      reason = choices[0]?.finish_reason ?? reason;
      for (const piece of piecesOf(choices[0]?.delta)) {
        if (piece.kind === 'answer') content += piece.text;
        printer.piece(piece);
      }
    }
    if (reason === undefined) throw brokenOff();
  } catch (error) {
    if (!signal.aborted) {
      printer.end();
      throw content !== '' && isSmmfError(error) && error.code === 'UNREACHABLE' ? brokenOff(error) : error;
    }
  }
  printer.end({ reason, isStopped: signal.aborted });
  if (signal.aborted && content === '') return;
  conversation.messages = [...messages, asked, { role: 'assistant', content }];
  conversation.tokens = tokens;
}

function brokenOff(cause?: unknown): SmmfError {
  const message = 'The answer broke off: the server closed the connection before its end';
  return new SmmfError('ENGINE_TRUNCATED', message, { cause });
}

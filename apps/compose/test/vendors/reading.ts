import type { Json } from './dialect.ts';
import { textOf } from './said.ts';

/** A tool call as a client puts it together. */
export interface ReadCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** What a client makes of an answer, streamed or not. */
export interface Reading {
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly ReadCall[];
  readonly finish: string | undefined;
  readonly usage: Json | undefined;
  /** Of an answer that is an error, or of the last event of a stream that failed. */
  readonly error: Json | undefined;
  /** A stream: did it end with `[DONE]`; a whole answer: always. */
  readonly isDone: boolean;
  /** Choices, merged where streamed; the first message as it came, unknown fields too. */
  readonly choices: number;
  readonly message: Json;
  /** What is not as OpenAI has it. */
  readonly faults: readonly string[];
}

const FINISHES = ['stop', 'length', 'tool_calls', 'content_filter', 'function_call'];

/** A JSON object, or nothing. */
export const record = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
/** A JSON list, or an empty one. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Reasoning, wherever it stands. */
export function reasoningOf({ reasoning_content, reasoning, content }: Json): string {
  const plain = reasoning_content ?? reasoning;
  if (typeof plain === 'string') return plain;
  const parts = list(content).map((part) => record(part) ?? {});
  return parts.map(({ type, thinking }) => (type === 'thinking' ? textOf(thinking) : '')).join('');
}

function faultsOfCall(call: unknown, isStreamed: boolean): string[] {
  const { id, index, type, function: named } = record(call) ?? {};
  const { name, arguments: given } = record(named) ?? {};
  const isFirst = !isStreamed || name !== undefined;
  return [
    ...(isStreamed && !Number.isInteger(index) ? ['a tool call without index'] : []),
    ...(isFirst && (typeof id !== 'string' || id === '') ? ['a tool call without id'] : []),
    ...(isFirst && type !== 'function' ? ['a tool call without type'] : []),
    ...(isFirst && (typeof name !== 'string' || name === '') ? ['a tool call without name'] : []),
    ...(typeof given !== 'string' ? ['arguments of a tool call that are no text'] : []),
  ];
}

/** What of one choice is not as OpenAI has it. */
function faultsOfChoice(choice: unknown, isStreamed: boolean): string[] {
  const { index, finish_reason, delta, message } = record(choice) ?? {};
  const said = record(isStreamed ? delta : message);
  if (!said) return [isStreamed ? 'a choice without delta' : 'a choice without message'];
  const { content, tool_calls } = said;
  const isText = content === undefined || content === null || typeof content === 'string' || Array.isArray(content);
  const isEnd = typeof finish_reason === 'string' ? FINISHES.includes(finish_reason) : isStreamed && !finish_reason;
  return [
    ...(Number.isInteger(index) ? [] : ['a choice without index']),
    ...(isEnd ? [] : [`finish_reason ${JSON.stringify(finish_reason)}`]),
    ...(isText ? [] : ['content that is no text']),
    ...(tool_calls === undefined || tool_calls === null || Array.isArray(tool_calls) ? [] : ['tool_calls are no list']),
    ...list(tool_calls).flatMap((call) => faultsOfCall(call, isStreamed)),
  ];
}

/** What of an answer or a chunk is not as OpenAI has it. */
export function faultsOf(json: unknown, isStreamed: boolean): string[] {
  const { choices, usage } = record(json) ?? {};
  if (!Array.isArray(choices)) return ['no choices'];
  const { prompt_tokens, completion_tokens, total_tokens } = record(usage) ?? {};
  const isCounted = [prompt_tokens, completion_tokens, total_tokens].every(Number.isInteger);
  return [
    ...(!isStreamed && choices.length === 0 ? ['no choice'] : []),
    ...(usage === undefined || usage === null || isCounted ? [] : ['usage without counts']),
    ...choices.flatMap((choice) => faultsOfChoice(choice, isStreamed)),
  ];
}

const callOf = (call: unknown): ReadCall => {
  const { id, function: named } = record(call) ?? {};
  const { name, arguments: given } = record(named) ?? {};
  return { id: String(id ?? ''), name: String(name ?? ''), arguments: String(given ?? '') };
};

const readError = (json: unknown): Json | undefined => record(record(json)?.error);

/** Reads a whole answer. */
export async function readReply(response: Response): Promise<Reading> {
  const body = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {}
  const { choices, usage } = record(json) ?? {};
  const [first] = list(choices);
  const { message = {}, finish_reason } = record(first) ?? {};
  const said = record(message) ?? {};
  const error = readError(json);
  return {
    status: response.status,
    header: (name) => response.headers.get(name),
    text: textOf(said.content),
    reasoning: reasoningOf(said),
    calls: list(said.tool_calls).map(callOf),
    finish: typeof finish_reason === 'string' ? finish_reason : undefined,
    usage: record(usage),
    error,
    isDone: true,
    choices: list(choices).length,
    message: said,
    faults: error ? [] : faultsOf(json, false),
  };
}

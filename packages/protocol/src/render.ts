import { isUtf8 } from 'node:buffer';
import type { ChatCompletion } from './chat.ts';
import type { Completion } from './completions.ts';
import type { GenerationEvent, TokenLogprob, WireError } from './events.ts';
import { encodeSse, SSE_DONE } from './sse.ts';
import type { Usage } from './usage.ts';

/** What every chunk of an answer repeats. */
export interface AnswerInfo {
  readonly task: 'chat' | 'completions';
  readonly id: string;
  /** The name that the client used. */
  readonly model: string;
  /** Seconds of the Unix epoch. */
  readonly created: number;
  /** Choices that were asked for; the answer is whole only when each has finished. */
  readonly choices: number;
}

/** How far an answer has come. */
export interface AnswerProgress {
  /** Every choice has finished. */
  readonly finished: boolean;
  readonly usage: Usage | undefined;
  /** Set by an `error` event; the answer is broken. */
  readonly error: WireError | undefined;
  readonly contentEvents: number;
}

/** Renders events as an OpenAI stream. */
export interface StreamRenderer extends AnswerProgress {
  /** The server-sent events for one event; empty text for one that shows nothing. */
  push(event: GenerationEvent): string;
  /** Usage where asked for, and `[DONE]`; call only when `finished` and without `error`. */
  close(): string;
}

/** Renders events as one OpenAI reply. */
export interface ReplyCollector extends AnswerProgress {
  push(event: GenerationEvent): void;
  /** Call only when `finished` and without `error`. */
  reply(): ChatCompletion | Completion;
}

class Progress implements AnswerProgress {
  readonly #done = new Set<number>();
  readonly #choices: number;
  usage: Usage | undefined;
  error: WireError | undefined;
  contentEvents = 0;
  /** What every chunk says of build and model. */
  fingerprint: { readonly system_fingerprint?: string } = {};
  constructor(choices: number) {
    this.#choices = choices;
  }
  get finished(): boolean {
    return this.#done.size >= this.#choices;
  }
  note(event: GenerationEvent): void {
    if (event.type === 'finish') this.#done.add(event.choice);
    else if (event.type === 'usage') this.usage = event.usage;
    else if (event.type === 'error') this.error = event.error;
    else if (event.type === 'head') {
      const { systemFingerprint: fingerprint } = event;
      if (fingerprint !== undefined) this.fingerprint = { system_fingerprint: fingerprint };
    } else this.contentEvents++;
  }
}

type ShownEvent = Exclude<GenerationEvent, { type: 'head' } | { type: 'usage' } | { type: 'error' }>;

function toolCallDelta(event: Extract<GenerationEvent, { type: 'tool-call' }>): object {
  const head = event.id === undefined ? {} : { id: event.id, type: 'function' };
  const name = event.name === undefined ? {} : { name: event.name };
  return { index: event.index, ...head, function: { ...name, arguments: event.arguments } };
}

function deltaOf(event: ShownEvent): object {
  switch (event.type) {
    case 'text':
      return { content: event.text };
    case 'reasoning':
      return { reasoning_content: event.text };
    case 'refusal':
      return { refusal: event.text };
    case 'tool-call':
      return { tool_calls: [toolCallDelta(event)] };
    case 'finish':
      return {};
  }
}

function chatChoice(event: ShownEvent): object {
  const logprobs =
    event.type === 'text' && event.logprobs ? { logprobs: { content: event.logprobs, refusal: null } } : {};
  const reason = event.type === 'finish' ? event.reason : null;
  return { index: event.choice, delta: deltaOf(event), ...logprobs, finish_reason: reason };
}

/** Logprobs in the older form that completions use. */
function completionLogprobs(logprobs: readonly TokenLogprob[] | undefined, offset: number): object | null {
  if (!logprobs || logprobs.length === 0) return null;
  let at = offset;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const offsets = logprobs.map(({ token, bytes }) => {
    const begin = at;
    at += bytes === null ? token.length : decoder.decode(Uint8Array.from(bytes), { stream: true }).length;
    return begin;
  });
  return {
    tokens: logprobs.map(tokenName),
    token_logprobs: logprobs.map(({ logprob }) => logprob),
    top_logprobs: logprobs.map(({ logprob, top_logprobs: top }) =>
      logprob === null ? null : Object.fromEntries(top.map((one) => [tokenName(one), one.logprob])),
    ),
    text_offset: offsets,
  };
}

/** Here a token has no other place for its bytes. */
const tokenName = ({ token, bytes }: Pick<TokenLogprob, 'token' | 'bytes'>): string =>
  bytes === null || isUtf8(Uint8Array.from(bytes)) ? token : `bytes:${token}`;

/** A renderer for one streamed answer. `includeUsage` follows the client's `stream_options`. */
export function createStreamRenderer(info: AnswerInfo, includeUsage: boolean): StreamRenderer {
  const isChat = info.task === 'chat';
  const { id, created, model } = info;
  const object = isChat ? 'chat.completion.chunk' : 'text_completion';
  const nothingYet = includeUsage ? { usage: null } : {};
  const chunk = (choices: readonly object[], usage: object): string =>
    encodeSse(JSON.stringify({ id, object, created, model, ...progress.fingerprint, choices, ...usage }));
  const progress = new Progress(info.choices);
  const greeted = new Set<number>();
  const offsets = new Map<number, number>();
  const greet = (choice: number): string => {
    if (!isChat || greeted.has(choice)) return '';
    greeted.add(choice);
    return chunk([{ index: choice, delta: { role: 'assistant', content: '' }, finish_reason: null }], nothingYet);
  };
  const completionChoice = (event: ShownEvent): object | undefined => {
    if (event.type !== 'text' && event.type !== 'finish') return undefined;
    const text = event.type === 'text' ? event.text : '';
    const offset = offsets.get(event.choice) ?? 0;
    offsets.set(event.choice, offset + text.length);
    const logprobs = completionLogprobs(event.type === 'text' ? event.logprobs : undefined, offset);
    return { index: event.choice, text, logprobs, finish_reason: event.type === 'finish' ? event.reason : null };
  };
  return Object.assign(progress, {
    push(event: GenerationEvent): string {
      progress.note(event);
      if (event.type === 'usage' || event.type === 'error' || event.type === 'head') return '';
      const choice = isChat ? chatChoice(event) : completionChoice(event);
      return choice ? greet(event.choice) + chunk([choice], nothingYet) : '';
    },
    close(): string {
      const { usage } = progress;
      return (includeUsage && usage ? chunk([], { usage }) : '') + SSE_DONE;
    },
  });
}

interface Collected {
  text: string;
  reasoning: string;
  refusal: string;
  reason: string | null;
  readonly logprobs: TokenLogprob[];
  readonly calls: Map<number, { id: string; name: string; arguments: string }>;
}

function collect(choice: Collected, event: ShownEvent): void {
  if (event.type === 'text') {
    choice.text += event.text;
    choice.logprobs.push(...(event.logprobs ?? []));
  } else if (event.type === 'finish') choice.reason = event.reason;
  else if (event.type === 'tool-call') {
    const call = choice.calls.get(event.index) ?? { id: event.id ?? '', name: event.name ?? '', arguments: '' };
    call.arguments += event.arguments;
    choice.calls.set(event.index, call);
  } else choice[event.type] += event.text;
}

function chatMessageOf(choice: Collected): ChatCompletion['choices'][number]['message'] {
  const calls = [...choice.calls.values()].map(({ id, name, arguments: text }) => ({
    id,
    type: 'function',
    function: { name, arguments: text },
  }));
  return {
    role: 'assistant',
    content: choice.text === '' && (calls.length > 0 || choice.refusal !== '') ? null : choice.text,
    refusal: choice.refusal || null,
    ...(choice.reasoning ? { reasoning_content: choice.reasoning } : {}),
    ...(calls.length > 0 ? { tool_calls: calls } : {}),
  };
}

/** A collector for one answer without `stream`. */
export function createReplyCollector(info: AnswerInfo): ReplyCollector {
  const choices = new Map<number, Collected>();
  const progress = new Progress(info.choices);
  const { id, created, model } = info;
  const empty = (): Collected => ({
    text: '',
    reasoning: '',
    refusal: '',
    reason: null,
    logprobs: [],
    calls: new Map(),
  });
  return Object.assign(progress, {
    push(event: GenerationEvent): void {
      progress.note(event);
      if (event.type === 'usage' || event.type === 'error' || event.type === 'head') return;
      const choice = choices.get(event.choice) ?? empty();
      choices.set(event.choice, choice);
      collect(choice, event);
    },
    reply(): ChatCompletion | Completion {
      const sorted = [...choices].sort(([a], [b]) => a - b);
      const usage = progress.usage ? { usage: progress.usage } : {};
      if (info.task === 'completions') {
        const list = sorted.map(([index, { text, logprobs, reason }]) => ({
          index,
          text,
          logprobs: completionLogprobs(logprobs, 0) as Record<string, unknown> | null,
          finish_reason: reason,
        }));
        return { id, object: 'text_completion', created, model, ...progress.fingerprint, choices: list, ...usage };
      }
      const list = sorted.map(([index, choice]) => ({
        index,
        message: chatMessageOf(choice),
        logprobs: choice.logprobs.length > 0 ? { content: choice.logprobs as object[] as never, refusal: null } : null,
        finish_reason: choice.reason,
      }));
      return { id, object: 'chat.completion', created, model, ...progress.fingerprint, choices: list, ...usage };
    },
  });
}

import { isSmmfError, type SmmfError, type Worker } from '@smmf/core';
import type { GenerationEvent } from '@smmf/protocol';
import { testCall, testEngineContext } from '@smmf/testkit';
import plugin, { type TensorRtOptions } from '../src/index.ts';

/** The options of a test, those that every worker has left out. */
export type Options = Readonly<Record<string, unknown>> & Partial<TensorRtOptions>;

/** Puts the contents of messages one behind the other, so that a chat's prompt is what was said. */
export const PLAIN_TEMPLATE =
  "{% for message in messages %}{{ message.content }}{{ '' if loop.last else ' ' }}{% endfor %}";

/** A worker over a Triton. */
export async function tritonWorker(options: Options): Promise<Worker> {
  const parsed = plugin.options.parse({ server: 'triton', ...options });
  const worker = await plugin.create?.(parsed, testEngineContext({ model: 'public' }));
  if (!worker) throw new Error('no worker');
  return worker;
}

/** What came, read to its end. */
export interface Told {
  readonly texts: readonly string[];
  readonly text: string;
  readonly reasons: readonly string[];
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens?: number | undefined } | undefined;
  /** Value of `x-smmf-adjusted`. */
  readonly adjusted: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

function start(worker: Worker, request: Fields, signal?: AbortSignal): AsyncIterable<GenerationEvent> {
  const { chat, completions } = worker.tasks;
  const call = testCall(signal);
  const whole = { model: 'public', ...request };
  if ('messages' in request && chat) return chat(whole as unknown as Parameters<typeof chat>[0], call);
  if ('prompt' in request && completions)
    return completions(whole as unknown as Parameters<typeof completions>[0], call);
  throw new Error('the worker does not serve that');
}

/** Asks for a chat or a completion, by what the request holds. `onText` hears of each piece. */
export async function ask(worker: Worker, request: Fields, signal?: AbortSignal, onText?: () => void): Promise<Told> {
  const events: GenerationEvent[] = [];
  for await (const event of start(worker, request, signal)) {
    events.push(event);
    if (event.type === 'text') onText?.();
  }
  const texts = events.flatMap((event) => (event.type === 'text' ? [event.text] : []));
  const head = events.find((event) => event.type === 'head');
  return {
    texts,
    text: texts.join(''),
    reasons: events.flatMap((event) => (event.type === 'finish' ? [event.reason] : [])),
    usage: events.find((event) => event.type === 'usage')?.usage,
    adjusted: head?.headers['x-smmf-adjusted'],
  };
}

/** The error of a request that must fail. */
export async function refusal(worker: Worker, request: Fields): Promise<SmmfError> {
  const error: unknown = await ask(worker, request).then(
    () => new Error('it was answered'),
    (reason: unknown) => reason,
  );
  if (!isSmmfError(error)) throw new Error('expected an SmmfError', { cause: error });
  return error;
}

/** An error as a table writes it: code, words for the caller, words for the operator. */
export const toldBy = ({ code, message, cause }: SmmfError): string =>
  `${code}: ${message}${cause instanceof Error ? ` | ${cause.message}` : ''}`;

export const say = (content: string): Fields => ({ messages: [{ role: 'user', content }] });

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Call, EngineContext, Worker } from '@smmf/core';
import type { GenerationEvent } from '@smmf/protocol';
import { createModelStore } from '@smmf/sources';
import { testEngineContext } from '@smmf/testkit';
import plugin, { type LlamaCppOptions } from '../../src/index.ts';

/** Where the scripts of real servers and models are. */
export const realFolder = process.env.SMMF_REAL ?? resolve(import.meta.dirname, '../../../../../shared/real');
const script = resolve(realFolder, 'model-smollm2');

/** The model that `npm start` has fetched, where it has; the network is not asked. */
async function fetchedByStart(): Promise<string | undefined> {
  const config = readFileSync(resolve(import.meta.dirname, '../../../../apps/quickstart/smmf.yaml'), 'utf8');
  const sources = [...config.matchAll(/^ +- (\w+:\/\/\S+)$/gm)].map(([, source = '']) => source);
  const { http } = testEngineContext();
  const store = createModelStore({ http, offline: true });
  const path = await store.fetch(sources).catch(() => undefined);
  await http.close();
  const found = path === undefined ? 'skipped: no real model; `npm start` fetches one' : `the real model is ${path}`;
  console.warn(`${found} (${script} is absent; SMMF_REAL names its folder; looked in ${store.cacheDir})`);
  return path;
}

/** Path of SmolLM2-135M-Instruct (GGUF, Apache-2.0), by its script or as `npm start` has fetched it; undefined, with the reason printed, where neither is. */
export const modelPath = existsSync(script)
  ? execFileSync(script, { encoding: 'utf8' }).trim()
  : await fetchedByStart();

/** The request fields of a test: the model's name is put in. */
export type Fields = Readonly<Record<string, unknown>>;

/** What a test asks of the engine. */
export interface Answer {
  readonly text: string;
  readonly reason: string | undefined;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
  readonly usage: { prompt_tokens: number; completion_tokens: number; total_tokens: number; cached: number };
  readonly events: readonly GenerationEvent[];
}

export function contextFor(path: string): EngineContext {
  return testEngineContext({ model: 'smol', modelFile: async () => path });
}

/** A worker over the real model, or over another file. */
export function startWorker(options: Partial<LlamaCppOptions> = {}, path = modelPath ?? ''): Promise<Worker> {
  return startPlugin(options, contextFor(path));
}

export async function startPlugin(options: Partial<LlamaCppOptions>, context: EngineContext): Promise<Worker> {
  const parsed = plugin.options.parse({ source: await context.modelFile('model.gguf'), ...options });
  return plugin.create?.(parsed, context) ?? Promise.reject(new Error('no create'));
}

export function callWith(signal = new AbortController().signal): Call {
  return { id: 'call', signal, deadlineMs: Number.POSITIVE_INFINITY };
}

/** Runs a chat or a completion to its end. */
export async function ask(
  worker: Worker,
  fields: Fields,
  { task = 'chat', signal }: { task?: 'chat' | 'completions'; signal?: AbortSignal } = {},
): Promise<Answer> {
  const handler = worker.tasks[task] as (request: unknown, call: Call) => AsyncIterable<GenerationEvent>;
  const events: GenerationEvent[] = [];
  for await (const event of handler({ model: 'smol', ...fields }, callWith(signal))) events.push(event);
  return collect(events);
}

export function collect(events: readonly GenerationEvent[]): Answer {
  const calls: { name: string; arguments: string }[] = [];
  let [text, reason, usage]: [string, string | undefined, Answer['usage'] | undefined] = ['', undefined, undefined];
  for (const event of events) {
    if (event.type === 'text') text += event.text;
    if (event.type === 'finish') reason = event.reason;
    if (event.type === 'tool-call' && event.name) calls.push({ name: event.name, arguments: '' });
    const call = calls.at(-1);
    if (event.type === 'tool-call' && call) call.arguments += event.arguments;
    if (event.type === 'usage') {
      const details = event.usage.prompt_tokens_details as { cached_tokens: number } | undefined;
      usage = {
        ...event.usage,
        completion_tokens: event.usage.completion_tokens ?? 0,
        cached: details?.cached_tokens ?? 0,
      };
    }
  }
  if (!usage) throw new Error('the answer has no usage');
  return { text, reason, calls, usage, events };
}

export const user = (content: string): Fields => ({ role: 'user', content });

/** What `work` rejects with; the value itself when it does not. */
export async function refusalOf(work: () => Promise<unknown>): Promise<unknown> {
  return work().catch((error: unknown) => error);
}

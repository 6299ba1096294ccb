import { threadId } from 'node:worker_threads';
import { SmmfError, type SyncBackend } from '@smmf/core';
import type { ChatRequest, CompletionRequest, GenerationEvent } from '@smmf/protocol';
import { answerTo, lastText, promptText, usageOf, vectorOf, wordsOf } from './demo-words.ts';

/** Options of the demo backend, as its plugin parses them. */
export interface DemoBackendOptions {
  /** How long it computes for each word, keeping its thread busy; milliseconds. */
  readonly tokenMs: number;
  /** Length of its vectors. */
  readonly dimensions: number;
  /** Fails while it loads, with this text. */
  readonly failInLoad?: string | undefined;
}

/** Computes, as a model would: nothing else runs in this thread meanwhile. */
function compute(ms: number): void {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
}

/** Prompts with a meaning of their own: `thread` is answered with the thread's id, `fail`, `refuse` and `exit` are faults. */
function* generate(
  prompt: string,
  request: ChatRequest | CompletionRequest,
  { tokenMs }: DemoBackendOptions,
): Generator<GenerationEvent> {
  if (prompt === 'fail') throw new Error('The demo backend was told to fail');
  if (prompt === 'refuse')
    throw new SmmfError('CONTEXT_LENGTH_EXCEEDED', 'The prompt is too long', { param: 'messages' });
  if (prompt === 'exit') process.exit(3);
  const { pieces, reason, choices } = answerTo(prompt === 'thread' ? String(threadId) : prompt, request);
  for (let choice = 0; choice < choices; choice++) {
    for (const text of pieces) {
      compute(tokenMs);
      yield { type: 'text', choice, text };
    }
    yield { type: 'finish', choice, reason };
  }
  yield { type: 'usage', usage: usageOf(prompt, pieces.length * choices) };
}

const inputTexts = (input: string | readonly unknown[]): string[] => {
  if (typeof input === 'string') return [input];
  return typeof input[0] === 'number' ? [input.join(' ')] : input.map(String);
};

const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

/** Loads the backend: chat and completions word by word, embeddings and rerank in one go; all of it deterministic. */
export function load(options: DemoBackendOptions, model: string): SyncBackend {
  const { dimensions, tokenMs, failInLoad } = options;
  if (failInLoad !== undefined) throw new Error(failInLoad);
  const embed = (text: string): Float32Array => {
    compute(tokenMs);
    return vectorOf(text, dimensions);
  };
  return {
    models: [{ id: model, tasks: ['chat', 'completions', 'embeddings', 'rerank'] }],
    tasks: {
      chat: (request) => generate(lastText(request), request, options),
      completions: (request) => generate(promptText(request), request, options),
      embeddings({ input }) {
        const texts = inputTexts(input);
        const read = wordsOf(texts.join(' ')).length;
        return { vectors: texts.map(embed), usage: { prompt_tokens: read, total_tokens: read } };
      },
      rerank({ query, documents }) {
        const texts = documents.map((document) => (typeof document === 'string' ? document : document.text));
        const wanted = embed(query);
        const read = wordsOf([query, ...texts].join(' ')).length;
        return {
          scores: texts.map((text) => dot(wanted, embed(text))),
          usage: { prompt_tokens: read, total_tokens: read },
        };
      },
    },
  };
}

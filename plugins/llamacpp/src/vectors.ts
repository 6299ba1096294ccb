import { SmmfError, type TaskMap } from '@smmf/core';
import type { Usage } from '@smmf/protocol';
import type { Engine } from './load.ts';
import { promptTokens } from './prompt-tokens.ts';
import type { RunningCalls } from './running-calls.ts';
import { refuse } from './sampling.ts';

/** The handler of embeddings: one vector of length 1 for each input, one after another. */
export function createEmbeddings(
  engine: Engine,
  { hold }: Pick<RunningCalls, 'hold'>,
): NonNullable<TaskMap['embeddings']> {
  return async (request, { signal }) => {
    refuse(request, ['dimensions']);
    const inputs = promptTokens(request.input, 'input', engine.model, 'plain');
    const context = await engine.embeddingContext();
    // The library adds begin and end tokens to the very list that it is given.
    const lengths = inputs.map(({ tokens }) => context.calculateInputLength([...tokens]));
    for (const [index, { param }] of inputs.entries()) requireRoom(engine, lengths[index] ?? 0, param);
    const vectors: Float32Array[] = [];
    for (const { tokens } of inputs) {
      const { vector } = await unlessAborted(signal, () => hold(context.getEmbeddingFor([...tokens])));
      vectors.push(normalised(vector));
    }
    return { vectors, usage: usageOf(lengths) };
  };
}

/** The handler of rerank: how likely the model holds each document to be relevant, 0 to 1. */
export function createRerank(engine: Engine, { hold }: Pick<RunningCalls, 'hold'>): NonNullable<TaskMap['rerank']> {
  return async ({ query, documents }, { signal }) => {
    const texts = documents.map((document) => (typeof document === 'string' ? document : document.text));
    const context = await engine.rankingContext();
    const lengths = texts.map((text) => context.calculateInputLength(query, text));
    for (const [index, length] of lengths.entries()) requireRoom(engine, length, `documents[${index}]`);
    const scores: number[] = [];
    for (const text of texts) scores.push(await unlessAborted(signal, () => hold(context.rank(query, text))));
    return { scores, usage: usageOf(lengths) };
  };
}

function requireRoom({ contextLength }: Engine, length: number, param: string): void {
  if (length < contextLength) return;
  const text = `This model's maximum context length is ${contextLength - 1} tokens; your input has ${length}`;
  throw new SmmfError('CONTEXT_LENGTH_EXCEEDED', text, { param });
}

function normalised(vector: readonly number[]): Float32Array {
  const length = Math.hypot(...vector);
  return Float32Array.from(vector, (value) => (length > 0 ? value / length : value));
}

function usageOf(lengths: readonly number[]): Usage {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  return { prompt_tokens: total, total_tokens: total };
}

/** Rejects as soon as the signal aborts; the library finishes the one input that it works on. */
function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(signal.reason);
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    work()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', leave));
  });
}

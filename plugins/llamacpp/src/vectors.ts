import { SmmfError, type TaskMap } from '@smmf/core';
import type { EmbeddingRequest, Usage } from '@smmf/protocol';
import type { Engine } from './load.ts';
import { promptTokens } from './prompt-tokens.ts';
import type { RunningCalls } from './running-calls.ts';

/** The handler of embeddings: one vector of length 1 for each input, one after another. */
export function createEmbeddings(
  engine: Engine,
  { hold }: Pick<RunningCalls, 'hold'>,
): NonNullable<TaskMap['embeddings']> {
  return async (request, { signal }) => {
    const size = sizeOf(request, engine);
    const inputs = promptTokens(request.input, 'input', engine.model, 'plain');
    const context = await engine.embeddingContext();
    // The library adds begin and end tokens to the very list that it is given.
    const lengths = inputs.map(({ tokens }) => context.calculateInputLength([...tokens]));
    for (const [index, { param }] of inputs.entries()) requireRoom(engine, lengths[index] ?? 0, param);
    const vectors: Float32Array[] = [];
    for (const { tokens } of inputs) {
      const { vector } = await unlessAborted(signal, () => hold(context.getEmbeddingFor([...tokens])));
      vectors.push(normalised(vector.slice(0, size)));
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

/** How many numbers of each vector are wanted: all, or as many as the model was trained to be cut to. */
function sizeOf({ dimensions }: EmbeddingRequest, { model, matryoshka }: Engine): number {
  const whole = model.embeddingVectorSize;
  if (dimensions === undefined || dimensions === null || dimensions === whole) return whole;
  const sizes = matryoshka === true ? undefined : matryoshka;
  if (sizes?.length === 0) {
    const text = `"dimensions" is not supported: the option "matryoshka" does not say that this model's vectors of ${whole} numbers may be cut`;
    throw new SmmfError('UNSUPPORTED_PARAMETER', text, { param: 'dimensions' });
  }
  if (dimensions < whole && (sizes?.includes(dimensions) ?? true)) return dimensions;
  const known = sizes ? `${[...sizes, whole].join(', ')}` : `1 to ${whole}`;
  throw new SmmfError('INVALID_VALUE', `This model's vectors have ${known} numbers`, { param: 'dimensions' });
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

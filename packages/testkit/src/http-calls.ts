import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type Endpoint, isSecret, SmmfError } from '@smmf/core';
import {
  type ChatRequest,
  type CompletionRequest,
  chatChunk,
  completion,
  createSseFramer,
  type EmbeddingRequest,
  type EmbeddingResult,
  embeddingReply,
  eventsOfChunk,
  eventsOfCompletion,
  fromBase64,
  type GenerationEvent,
  parseSseEvent,
  type RerankRequest,
  rerankReply,
  splitSse,
  TASK_ROUTES,
  type TaskId,
} from '@smmf/protocol';

async function send(endpoint: Endpoint, task: TaskId, body: object, signal: AbortSignal): Promise<IncomingMessage> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const entries = Object.entries(endpoint.headers ?? {});
  const headers = Object.fromEntries(entries.map(([name, value]) => [name, isSecret(value) ? value.reveal() : value]));
  const socket = endpoint.socketPath === undefined ? {} : { socketPath: endpoint.socketPath };
  const path = endpoint.paths?.[task] ?? TASK_ROUTES[task];
  const options = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, ...socket };
  const outgoing = httpRequest(endpoint.url.replace(/\/$/, '') + path, options, (answer) => {
    // Cut off while nobody reads, it has nobody to tell.
    answer.on('error', () => undefined);
    resolve(answer);
  });
  // Node's own `signal` tells the socket of the abort, which by then may have nobody who listens: an uncaught exception.
  const abort = (): void => {
    reject(signal.reason);
    outgoing.destroy();
  };
  signal.addEventListener('abort', abort, { once: true });
  outgoing.on('error', reject);
  outgoing.end(JSON.stringify(body));
  return promise;
}

const named = <Body extends { readonly model: string }>(endpoint: Endpoint, body: Body): Body => ({
  ...body,
  model: endpoint.models?.[body.model] ?? body.model,
});

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of answer) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** An error of the caller is told from a fault of the server. */
async function mustBeOk(answer: IncomingMessage): Promise<void> {
  if (answer.statusCode === 200) return;
  const code = answer.statusCode === 400 || answer.statusCode === 422 ? 'INVALID_REQUEST' : 'ENGINE_FAILED';
  throw new SmmfError(code, `HTTP ${answer.statusCode}: ${await textOf(answer)}`);
}

/** The events of a streamed chat at an OpenAI endpoint. */
export async function* eventsOverHttp(
  endpoint: Endpoint,
  request: ChatRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent> {
  const body = { ...named(endpoint, request), stream: true, stream_options: { include_usage: true } };
  const answer = await send(endpoint, 'chat', body, signal);
  await mustBeOk(answer);
  const framer = createSseFramer();
  for await (const part of answer) {
    for (const event of splitSse(framer.push(part as Buffer))) {
      const { data } = parseSseEvent(event);
      if (data === undefined || data === '[DONE]') continue;
      yield* eventsOfChunk(chatChunk.parse(JSON.parse(data)));
      if (signal.aborted) return;
    }
  }
}

async function postJson(endpoint: Endpoint, task: TaskId, request: { readonly model: string }): Promise<unknown> {
  const answer = await send(endpoint, task, named(endpoint, request), AbortSignal.timeout(10_000));
  await mustBeOk(answer);
  return JSON.parse(await textOf(answer));
}

/** The events of a whole completion at an OpenAI endpoint. */
export async function* completionOverHttp(
  endpoint: Endpoint,
  request: CompletionRequest,
): AsyncGenerator<GenerationEvent> {
  yield* eventsOfCompletion(completion.parse(await postJson(endpoint, 'completions', request)));
}

/** The vectors that an OpenAI endpoint answers. */
export async function embedOverHttp(endpoint: Endpoint, request: EmbeddingRequest): Promise<EmbeddingResult> {
  const { data, usage } = embeddingReply.parse(await postJson(endpoint, 'embeddings', request));
  const vectors = data.map(({ embedding }) => (typeof embedding === 'string' ? fromBase64(embedding) : embedding));
  return { vectors, usage: usage ?? { prompt_tokens: 0, total_tokens: 0 } };
}

/** The scores that an OpenAI endpoint answers, in its order. */
export async function rerankOverHttp(endpoint: Endpoint, request: RerankRequest): Promise<number[]> {
  return rerankReply.parse(await postJson(endpoint, 'rerank', request)).results.map((result) => result.relevance_score);
}

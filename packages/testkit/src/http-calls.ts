import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type Endpoint, Secret } from '@smmf/core';
import {
  type ChatRequest,
  chatChunk,
  createSseFramer,
  embeddingReply,
  eventsOfChunk,
  fromBase64,
  type GenerationEvent,
  parseSseEvent,
  splitSse,
  TASK_ROUTES,
  type TaskId,
  type Usage,
} from '@smmf/protocol';

function send(endpoint: Endpoint, task: TaskId, body: object, signal: AbortSignal): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const entries = Object.entries(endpoint.headers ?? {});
  const headers = Object.fromEntries(
    entries.map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]),
  );
  const socket = endpoint.socketPath === undefined ? {} : { socketPath: endpoint.socketPath };
  const path = endpoint.paths?.[task] ?? TASK_ROUTES[task];
  const options = { method: 'POST', signal, headers: { ...headers, 'content-type': 'application/json' }, ...socket };
  const outgoing = httpRequest(endpoint.url.replace(/\/$/, '') + path, options, resolve);
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

/** The events of a streamed chat at an OpenAI endpoint. */
export async function* eventsOverHttp(
  endpoint: Endpoint,
  request: ChatRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerationEvent> {
  const body = { ...named(endpoint, request), stream: true, stream_options: { include_usage: true } };
  const answer = await send(endpoint, 'chat', body, signal);
  if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode}: ${await textOf(answer)}`);
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

/** The vectors that an OpenAI endpoint answers. */
export async function postJson(
  endpoint: Endpoint,
  task: 'embeddings',
  request: { readonly model: string; readonly input: readonly string[] },
): Promise<{ vectors: number[][]; usage: Usage }> {
  const answer = await send(endpoint, task, named(endpoint, request), AbortSignal.timeout(10_000));
  const { data, usage } = embeddingReply.parse(JSON.parse(await textOf(answer)));
  const vectors = data.map(({ embedding }) => (typeof embedding === 'string' ? fromBase64(embedding) : embedding));
  return { vectors, usage: usage ?? { prompt_tokens: 0, total_tokens: 0 } };
}

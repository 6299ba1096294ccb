import { type Dialer, type HttpResponse, type Secret, SmmfError } from '@smmf/core';
import { createDialer, createHttpClient } from '@smmf/net';
import {
  type ChatChunk,
  type ChatRequest,
  chatChunk,
  createSseFramer,
  type ModelCard,
  modelCard,
  parseSseEvent,
  readErrorBody,
  splitSse,
} from '@smmf/protocol';
import * as z from 'zod';
import { noAnswer } from './no-answer.ts';

/** Where the OpenAI API of an SMMF is. */
export interface ApiClientOptions {
  /** With the version: `http://127.0.0.1:8100/v1`. */
  readonly url: string;
  readonly key?: Secret | undefined;
  /** Opens the connections; default one that goes straight to the server. */
  readonly dialer?: Dialer | undefined;
}

/**
 * The OpenAI API of an SMMF, as far as a command line needs it. Every call throws UNREACHABLE when nothing answers, and what the
 * server says as INVALID_REQUEST.
 */
export interface ApiClient {
  models(): Promise<readonly ListedModel[]>;
  /** @throws INVALID_REQUEST with the server's words for an unknown one */
  model(id: string): Promise<ListedModel>;
  /** Streams an answer. @throws INVALID_REQUEST also in its middle, for an error event */
  chat(request: ChatRequest, signal: AbortSignal): AsyncIterable<ChatChunk>;
  close(): Promise<void>;
}

const listedModel = z.looseObject({
  id: z.string(),
  tasks: modelCard.shape.tasks.optional(),
  max_model_len: z.number().optional(),
});
const modelList = z.object({ data: z.array(listedModel) });

/** A model as `GET /v1/models` lists it; `max_model_len` in tokens. */
export interface ListedModel {
  readonly id: string;
  readonly tasks?: ModelCard['tasks'] | undefined;
  readonly max_model_len?: number | undefined;
}

const ANSWER_MS = 30_000;
/** A stream may be silent for as long as a model thinks; the server has limits of its own. */
const SILENCE_MS = 3_600_000;

/** A client of the OpenAI API at `options.url`. */
export function createApiClient({ url, key, dialer = createDialer() }: ApiClientOptions): ApiClient {
  const http = createHttpClient(dialer);
  const headers = key ? { authorization: key.map((text) => `Bearer ${text}`) } : {};
  const unreachable = (cause: unknown): never => {
    throw noAnswer(url, cause);
  };
  const get = async <S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> => {
    const { status, json } = await http
      .get(`${url}${path}`, AbortSignal.timeout(ANSWER_MS), { headers })
      .catch(unreachable);
    const parsed = schema.safeParse(json);
    if (status === 200 && parsed.success) return parsed.data;
    if (status >= 400) throw refusal(status, json);
    throw new SmmfError('UNREACHABLE', `What answers at ${url} is no OpenAI API (HTTP ${status})`);
  };
  return {
    models: async () => (await get('/models', modelList)).data,
    model: (id) => get(`/models/${encodeURIComponent(id)}`, listedModel),
    async *chat(body, signal) {
      const request = {
        url: `${url}/chat/completions`,
        headers: { ...headers, 'content-type': 'application/json', accept: 'text/event-stream' },
        body: JSON.stringify({ ...body, stream: true }),
        headTimeoutMs: SILENCE_MS,
        stallTimeoutMs: SILENCE_MS,
      };
      const response = await http.request(request, signal).catch((cause: unknown) => {
        signal.throwIfAborted();
        return unreachable(cause);
      });
      if (response.status !== 200) throw refusal(response.status, jsonOf(await response.text()));
      yield* chunksOf(response);
    },
    close: () => http.close(),
  };
}

async function* chunksOf(response: HttpResponse): AsyncGenerator<ChatChunk> {
  const framer = createSseFramer();
  for await (const bytes of response.body) {
    for (const event of splitSse(framer.push(Buffer.from(bytes)))) {
      const { data } = parseSseEvent(event);
      if (data === '[DONE]') return;
      if (data === undefined) continue;
      const json = jsonOf(data);
      const { data: chunk } = chatChunk.safeParse(json);
      if (!chunk || readErrorBody(json)) throw refusal(200, json);
      yield chunk;
    }
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refusal(status: number, json: unknown): SmmfError {
  const code = status === 401 ? 'INVALID_API_KEY' : status === 403 ? 'PERMISSION_DENIED' : 'INVALID_REQUEST';
  return new SmmfError(code, readErrorBody(json)?.message ?? `HTTP ${status}`);
}

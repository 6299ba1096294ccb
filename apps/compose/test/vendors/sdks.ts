import { InferenceClient } from '@huggingface/inference';
import { Mistral } from '@mistralai/mistralai';
import OpenAI, { AzureOpenAI } from 'openai';
import type { Dialect, Json } from './dialect.ts';
import { record } from './reading.ts';
import { shownKey } from './request-rules.ts';

/** A vendor's SDK as a witness: it sends a chat and gives what it read, as plain JSON with OpenAI's names. */
export interface Sdk {
  /** The whole answer. */
  complete(body: Json): Promise<Json>;
  /** Each chunk. */
  stream(body: Json): Promise<Json[]>;
}

const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

async function collect(chunks: AsyncIterable<unknown>): Promise<Json[]> {
  const all: Json[] = [];
  for await (const chunk of chunks) all.push(plain(chunk));
  return all;
}

/** OpenAI's client sends a body as it is given; its types know OpenAI's fields alone. */
function openAiSdk(client: OpenAI): Sdk {
  type Whole = OpenAI.ChatCompletionCreateParamsNonStreaming;
  type Streamed = OpenAI.ChatCompletionCreateParamsStreaming;
  return {
    complete: async (body) => plain(await client.chat.completions.create(body as unknown as Whole)),
    stream: async (body) =>
      collect(await client.chat.completions.create({ ...body, stream: true } as unknown as Streamed)),
  };
}

const camel = (name: string): string => name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A value with all names in it changed; what a caller writes into a JSON schema keeps its own. */
function renamed(value: unknown, change: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, change));
  const fields = record(value);
  if (!fields) return value;
  const own = (name: string): boolean => name === 'schema' || name === 'parameters';
  return Object.fromEntries(
    Object.entries(fields).map(([name, item]) => [change(name), own(name) ? item : renamed(item, change)]),
  );
}

/** Mistral's client has the same fields under names of its own. */
function mistralSdk(client: Mistral): Sdk {
  type Request = Parameters<typeof client.chat.complete>[0];
  const given = (body: Json): Request => renamed(body, camel) as Request;
  const taken = (answer: unknown): Json => renamed(plain(answer), snake) as Json;
  return {
    complete: async (body) => taken(await client.chat.complete(given(body))),
    stream: async (body) => {
      const events = await collect(await client.chat.stream(given(body)));
      return events.map(({ data }) => taken(data));
    },
  };
}

function huggingFaceSdk(client: InferenceClient): Sdk {
  type Request = Parameters<typeof client.chatCompletion>[0];
  // It asks again at once, without end, after each 503.
  const options = { retry_on_error: false };
  return {
    complete: async (body) => plain(await client.chatCompletion(body as unknown as Request, options)),
    stream: (body) => collect(client.chatCompletionStream(body as unknown as Request, options)),
  };
}

/** The vendor's SDK, pointed at a server that speaks its dialect. */
export function sdkFor(dialect: Dialect, origin: string): Sdk {
  const { witness, auth, base } = dialect;
  const apiKey = shownKey(dialect) || 'none';
  const inHeader = auth.kind === 'header' ? { defaultHeaders: { [auth.name]: apiKey } } : {};
  const timeout = 5_000;
  switch (witness.sdk) {
    case 'openai':
      return openAiSdk(new OpenAI({ baseURL: origin + base, apiKey, maxRetries: 0, timeout, ...inHeader }));
    case 'azure': {
      const apiVersion = new URL(origin + dialect.chatPath).searchParams.get('api-version') ?? '';
      const reach = { endpoint: origin, apiVersion, deployment: dialect.models.chat, maxRetries: 0, timeout };
      const azureADTokenProvider = async (): Promise<string> => apiKey;
      return openAiSdk(
        new AzureOpenAI(auth.kind === 'header' ? { ...reach, apiKey } : { ...reach, azureADTokenProvider }),
      );
    }
    case 'mistral':
      return mistralSdk(
        new Mistral({ serverURL: origin, apiKey, retryConfig: { strategy: 'none' }, timeoutMs: timeout }),
      );
    case 'huggingface':
      return huggingFaceSdk(new InferenceClient(apiKey, { endpointUrl: origin }));
  }
}

/** Chunks as the events of a stream, for a reader of streams. */
export const asEvents = (chunks: readonly Json[]): string =>
  [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('');

/** A whole answer as a response, for a reader of answers. */
export const asResponse = (reply: Json): Response => new Response(JSON.stringify(reply));

import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** A request as the fake engine received it. */
export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** The body parsed; undefined when it is no JSON. */
  readonly json: Readonly<Record<string, unknown>> | undefined;
}

/** What the fake engine does with one request; absent fields mean "as a healthy engine would". */
export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Wait before the first byte, milliseconds. */
  readonly delayMs?: number;
  /** Wait between two writes, milliseconds. */
  readonly gapMs?: number;
  /** No status line and no headers: what follows comes at once. */
  readonly isHeadless?: boolean;
  /** What is written, piece by piece, as it is. */
  readonly pieces: readonly (string | Buffer)[];
  /** After the last piece: `end` (default) the answer, `reset` the connection, or `hang` without another byte. */
  readonly after?: 'end' | 'reset' | 'hang';
}

/** A scripted OpenAI engine on loopback. */
export interface FakeEngine {
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string;
  readonly port: number;
  /** Inference requests so far, in order of arrival. */
  readonly requests: readonly FakeRequest[];
  /** Requests being answered now. */
  readonly active: number;
  /** Answers that the other side broke off. */
  readonly aborted: number;
  /** Open connections. */
  readonly connections: number;
  /** How the next requests are answered; undefined brings back the healthy engine. */
  script(answer: ((request: FakeRequest, index: number) => FakeAnswer | undefined) | undefined): void;
  /** Closes the port and resets every connection, as a killed process does. */
  kill(): Promise<void>;
  /** Listens again on the same port. */
  revive(): Promise<void>;
  close(): Promise<void>;
}

const CREATED = 1_700_000_000;

function usageOf(words: readonly string[], choices: number): object {
  const completion_tokens = words.length * choices;
  return { prompt_tokens: 3, completion_tokens, total_tokens: 3 + completion_tokens };
}

/** The pieces of a healthy streamed chat that says `words`, in each of `choices` choices (default 1), one after the other. */
export function streamPieces(
  model: string,
  words: readonly string[],
  includeUsage: boolean,
  finish = 'stop',
  choices = 1,
): string[] {
  const head = { id: 'chatcmpl-fake', object: 'chat.completion.chunk', created: CREATED, model };
  const chunk = (own: readonly object[], more: object = {}): string =>
    `data: ${JSON.stringify({ ...head, choices: own, ...more })}\n\n`;
  const choice = (index: number): string[] => {
    const delta = (content: object, finish_reason: string | null = null): string =>
      chunk([{ index, delta: content, finish_reason }]);
    return [
      delta({ role: 'assistant', content: '' }),
      ...words.map((content) => delta({ content })),
      delta({}, finish),
    ];
  };
  return [
    ...Array.from({ length: choices }, (_, index) => choice(index)).flat(),
    ...(includeUsage ? [chunk([], { usage: usageOf(words, choices) })] : []),
    'data: [DONE]\n\n',
  ];
}

/** What a healthy engine says to a request. */
interface Said {
  readonly words: readonly string[];
  readonly finish: string;
  readonly choices: number;
}

/** `w0 w1 …`, as many as `max_tokens` says (default 5), up to the first word with a stop text, in `n` choices. */
function saidTo(json: FakeRequest['json']): Said {
  const all = Array.from({ length: Number(json?.max_tokens ?? 5) }, (_, index) => `w${index} `);
  const stops = [json?.stop ?? []].flat().filter((stop) => typeof stop === 'string');
  const end = all.findIndex((word) => stops.some((stop) => word.includes(stop)));
  const isLimited = end === -1 && json?.max_tokens !== undefined;
  const words = end === -1 ? all : all.slice(0, end);
  return { words, finish: isLimited ? 'length' : 'stop', choices: Number(json?.n ?? 1) };
}

function healthyJson(path: string, model: string, { words, finish, choices }: Said): object {
  const usage = usageOf(words, choices);
  if (path.endsWith('/embeddings')) {
    const data = [{ object: 'embedding', index: 0, embedding: [0.5, -0.25, 1] }];
    return { object: 'list', data, model, usage: { prompt_tokens: 3, total_tokens: 3 } };
  }
  if (path.endsWith('/rerank'))
    return { id: 'rerank-fake', model, results: [{ index: 0, relevance_score: 0.5 }], usage };
  const head = { id: 'chatcmpl-fake', created: CREATED, model, usage };
  const isChat = path.endsWith('/chat/completions');
  const content = words.join('');
  const said = isChat ? { message: { role: 'assistant', content } } : { text: content };
  const list = Array.from({ length: choices }, (_, index) => ({ index, ...said, finish_reason: finish }));
  return { ...head, object: isChat ? 'chat.completion' : 'text_completion', choices: list };
}

function healthy({ path, json }: FakeRequest): FakeAnswer {
  const model = String(json?.model ?? '');
  const said = saidTo(json);
  if (json?.stream !== true) {
    const headers = { 'content-type': 'application/json' };
    return { headers, pieces: [JSON.stringify(healthyJson(path, model, said))] };
  }
  const options = json.stream_options as { include_usage?: boolean } | undefined;
  const headers = { 'content-type': 'text/event-stream; charset=utf-8' };
  const { words, finish, choices } = said;
  return { headers, pieces: streamPieces(model, words, options?.include_usage === true, finish, choices) };
}

async function receive(message: IncomingMessage): Promise<FakeRequest> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  let json: Readonly<Record<string, unknown>> | undefined;
  try {
    json = JSON.parse(body.toString());
  } catch {
    json = undefined;
  }
  return { method: message.method ?? '', path: message.url ?? '', headers: message.headers, body, json };
}

async function send(response: ServerResponse, answer: FakeAnswer): Promise<void> {
  if (answer.delayMs) await delay(answer.delayMs);
  if (response.destroyed) return;
  if (!answer.isHeadless)
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers });
  for (const piece of answer.pieces) {
    if (response.destroyed) return;
    if (!response.write(piece)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    if (answer.gapMs) await delay(answer.gapMs);
  }
  if (answer.after === 'reset') response.socket?.resetAndDestroy();
  else if (answer.after === 'hang') await once(response, 'close');
  else response.end();
}

function listOf(models: readonly string[], contextLength: number | undefined): object {
  const length = contextLength === undefined ? {} : { max_model_len: contextLength };
  const data = models.map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'fake', ...length }));
  return { object: 'list', data };
}

/** Starts a fake engine that answers as `models`; default one model `fake`. */
export async function createFakeEngine({
  models = ['fake'],
  contextLength,
}: {
  readonly models?: readonly string[];
  /** Told in the list of models, tokens. */
  readonly contextLength?: number;
} = {}): Promise<FakeEngine> {
  const requests: FakeRequest[] = [];
  const sockets = new Set<Socket>();
  let script: ((request: FakeRequest, index: number) => FakeAnswer | undefined) | undefined;
  let active = 0;
  let aborted = 0;
  const list = listOf(models, contextLength);
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (message.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(list));
      return;
    }
    active++;
    response.once('close', () => {
      active--;
      if (!response.writableFinished) aborted++;
    });
    const request = await receive(message);
    requests.push(request);
    await send(response, script?.(request, requests.length - 1) ?? healthy(request));
  };
  const server = createServer((message, response) => void handle(message, response).catch(() => response.destroy()));
  // As uvicorn, under which most engines run.
  server.keepAliveTimeout = 5_000;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const listen = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  };
  const kill = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests,
    get active() {
      return active;
    },
    get aborted() {
      return aborted;
    },
    get connections() {
      return sockets.size;
    },
    script(next) {
      script = next;
    },
    kill,
    revive: () => listen(port),
    close: kill,
  };
}

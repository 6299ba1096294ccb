import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as nextTick } from 'node:timers/promises';
import { chatChunks, chatReply, eventOf } from './chat-answers.ts';
import type { Dialect, Json, Refusal } from './dialect.ts';
import { embeddingsAnswer, rerankAnswer } from './other-answers.ts';
import { GIVEN_TOKEN, isAuthorized, refusalOf } from './request-rules.ts';
import { saidIn, scenarioOf } from './said.ts';
import { turnOf } from './turns.ts';

/** A request as the vendor got it. */
export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly raw: Buffer;
  readonly json: Json;
}

/** What is written for one answer. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly pieces: readonly (string | Buffer)[];
  /** After the last piece: the `end` (default), a `reset` of the connection, or nothing more. */
  readonly after?: 'end' | 'reset' | 'hang';
  /** Each piece leaves in a packet of its own. */
  readonly isPaced?: boolean;
}

/** A vendor on loopback, as its dialect says. */
export interface ScriptedVendor {
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  readonly requests: readonly Recorded[];
  /** Requests so far, but for those for the list of models and for tokens. */
  readonly calls: readonly Recorded[];
  /** What is answered in place of what the dialect says; undefined: as it says. */
  script(answer: ((request: Recorded) => Answer | undefined) | undefined): void;
  forget(): void;
  close(): Promise<void>;
}

const JSON_BODY = /^application\/json\b/;
const JSON_TYPE = { 'content-type': 'application/json' };
const EVENTS = { 'content-type': 'text/event-stream; charset=utf-8' };

const plain = ({ status, body, headers = {} }: Refusal): Answer =>
  typeof body === 'string'
    ? { status, headers: { 'content-type': 'text/html', ...headers }, pieces: [body] }
    : { status, headers: { ...JSON_TYPE, ...headers }, pieces: [JSON.stringify(body)] };

/** Events of a stream up to and with the first that says something. */
function begun(dialect: Dialect, events: readonly string[]): string[] {
  const { before = [], role = 'first' } = dialect.stream;
  return events.slice(0, before.length + (role === 'first' ? 2 : 1));
}

/** The streams that go wrong, or slowly. */
function oddStream(scenario: string, dialect: Dialect, events: readonly string[]): Partial<Answer> | undefined {
  const { keepAlive = ': \n\n' } = dialect.stream;
  const [, name] = /^error (.+)$/.exec(scenario) ?? [];
  const row = dialect.errors.find((one) => one.name === name);
  if (row && row.place === 'event') return { pieces: [eventOf(row.body, dialect)] };
  if (row) return { pieces: [...begun(dialect, events), eventOf(row.body, dialect)], isPaced: true };
  switch (scenario) {
    case 'cut':
      return { pieces: begun(dialect, events), after: 'reset', isPaced: true };
    case 'ends early':
      return { pieces: begun(dialect, events), isPaced: true };
    case 'silent':
      return { pieces: [keepAlive, keepAlive], after: 'hang', isPaced: true };
    case 'stalls':
      return { pieces: begun(dialect, events), after: 'hang', isPaced: true };
    case 'slow':
      return { pieces: [keepAlive, keepAlive, ...events], isPaced: true };
    case 'bytes':
      return { pieces: [...Buffer.from(events.join(''))].map((byte) => Buffer.of(byte)), isPaced: true };
    default:
      return undefined;
  }
}

function chatAnswer(dialect: Dialect, body: Json): Answer {
  const scenario = scenarioOf(body);
  const row = dialect.errors.find(({ name }) => scenario === `error ${name}`);
  if (row && (row.place ?? 'answer') === 'answer') return plain(row);
  const said = scenario.startsWith('turns') ? turnOf(body, dialect) : saidIn(scenario);
  if (body.stream !== true) {
    if (row) return plain({ status: 200, body: row.body });
    const answer = plain({ status: 200, body: chatReply(dialect, said, body) });
    const { blanks } = dialect;
    return scenario === 'slow' && blanks !== undefined
      ? { ...answer, pieces: [blanks, blanks, ...answer.pieces], isPaced: true }
      : answer;
  }
  const events = [...chatChunks(dialect, said, body), '[DONE]'].map((one) => eventOf(one, dialect));
  return { status: 200, headers: EVENTS, pieces: events, ...oddStream(scenario, dialect, events) };
}

const notFound: Refusal = { status: 404, body: { error: { message: 'Not Found', type: 'invalid_request_error' } } };

/** Where each thing of the vendor is, from the root of the server. */
const pathsOf = ({ base, chatPath = '/chat/completions', embeddings, rerank }: Dialect) => ({
  chat: base + chatPath,
  embeddings: base + (embeddings?.path ?? '/embeddings'),
  rerank: rerank?.path,
  models: `${base}/models`,
});

/** Answers a question for a token; undefined for any other request. */
function tokenAnswer({ auth }: Dialect, { method, path, raw }: Recorded): Refusal | undefined {
  if (auth.kind !== 'client-credentials' || method !== 'POST' || path !== auth.path) return undefined;
  const given = Object.fromEntries(new URLSearchParams(raw.toString()));
  const isRight = Object.entries(auth.form).every(([name, value]) => given[name] === value);
  if (!isRight) return { status: 400, body: { error: 'invalid_client', error_description: 'Invalid client secret' } };
  return { status: 200, body: { token_type: 'Bearer', expires_in: 3599, access_token: GIVEN_TOKEN } };
}

/** What the vendor answers to a request. */
function answerOf(dialect: Dialect, request: Recorded): Answer {
  const { path, headers, json, method } = request;
  const token = tokenAnswer(dialect, request);
  if (token) return plain(token);
  const paths = pathsOf(dialect);
  if (!isAuthorized(dialect.auth, dialect.key, headers)) {
    return plain(dialect.errors.find(({ name }) => name === 'wrong key') ?? { status: 401, body: notFound.body });
  }
  if (method === 'GET' && path === paths.models && dialect.list) {
    const { chat, embeddings = chat, rerank = chat } = dialect.models;
    return plain({ status: 200, body: dialect.list([...new Set([chat, embeddings, rerank])]) });
  }
  if (method !== 'POST') return plain(notFound);
  if (path === paths.chat) {
    const refused = refusalOf(dialect, json);
    return refused ? plain(refused) : chatAnswer(dialect, json);
  }
  if (path === paths.embeddings) return plain(embeddingsAnswer(dialect, json));
  return plain(path === paths.rerank ? rerankAnswer(dialect, json) : notFound);
}

async function receive(message: IncomingMessage): Promise<Recorded> {
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  const raw = Buffer.concat(parts);
  let json: Json = {};
  try {
    json = JSON.parse(raw.toString()) as Json;
  } catch {}
  return { method: message.method ?? '', path: message.url ?? '', headers: message.headers, raw, json };
}

async function send(response: ServerResponse, { status, headers, pieces, after, isPaced }: Answer): Promise<void> {
  response.socket?.setNoDelay(true);
  response.writeHead(status, { ...headers });
  for (const piece of pieces) {
    if (response.destroyed) return;
    response.write(piece);
    if (isPaced) await nextTick();
  }
  if (after === 'hang') await once(response, 'close');
  else if (after === 'reset') response.socket?.resetAndDestroy();
  else response.end();
}

/** Starts a vendor. */
export async function createScriptedVendor(dialect: Dialect): Promise<ScriptedVendor> {
  const requests: Recorded[] = [];
  const sockets = new Set<Socket>();
  let script: ((request: Recorded) => Answer | undefined) | undefined;
  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await receive(message);
    requests.push(request);
    await send(response, script?.(request) ?? answerOf(dialect, request));
  };
  const server = createServer((message, response) => void handle(message, response).catch(() => response.destroy()));
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get calls() {
      return requests.filter(
        ({ method, headers }) => method === 'POST' && JSON_BODY.test(String(headers['content-type'])),
      );
    },
    script: (next) => {
      script = next;
    },
    forget: () => {
      requests.length = 0;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

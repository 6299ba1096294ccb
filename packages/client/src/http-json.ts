import { Agent, type Dispatcher, request } from 'undici';

const BODY_LIMIT = 4 * 2 ** 20;

/** A small answer, read whole. */
export interface SmallAnswer {
  readonly status: number;
  readonly text: string;
  /** The body parsed; undefined when it is no JSON. */
  readonly json: unknown;
}

/** Asks one server for small answers: discovery, health, metrics, admin. Never on the path of a request. */
export interface SmallClient {
  get(path: string, signal: AbortSignal): Promise<SmallAnswer>;
  post(path: string, body: unknown, signal: AbortSignal): Promise<SmallAnswer>;
  close(): Promise<void>;
}

/** Where a {@link SmallClient} asks. */
export interface SmallClientOptions {
  /** Base of every path. */
  readonly url: string;
  readonly socketPath?: string;
  readonly headers?: () => Record<string, string>;
  readonly connectTimeoutMs?: number;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readAll(body: Dispatcher.ResponseData['body']): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    size += (part as Buffer).length;
    if (size > BODY_LIMIT) throw new Error(`the answer is longer than ${BODY_LIMIT} bytes`);
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString();
}

/** A client with connections of its own; redirects are not followed. */
export function createSmallClient({
  url,
  socketPath,
  headers,
  connectTimeoutMs = 1_000,
}: SmallClientOptions): SmallClient {
  const dispatcher = new Agent({
    allowH2: false,
    connect: { timeout: connectTimeoutMs, ...(socketPath === undefined ? {} : { socketPath }) },
  });
  const send = async (
    method: 'GET' | 'POST',
    path: string,
    signal: AbortSignal,
    body?: unknown,
  ): Promise<SmallAnswer> => {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const answer = await request(url.replace(/\/$/, '') + path, {
      method,
      dispatcher,
      signal,
      headers: { ...headers?.(), ...type },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await readAll(answer.body);
    return { status: answer.statusCode, text, json: parse(text) };
  };
  return {
    get: (path, signal) => send('GET', path, signal),
    post: (path, body, signal) => send('POST', path, signal, body),
    close: () => dispatcher.destroy(),
  };
}

import { readFileSync } from 'node:fs';
import { type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type Dialer, type DialTarget, isSecret, type Secret } from '@smmf/core';
import { createDialer, describeRedirect, dialReason, dialStage, whyUnreachable } from '@smmf/net';
import { isListedAs, type ModelList, modelList } from '@smmf/protocol';

const HEAD_LIMIT = 64 * 2 ** 10;
const BODY_LIMIT = 2 ** 20;

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

/** What {@link probeEndpoint} asks, and for what. */
export interface ProbeTarget extends Pick<DialTarget, 'socketPath' | 'proxy' | 'egress' | 'tls'> {
  /** Origin and base path with the version: `http://gpu1:8000/v1`. User info and query of it are not sent. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined;
  /** The name that the list of models should hold; default any. */
  readonly model?: string | undefined;
  /** A list of one model will do, whatever it is called; default false. */
  readonly takesOnly?: boolean | undefined;
  /** For all of it: connecting, head, body. */
  readonly timeoutMs: number;
  /** Relative to `url`; false: nothing is asked over the connection. Default `/models`. */
  readonly path?: string | false | undefined;
  /** It is ready once there is a connection, TLS included, and behind a proxy in any case; default false. */
  readonly isReadyOnceConnected?: boolean | undefined;
  /** Opens the connection; default one that goes straight to the server. */
  readonly dialer?: Dialer | undefined;
}

/** What a probe found. */
export interface ProbeResult {
  /**
   * `ready`: an HTTP answer came, whatever it says. `down`: nothing listens, DNS or TLS failed, or it is not HTTP. `unknown`: it
   * took the connection and did not answer in time; what was known before still holds.
   */
  readonly state: 'ready' | 'down' | 'unknown';
  /** Why it is not ready, in words for an operator; holds no secret. */
  readonly reason?: string;
  /** What an operator should know although it is ready: a refused key, no list of models. */
  readonly note?: string;
  /** Of the answer. */
  readonly status?: number;
  /** The list, when one came. */
  readonly models?: ModelList['data'];
}

function headersOf({ headers = {} }: ProbeTarget): Record<string, string> {
  const own = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    isSecret(value) ? value.reveal() : value,
  ]);
  const fixed = { 'accept-encoding': 'identity', connection: 'close' };
  return { accept: 'application/json', 'user-agent': `smmf/${version}`, ...Object.fromEntries(own), ...fixed };
}

/** The question, over a connection that stands: TLS, where the url asks for it, is the dialer's. */
function send(target: ProbeTarget, socket: Socket): ClientRequest {
  const { host, pathname } = new URL(target.url);
  return httpRequest({
    createConnection: () => socket,
    path: pathname.replace(/\/+$/, '') + (target.path || '/models'),
    headers: { host, ...headersOf(target) },
    maxHeaderSize: HEAD_LIMIT,
  }).end();
}

/** The body as far as it comes within the limit; undefined for a longer one or one that breaks off. */
async function readBody(response: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > BODY_LIMIT) return undefined;
      parts.push(part);
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(parts).toString();
}

function listIn(text: string | undefined): ModelList['data'] | undefined {
  try {
    return modelList.safeParse(JSON.parse(text ?? '')).data?.data;
  } catch {
    return undefined;
  }
}

function noteOnList(models: ModelList['data'] | undefined, { model, takesOnly }: ProbeTarget): string | undefined {
  if (models === undefined) return 'answers no list of models';
  if (model === undefined || (takesOnly && models.length === 1)) return undefined;
  if (models.some(({ id }) => isListedAs(id, model))) return undefined;
  const listed = models.slice(0, 10).map(({ id }) => id);
  const more = models.length > listed.length ? ` and ${models.length - listed.length} more` : '';
  return `does not list "${model}"; it lists ${listed.join(', ') || 'nothing'}${more}`;
}

function noteOnStatus(status: number, target: ProbeTarget, location: string | undefined): string {
  const hasKey = Object.keys(target.headers ?? {}).length > 0;
  if (status === 401 || status === 403) return `${hasKey ? 'the key was refused' : 'it wants a key'} (HTTP ${status})`;
  if (status === 404 || status === 405 || status === 501) {
    const isBare = new URL(target.url).pathname === '/';
    return `no models list (HTTP ${status})${isBare ? '; is the version missing in the url, such as /v1?' : ''}`;
  }
  if (status >= 300 && status < 400)
    return `redirects to ${describeRedirect(location)} (HTTP ${status}), which is not followed`;
  return `answers HTTP ${status} to the question for its models`;
}

async function judge(response: IncomingMessage, target: ProbeTarget): Promise<ProbeResult> {
  const { statusCode: status = 0 } = response;
  if (status < 200 || status > 299) {
    return { state: 'ready', status, note: noteOnStatus(status, target, response.headers.location) };
  }
  const models = listIn(await readBody(response));
  const note = noteOnList(models, target);
  return { state: 'ready', status, ...(note === undefined ? {} : { note }), ...(models ? { models } : {}) };
}

/** What a limit says that ran out once the connection stood. */
function timedOut({ timeoutMs, isReadyOnceConnected }: ProbeTarget, head: IncomingMessage | undefined): ProbeResult {
  const limit = `${timeoutMs / 1000} s`;
  if (!head && isReadyOnceConnected) return { state: 'ready', note: `gave no list of models within ${limit}` };
  if (head) return { state: 'ready', status: head.statusCode ?? 0, note: `its answer did not end within ${limit}` };
  return { state: 'unknown', reason: `it took the connection and did not answer within ${limit}` };
}

/** What it says that there is no connection, or no head. A server that takes connections and goes no further may just be busy. */
function unanswered(error: unknown, target: ProbeTarget): ProbeResult {
  const { url, dialer } = target;
  if (target.isReadyOnceConnected && dialer?.route(target).kind === 'proxy') {
    return { state: 'ready', note: `not reached by the probe: ${whyUnreachable(error, url)}` };
  }
  const isBusy = dialReason(error) === 'timeout' && ['tls', 'hook'].includes(dialStage(error) ?? '');
  return { state: isBusy ? 'unknown' : 'down', reason: whyUnreachable(error, url) };
}

const STOPPED: ProbeResult = { state: 'unknown', reason: 'the probe was stopped' };
const NEVER = new AbortController().signal;

/** The exchange over a connection that stands; it ends the connection. */
async function ask(socket: Socket, target: ProbeTarget, limitMs: number, signal: AbortSignal): Promise<ProbeResult> {
  const { promise, resolve, reject } = Promise.withResolvers<ProbeResult>();
  let head: IncomingMessage | undefined;
  const onHead = (response: IncomingMessage): void => {
    head = response;
    void judge(response, target).then(resolve);
  };
  const onError = (error: unknown): void => {
    if (head === undefined) reject(error);
  };
  const onAbort = (): void => resolve(STOPPED);
  const timer = setTimeout(() => resolve(timedOut(target, head)), Math.max(0, limitMs));
  signal.addEventListener('abort', onAbort, { once: true });
  let request: ClientRequest | undefined;
  try {
    request = send(target, socket).on('response', onHead).on('upgrade', onHead).on('error', onError);
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    request?.destroy();
    socket.destroy();
  }
}

/**
 * Asks an OpenAI server whether it is there, by its list of models, over a connection of its own. Follows no redirect; reads at
 * most 64 KiB of head and 1 MiB of body. Never rejects: an abort of `signal` gives `unknown`.
 */
export async function probeEndpoint(target: ProbeTarget, signal: AbortSignal = NEVER): Promise<ProbeResult> {
  const { url, socketPath, timeoutMs, dialer = createDialer(), proxy, egress, tls } = target;
  const startMs = performance.now();
  try {
    const socket = await dialer.connect({ url, socketPath, proxy, egress, tls, connectTimeoutMs: timeoutMs }, signal);
    if (target.path === false) {
      socket.destroy();
      return { state: 'ready' };
    }
    return await ask(socket, target, timeoutMs - (performance.now() - startMs), signal);
  } catch (error) {
    return signal.aborted ? STOPPED : unanswered(error, target);
  }
}

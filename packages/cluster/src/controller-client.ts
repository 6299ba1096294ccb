import { type HttpAnswer, type HttpClient, isSmmfError, type Secret, SmmfError } from '@smmf/core';
import { ERROR_CODES, type ErrorCode, readErrorBody } from '@smmf/protocol';
import type { ClusterKeys } from './cluster-keys.ts';
import type { Versioned } from './held-feed.ts';

/** Limit of one call, milliseconds. */
const CALL_MS = 2_000;
/** How long a controller holds a request for a change. */
const HOLD_MS = 20_000;
const BODY_LIMIT_BYTES = 64 * 2 ** 20;

/** What a {@link ControllerClient} works with. */
export interface ControllerClientContext {
  readonly http: HttpClient;
  readonly keys: ClusterKeys;
}

/** Calls one member of the cluster as another: the controller's registry and feeds, a host's report. */
export class ControllerClient {
  readonly origin: string;
  readonly #http: HttpClient;
  readonly #namespace: string;
  /** The one that was taken last comes first. */
  #joins: readonly Secret[];

  constructor(origin: string, { http, keys }: ControllerClientContext) {
    this.origin = new URL(origin).origin;
    this.#http = http;
    this.#namespace = keys.namespace;
    this.#joins = keys.joins;
  }

  /**
   * One call; with `body` a POST.
   * @throws REGISTRY_UNAVAILABLE when it cannot be reached in time; REGISTRY_AUTH when it refuses our keys; whatever error it names
   */
  async call(path: string, signal: AbortSignal, body?: unknown): Promise<unknown> {
    const { json, status } = await this.#send(path, signal, CALL_MS, body);
    return status === 204 ? undefined : json;
  }

  /**
   * A request that is held up to `waitMs` until there is another version than `version`; undefined when nothing changed.
   * @throws as `call`
   */
  async hold(
    path: string,
    version: string | undefined,
    signal: AbortSignal,
    waitMs = HOLD_MS,
  ): Promise<Versioned<string> | undefined> {
    const known = version === undefined ? '' : `&version=${encodeURIComponent(version)}`;
    const { status, text, headers } = await this.#send(`${path}?waitMs=${waitMs}${known}`, signal, waitMs + CALL_MS);
    const { etag } = headers;
    return status === 204 || typeof etag !== 'string' ? undefined : { version: etag.replaceAll('"', ''), state: text };
  }

  async #send(path: string, signal: AbortSignal, headTimeoutMs: number, body?: unknown): Promise<HttpAnswer> {
    for (const join of this.#joins) {
      const answer = await this.#sendWith(join, path, signal, headTimeoutMs, body);
      if (answer.status === 401 || answer.status === 403) continue;
      if (join !== this.#joins[0]) this.#joins = [join, ...this.#joins.filter((other) => other !== join)];
      if (answer.status >= 400) throw this.#errorOf(answer);
      return answer;
    }
    const remedy = `compare cluster.secrets and cluster.namespace (here "${this.#namespace}") with its own`;
    throw new SmmfError('REGISTRY_AUTH', `${this.origin} refuses the keys of this member; ${remedy}`);
  }

  async #sendWith(join: Secret, path: string, signal: AbortSignal, headTimeoutMs: number, body: unknown) {
    const more = {
      headers: { authorization: join.map((key) => `Bearer ${key}`) },
      ...{ headTimeoutMs, connectTimeoutMs: CALL_MS, stallTimeoutMs: CALL_MS, bodyLimitBytes: BODY_LIMIT_BYTES },
    };
    const url = `${this.origin}${path}`;
    try {
      return await (body === undefined ? this.#http.get(url, signal, more) : this.#http.post(url, body, signal, more));
    } catch (cause) {
      signal.throwIfAborted();
      if (isSmmfError(cause) && cause.code === 'CLOSED') throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new SmmfError('REGISTRY_UNAVAILABLE', `${this.origin} cannot be reached: ${why}`, { cause });
    }
  }

  #errorOf({ status, json }: HttpAnswer): SmmfError {
    const { code, message } = readErrorBody(json) ?? {};
    const known = typeof code === 'string' ? code.toUpperCase() : '';
    if (Object.hasOwn(ERROR_CODES, known)) return new SmmfError(known as ErrorCode, message ?? 'no reason given');
    return new SmmfError('REGISTRY_UNAVAILABLE', `${this.origin} answered with status ${status}`);
  }
}

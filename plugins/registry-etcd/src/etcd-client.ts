import { BoundedCalls, type Reachability } from '@smmf/client';
import {
  type HttpAnswer,
  type HttpRequest,
  type HttpResponse,
  isSmmfError,
  type RegistryContext,
  type Secret,
  SmmfError,
} from '@smmf/core';
import type { EtcdSettings } from './options.ts';
import { errorOf, isStaleToken, loginError, refusalOf } from './refusals.ts';
import { type Login, Tokens } from './tokens.ts';
import { GRPC, tokenAnswer } from './wire.ts';

/** HTTP/1.1 answers one call at a time on each connection; more than one is opened only when calls come together. */
const CONNECTIONS = 4;
/** A page of a list: {@link PAGE} entries of the greatest length in base64, and room. */
const BODY_LIMIT_BYTES = 16 * 2 ** 20;
/** etcd sends a progress notice each 10 minutes by default (`--experimental-watch-progress-notify-interval`). */
const WATCH_SILENCE_MS = 15 * 60_000;
/** Share of a call's limit after which a token that was not answered lately is doubted. */
const DOUBT_SHARE = 0.25;
/** Refusals that callers expect: they are answers. */
const EXPECTED: readonly number[] = [GRPC.notFound, GRPC.outOfRange];

/** What etcd answered: JSON, or the code of a refusal that callers expect. */
export type EtcdAnswer = { readonly json: unknown } | { readonly refused: number };

/** Calls of etcd's JSON gateway at the members in turn, each within its limit of time and as the user of the options. */
export class EtcdClient {
  readonly #settings: EtcdSettings;
  readonly #http: RegistryContext['http'];
  readonly #reachability: Reachability;
  readonly #clock: RegistryContext['clock'];
  readonly #calls: BoundedCalls;
  readonly #tokens: Tokens | undefined;
  #turn = 0;

  constructor(settings: EtcdSettings, { http, clock }: RegistryContext, reachability: Reachability) {
    const { requestTimeout, username, password } = settings;
    this.#settings = settings;
    this.#http = http;
    this.#clock = clock;
    this.#reachability = reachability;
    const late = (): SmmfError => unavailable(this.#endpoint, `did not answer within ${requestTimeout / 1_000} s`);
    this.#calls = new BoundedCalls({ clock, limitMs: requestTimeout, width: CONNECTIONS, late });
    if (username === undefined || !password) return;
    this.#tokens = new Tokens(clock, (signal) => this.#login(username, password, signal));
  }

  /** @throws CLOSED */
  mustBeOpen(): void {
    this.#calls.mustBeOpen();
  }

  /** @throws REGISTRY_UNAVAILABLE, REGISTRY_AUTH, CLOSED, the signal's reason */
  async call(path: string, body: object, signal: AbortSignal): Promise<EtcdAnswer> {
    return this.#noted(signal, () =>
      this.#calls.run(signal, (by) => this.#atMembers(by, (at) => this.#ask(at, path, body, by))),
    );
  }

  /** Opens a watch; `signal` ends it. @throws as `call` */
  async watch(body: object, signal: AbortSignal): Promise<HttpResponse> {
    return this.#noted(signal, () =>
      this.#calls.run(signal, async (by) => {
        const token = await this.#tokens?.get(by);
        const request = { ...this.#request(token), url: `${this.#endpoint}/v3/watch`, body: JSON.stringify(body) };
        // The stream outlives this call, so that it gets the caller's signal: the limit of the head is the call's.
        return this.#http.request({ ...request, stallTimeoutMs: WATCH_SILENCE_MS, bodyLimitBytes: undefined }, signal);
      }),
    );
  }

  /** Ends everything that is under way. */
  close(): void {
    this.#calls.close();
  }

  get #endpoint(): string {
    const { endpoints } = this.#settings;
    return endpoints[this.#turn % endpoints.length] ?? '';
  }

  #request(token: Secret | undefined): Omit<HttpRequest, 'url'> {
    const { requestTimeout, tls, endpoints } = this.#settings;
    return {
      headers: { 'content-type': 'application/json', ...(token && { authorization: token }) },
      headTimeoutMs: requestTimeout,
      stallTimeoutMs: requestTimeout,
      // A member that drops what is sent to it leaves time for the others.
      connectTimeoutMs: requestTimeout / endpoints.length,
      bodyLimitBytes: BODY_LIMIT_BYTES,
      tls,
    };
  }

  /** What is known of the backend after an exchange. A caller that gave up says nothing of it. */
  async #noted<T>(signal: AbortSignal, exchange: () => Promise<T>): Promise<T> {
    try {
      const result = await exchange();
      this.#reachability.note('reached');
      return result;
    } catch (error) {
      if (error === signal.reason) throw error;
      const known =
        isSmmfError(error) && error.code !== 'UNREACHABLE' ? error : unavailable(this.#endpoint, 'failed', error);
      if (known.code !== 'CLOSED')
        this.#reachability.note(known.code === 'REGISTRY_AUTH' ? 'refused' : 'unreachable', known.message);
      throw known;
    }
  }

  /** Safe to repeat: what a lost answer may have written is fenced, and the same the second time. */
  async #atMembers<T>(signal: AbortSignal, exchange: (endpoint: string) => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      const turn = this.#turn;
      try {
        return await exchange(this.#endpoint);
      } catch (error) {
        const isFinal = isSmmfError(error) && error.code === 'REGISTRY_AUTH';
        if (!isFinal && this.#turn === turn) this.#turn++;
        if (isFinal || signal.aborted || tries >= this.#settings.endpoints.length) throw error;
      }
    }
  }

  async #ask(endpoint: string, path: string, body: object, signal: AbortSignal): Promise<EtcdAnswer> {
    for (let isFirst = true; ; isFirst = false) {
      signal.throwIfAborted();
      const token = await this.#tokens?.get(signal);
      const url = `${endpoint}/v3/${path}`;
      const answer =
        token && isFirst && this.#tokens?.isDoubtful
          ? await this.#postInDoubt(url, body, token, signal)
          : await this.#post(url, body, token, signal);
      if (!answer) continue;
      if (token) this.#tokens?.proved();
      const refused = refusalOf(answer);
      if (!refused) return { json: answer.json };
      if (EXPECTED.includes(refused.code)) return { refused: refused.code };
      if (!token || !isFirst || !isStaleToken(refused)) throw errorOf(refused, endpoint, this.#settings.username);
      this.#tokens?.drop(token);
    }
  }

  /** The answer, or undefined where none comes for so long that another token is worth a try. */
  async #postInDoubt(url: string, body: object, token: Secret, signal: AbortSignal): Promise<HttpAnswer | undefined> {
    const doubt = new AbortController();
    const cancel = this.#clock.after(this.#settings.requestTimeout * DOUBT_SHARE, () => doubt.abort());
    try {
      return await this.#post(url, body, token, AbortSignal.any([signal, doubt.signal]));
    } catch (error) {
      if (signal.aborted || !doubt.signal.aborted) throw error;
      this.#tokens?.doubt(token);
      return undefined;
    } finally {
      cancel();
    }
  }

  /** An exchange that failed costs the token: with one of a wiped store each call would hang. */
  async #post(url: string, body: object, token: Secret | undefined, signal: AbortSignal): Promise<HttpAnswer> {
    try {
      return await this.#http.post(url, body, signal, this.#request(token));
    } catch (error) {
      if (token) this.#tokens?.drop(token);
      throw error;
    }
  }

  async #login(name: string, password: Secret, signal: AbortSignal): Promise<Login> {
    const endpoint = this.#endpoint;
    const url = `${endpoint}/v3/auth/authenticate`;
    const body = { name, password: password.reveal() };
    const answer = await this.#post(url, body, undefined, signal);
    const refused = refusalOf(answer);
    if (!refused) return { token: tokenAnswer.parse(answer.json).token };
    const error = loginError(refused, endpoint, name);
    if (error.code !== 'REGISTRY_AUTH') throw error;
    return { refused: error };
  }
}

function unavailable(endpoint: string, why: string, cause?: unknown): SmmfError {
  const reason = isSmmfError(cause) ? cause.message : `etcd at ${endpoint} ${why}`;
  const remedy = 'is it running, and may this machine reach it?';
  return new SmmfError('REGISTRY_UNAVAILABLE', isSmmfError(cause) ? `etcd: ${reason}` : `${reason}; ${remedy}`, {
    cause,
  });
}

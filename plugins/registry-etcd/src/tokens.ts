import { type Clock, Secret, type SmmfError } from '@smmf/core';

const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;
/** A token that was answered so short a time ago is not doubted (no etcd starts again as fast), and none is so soon after another one. */
const PROVEN_MS = 300;
const DOUBT_EACH_MS = 10_000;

/** What a login gave: a token, or why there is none for these credentials. */
export type Login = { readonly token: string } | { readonly refused: SmmfError };

/**
 * The token of one user, taken when it is first needed and again when it is refused. After refused credentials nobody logs in for a
 * while that grows from 1 s to 60 s, however often it is called: a wrong password must not lock the user out.
 */
export class Tokens {
  readonly #clock: Clock;
  readonly #login: (signal: AbortSignal) => Promise<Login>;
  #token: Secret | undefined;
  #refused: { readonly error: SmmfError; readonly untilMs: number } | undefined;
  #refusals = 0;
  #pending: Promise<Secret> | undefined;
  #provenMs = Number.NEGATIVE_INFINITY;
  #doubtedMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, login: (signal: AbortSignal) => Promise<Login>) {
    this.#clock = clock;
    this.#login = login;
  }

  /** @throws REGISTRY_AUTH, and what the login throws */
  async get(signal: AbortSignal): Promise<Secret> {
    if (this.#token) return this.#token;
    if (this.#refused && this.#clock.now() < this.#refused.untilMs) throw this.#refused.error;
    if (!this.#pending) {
      const pending = this.#take(signal).finally(() => {
        this.#pending = undefined;
      });
      this.#pending = pending;
      return pending;
    }
    // Another call is logging in. Its failure may be its own limit, so that this one tries itself then.
    await this.#pending.catch(() => undefined);
    signal.throwIfAborted();
    return this.get(signal);
  }

  /** A call with the token was answered. */
  proved(): void {
    this.#provenMs = this.#clock.now();
  }

  /**
   * May a call that gets no answer be the token's fault: etcd lets a token of a wiped store wait for as many writes as that one had seen
   * (tried on 3.4.23). Only now and then: a slow etcd must not get each call twice, and a login besides.
   */
  get isDoubtful(): boolean {
    const nowMs = this.#clock.now();
    return nowMs - this.#provenMs > PROVEN_MS && nowMs - this.#doubtedMs > DOUBT_EACH_MS;
  }

  /** There was no answer: another token is taken. */
  doubt(token: Secret): void {
    this.#doubtedMs = this.#clock.now();
    this.drop(token);
  }

  /** It was refused; a newer one stays. */
  drop(token: Secret): void {
    if (this.#token === token) this.#token = undefined;
  }

  async #take(signal: AbortSignal): Promise<Secret> {
    const login = await this.#login(signal);
    if ('token' in login) {
      this.#refusals = 0;
      this.#refused = undefined;
      this.#token = new Secret(login.token);
      return this.#token;
    }
    const limitMs = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** Math.min(this.#refusals++, 16));
    // From half of it on, so that many processes do not come back at once.
    this.#refused = { error: login.refused, untilMs: this.#clock.now() + limitMs * (0.5 + Math.random() / 2) };
    throw login.refused;
  }
}

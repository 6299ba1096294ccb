import { BackOff } from '@smmf/client';
import { type Clock, SmmfError } from '@smmf/core';
import type { Connection, Connector } from './connect.ts';

/** Waits after refused credentials grow from 1 s to 60 s: a wrong password must not lock the user out. */
const FIRST_REFUSED_MS = 1_000;
const LONGEST_REFUSED_MS = 60_000;

/** A call that comes so long after the last attempt is reason enough for another one: heartbeats must not wait longer than they last. */
const CALLED_MS = 1_000;

/** What a {@link RedisLink} works with. */
export interface RedisLinkContext {
  readonly connect: Connector;
  readonly clock: Clock;
  /** Limit of connecting: TCP, TLS and the user. */
  readonly limitMs: number;
  /** The error of a caller, out of any. */
  readonly errorOf: (error: unknown) => SmmfError;
  /** Hears of each attempt that failed. */
  readonly onFailure: (error: SmmfError) => void;
}

interface Waiting {
  readonly resolve: (connection: Connection) => void;
  readonly reject: (error: unknown) => void;
}

/** One connection that comes back: opened when it is first needed, and again at growing distances after it has ended, or when it is needed then. */
export class RedisLink {
  readonly #context: RedisLinkContext;
  readonly #backOff = new BackOff();
  readonly #waiting = new Set<Waiting>();
  #connection: Connection | undefined;
  /** Ends the connection, or the attempt at one. */
  #controller: AbortController | undefined;
  /** Cancels the wait for the next attempt; undefined while there is none. */
  #rest: (() => void) | undefined;
  #failure: SmmfError | undefined;
  #refusals = 0;
  #attemptMs = Number.NEGATIVE_INFINITY;

  constructor(context: RedisLinkContext) {
    this.#context = context;
  }

  /** The connection, once it stands. Who is refused is told so at once. @throws REGISTRY_AUTH, the signal's reason */
  async ready(signal: AbortSignal): Promise<Connection> {
    signal.throwIfAborted();
    if (this.#connection) return this.#connection;
    if (this.#rest && this.#failure?.code === 'REGISTRY_AUTH') throw this.#failure;
    if (!this.#controller && !this.#rest) void this.#attempt();
    else if (this.#context.clock.now() - this.#attemptMs >= CALLED_MS) this.hurry();
    const { promise, ...waiting } = Promise.withResolvers<Connection>();
    this.#waiting.add(waiting);
    const giveUp = (): void => waiting.reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    return promise.finally(() => {
      this.#waiting.delete(waiting);
      signal.removeEventListener('abort', giveUp);
    });
  }

  /** Why there is none now. */
  get failure(): SmmfError | undefined {
    return this.#connection ? undefined : this.#failure;
  }

  /** A command was answered: the next wait is a short one again. */
  proved(): void {
    this.#backOff.reset();
    this.#refusals = 0;
  }

  /** Tries now in place of waiting: the server was heard of. */
  hurry(): void {
    if (!this.#rest || this.#failure?.code === 'REGISTRY_AUTH') return;
    this.#cancelRest();
    void this.#attempt();
  }

  /** It is silent: ends it, and opens another one. */
  drop(connection: Connection): void {
    this.#lost(connection);
  }

  /** Ends it, and all who wait for it; it may be asked for again. */
  stop(): void {
    this.#cancelRest();
    this.#end();
    this.#connection = undefined;
    for (const { reject } of this.#waiting) reject(new SmmfError('CLOSED', 'The connection to Redis is closed'));
  }

  #end(): void {
    this.#controller?.abort(new SmmfError('CLOSED', 'The connection to Redis is closed'));
    this.#controller = undefined;
  }

  #cancelRest(): void {
    this.#rest?.();
    this.#rest = undefined;
  }

  async #attempt(): Promise<void> {
    const { clock, connect, limitMs } = this.#context;
    const controller = new AbortController();
    this.#controller = controller;
    this.#attemptMs = clock.now();
    const late = new SmmfError(
      'REGISTRY_UNAVAILABLE',
      `Redis did not take a connection within ${limitMs / 1_000} s; is it running?`,
    );
    const cancel = clock.after(limitMs, () => controller.abort(late));
    try {
      const connection = await connect(controller.signal);
      if (this.#controller !== controller) return;
      this.#connection = connection;
      this.#failure = undefined;
      for (const { resolve } of this.#waiting) resolve(connection);
      void connection.ended.then(() => this.#lost(connection));
    } catch (error) {
      if (this.#controller === controller) this.#failed(controller.signal.aborted ? late : error);
    } finally {
      cancel();
    }
  }

  #failed(cause: unknown): void {
    const error = this.#context.errorOf(cause);
    this.#end();
    this.#failure = error;
    if (error.code === 'REGISTRY_AUTH') {
      for (const { reject } of this.#waiting) reject(error);
      const limitMs = Math.min(LONGEST_REFUSED_MS, FIRST_REFUSED_MS * 2 ** Math.min(this.#refusals++, 16));
      // From half of it on, so that many processes do not come back at once.
      this.#restFor(limitMs * (0.5 + Math.random() / 2));
    } else this.#restFor(this.#backOff.nextMs());
    this.#context.onFailure(error);
  }

  #lost(connection: Connection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#end();
    this.#restFor(this.#backOff.nextMs());
  }

  #restFor(waitMs: number): void {
    this.#rest = this.#context.clock.after(waitMs, () => {
      this.#rest = undefined;
      void this.#attempt();
    });
  }
}

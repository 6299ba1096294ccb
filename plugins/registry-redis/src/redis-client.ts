import { BoundedCalls, type Reachability } from '@smmf/client';
import { type Clock, isSmmfError, type RegistryContext, SmmfError } from '@smmf/core';
import type { createClient } from 'redis';
import { type Connection, createConnector, placeOf } from './connect.ts';
import type { RedisSettings } from './options.ts';
import { RedisLink } from './redis-link.ts';
import { errorOf } from './refusals.ts';
import type { Script } from './scripts.ts';

/** Commands that are under way at once; they share one connection. */
const WIDTH = 256;
/** How long Redis may keep a read of the stream waiting, milliseconds. */
export const BLOCK_MS = 5_000;

/** One connection with a limit for its commands. */
class Lane {
  readonly link: RedisLink;
  readonly calls: BoundedCalls;
  readonly #clock: Clock;
  readonly #limitMs: number;

  constructor(link: RedisLink, clock: Clock, limitMs: number, width: number, late: () => SmmfError) {
    this.link = link;
    this.calls = new BoundedCalls({ clock, limitMs, width, late });
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  send(command: readonly string[], signal: AbortSignal): Promise<unknown> {
    return this.calls.run(signal, async (by) => this.#watched(await this.link.ready(by), command));
  }

  /** A connection on which nothing comes back is of no use to anybody, also when the caller did not wait as long. */
  #watched(connection: Connection, command: readonly string[]): Promise<unknown> {
    const cancel = this.#clock.after(this.#limitMs, () => this.link.drop(connection));
    return connection.send(command).finally(cancel);
  }

  close(): void {
    this.calls.close();
    this.link.stop();
  }
}

/** Commands and scripts over one connection, and a stream that is read over a second one while somebody watches. */
export class RedisClient {
  readonly #settings: RedisSettings;
  readonly #reachability: Reachability;
  readonly #commands: Lane;
  readonly #stream: Lane;

  constructor(
    settings: RedisSettings,
    { clock }: Pick<RegistryContext, 'clock'>,
    reachability: Reachability,
    create: typeof createClient,
  ) {
    this.#settings = settings;
    this.#reachability = reachability;
    const connect = createConnector(settings, create);
    const limitMs = settings.requestTimeout;
    const lane = (callMs: number, width: number): Lane => {
      const onFailure = (error: SmmfError): void => this.#note(error);
      const link = new RedisLink({ connect, clock, limitMs, errorOf: (error) => this.#errorOf(error), onFailure });
      return new Lane(link, clock, callMs, width, () => this.#late(link));
    };
    this.#commands = lane(limitMs, WIDTH);
    this.#stream = lane(limitMs + BLOCK_MS, 1);
  }

  /** @throws CLOSED */
  mustBeOpen(): void {
    this.#commands.calls.mustBeOpen();
  }

  /** @throws REGISTRY_UNAVAILABLE, REGISTRY_AUTH, CLOSED, the signal's reason */
  command(command: readonly string[], signal: AbortSignal): Promise<unknown> {
    return this.#noted(this.#commands, command, signal);
  }

  /** Runs a script by its name, and by its text where Redis does not know it (any more). @throws as `command` */
  async script(
    { sha, text }: Script,
    keys: readonly string[],
    given: readonly (string | number)[],
    signal: AbortSignal,
  ): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...given.map(String)];
    try {
      return await this.#noted(this.#commands, ['EVALSHA', sha, ...rest], signal);
    } catch (error) {
      if (!isUnknownScript(error)) throw error;
      return this.#noted(this.#commands, ['EVAL', text, ...rest], signal);
    }
  }

  /** Waits for events of the stream after `id`, 5 s at most; null where there were none. @throws as `command` */
  read(stream: string, id: string, signal: AbortSignal): Promise<unknown> {
    const command = ['XREAD', 'COUNT', '1000', 'BLOCK', String(BLOCK_MS), 'STREAMS', stream, id];
    return this.#noted(this.#stream, command, signal);
  }

  /** Nobody watches any more. */
  endReading(): void {
    this.#stream.link.stop();
  }

  /** Redis was heard of: the other connection need not wait. */
  hurry(): void {
    this.#commands.link.hurry();
    this.#stream.link.hurry();
  }

  close(): void {
    this.#commands.close();
    this.#stream.close();
  }

  async #noted(lane: Lane, command: readonly string[], signal: AbortSignal): Promise<unknown> {
    try {
      const reply = await lane.send(command, signal);
      lane.link.proved();
      this.#reachability.note('reached');
      return reply;
    } catch (cause) {
      if (cause === signal.reason) throw cause;
      // Redis answered; its caller knows what to do.
      if (isUnknownScript(cause)) throw cause;
      const error = this.#errorOf(cause);
      this.#note(error);
      throw error;
    }
  }

  #note(error: SmmfError): void {
    if (error.code === 'CLOSED') return;
    this.#reachability.note(error.code === 'REGISTRY_AUTH' ? 'refused' : 'unreachable', error.message);
  }

  #errorOf(error: unknown): SmmfError {
    return errorOf(error, placeOf(this.#settings), this.#settings.username);
  }

  /** Redis is silent, or there is no connection. */
  #late({ failure }: RedisLink): SmmfError {
    if (failure) return failure;
    const why = `did not answer within ${this.#settings.requestTimeout / 1_000} s; is it stopped or overloaded?`;
    return new SmmfError('REGISTRY_UNAVAILABLE', `Redis at ${placeOf(this.#settings)} ${why}`);
  }
}

function isUnknownScript(error: unknown): boolean {
  return !isSmmfError(error) && error instanceof Error && error.message.startsWith('NOSCRIPT');
}

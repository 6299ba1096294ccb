import { randomUUID } from 'node:crypto';
import { BackOff, type RegistryView, type RegistryWatchers } from '@smmf/client';
import type { Clock } from '@smmf/core';
import type { EntryBook } from './entry-book.ts';
import type { Keys } from './keys.ts';
import type { RedisClient } from './redis-client.ts';
import { changesOf, type Reading, readingOf } from './replies.ts';
import { LIST, SOME } from './scripts.ts';

/** The list is read again so often, whatever the stream says: a wiped Redis has another one, which begins at 1. */
const RELIST_MS = 10_000;
/** A lease that ends is looked for this much later, so that it has. */
const AFTER_END_MS = 2;

/** What lasted so long went well: the next wait is a short one again. Milliseconds. */
const STEADY_MS = 1_000;

/** What an {@link EntryWatch} works with. */
export interface EntryWatchContext {
  readonly client: RedisClient;
  readonly book: EntryBook;
  readonly keys: Keys;
  readonly watchers: RegistryWatchers;
  readonly clock: Clock;
}

/** Follows a namespace while somebody watches it: a list, then the events after it; what has changed is read again, and nothing else. */
export class EntryWatch {
  readonly #context: EntryWatchContext;
  readonly #backOff = new BackOff();
  /** Ends what runs now; undefined while nobody watches. */
  #running: AbortController | undefined;
  #wake: () => void = () => undefined;
  #cancelSweep: () => void = () => undefined;

  constructor(context: EntryWatchContext) {
    this.#context = context;
  }

  start(): void {
    if (this.#running) return;
    this.#running = new AbortController();
    void this.#run(this.#running.signal);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#cancelSweep();
    this.#context.watchers.hide();
    this.#context.client.endReading();
  }

  /** Whoever waits to try again does so now: Redis was heard of. */
  hurry(): void {
    this.#wake();
  }

  /** @throws REGISTRY_UNAVAILABLE, REGISTRY_AUTH, the signal's reason */
  async read(signal: AbortSignal): Promise<RegistryView> {
    const { client, book, keys, watchers } = this.#context;
    const seen = [book.view?.generation ?? '', book.view?.revision ?? 0];
    const reading = readingOf(await client.script(LIST, keys.all, [randomUUID(), ...seen], signal));
    const view = book.list(reading);
    this.#planSweep(reading);
    if (this.#running && watchers.size > 0) watchers.show(view);
    return view;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let followedMs = Number.POSITIVE_INFINITY;
      try {
        await this.read(signal);
        followedMs = this.#context.clock.now();
        await this.#follow(signal);
      } catch {
        // The client has noted it; what is known now may be old.
        if (!signal.aborted) this.#context.watchers.hide();
      }
      if (this.#context.clock.now() - followedMs >= STEADY_MS) this.#backOff.reset();
      await this.#pause(this.#backOff.nextMs(), signal);
    }
  }

  /** Takes events until one is missing, or the list cannot be read. */
  async #follow(parent: AbortSignal): Promise<void> {
    const { client, book, keys, clock } = this.#context;
    const stream = new AbortController();
    const end = (): void => stream.abort();
    parent.addEventListener('abort', end, { once: true });
    const relist = (): void => {
      this.read(stream.signal).then(() => {
        cancel = clock.after(RELIST_MS, relist);
      }, end);
    };
    let cancel = clock.after(RELIST_MS, relist);
    try {
      while (!stream.signal.aborted) {
        const after = `${book.view?.revision ?? 0}-0`;
        const changes = changesOf(await client.read(keys.events, after, stream.signal));
        const news = book.news(changes);
        if (!news) return;
        if (news.length > 0 && !(await this.#take(news, stream.signal))) return;
      }
    } finally {
      cancel();
      parent.removeEventListener('abort', end);
      end();
    }
  }

  async #take(news: NonNullable<ReturnType<EntryBook['news']>>, signal: AbortSignal): Promise<boolean> {
    const { book, watchers } = this.#context;
    const reading = await this.#some([...new Set(news.map(({ id }) => id))], signal);
    const isTaken = book.apply(news, reading);
    if (book.view && isTaken) watchers.show(book.view);
    return isTaken;
  }

  async #some(ids: readonly string[], signal: AbortSignal): Promise<Reading> {
    const { client, keys } = this.#context;
    const reading = readingOf(await client.script(SOME, keys.all, ids, signal));
    this.#planSweep(reading);
    return reading;
  }

  /** Nobody tells of a lease that ends: while somebody watches, it is looked for when the next one may. */
  #planSweep({ nextEndMs }: Reading): void {
    const signal = this.#running?.signal;
    this.#cancelSweep();
    if (!signal || nextEndMs === undefined) return;
    // What it takes out is told by the stream. A failure is noted by the client, and the next list plans anew.
    const sweep = (): void => void this.#some([], signal).catch(() => undefined);
    this.#cancelSweep = this.#context.clock.after(nextEndMs + AFTER_END_MS, sweep);
  }

  #pause(waitMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (signal.aborted) return Promise.resolve();
    const cancel = this.#context.clock.after(waitMs, resolve);
    this.#wake = resolve;
    signal.addEventListener('abort', () => resolve(), { once: true });
    return promise.then(cancel);
  }
}

import { BackOff, type RegistryView, type RegistryWatchers } from '@smmf/client';
import type { Clock, HttpResponse } from '@smmf/core';
import type { EntryBook } from './entry-book.ts';
import type { EntryList } from './entry-list.ts';
import type { EtcdClient } from './etcd-client.ts';
import { jsonLines } from './json-lines.ts';
import type { Keys } from './keys.ts';
import { watchMessage } from './wire.ts';

/** The list is read again so often, whatever the watch says: a stream that has stalled looks like one without changes. */
const RELIST_MS = 30_000;

/** What lasted so long went well: the next wait is a short one again. Milliseconds. */
const STEADY_MS = 1_000;

/** What an {@link EntryWatch} works with. */
export interface EntryWatchContext {
  readonly client: EtcdClient;
  readonly list: EntryList;
  readonly book: EntryBook;
  readonly keys: Keys;
  readonly watchers: RegistryWatchers;
  readonly clock: Clock;
  readonly random?: () => number;
}

/** Follows a namespace while somebody watches it: a list, then the changes after it as one stream, and again when that ends. */
export class EntryWatch {
  readonly #context: EntryWatchContext;
  readonly #backOff: BackOff;
  /** Ends what runs now; undefined while nobody watches. */
  #running: AbortController | undefined;
  #wake: () => void = () => undefined;

  constructor(context: EntryWatchContext) {
    this.#context = context;
    this.#backOff = new BackOff(context.random);
  }

  start(): void {
    if (this.#running) return;
    this.#running = new AbortController();
    void this.#run(this.#running.signal);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
    this.#context.watchers.hide();
  }

  /** Whoever waits to try again does so now: another call got through. */
  hurry(): void {
    this.#wake();
  }

  /** @throws REGISTRY_UNAVAILABLE, REGISTRY_AUTH, the signal's reason */
  async read(signal: AbortSignal): Promise<RegistryView> {
    const { list, book, watchers } = this.#context;
    const view = book.list(await list.read(book.seen, signal));
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

  /** Takes changes until the stream ends, was compacted away, or is found to have stalled. */
  async #follow(parent: AbortSignal): Promise<void> {
    const { client, book, keys, clock } = this.#context;
    const stream = new AbortController();
    const end = (): void => stream.abort();
    parent.addEventListener('abort', end, { once: true });
    let head = book.seen?.head ?? 0;
    const relist = (): void => {
      this.read(stream.signal).then(({ revision }) => {
        // A change that the stream has not shown: it has stalled, or is about to show it, and then a new one costs little.
        if (revision > head) end();
        else cancel = clock.after(RELIST_MS, relist);
      }, end);
    };
    let cancel = clock.after(RELIST_MS, relist);
    let response: HttpResponse | undefined;
    try {
      const create_request = { ...keys.all, start_revision: String(head + 1), progress_notify: true };
      response = await client.watch({ create_request }, stream.signal);
      for await (const line of jsonLines(response.body)) {
        const message = watchMessage.safeParse(line);
        // Also a refusal. After a compaction the stream would stay open in silence.
        if (!message.success || message.data.result.canceled) return;
        const { header, events } = message.data.result;
        head = Math.max(head, Number(header.revision));
        this.#take(events);
      }
    } finally {
      cancel();
      parent.removeEventListener('abort', end);
      end();
      response?.discard();
    }
  }

  #take(events: Parameters<EntryBook['apply']>[0]): void {
    const { book, watchers } = this.#context;
    book.apply(events);
    if (book.view) watchers.show(book.view);
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

import { SmmfError } from '@smmf/core';

/** Takes an event for whoever reads; resolves when the next one may come. @throws ABORTED when nobody reads any more */
export type Emit<E> = (event: E) => Promise<void>;

/** Events that may wait for a reader before their writer does. */
const AHEAD = 2;

/**
 * Events of a writer that is a little ahead of its reader: the model works on the next token while the last one is sent. The one
 * asynchronous iterator between the model and the answer: each further one, nested in it, would cost every token a promise or two.
 */
export class EventPipe<E> implements AsyncIterableIterator<E> {
  readonly #write: (emit: Emit<E>) => Promise<void>;
  readonly #signal: AbortSignal;
  readonly #holdMs: number;
  /** Settles when the writer has ended; begun by the first read. */
  #written: Promise<void> | undefined;
  /** Written and not read. */
  readonly #events: E[] = [];
  /** Whether {@link #events} may be read already. */
  #isDue = false;
  /** The reader that waits for an event. */
  #reader: PromiseWithResolvers<IteratorResult<E, undefined>> | undefined;
  /** The writer that waits for an event to be read. */
  #writer: PromiseWithResolvers<void> | undefined;
  /** Set when no more events come; the error goes to the next read. */
  #end: { readonly error?: unknown } | undefined;

  /**
   * @param signal events that are not read when it aborts are dropped; the writer itself ends by it
   * @param holdMs how long an event waits for the library to be at work on the next one; 0: until it was set to work
   */
  constructor(write: (emit: Emit<E>) => Promise<void>, signal: AbortSignal, holdMs = 0) {
    this.#write = write;
    this.#signal = signal;
    this.#holdMs = holdMs;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<E, undefined>> {
    const reader = Promise.withResolvers<IteratorResult<E, undefined>>();
    this.#reader = reader;
    if (this.#written === undefined && this.#end === undefined) this.#begin();
    this.#deliver();
    return reader.promise;
  }

  /** Nobody reads on: the writer is stopped at its next event, and waited for. */
  async return(): Promise<IteratorResult<E, undefined>> {
    this.#end ??= {};
    this.#events.length = 0;
    this.#writer?.reject(left());
    await this.#written?.catch(() => undefined);
    return { done: true, value: undefined };
  }

  #begin(): void {
    const end = (result: { readonly error?: unknown }): void => {
      this.#end ??= result;
      this.#deliver();
    };
    this.#written = this.#write((event) => this.#emit(event));
    this.#written.then(
      () => end({}),
      (error: unknown) => end({ error }),
    );
  }

  #emit(event: E): Promise<void> {
    if (this.#end) return Promise.reject(left());
    this.#events.push(event);
    if (this.#events.length === 1) this.#hold(() => this.#release());
    if (this.#events.length < AHEAD) return Promise.resolve();
    this.#writer = Promise.withResolvers();
    return this.#writer.promise;
  }

  /** The library sets to work on what the writer asks for next in the next turn; sending this one comes after that. */
  #hold(release: () => void): void {
    if (this.#holdMs > 0) setTimeout(release, this.#holdMs);
    else setImmediate(() => setImmediate(release));
  }

  #release(): void {
    this.#isDue = true;
    this.#deliver();
  }

  /** Gives the reader the oldest event, or the end behind the last one. */
  #deliver(): void {
    if (!this.#reader || !(this.#isDue || this.#end || this.#signal.aborted)) return;
    if (this.#signal.aborted) {
      this.#events.length = 0;
      this.#writer?.resolve();
    }
    const event = this.#events.shift();
    this.#isDue = this.#events.length > 0;
    if (event !== undefined) {
      this.#reader.resolve({ done: false, value: event });
      this.#writer?.resolve();
    } else if (this.#end) {
      if ('error' in this.#end) this.#reader.reject(this.#end.error);
      else this.#reader.resolve({ done: true, value: undefined });
      this.#end = {};
    } else return;
    this.#reader = undefined;
  }
}

const left = (): SmmfError => new SmmfError('ABORTED', 'Nobody reads the answer any more');

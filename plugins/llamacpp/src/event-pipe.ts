import { SmmfError } from '@smmf/core';

/** Hands an event to whoever reads; resolves when the next one is wanted. @throws ABORTED when nobody reads any more */
export type Emit<E> = (event: E) => Promise<void>;

/**
 * Events of a writer that works only while one is wanted. The one asynchronous iterator between the model and the answer: each
 * further one, nested in it, would cost every token a promise or two.
 */
export class EventPipe<E> implements AsyncIterableIterator<E> {
  readonly #write: (emit: Emit<E>) => Promise<void>;
  /** Settles when the writer has ended; begun by the first read. */
  #written: Promise<void> | undefined;
  /** The reader that waits for an event. */
  #reader: PromiseWithResolvers<IteratorResult<E, undefined>> | undefined;
  /** The writer that waits until the next event is wanted. */
  #writer: PromiseWithResolvers<void> | undefined;
  #isLeft = false;

  constructor(write: (emit: Emit<E>) => Promise<void>) {
    this.#write = write;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<E, undefined>> {
    const reader = Promise.withResolvers<IteratorResult<E, undefined>>();
    this.#reader = reader;
    if (this.#isLeft) this.#end();
    else if (this.#written === undefined) this.#begin();
    else this.#writer?.resolve();
    return reader.promise;
  }

  /** Nobody reads on: the writer is stopped at its next event, and waited for. */
  async return(): Promise<IteratorResult<E, undefined>> {
    this.#isLeft = true;
    this.#writer?.reject(left());
    await this.#written?.catch(() => undefined);
    return { done: true, value: undefined };
  }

  #begin(): void {
    this.#written = this.#write((event) => this.#emit(event));
    this.#written.then(
      () => this.#end(),
      (error: unknown) => {
        this.#isLeft = true;
        this.#reader?.reject(error);
      },
    );
  }

  #emit(event: E): Promise<void> {
    if (this.#isLeft) return Promise.reject(left());
    const writer = Promise.withResolvers<void>();
    this.#writer = writer;
    this.#reader?.resolve({ done: false, value: event });
    return writer.promise;
  }

  #end(): void {
    this.#isLeft = true;
    this.#reader?.resolve({ done: true, value: undefined });
  }
}

const left = (): SmmfError => new SmmfError('ABORTED', 'Nobody reads the answer any more');

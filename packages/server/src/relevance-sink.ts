import { type ResponseHead, type ResponseSink, SmmfError } from '@smmf/core';
import { relevanceReply } from '@smmf/protocol';

/** The longest answer that is kept to be changed, bytes. */
const LIMIT = 64 * 2 ** 20;

/** Makes the answer of DB-GPT's `/beta/relevance` of the rerank that it is given, and hands it on whole. */
export class RelevanceSink implements ResponseSink {
  readonly #sink: ResponseSink;
  readonly #documents: number;
  #head: ResponseHead = { status: 200, contentType: 'application/json', headers: {} };
  #parts: Buffer[] = [];
  #size = 0;

  /** @param documents how many were asked for */
  constructor(sink: ResponseSink, documents: number) {
    this.#sink = sink;
    this.#documents = documents;
  }

  start(head: ResponseHead): void {
    this.#head = head;
  }

  write(bytes: Uint8Array | string): boolean {
    this.#size += bytes.length;
    // Still read to its end, so that the engine's connection can be used again.
    if (this.#size > LIMIT) this.#parts = [];
    else this.#parts.push(Buffer.from(bytes));
    return true;
  }

  end(bytes: Uint8Array | string = ''): void {
    this.write(bytes);
    const reply = relevanceReply(Buffer.concat(this.#parts), this.#documents);
    if (reply === undefined) {
      this.fail(new SmmfError('ENGINE_FAILED', 'The engine did not give each document a score'), this.#head.headers);
      return;
    }
    this.#sink.start(this.#head);
    this.#sink.end(reply);
  }

  fail(...[error, headers]: Parameters<ResponseSink['fail']>): void {
    this.#sink.fail(error, headers);
  }

  done(...[outcome]: Parameters<ResponseSink['done']>): void {
    this.#sink.done(outcome);
  }
}

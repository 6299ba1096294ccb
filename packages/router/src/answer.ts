import type { ResponseHead, ResponseSink, SmmfError } from '@smmf/core';
import type { RequestRecord } from '@smmf/protocol';

/** The client's side of one request: what was handed to its sink, which may be foreign code. */
export class Answer {
  readonly #sink: ResponseSink;
  readonly #onBroken: (cause: unknown) => void;
  #isBroken = false;
  /** The commit point has passed: nothing is tried again. */
  isCommitted = false;
  /** The status that was sent; 0 before the commit point. */
  status = 0;

  /** @param onBroken hears the first thing that the sink throws; later ones are dropped */
  constructor(sink: ResponseSink, onBroken: (cause: unknown) => void) {
    this.#sink = sink;
    this.#onBroken = onBroken;
  }

  /** The status that the client got; `other` before the commit point. */
  statusOr(other: number): number {
    return this.isCommitted ? this.status : other;
  }

  start(head: ResponseHead): void {
    this.isCommitted = true;
    this.status = head.status;
    this.#tell(() => this.#sink.start(head));
  }

  /** False asks to wait for the client. */
  write(bytes: Buffer | string): boolean {
    try {
      return this.#sink.write(bytes);
    } catch (cause) {
      this.#broke(cause);
      return true;
    }
  }

  end(bytes: Buffer | string | undefined): void {
    this.#tell(() => this.#sink.end(bytes));
  }

  fail(error: SmmfError, headers: Readonly<Record<string, string>>): void {
    this.#tell(() => this.#sink.fail(error, headers));
  }

  done(outcome: RequestRecord): void {
    this.#tell(() => this.#sink.done(outcome));
  }

  #tell(call: () => void): void {
    try {
      call();
    } catch (cause) {
      this.#broke(cause);
    }
  }

  #broke(cause: unknown): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#onBroken(cause);
  }
}

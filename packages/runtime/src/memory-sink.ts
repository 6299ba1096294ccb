import {
  type ResponseHead,
  type ResponseSink,
  type Router,
  type RouterRequest,
  type RunningRequest,
  SmmfError,
} from '@smmf/core';
import { createSseFramer, parseSseEvent, splitSse, type TaskId } from '@smmf/protocol';
import { checkFrame } from '@smmf/server';

/** Chunks that wait for a slow reader before the engine is paused. */
const WINDOW = 64;

/** How a call from code may be bounded. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Whole time, milliseconds; default the model's own limit. */
  readonly timeoutMs?: number;
  /** Told to observers with the request: log, records. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The checked request for a body that code hands over. @throws INVALID_REQUEST and its kin, as over HTTP */
export function requestOf(task: TaskId, body: object, id: string, options: CallOptions): RouterRequest {
  const bytes = Buffer.from(JSON.stringify(body));
  const { model, stream, includeUsage, base64, fields } = checkFrame(task, bytes);
  const { timeoutMs, labels } = options;
  const more = { ...(timeoutMs === undefined ? {} : { timeoutMs }), ...(labels === undefined ? {} : { labels }) };
  return { id, task, model, stream, includeUsage, base64, body: bytes, fields, mayRetry: true, ...more };
}

/** An engine's JSON: longer answers reach the sink unread. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SmmfError('ENGINE_FAILED', 'The engine answered something that is not JSON', { cause });
  }
}

/** Runs a request and resolves with its whole reply. */
export async function callOnce(
  router: Router,
  makeRequest: () => RouterRequest,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  signal?.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const parts: Buffer[] = [];
  const running = router.handle(makeRequest(), {
    start: () => undefined,
    write: (bytes) => parts.push(Buffer.from(bytes)) > 0,
    end: (bytes) => resolve(parse(Buffer.concat([...parts, Buffer.from(bytes ?? '')]).toString())),
    fail: reject,
    done: () => signal?.removeEventListener('abort', cancel),
  });
  const cancel = (): void => {
    running.cancel();
    reject(signal?.reason);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  return promise;
}

/** A sink that turns the bytes of a stream back into chunks, for a reader in this process. */
class ChunkQueue implements ResponseSink {
  readonly #framer = createSseFramer();
  readonly #chunks: unknown[] = [];
  #isEnded = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  start(_head: ResponseHead): void {}
  write(bytes: Uint8Array | string): boolean {
    for (const event of splitSse(this.#framer.push(Buffer.from(bytes)))) {
      const { data } = parseSseEvent(event);
      if (data !== undefined && data !== '[DONE]') this.#chunks.push(parse(data));
    }
    this.#wake?.();
    return this.#chunks.length < WINDOW;
  }
  end(bytes?: Uint8Array | string): void {
    if (bytes !== undefined) this.write(bytes);
    this.#isEnded = true;
    this.#wake?.();
  }
  fail(error: SmmfError): void {
    this.stop(error);
  }
  done(): void {}
  stop(reason: unknown): void {
    this.#error ??= reason;
    this.#isEnded = true;
    this.#wake?.();
  }

  async *read(running: RunningRequest): AsyncGenerator<unknown, void, undefined> {
    for (;;) {
      while (this.#chunks.length > 0) {
        const wasFull = this.#chunks.length === WINDOW;
        yield this.#chunks.shift();
        if (wasFull) running.resume();
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#isEnded) return;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Runs a request and yields its chunks; breaking off the loop stops the engine. */
export async function* callStream(
  router: Router,
  makeRequest: () => RouterRequest,
  signal: AbortSignal | undefined,
): AsyncGenerator<unknown, void, undefined> {
  signal?.throwIfAborted();
  const queue = new ChunkQueue();
  const running = router.handle(makeRequest(), queue);
  const cancel = (): void => {
    running.cancel();
    queue.stop(signal?.reason);
  };
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    yield* queue.read(running);
  } finally {
    signal?.removeEventListener('abort', cancel);
    running.cancel();
  }
}

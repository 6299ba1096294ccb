import {
  type ResponseHead,
  type ResponseSink,
  type Router,
  type RouterRequest,
  type RunningRequest,
  SmmfError,
} from '@smmf/core';
import { createSseFramer, parseSseEvent, type RequestRecord, readFrame, splitSse, type TaskId } from '@smmf/protocol';

/** Chunks that wait for a slow reader before the engine is paused. */
const WINDOW = 64;

/** How a call from code may be bounded. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Whole time, milliseconds; default the model's own limit. */
  readonly timeoutMs?: number;
  /** Told to observers with the request: log, records. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Hears at the end, also of a failed call, what became of it: the instance that served it, each attempt, times and usage. */
  readonly onRecord?: (record: RequestRecord) => void;
}

/** The checked request for a body that code hands over. @throws INVALID_REQUEST and its kin, as over HTTP */
export function requestOf(task: TaskId, body: object, id: string, options: CallOptions): RouterRequest {
  const bytes = Buffer.from(JSON.stringify(body));
  const read = readFrame(task, bytes);
  if ('fault' in read) {
    const { code, message, param } = read.fault;
    throw new SmmfError(code, message, param === undefined ? {} : { param });
  }
  const { model, stream, includeUsage, base64, fields } = read.frame;
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

/** What a call ends with when its signal aborts. */
function aborted(signal: AbortSignal | undefined): SmmfError {
  return new SmmfError('ABORTED', 'The call was aborted', { cause: signal?.reason });
}

/** Runs a request and resolves with its whole reply. */
export async function callOnce(
  router: Router,
  makeRequest: () => RouterRequest,
  { signal, onRecord }: CallOptions,
): Promise<unknown> {
  if (signal?.aborted) throw aborted(signal);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const parts: Buffer[] = [];
  const running = router.handle(makeRequest(), {
    start: () => undefined,
    write: (bytes) => parts.push(Buffer.from(bytes)) > 0,
    end: (bytes) => resolve(parse(Buffer.concat([...parts, Buffer.from(bytes ?? '')]).toString())),
    fail: reject,
    done(record) {
      signal?.removeEventListener('abort', cancel);
      onRecord?.(record);
    },
  });
  const cancel = (): void => {
    running.cancel();
    reject(aborted(signal));
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
  readonly #onRecord: CallOptions['onRecord'];

  constructor(onRecord: CallOptions['onRecord']) {
    this.#onRecord = onRecord;
  }

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
  done(record: RequestRecord): void {
    this.#onRecord?.(record);
  }
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
  { signal, onRecord }: CallOptions,
): AsyncGenerator<unknown, void, undefined> {
  if (signal?.aborted) throw aborted(signal);
  const queue = new ChunkQueue(onRecord);
  const running = router.handle(makeRequest(), queue);
  const cancel = (): void => {
    running.cancel();
    queue.stop(aborted(signal));
  };
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    yield* queue.read(running);
  } finally {
    signal?.removeEventListener('abort', cancel);
    running.cancel();
  }
}

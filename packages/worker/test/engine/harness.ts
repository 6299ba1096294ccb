import type { ResponseHead, ResponseSink, RouterRequest, SmmfError, TaskMap, Worker } from '@smmf/core';
import { type RequestRecord, scanFields, type TaskId } from '@smmf/protocol';

/** What reached a client. */
export class RecordingSink implements ResponseSink {
  head: ResponseHead | undefined;
  text = '';
  error: SmmfError | undefined;
  readonly outcomes: RequestRecord[] = [];
  isEnded = false;
  /** What the next writes return: false asks to wait. */
  isOpen = true;
  writes = 0;
  readonly #over = Promise.withResolvers<RequestRecord>();
  /** Resolves when the request is over. */
  readonly over = this.#over.promise;

  start(head: ResponseHead): void {
    if (this.head) throw new Error('start came twice');
    this.head = head;
  }
  write(bytes: Uint8Array | string): boolean {
    if (!this.head || this.isEnded) throw new Error('write out of place');
    this.text += bytes.toString();
    this.writes++;
    return this.isOpen;
  }
  end(bytes: Uint8Array | string = ''): void {
    if (!this.head || this.isEnded) throw new Error('end out of place');
    this.text += bytes.toString();
    this.isEnded = true;
  }
  fail(error: SmmfError): void {
    if (this.isEnded) throw new Error('fail out of place');
    this.isEnded = true;
    this.error = error;
  }
  done(outcome: RequestRecord): void {
    this.outcomes.push(outcome);
    this.#over.resolve(outcome);
  }
  get events(): unknown[] {
    const pieces = this.text.split('\n\n').filter((piece) => piece !== '');
    return pieces.map((piece) => (piece === 'data: [DONE]' ? 'DONE' : JSON.parse(piece.slice('data: '.length))));
  }
  get json(): Record<string, unknown> {
    return JSON.parse(this.text);
  }
}

export function requestOf(task: TaskId, body: object, more: Partial<RouterRequest> = {}): RouterRequest {
  const bytes = Buffer.from(JSON.stringify({ model: 'chat', ...body }));
  const { fields } = scanFields(bytes, 64);
  if (!fields) throw new Error('bad body');
  const { stream = false, encoding_format } = body as { stream?: boolean; encoding_format?: string };
  return {
    id: 'req-1',
    task,
    model: 'chat',
    stream,
    includeUsage: false,
    base64: encoding_format === 'base64',
    body: bytes,
    fields,
    mayRetry: true,
    ...more,
  };
}

export const chat = (more: object = {}, request: Partial<RouterRequest> = {}): RouterRequest =>
  requestOf('chat', { messages: [{ role: 'user', content: 'hi' }], ...more }, request);

export function workerOf(tasks: TaskMap): Worker {
  return {
    models: [{ id: 'chat', tasks: ['chat'] }],
    tasks,
    health: async () => ({ live: true, ready: true }),
    close: async () => undefined,
  };
}

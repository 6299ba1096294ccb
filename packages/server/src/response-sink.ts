import { ServerResponse } from 'node:http';
import type { Clock, ResponseHead, ResponseSink, RunningRequest, SmmfError } from '@smmf/core';
import { encodeSse, errorBody } from '@smmf/protocol';
import type { HeldBody } from './read-body.ts';
import { sendError } from './send-error.ts';

/** What all sinks of a server share. */
export interface SinkContext {
  readonly clock: Clock;
  /** A client that takes nothing for so long is cut off. */
  readonly writeStallMs: number;
  isDraining(): boolean;
}

const EVENT_STREAM = /^text\/event-stream/i;
const NOT_IN_HEADERS = /[^\t\x20-\x7e\x80-\xff]/g;
/** Up to here copying a body costs less than a second buffer in the write. */
const ONE_PIECE_BYTES = 16 * 1024;
const LAST_CHUNK = '0\r\n\r\n';
const NO_HEAD: ResponseHead = { status: 200, contentType: 'application/json', headers: {} };

/**
 * One chunk of a body of unknown length, with `after` behind it. A small one as text of one byte a character: node hands that
 * to the kernel in one plain write, where its own framing makes four pieces of each chunk.
 */
function chunkOf(bytes: Uint8Array, after = ''): string | Buffer {
  const size = `${bytes.length.toString(16)}\r\n`;
  if (bytes.length > ONE_PIECE_BYTES) return Buffer.concat([Buffer.from(size), bytes, Buffer.from(`\r\n${after}`)]);
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return `${size}${text}\r\n${after}`;
}

/** Nobody stands between us and the socket, as a middleware that compresses does, or a test without a socket. */
function isPlain({ write, end }: ServerResponse): boolean {
  return write === ServerResponse.prototype.write && end === ServerResponse.prototype.end;
}

const bytesOf = (text: Uint8Array | string): Uint8Array => (typeof text === 'string' ? Buffer.from(text) : text);

/**
 * Puts a router's answer on a connection. The head waits for the first bytes, so that both leave in one packet and an
 * answer in one piece gets its length. When the client goes, the request is cancelled in that very turn.
 */
export class HttpSink implements ResponseSink {
  readonly #response: ServerResponse;
  readonly #id: string;
  readonly #context: SinkContext;
  readonly #body: HeldBody | undefined;
  #head: ResponseHead | undefined;
  #running: RunningRequest | undefined;
  #cancelStall: (() => void) | undefined;
  #hearsDrain = false;
  /** The body goes in chunks that the sink makes, not node. */
  #isChunked = false;

  /** @param body let go once the answer has begun: from there on no attempt needs it again */
  constructor(response: ServerResponse, id: string, context: SinkContext, body?: HeldBody) {
    this.#response = response;
    this.#id = id;
    this.#context = context;
    this.#body = body;
    const onClose = (): void => {
      this.#endStall();
      if (!response.writableFinished) this.#cancel();
      this.#running = undefined;
    };
    response.on('close', onClose);
    // The answer to a pipelined request has no socket yet and would not hear that it closes.
    if (response.socket === null) {
      const { socket } = response.req;
      socket.once('close', onClose);
      response.once('finish', () => socket.off('close', onClose));
    }
  }

  /** Gives the sink what {@link Router.handle} returned; a client that has gone meanwhile cancels it at once. */
  follow(running: RunningRequest): void {
    this.#running = running;
    if (this.#response.destroyed || this.#response.req.socket.destroyed) running.cancel();
  }

  start(head: ResponseHead): void {
    this.#head = head;
    this.#body?.release();
  }

  write(bytes: Uint8Array | string): boolean {
    const response = this.#response;
    if (response.destroyed) return false;
    if (!response.headersSent) this.#writeHead(undefined);
    if (bytes.length === 0) return !response.writableNeedDrain;
    if (this.#isChunked ? response.write(chunkOf(bytesOf(bytes)), 'latin1') : response.write(bytes)) return true;
    this.#watchStall();
    return false;
  }

  end(bytes?: Uint8Array | string): void {
    const response = this.#response;
    if (response.destroyed) return;
    const isWhole = !response.headersSent;
    if (isWhole) this.#writeHead(bytes === undefined ? 0 : Buffer.byteLength(bytes));
    if (this.#isChunked) {
      response.end(bytes?.length ? chunkOf(bytesOf(bytes), LAST_CHUNK) : LAST_CHUNK, 'latin1');
    } else if (isWhole && Buffer.isBuffer(bytes) && bytes.length <= ONE_PIECE_BYTES) {
      // As text of one byte a character, node puts it behind the head and writes both as one piece.
      response.end(bytes.toString('latin1'), 'latin1');
    } else response.end(bytes);
    if (response.socket?.writableLength) this.#watchStall();
  }

  fail(error: SmmfError, headers: Readonly<Record<string, string>>): void {
    const response = this.#response;
    if (response.destroyed) return;
    if (!response.headersSent) {
      const isRetried = Number(headers['x-smmf-attempts'] ?? 1) > 1;
      const advice: Record<string, string> = isRetried ? { 'x-should-retry': 'false' } : {};
      const after = this.#context.isDraining() ? 'close' : 'keep';
      sendError(response, error, { 'x-request-id': this.#id, ...headers, ...advice }, after);
    } else if (EVENT_STREAM.test(this.#head?.contentType ?? '')) {
      this.end(encodeSse(JSON.stringify(errorBody(error.toWire()))));
    } else {
      // Half a JSON body cannot be taken back, only be made to look as broken as it is.
      response.socket?.resetAndDestroy();
    }
  }

  done(): void {
    this.#body?.release();
  }

  #writeHead(length: number | undefined): void {
    const { status, contentType, headers } = this.#head ?? NO_HEAD;
    const list = ['content-type', contentType, 'x-request-id', this.#id];
    for (const name in headers) list.push(name, headers[name] ?? '');
    if (EVENT_STREAM.test(contentType)) list.push('cache-control', 'no-cache', 'x-accel-buffering', 'no');
    else if (length !== undefined) list.push('content-length', String(length));
    if (this.#context.isDraining()) list.push('connection', 'close');
    try {
      this.#response.writeHead(status, list);
    } catch {
      // An engine's header value that HTTP cannot carry.
      this.#response.writeHead(
        status,
        list.map((text) => text.replaceAll(NOT_IN_HEADERS, '')),
      );
    }
    this.#isChunked = this.#response.chunkedEncoding && isPlain(this.#response);
    if (this.#isChunked) this.#response.chunkedEncoding = false;
  }

  #watchStall(): void {
    const response = this.#response;
    this.#cancelStall ??= this.#context.clock.after(this.#context.writeStallMs, () => {
      this.#cancel(); // Node 22 calls an answer that is cut off finished
      response.destroy();
    });
    if (this.#hearsDrain) return;
    this.#hearsDrain = true;
    response.on('drain', () => {
      this.#endStall();
      this.#running?.resume();
    });
  }

  #cancel(): void {
    const running = this.#running;
    this.#running = undefined;
    running?.cancel();
  }

  #endStall(): void {
    this.#cancelStall?.();
    this.#cancelStall = undefined;
  }
}

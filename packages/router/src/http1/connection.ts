import type { OnReadOpts, Socket } from 'node:net';
import type { Exchange, ExchangeListener } from '../transport.ts';
import { ResponseParser } from './response-parser.ts';

/** Up to here, head included, copying a body behind its head costs less than a second piece in the write. */
const ONE_PIECE_BYTES = 16 * 1024;

/** Requests are put together here. The kernel nearly always takes them at once; where it does not, the socket keeps this one. */
let writeBuffer = Buffer.allocUnsafeSlow(ONE_PIECE_BYTES);

/** Every read of every connection goes through here: what is kept of it is copied out in the same turn. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

const endlessHead = (): Error => new Error('The engine began an answer and did not end its head');
const EMPTY = Buffer.alloc(0);
const closedEarly = (): Error => new Error('The engine closed the connection');
/** How long the rest of an answer may take of which nobody needs more, milliseconds. */
const REST_MS = 1_000;

/**
 * Requests that wait for the end of this turn of the event loop; undefined before the first one of a turn, which leaves at
 * once. The others leave together: an engine that is woken for one of them finds the rest there, while sent one by one each
 * would wake it anew, which costs more than the rest of the exchange.
 */
let outbox: Connection[] | undefined;

function sendInTurn(connection: Connection): void {
  if (outbox) outbox.push(connection);
  else {
    outbox = [];
    setImmediate(sendRest);
    connection.send();
  }
}

function sendRest(): void {
  const connections = outbox ?? [];
  outbox = undefined;
  for (const connection of connections) connection.send();
}

/** One request on a connection; it lets go of the connection when it is over, so that a late abort hits nobody else. */
export class SocketExchange implements Exchange {
  readonly head: string;
  body: Buffer;
  readonly listener: ExchangeListener;
  /** It has left on the connection that it is on now. */
  isSent = false;
  /** It has left on some connection: the engine may have begun with it. */
  wasSent = false;
  /** It is on its second connection. */
  isReplay = false;
  connection: Connection | undefined;

  constructor(head: string, body: Buffer, listener: ExchangeListener) {
    this.head = head;
    this.body = body;
    this.listener = listener;
  }

  pause(): void {
    this.connection?.pause();
  }

  resume(): void {
    this.connection?.resume();
  }

  abort(): void {
    this.connection?.drop();
  }

  settle(): void {
    this.connection?.settle();
  }
}

/** Whom a connection belongs to. */
export interface ConnectionOwner {
  /** Limit for connecting, and for a head that has begun. */
  readonly connectMs: number;
  /** Opens a connection whose reads may go through `onread`. */
  dial(onread: OnReadOpts, signal: AbortSignal): Promise<Socket>;
  /** The connection is free again; `keepMs` is how long the server keeps it, as far as it says so. */
  release(connection: Connection, keepMs: number | undefined): void;
  /** Sends on a fresh connection what a kept one has lost. */
  again(exchange: SocketExchange): void;
  /** The connection has ended. */
  forget(connection: Connection): void;
}

/** One keep-alive connection, with at most one request on it. A request that comes before it stands waits for it. */
export class Connection {
  idleUntilMs = 0;
  readonly #owner: ConnectionOwner;
  readonly #parser = new ResponseParser();
  readonly #dialing = new AbortController();
  /** Undefined until it stands. */
  #socket: Socket | undefined;
  #exchange: SocketExchange | undefined;
  #isHeadTold = false;
  /** It has carried an exchange before: the engine may have closed it meanwhile. */
  #isReused = false;
  /** Something of the present answer has come. */
  #isAnswered = false;
  #restTimer: NodeJS.Timeout | undefined;
  /** A head that has begun ends soon. */
  #headTimer: NodeJS.Timeout | undefined;
  #cause: Error | undefined;

  constructor(owner: ConnectionOwner) {
    this.#owner = owner;
    const onread = { buffer: readBuffer, callback: (size: number) => this.#onRead(readBuffer.subarray(0, size)) };
    owner.dial(onread, this.#dialing.signal).then(
      (socket) => this.#onConnected(socket),
      (cause: unknown) => this.#fail(cause),
    );
  }

  get isUsable(): boolean {
    return this.#socket?.writable === true;
  }

  /** Takes a request on; it leaves at once or at the end of this turn. */
  carry(exchange: SocketExchange): void {
    this.#exchange = exchange;
    exchange.connection = this;
    this.#isHeadTold = false;
    this.#isAnswered = false;
    this.#parser.reset();
    if (this.#socket) sendInTurn(this);
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** Nobody needs more of the answer: it may end by itself, so that the connection stays, but not for long. */
  settle(): void {
    if (!this.#exchange || this.#parser.isDone) return;
    this.resume();
    this.#restTimer = setTimeout(() => this.drop(), REST_MS);
  }

  send(): void {
    const socket = this.#socket;
    const exchange = this.#exchange;
    // Aborted while it waited for the end of its turn.
    if (!socket || !exchange) return;
    const { head, body } = exchange;
    exchange.isSent = true;
    exchange.wasSent = true;
    exchange.listener.onSent?.(!this.#isReused);
    if (!this.#isReused) exchange.body = EMPTY;
    const size = head.length + body.length;
    if (size <= ONE_PIECE_BYTES) {
      writeBuffer.write(head, 'latin1');
      body.copy(writeBuffer, head.length);
      socket.write(writeBuffer.subarray(0, size));
      if (socket.writableLength > 0) writeBuffer = Buffer.allocUnsafeSlow(ONE_PIECE_BYTES);
    } else {
      socket.cork();
      socket.write(head, 'latin1');
      socket.write(body);
      socket.uncork();
    }
  }

  /** Ends the connection; nobody waits for an answer any more. */
  drop(): void {
    this.#takeExchange();
    this.#end();
  }

  /** The connection stands, unless nobody wants it any more. */
  #onConnected(socket: Socket): void {
    if (this.#dialing.signal.aborted) {
      socket.destroy();
      return;
    }
    this.#socket = socket;
    // Where something stands between, the reads come as events; it may have stopped them.
    socket.on('data', (bytes: Buffer) => this.#onRead(bytes)).resume();
    socket.on('error', (error) => {
      this.#cause = error;
    });
    socket.on('end', () => this.#onEnd());
    socket.on('close', () => {
      this.#owner.forget(this);
      this.#fail(this.#cause ?? closedEarly());
    });
    // It may have ended before anybody listened.
    if (socket.destroyed) this.#fail(closedEarly());
    else sendInTurn(this);
  }

  #end(): void {
    this.#dialing.abort(closedEarly());
    this.#socket?.destroy();
  }

  /** @returns true: more may be read */
  #onRead(bytes: Buffer): true {
    const exchange = this.#exchange;
    if (exchange?.isSent) this.#onAnswer(exchange, bytes);
    else this.#fail(new Error('The engine sent something that nobody had asked for'));
    return true;
  }

  #onAnswer(exchange: SocketExchange, bytes: Buffer): void {
    this.#isAnswered = true;
    // A long answer need not keep it.
    exchange.body = EMPTY;
    const parser = this.#parser;
    const { listener } = exchange;
    const payload = parser.push(bytes);
    if (parser.isInHead) this.#headTimer ??= setTimeout(() => this.#fail(endlessHead()), this.#owner.connectMs);
    else if (parser.status !== 0 && !this.#isHeadTold) {
      this.#isHeadTold = true;
      clearTimeout(this.#headTimer);
      listener.onHead(parser.status, (name) => parser.header(name));
    }
    // Each call may have aborted.
    if (payload.length > 0 && this.#exchange === exchange) listener.onData(payload);
    if (this.#exchange !== exchange) return;
    if (parser.isDone) this.#finish();
    else if (parser.isBroken) this.#fail(new Error('The engine sent something that is not HTTP'));
  }

  #finish(): void {
    const exchange = this.#takeExchange();
    this.#isReused = true;
    // A slow client may have stopped the reading with the last piece.
    if (this.#socket?.isPaused()) this.resume();
    // What is still being written belongs to a request that is over.
    const isWritten = this.#socket?.writableLength === 0;
    if (this.#parser.mayReuse && isWritten) this.#owner.release(this, this.#parser.keepAliveMs);
    else this.#end();
    exchange?.listener.onEnd(this.#parser.isFramed);
  }

  #fail(cause: unknown): void {
    const exchange = this.#takeExchange();
    this.#end();
    if (!exchange) return;
    if (this.#isReused && !this.#isAnswered && !exchange.isReplay) {
      exchange.isReplay = true;
      exchange.isSent = false;
      this.#owner.again(exchange);
    } else exchange.listener.onFailure({ neverSent: !exchange.wasSent, cause });
  }

  #takeExchange(): SocketExchange | undefined {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    clearTimeout(this.#headTimer);
    this.#headTimer = undefined;
    clearTimeout(this.#restTimer);
    if (exchange) exchange.connection = undefined;
    return exchange;
  }

  /** The engine has closed its side. */
  #onEnd(): void {
    if (!this.#exchange) return;
    this.#parser.end();
    if (this.#parser.isDone) this.#finish();
    else this.#fail(closedEarly());
  }
}

import { connect, type NetConnectOpts, type Socket } from 'node:net';
import type { Endpoint } from '@smmf/core';
import { ResponseParser } from './response-parser.ts';
import type { Connections, Exchange, ExchangeListener, Outgoing } from './transport.ts';

/** uvicorn closes idle connections after 5 s; a server that announces its own limit is believed less this margin. */
const KEEP_ALIVE_MS = 4_000;
const CONNECT_MS = 1_000;
/** Up to here copying a body behind its head costs less than a second piece in the write. */
const ONE_PIECE_BYTES = 16 * 1024;
/** What would end a header's line. */
const LINE_END = /[\0\r\n]/;

/** Every read of every connection goes through here: what is kept of it is copied out in the same turn. */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

const closedEarly = (): Error => new Error('The engine closed the connection');

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
class SocketExchange implements Exchange {
  readonly head: string;
  readonly body: Buffer;
  readonly listener: ExchangeListener;
  isSent = false;
  #connection: Connection | undefined;

  constructor(head: string, body: Buffer, listener: ExchangeListener, connection: Connection) {
    this.head = head;
    this.body = body;
    this.listener = listener;
    this.#connection = connection;
  }

  pause(): void {
    this.#connection?.socket.pause();
  }

  resume(): void {
    this.#connection?.socket.resume();
  }

  abort(): void {
    this.#connection?.drop();
  }

  over(): void {
    this.#connection = undefined;
  }
}

/** One keep-alive connection, with at most one request on it. */
class Connection {
  readonly socket: Socket;
  idleUntilMs = 0;
  readonly #pool: SocketPool;
  readonly #parser = new ResponseParser();
  #exchange: SocketExchange | undefined;
  #isConnected = false;
  #isHeadTold = false;
  #cause: Error | undefined;

  constructor(pool: SocketPool) {
    this.#pool = pool;
    this.socket = connect({
      ...pool.address,
      onread: { buffer: readBuffer, callback: (size) => this.#onRead(size) },
    });
    const timer = setTimeout(() => this.socket.destroy(new Error('Connecting took too long')), pool.connectMs);
    this.socket.once('connect', () => {
      clearTimeout(timer);
      this.#isConnected = true;
    });
    this.socket.on('error', (error) => {
      this.#cause = error;
    });
    this.socket.on('end', () => this.#onEnd());
    this.socket.on('close', () => {
      clearTimeout(timer);
      pool.forget(this);
      this.#fail(this.#cause ?? closedEarly());
    });
  }

  get isUsable(): boolean {
    return this.socket.writable;
  }

  /** Takes a request on; it leaves at once or at the end of this turn. */
  begin(head: string, body: Buffer, listener: ExchangeListener): Exchange {
    const exchange = new SocketExchange(head, body, listener, this);
    this.#exchange = exchange;
    this.#isHeadTold = false;
    this.#parser.reset();
    sendInTurn(this);
    return exchange;
  }

  send(): void {
    const { socket } = this;
    const exchange = this.#exchange;
    // Aborted in the turn in which it began.
    if (!exchange) return;
    const { head, body } = exchange;
    exchange.isSent = true;
    if (body.length <= ONE_PIECE_BYTES) {
      const bytes = Buffer.allocUnsafe(head.length + body.length);
      bytes.write(head, 'latin1');
      body.copy(bytes, head.length);
      socket.write(bytes);
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
    this.socket.destroy();
  }

  /** @returns true: more may be read */
  #onRead(size: number): true {
    const exchange = this.#exchange;
    if (exchange?.isSent) this.#onAnswer(exchange, readBuffer.subarray(0, size));
    else this.#fail(new Error('The engine sent something that nobody had asked for'));
    return true;
  }

  #onAnswer(exchange: SocketExchange, bytes: Buffer): void {
    const parser = this.#parser;
    const { listener } = exchange;
    const payload = parser.push(bytes);
    if (parser.status !== 0 && !this.#isHeadTold) {
      this.#isHeadTold = true;
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
    // What is still being written belongs to a request that is over.
    if (this.#parser.mayReuse && this.socket.writableLength === 0) this.#pool.release(this, this.#parser.keepAliveMs);
    else this.socket.destroy();
    exchange?.listener.onEnd();
  }

  #fail(cause: Error): void {
    const exchange = this.#takeExchange();
    this.socket.destroy();
    exchange?.listener.onFailure({ neverSent: !this.#isConnected || !exchange.isSent, cause });
  }

  #takeExchange(): SocketExchange | undefined {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.over();
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

/** An exchange that fails before it has begun. */
function refuse(why: string, listener: ExchangeListener): Exchange {
  const timer = setImmediate(() => listener.onFailure({ neverSent: true, cause: new Error(why) }));
  return { pause: () => undefined, resume: () => undefined, abort: () => clearImmediate(timer) };
}

/** The connections to one origin. The one that was used last goes first, so that the others can run out. */
class SocketPool implements Connections {
  readonly address: NetConnectOpts;
  readonly connectMs: number;
  readonly #base: string;
  readonly #host: string;
  readonly #idle: Connection[] = [];
  #sweep: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor({ url, socketPath, connectTimeoutMs = CONNECT_MS }: Endpoint) {
    const { hostname, port, host, pathname } = new URL(url);
    this.address =
      socketPath === undefined
        ? { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), noDelay: true }
        : { path: socketPath };
    this.connectMs = connectTimeoutMs;
    this.#base = pathname.replace(/\/$/, '');
    this.#host = host;
  }

  post({ path, headers, body }: Outgoing, listener: ExchangeListener): Exchange {
    let head = `POST ${this.#base}${path} HTTP/1.1\r\nhost: ${this.#host}\r\nconnection: keep-alive\r\n`;
    for (let at = 0; at < headers.length; at += 2) {
      const line = `${headers[at]}: ${headers[at + 1]}`;
      if (LINE_END.test(line)) return refuse(`Header "${headers[at]}" is more than a line`, listener);
      head += `${line}\r\n`;
    }
    return this.#take().begin(`${head}content-length: ${body.length}\r\n\r\n`, body, listener);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweep);
    for (const connection of this.#idle.splice(0)) connection.drop();
  }

  /** A connection is free again. */
  release(connection: Connection, announcedMs: number | undefined): void {
    const keepMs = announcedMs === undefined ? KEEP_ALIVE_MS : announcedMs - KEEP_ALIVE_MS;
    if (this.#isClosed || keepMs <= 0 || !connection.isUsable) {
      connection.drop();
      return;
    }
    connection.idleUntilMs = performance.now() + keepMs;
    this.#idle.push(connection);
    this.#sweep ??= setInterval(() => this.#dropStale(), KEEP_ALIVE_MS / 4).unref();
  }

  /** A connection has ended. */
  forget(connection: Connection): void {
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
  }

  #take(): Connection {
    const nowMs = performance.now();
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      if (connection.idleUntilMs > nowMs && connection.isUsable) return connection;
      connection.drop();
    }
    return new Connection(this);
  }

  #dropStale(): void {
    const nowMs = performance.now();
    const stale = this.#idle.filter(({ idleUntilMs }) => idleUntilMs <= nowMs);
    for (const connection of stale) {
      this.forget(connection);
      connection.drop();
    }
    if (this.#idle.length > 0) return;
    clearInterval(this.#sweep);
    this.#sweep = undefined;
  }
}

/**
 * The transport for `http:` and unix sockets: HTTP/1.1 over plain sockets, pooled, no pipelining, no time limit but for
 * connecting. An answer comes in as many pieces as there were reads, its framing taken off.
 */
export function socketTransport(endpoint: Endpoint): Connections {
  return new SocketPool(endpoint);
}

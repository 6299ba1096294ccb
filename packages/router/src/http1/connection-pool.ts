import type { OnReadOpts, Socket } from 'node:net';
import type { Dialer, DialTarget, Endpoint } from '@smmf/core';
import { ENGINE_CONNECT_MS } from '@smmf/net';
import type { Peer } from '@smmf/protocol';
import type { Connections, Exchange, ExchangeListener, Outgoing } from '../transport.ts';
import { Connection, type ConnectionOwner, SocketExchange } from './connection.ts';

/** uvicorn closes idle connections after 5 s; a server that announces its own limit is believed less this margin. */
const KEEP_ALIVE_MS = 4_000;
/** What would end a header's line. */
const LINE_END = /[\0\r\n]/;

/** Headers as they stand in a head. @throws TypeError for one that would be more than a line */
function linesOf(headers: readonly string[]): string {
  let lines = '';
  for (let at = 0; at < headers.length; at += 2) {
    const line = `${headers[at]}: ${headers[at + 1]}`;
    if (LINE_END.test(line)) throw new TypeError(`Header "${headers[at]}" is more than a line`);
    lines += `${line}\r\n`;
  }
  return lines;
}

const idle = (): void => undefined;

/** An exchange that fails before it has begun. */
function refuse(cause: unknown, listener: ExchangeListener): Exchange {
  const timer = setImmediate(() => listener.onFailure({ neverSent: true, cause }));
  return { pause: idle, resume: idle, abort: () => clearImmediate(timer), settle: idle };
}

/** The connections to one origin. The one that was used last goes first, so that the others can run out. */
class SocketPool implements Connections, ConnectionOwner {
  readonly connectMs: number;
  readonly #dialer: Dialer;
  readonly #target: DialTarget;
  readonly #base: string;
  readonly #start: string;
  readonly #sharedLinesByList = new Map<readonly string[], string>();
  readonly #idle: Connection[] = [];
  #sweep: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(endpoint: Endpoint, dialer: Dialer, peer: Peer | undefined) {
    const { url, socketPath, proxy, egress, tls, connectTimeoutMs = ENGINE_CONNECT_MS } = endpoint;
    const { host, pathname } = new URL(url);
    this.connectMs = connectTimeoutMs;
    this.#dialer = dialer;
    this.#target = { url, socketPath, proxy, egress, tls, connectTimeoutMs, peer };
    this.#base = pathname.replace(/\/$/, '');
    this.#start = `HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  }

  post({ path, shared, own, body }: Outgoing, listener: ExchangeListener): Exchange {
    try {
      const lines = this.#sharedLines(shared) + linesOf(own);
      const head = `POST ${this.#base}${path} ${this.#start}${lines}content-length: ${body.length}\r\n\r\n`;
      const exchange = new SocketExchange(head, body, listener);
      this.#take().carry(exchange);
      return exchange;
    } catch (cause) {
      return refuse(cause, listener);
    }
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweep);
    for (const connection of this.#idle.splice(0)) connection.drop();
  }

  dial(onread: OnReadOpts, signal: AbortSignal): Promise<Socket> {
    return this.#dialer.connect({ ...this.#target, onread }, signal);
  }

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

  again(exchange: SocketExchange): void {
    new Connection(this).carry(exchange);
  }

  forget(connection: Connection): void {
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
  }

  #sharedLines(shared: readonly string[]): string {
    let lines = this.#sharedLinesByList.get(shared);
    if (lines === undefined) {
      lines = linesOf(shared);
      this.#sharedLinesByList.set(shared, lines);
    }
    return lines;
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
 * The transport for `http:`, unix sockets included: HTTP/1.1 over sockets that the dialer opens, pooled, no pipelining, no time limit
 * but for connecting. An answer comes in as many pieces as there were reads, its framing taken off.
 */
export function socketTransport(endpoint: Endpoint, dialer: Dialer, peer?: Peer): Connections {
  return new SocketPool(endpoint, dialer, peer);
}

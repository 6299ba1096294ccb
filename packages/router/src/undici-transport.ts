import type { Dialer, Endpoint } from '@smmf/core';
import { ENGINE_CONNECT_MS, undiciConnector, withoutBytes } from '@smmf/net';
import type { Peer } from '@smmf/protocol';
import { type Dispatcher, Pool } from 'undici';
import type { Connections, Exchange, ExchangeListener, Outgoing } from './transport.ts';

/** uvicorn closes idle connections after 5 s; a server that announces its own limit is believed less this margin. */
const KEEP_ALIVE_MS = 4_000;
/** How long the rest of an answer may take of which nobody needs more, milliseconds. */
const REST_MS = 1_000;

const GONE = new Error('Nobody waits for this answer any more');

/** undici's handler for one exchange; the controller comes when the request goes out, which may be after an abort. */
class UndiciExchange implements Exchange, Dispatcher.DispatchHandler {
  readonly #listener: ExchangeListener;
  readonly #onOver: () => void;
  #controller: Dispatcher.DispatchController | undefined;
  #aborted = false;
  #started = false;
  #isFramed = false;
  #isEnded = false;
  #restTimer: NodeJS.Timeout | undefined;

  /** `onOver` is called before the listener hears of the end. */
  constructor(listener: ExchangeListener, onOver: () => void) {
    this.#listener = listener;
    this.#onOver = onOver;
  }

  get isAborted(): boolean {
    return this.#aborted;
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  abort(): void {
    this.#aborted = true;
    this.#controller?.abort(GONE);
  }

  settle(): void {
    if (!this.#isEnded) this.#restTimer = setTimeout(() => this.abort(), REST_MS);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#started = true;
    this.#listener.onSent?.(false);
    if (this.#aborted) controller.abort(GONE);
  }

  onResponseStart(_: unknown, status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    if (status < 200 || this.#aborted) return;
    this.#isFramed = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
    this.#listener.onHead(status, (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    });
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    if (!this.#aborted) this.#listener.onData(chunk);
  }

  onResponseEnd(): void {
    this.#over();
    if (!this.#aborted) this.#listener.onEnd(this.#isFramed);
  }

  onResponseError(_: unknown, cause: Error): void {
    this.#over();
    if (this.#aborted) return;
    this.#listener.onFailure({ neverSent: !this.#started, cause: withoutBytes(cause) });
  }

  #over(): void {
    this.#isEnded = true;
    clearTimeout(this.#restTimer);
    this.#onOver();
  }
}

/**
 * undici uses a connection again one turn after the end of an answer, and opens another one for a request that comes before: what comes
 * in that turn, as the next in line does, goes out in the one after.
 */
class TurnGate {
  #held: (() => void)[] | undefined;

  /** A connection is about to be free. */
  readonly hold = (): void => {
    if (this.#held) return;
    this.#held = [];
    // From a microtask, so that undici's own turn, asked for after the answer was handed on, comes first.
    queueMicrotask(() => setImmediate(() => this.#open()));
  };

  pass(send: () => void): void {
    if (this.#held) this.#held.push(send);
    else send();
  }

  #open(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const send of held) send();
  }
}

/**
 * The transport over undici's `dispatch`: pooled keep-alive connections that the dialer opens, HTTP/1.1, no time limits but for
 * connecting.
 */
export function undiciTransport(endpoint: Endpoint, dialer: Dialer, peer?: Peer): Connections {
  const { url, socketPath, proxy, egress, tls, connectTimeoutMs = ENGINE_CONNECT_MS } = endpoint;
  const { origin, pathname } = new URL(url);
  const base = pathname.replace(/\/$/, '');
  const pool = new Pool(origin, {
    pipelining: 1,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveTimeoutThreshold: KEEP_ALIVE_MS,
    connect: undiciConnector(dialer, { socketPath, proxy, egress, tls, connectTimeoutMs, peer }),
  });
  const gate = new TurnGate();
  return {
    post({ path, shared, own, body }: Outgoing, listener: ExchangeListener): Exchange {
      const exchange = new UndiciExchange(listener, gate.hold);
      gate.pass(() => {
        if (exchange.isAborted) return;
        pool.dispatch({ method: 'POST', path: base + path, headers: [...shared, ...own], body }, exchange);
      });
      return exchange;
    },
    close: () => void pool.close().catch(() => undefined),
  };
}

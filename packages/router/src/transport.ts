import type { Endpoint } from '@smmf/core';
import type { Peer } from '@smmf/protocol';

/** One HTTP request to an instance. */
export interface Outgoing {
  readonly path: string;
  /** Headers that many requests carry, name, value, name, value, …; the same array for all of them. */
  readonly shared: readonly string[];
  /** Headers of this request, in the same form. */
  readonly own: readonly string[];
  readonly body: Buffer;
}

/** Why an exchange broke. */
export interface TransportFailure {
  /** Nothing of the request had left: safe to send elsewhere without asking. */
  readonly neverSent: boolean;
  readonly cause: unknown;
}

/**
 * Hears an exchange. Calls come in this order: `onSent` (again when the request is sent once more), `onHead`, `onData` …, then `onEnd` or `onFailure`; none after `abort`.
 * `onEnd` tells whether the body had an end of its own (a length, a last chunk), or ended with its connection.
 */
export interface ExchangeListener {
  /** The request was handed to the connection. @param isNew which was made for it */
  onSent?(isNew: boolean): void;
  onHead(status: number, header: (name: string) => string | undefined): void;
  onData(chunk: Buffer): void;
  onEnd(isFramed: boolean): void;
  onFailure(failure: TransportFailure): void;
}

/** An exchange under way. */
export interface Exchange {
  pause(): void;
  resume(): void;
  /** Closes the connection in this turn: how engines learn that nobody waits any more. */
  abort(): void;
  /** The answer is complete for us: its rest has a second, then the connection goes. Calls to the listener stay harmless. */
  settle(): void;
}

/** The connections to one instance; never shared with another. */
export interface Connections {
  post(outgoing: Outgoing, listener: ExchangeListener): Exchange;
  /** Closes what is idle now and the rest when it ends. */
  close(): void;
}

/** Opens the connections to an instance; the seam behind which the HTTP client can be exchanged. */
export type Transport = (endpoint: Endpoint, peer?: Peer) => Connections;

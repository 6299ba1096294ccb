import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';

/** Certificates of a proxy that shows itself as the server behind it. PEM texts. */
export interface ProxyTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A wire between one client and a server on loopback, which a test can cut. Where TLS is spoken it sees the plain bytes all the same. */
export interface WireProxy {
  readonly port: number;
  /** Breaks every connection, as a reset by a device in between does; new ones come about. */
  reset(): void;
  /** Breaks every connection, and each new one at once, until `mend`. */
  cut(): void;
  mend(): void;
  /** The next request that holds `text` reaches the server; its answer, and its connection, are lost. */
  loseAnswerTo(text: string): void;
  /** Connections that stand now. */
  readonly open: number;
  /** Connections that clients have opened so far, and requests of HTTP that they have begun. */
  readonly taken: number;
  readonly requests: number;
  close(): Promise<void>;
}

const REQUEST = /^[A-Z]+ \//;
/** How long a request whose answer gets lost may take at the server, milliseconds. */
const ANSWER_MS = 50;

class Wire implements WireProxy {
  readonly #target: number;
  readonly #tls: ProxyTls | undefined;
  readonly #pairs = new Map<Socket, Socket>();
  readonly server;
  #isCut = false;
  #losing: string | undefined;
  taken = 0;
  requests = 0;

  constructor(target: number, tls: ProxyTls | undefined) {
    this.#target = target;
    this.#tls = tls;
    const take = (client: Socket): void => this.#take(client);
    this.server = tls ? createTlsServer({ cert: tls.cert, key: tls.key }, take) : createServer(take);
    this.server.on('tlsClientError', () => undefined);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get open(): number {
    return this.#pairs.size;
  }

  reset(): void {
    for (const [client, server] of this.#pairs) {
      if ('resetAndDestroy' in client && !this.#tls) client.resetAndDestroy();
      else client.destroy();
      server.destroy();
    }
  }

  cut(): void {
    this.#isCut = true;
    this.reset();
  }

  mend(): void {
    this.#isCut = false;
  }

  loseAnswerTo(text: string): void {
    this.#losing = text;
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  #take(client: Socket): void {
    client.on('error', () => undefined);
    this.taken++;
    if (this.#isCut) {
      client.destroy();
      return;
    }
    const where = { host: '127.0.0.1', port: this.#target };
    const server = this.#tls ? connectTls({ ...where, ca: this.#tls.ca }) : connect(where);
    server.on('error', () => undefined);
    client.setNoDelay(true);
    server.setNoDelay(true);
    this.#pairs.set(client, server);
    const end = (): void => {
      this.#pairs.delete(client);
      client.destroy();
      server.destroy();
    };
    client.on('close', end);
    server.on('close', end);
    let isDeaf = false;
    client.on('data', (piece) => {
      if (REQUEST.test(piece.toString('latin1', 0, 16))) this.requests++;
      if (this.#losing !== undefined && piece.includes(this.#losing)) {
        this.#losing = undefined;
        isDeaf = true;
        setTimeout(end, ANSWER_MS).unref();
      }
      server.write(piece);
    });
    server.on('data', (piece) => {
      if (!isDeaf) client.write(piece);
    });
  }
}

/** A wire to `target`, a port on loopback. */
export async function createWireProxy(target: number, tls?: ProxyTls): Promise<WireProxy> {
  const wire = new Wire(target, tls);
  wire.server.listen(0, '127.0.0.1');
  await once(wire.server, 'listening');
  return wire;
}

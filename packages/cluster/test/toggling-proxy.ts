import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy on loopback that a test can stop, cut, and let lose answers. */
export interface TogglingProxy {
  readonly port: number;
  /** Requests that have begun so far, as far as each comes in a piece of its own. */
  readonly requests: number;
  /** Nothing goes through until `goOn`; connections stay. */
  pause(): void;
  goOn(): void;
  /** The answer to the next POST is swallowed. */
  loseAnswer(): void;
  /** Cuts every connection; new ones are taken. */
  reset(): void;
  /** Cuts every connection and takes none. */
  close(): Promise<void>;
}

/** Hands on what comes to `target`, a port of loopback. */
export async function togglingProxy(target: number): Promise<TogglingProxy> {
  const sockets = new Set<Socket>();
  let isPaused = false;
  let isLosing = false;
  let requests = 0;
  const waiting: (() => void)[] = [];
  const pass = (to: Socket, bytes: Buffer): void => {
    if (isPaused) waiting.push(() => to.write(bytes));
    else to.write(bytes);
  };
  const server = createServer((client) => {
    const upstream = connect({ host: '127.0.0.1', port: target, noDelay: true });
    let swallows = false;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (bytes: Buffer) => {
      if (/^[A-Z]+ \//.test(bytes.toString('latin1'))) requests++;
      if (isLosing && bytes.toString('latin1').startsWith('POST')) {
        isLosing = false;
        swallows = true;
      }
      pass(upstream, bytes);
    });
    upstream.on('data', (bytes: Buffer) => {
      if (swallows) return;
      pass(client, bytes);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get requests() {
      return requests;
    },
    pause: () => {
      isPaused = true;
    },
    goOn: () => {
      isPaused = false;
      for (const resume of waiting.splice(0)) resume();
    },
    loseAnswer: () => {
      isLosing = true;
    },
    reset: cut,
    async close() {
      cut();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}

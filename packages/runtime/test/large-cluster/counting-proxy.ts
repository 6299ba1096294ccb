import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** Passes bytes on to a port of this machine and counts those that come back. */
export interface CountingProxy {
  readonly port: number;
  readonly bytes: number;
  close(): void;
}

/** Starts one before `target`. */
export async function countingProxy(target: number): Promise<CountingProxy> {
  let bytes = 0;
  const server = createServer((socket) => {
    const there = connect(target, '127.0.0.1');
    there.on('data', (data) => {
      bytes += data.length;
    });
    for (const [from, to] of [
      [socket, there],
      [there, socket],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    get bytes() {
      return bytes;
    },
    close: () => void server.close(),
  };
}

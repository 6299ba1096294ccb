import { once } from 'node:events';
import { createServer } from 'node:net';

/** The port when nothing listens there, else 0: any free one. */
export async function freePort(port: number, host: string): Promise<number> {
  const server = createServer();
  try {
    await once(server.listen(port, host), 'listening');
    return port;
  } catch {
    return 0;
  } finally {
    server.close();
  }
}

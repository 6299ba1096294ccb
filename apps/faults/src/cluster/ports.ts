import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that the system gives to outgoing connections. */
const FIRST = 20_000;
const LAST = 31_000;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  const isListening = await Promise.race([
    once(server, 'listening').then(() => true),
    once(server, 'error').then(() => false),
  ]);
  if (isListening) server.close();
  return isListening;
}

/** The first of `count` ports in a row that are all free at this moment; where the search begins is chance. */
export async function freePorts(count: number): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const first = FIRST + Math.floor(Math.random() * (LAST - FIRST - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${count} ports in a row are free from ${FIRST} to ${LAST}`);
}

import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below those that systems give to outgoing connections: these would take one that was found free a moment later. */
const FIRST = 25_000;
const LAST = 32_000;

/**
 * The first of `count` ports in a row (default 1) that nothing listens at on 127.0.0.1 at this moment, between 25,000 and 32,000.
 * Where the search begins is chance, so that tests at one time seldom find the same.
 * @throws Error where there are none
 */
export async function freePorts(count = 1): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const first = FIRST + Math.floor(Math.random() * (LAST - FIRST - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return first;
  }
  throw new Error(`no ${count} ports in a row are free from ${FIRST} to ${LAST}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const isListening = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  await new Promise((resolve) => server.close(resolve));
  return isListening;
}

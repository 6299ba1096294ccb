import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach } from 'vitest';

/** A small but valid GGUF file: no metadata, no tensors, then `bytes` bytes of a fixed pattern. */
export function ggufBytes(bytes = 100_000, seed = 1): Buffer {
  const header = Buffer.alloc(24);
  header.write('GGUF');
  header.writeUInt32LE(3, 4);
  const body = Buffer.alloc(bytes);
  for (let index = 0, value = seed; index < bytes; index += 1) {
    value = (value * 1_103_515_245 + 12_345) & 0x7fffffff;
    body[index] = value >> 16;
  }
  return Buffer.concat([header, body]);
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A new folder that is removed after the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'smmf-src-'));
  folders.push(folder);
  return folder;
}
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback that remembers what it was asked. */
export interface LoopbackHub {
  readonly origin: string;
  readonly requests: IncomingMessage[];
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Starts a server that ends with the test. */
export async function startHub(answer: Answer): Promise<LoopbackHub> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Serves `bytes` with ETag and ranges, as storage behind a hub does. */
export function serveBytes(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  options: { cutAfter?: number; etag?: string } = {},
): void {
  const etag = options.etag ?? `"${sha256(bytes).slice(0, 16)}"`;
  const first = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const isRange = first > 0 && request.headers['if-range'] === etag;
  const body = isRange ? bytes.subarray(first) : bytes;
  response.writeHead(isRange ? 206 : 200, {
    etag,
    'content-length': body.length,
    ...(isRange ? { 'content-range': `bytes ${first}-${bytes.length - 1}/${bytes.length}` } : {}),
  });
  if (options.cutAfter === undefined) {
    response.end(body);
  } else {
    // A little later, so that the client has taken what was sent: a cut drops what still waits in its buffer.
    response.write(body.subarray(0, options.cutAfter), () => setTimeout(() => response.destroy(), 40));
  }
}

/** An environment in which nothing of this machine's caches, proxies and tokens shows. */
export function cleanEnv(extra: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HF_HUB_CACHE: '/nonexistent', ...extra };
}

/** Limits that keep failing tests short. */
export const FAST = { connectMs: 1_000, firstByteMs: 300, stallMs: 300, retryMs: 1 };

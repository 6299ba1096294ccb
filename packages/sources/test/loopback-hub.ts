import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpClient } from '@smmf/core';
import { afterAll, afterEach } from 'vitest';
import { createDialer, createHttpClient } from '../../net/src/index.ts';

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
  options: { cutAfter?: number; cacheDir?: string; etag?: string } = {},
): void {
  const etag = options.etag ?? `"${sha256(bytes).slice(0, 16)}"`;
  const wanted = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const isRange = wanted > 0 && request.headers['if-range'] === etag;
  const first = isRange ? wanted : 0;
  const body = isRange ? bytes.subarray(first) : bytes;
  response.writeHead(isRange ? 206 : 200, {
    etag,
    'content-length': body.length,
    ...(isRange ? { 'content-range': `bytes ${first}-${bytes.length - 1}/${bytes.length}` } : {}),
  });
  const { cutAfter, cacheDir } = options;
  if (cutAfter === undefined) {
    response.end(body);
    return;
  }
  const sent = body.subarray(0, cutAfter);
  // A cut drops what still waits in the client's buffer; so it comes when a part in the cache holds what was sent.
  const cut = (): void => {
    if (response.destroyed || cacheDir === undefined || isTaken(cacheDir, first, sent)) response.destroy();
    else setTimeout(cut, 5);
  };
  response.write(sent, () => setTimeout(cut, cacheDir === undefined ? 40 : 0));
}

/** Does a part of a download below `cacheDir` hold `sent`, at the place where it belongs? */
function isTaken(cacheDir: string, first: number, sent: Buffer): boolean {
  const names = readdirSync(cacheDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.part'));
  return names.some((name) =>
    readFileSync(join(cacheDir, name))
      .subarray(first, first + sent.length)
      .equals(sent),
  );
}

/** An environment in which nothing of this machine's caches, proxies and tokens shows. */
export function cleanEnv(extra: Record<string, string> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HF_HUB_CACHE: '/nonexistent', ...extra };
}

const clients: HttpClient[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

/** The HTTP client of SMMF, closed after the test; `env` names its proxies. */
export function newHttp(env: Record<string, string> = {}): HttpClient {
  const client = createHttpClient(createDialer({ env }));
  clients.push(client);
  return client;
}

/** Limits that no busy machine reaches. */
export const PATIENT = { connectMs: 10_000, firstByteMs: 10_000, stallMs: 10_000, retryMs: 1 };

/** Limits that keep tests short which wait for one of them. */
export const FAST = { connectMs: 1_000, firstByteMs: 300, stallMs: 300, retryMs: 1 };

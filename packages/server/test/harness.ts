import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Logger } from '@smmf/core';
import { onTestFinished } from 'vitest';
import {
  createHttpBase,
  createKeyRing,
  createMetrics,
  type HttpBase,
  type HttpBaseOptions,
  healthRoutes,
  type KeyEntry,
  type OpenAiOptions,
  openAiRoutes,
  requestLog,
  type Scope,
} from '../src/index.ts';
import { createFakeRouter, type FakeRouter, type Script } from './fake-router.ts';

export const KEY = 'sk-test-0123456789abcdef';

export interface LogLine {
  readonly level: string;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function recordingLogger(): { readonly logger: Logger; readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: string) => (fields: Readonly<Record<string, unknown>>, text: string) =>
    void lines.push({ level, text, fields });
  const logger: Logger = {
    fatal: at('fatal'),
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
    trace: at('trace'),
    child: () => logger,
  };
  return { logger, lines };
}

export interface ServerSetup {
  readonly keys?: readonly KeyEntry[];
  readonly base?: Omit<HttpBaseOptions, 'keys'>;
  readonly openAi?: OpenAiOptions;
  readonly script?: Script;
}

export interface TestServer {
  /** The router's own table of routes, also of those added later. */
  readonly routes: { readonly method: string; readonly url: string; readonly scope: Scope | undefined }[];
  readonly base: HttpBase;
  readonly router: FakeRouter;
  readonly lines: LogLine[];
  readonly metrics: ReturnType<typeof createMetrics>;
}

/** A server over a fake router, closed at the end of the test. */
export function createServer(setup: ServerSetup = {}): TestServer {
  const { logger, lines } = recordingLogger();
  const metrics = createMetrics();
  const router = createFakeRouter(setup.script, [requestLog(logger), metrics.record]);
  const base = createHttpBase({ ...setup.base, keys: createKeyRing(setup.keys ?? []) }, { logger });
  const routes: TestServer['routes'] = [];
  base.app.addHook('onRoute', ({ method, url, config }) => {
    for (const each of [method].flat()) routes.push({ method: each, url, scope: config?.scope });
  });
  openAiRoutes(base, setup.openAi ?? {}, { router, logger, metrics });
  healthRoutes(base, { metrics });
  onTestFinished(async () => {
    await base.close();
    metrics.close();
  });
  return { base, router, lines, metrics, routes };
}

/** The same, listening on a free port of loopback. */
export async function startServer(
  setup: ServerSetup = {},
): Promise<TestServer & { readonly url: string; readonly port: number }> {
  const server = createServer(setup);
  const { url, port = 0 } = await server.base.listen({ port: 0 });
  return { ...server, url, port };
}

/** A bare socket to a local port; what it receives is collected. */
export interface RawClient {
  readonly socket: Socket;
  text(): string;
  /** Resolves when what came so far matches. */
  until(pattern: RegExp): Promise<string>;
  readonly closed: Promise<unknown>;
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1' });
  let received = '';
  socket.on('data', (bytes) => {
    received += bytes.toString('latin1');
  });
  socket.on('error', () => undefined);
  const closed = once(socket, 'close');
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return {
    socket,
    closed,
    text: () => received,
    async until(pattern) {
      while (!pattern.test(received)) {
        if (socket.destroyed) throw new Error(`Connection ended with: ${received}`);
        await Promise.race([once(socket, 'data'), closed]);
      }
      return received;
    },
  };
}

/** Sends bytes on a connection of its own and resolves with everything that came until its end. */
export async function rawExchange(port: number, bytes: string | Buffer): Promise<string> {
  const client = await rawClient(port);
  client.socket.write(bytes);
  await client.closed;
  return client.text();
}

export const jsonHeaders = { 'content-type': 'application/json', authorization: `Bearer ${KEY}` };

export const chatBody = (more: object = {}): string =>
  JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hi' }], ...more });

/** A request line, its headers and a body with its length. */
export function rawPost(body: string, headers = '', path = '/v1/chat/completions'): string {
  const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nauthorization: Bearer ${KEY}\r\n`;
  return `${head}${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

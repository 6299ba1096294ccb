import { readFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { SmmfError } from '@smmf/core';
import { markContinue } from './guard.ts';
import type { BodyLimits } from './read-body.ts';
import { rawRefusal, sendError } from './send-error.ts';

/** Limits of one listener. */
export interface HttpLimits extends BodyLimits {
  /** Request line and headers together, bytes. */
  readonly headerLimitBytes: number;
  /** From the first byte of a request (or the connect) to the end of its headers. */
  readonly headersTimeoutMs: number;
  /** How long an idle connection is kept; longer than a load balancer in front keeps it. */
  readonly keepAliveTimeoutMs: number;
  /** Open connections from one IP address. */
  readonly connectionsPerAddress: number;
  /** Open connections in all. */
  readonly maxConnections: number;
}

/** The limits that hold where the config sets none. */
export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  bodyLimitBytes: 4 * 1024 * 1024,
  bodyBytesPerSecond: 1024,
  bodyGraceMs: 5_000,
  headerLimitBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 75_000,
  connectionsPerAddress: 200,
  maxConnections: 10_000,
};

/** Certificate and key, as PEM files. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new SmmfError('CONFIG_INVALID', `TLS file "${file}" cannot be read; check the path and its rights`, {
      cause,
    });
  }
}

function limitConnections(server: Server, perAddress: number): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress === undefined) return;
    const count = (open.get(remoteAddress) ?? 0) + 1;
    if (count > perAddress) {
      socket.destroy();
      return;
    }
    open.set(remoteAddress, count);
    socket.once('close', () => {
      const left = (open.get(remoteAddress) ?? 1) - 1;
      if (left === 0) open.delete(remoteAddress);
      else open.set(remoteAddress, left);
    });
  });
}

/** What the parser refused: an error body where no answer has begun on the connection, and its end in any case. */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Socket): void {
  // Node's own handler looks at the same property to learn whether an answer is under way.
  const current: unknown = Reflect.get(socket, '_httpMessage');
  const hasBegun = typeof current === 'object' && current !== null && Reflect.get(current, 'headersSent') === true;
  if (!hasBegun && socket.writable && error.code !== 'ECONNRESET') socket.write(rawRefusal(error.code));
  socket.destroySoon();
}

/** A node:http or node:https server within `limits`. */
export function createLimitedServer(handler: RequestListener, limits: HttpLimits, tls: TlsFiles | undefined): Server {
  const options: ServerOptions = {
    maxHeaderSize: limits.headerLimitBytes,
    headersTimeout: limits.headersTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    // A whole request has no limit of its own: its body has one by rate, and an answer may take minutes.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
    // A missing Host is refused by the guard, with a body.
    requireHostHeader: false,
    noDelay: true,
  };
  const server = tls
    ? createHttpsServer(
        {
          ...options,
          cert: readPem(tls.certFile),
          key: readPem(tls.keyFile),
          minVersion: 'TLSv1.2',
          handshakeTimeout: limits.headersTimeoutMs,
        },
        handler,
      )
    : createHttpServer(options, handler);
  server.maxConnections = limits.maxConnections;
  // Headers over Node's own count would be dropped silently; the size limit bounds them.
  server.maxHeadersCount = 0;
  limitConnections(server, limits.connectionsPerAddress);
  server.on('checkContinue', (request, response) => {
    markContinue(request, response);
    handler(request, response);
  });
  server.on('checkExpectation', (_request, response) => {
    sendError(response, new SmmfError('INVALID_REQUEST', 'Header expect may only be 100-continue'), {}, true);
  });
  return server;
}

import { readFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import { SmmfError } from '@smmf/core';
import { defaultBodyMemory } from './body-memory.ts';
import { type ConnectionContext, type ConnectionLimits, limitConnections } from './connection-limit.ts';
import { markContinue } from './guard.ts';
import type { BodyLimits } from './read-body.ts';
import type { NextId } from './request-id.ts';
import { rawRefusal, sendError } from './send-error.ts';

/** Limits of one listener. */
export interface HttpLimits extends BodyLimits, ConnectionLimits {
  /** Request line and headers together, bytes. */
  readonly headerLimitBytes: number;
  /** From the first byte of a request (or the connect) to the end of its headers. */
  readonly headersTimeoutMs: number;
  /** How long an idle connection is kept; longer than a load balancer in front keeps it. */
  readonly keepAliveTimeoutMs: number;
}

/** The limits that hold where the config sets none. */
export const DEFAULT_HTTP_LIMITS: HttpLimits = {
  bodyLimitBytes: 32 * 1024 * 1024,
  bodyMemoryBytes: defaultBodyMemory(),
  bodyBytesPerSecond: 1024,
  bodyGraceMs: 5_000,
  headerLimitBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 75_000,
  connectionsPerAddress: Number.POSITIVE_INFINITY,
  maxConnections: 10_000,
};

/** Certificate and key, as PEM files. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  /** Authorities of callers: with it, nobody without a certificate of one of them gets a connection. */
  readonly caFile?: string | undefined;
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

/** What the parser refused: an error body where no answer has begun on the connection, and its end in any case. */
export function refuseConnection(error: Error & { readonly code?: string }, socket: Socket, nextId: NextId): void {
  // Node's own handler looks at the same property to learn whether an answer is under way.
  const current: unknown = Reflect.get(socket, '_httpMessage');
  const hasBegun = typeof current === 'object' && current !== null && Reflect.get(current, 'headersSent') === true;
  if (!hasBegun && socket.writable && error.code !== 'ECONNRESET') socket.write(rawRefusal(error.code, nextId()));
  socket.destroySoon();
}

/** CONNECT is a method like any other here; Node gives it no response and would close the connection without a word. */
function answerConnect(handler: RequestListener, request: IncomingMessage, socket: Socket): void {
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.destroySoon());
  handler(request, response);
}

/** A node:http or node:https server within `limits`. */
export function createLimitedServer(
  handler: RequestListener,
  limits: HttpLimits,
  tls: TlsFiles | undefined,
  context: ConnectionContext,
): Server {
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
          ...(tls.caFile === undefined ? {} : { ca: readPem(tls.caFile), requestCert: true, rejectUnauthorized: true }),
          minVersion: 'TLSv1.2',
          handshakeTimeout: limits.headersTimeoutMs,
        },
        handler,
      )
    : createHttpServer(options, handler);
  // Headers over Node's own count would be dropped silently; the size limit bounds them.
  server.maxHeadersCount = 0;
  limitConnections(server, limits, tls === undefined, context);
  server.on('checkContinue', (request, response) => {
    markContinue(request, response);
    handler(request, response);
  });
  server.on('checkExpectation', ({ headers }, response) => {
    const error = new SmmfError('INVALID_REQUEST', 'Header expect may only be 100-continue');
    sendError(response, error, { 'x-request-id': context.nextId(headers) }, 'close');
  });
  server.on('connect', (request, socket) => answerConnect(handler, request, socket as Socket));
  return server;
}

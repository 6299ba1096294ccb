import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { type Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { type Clock, type Logger, SmmfError, silentLogger, systemClock } from '@smmf/core';
import { isLoopbackHost } from '@smmf/protocol';
import { type FastifyInstance, fastify } from 'fastify';
import { createClientAddresses } from './client-address.ts';
import { installGuard } from './guard.ts';
import {
  createLimitedServer,
  DEFAULT_HTTP_LIMITS,
  type HttpLimits,
  refuseConnection,
  type TlsFiles,
} from './http-server.ts';
import { assertSafeListen, createKeyRing, type KeyRing } from './keys.ts';
import { hostInUrl, listenFault, portFault, type TcpAddress } from './listen-fault.ts';
import { createRequestIds } from './request-id.ts';
import { asSmmfError, sendError } from './send-error.ts';

/** Where to listen: a TCP address or a unix socket. */
export type ListenAddress = TcpAddress | { readonly socketPath: string };

/** Where a server listens. */
export interface Listening {
  /** Origin to call it at from this machine: `http://127.0.0.1:8100`; `http://localhost` for a unix socket. */
  readonly url: string;
  /** Absent for a unix socket. */
  readonly host?: string;
  readonly port?: number;
  readonly socketPath?: string;
}

/** What routes are added to. */
export interface RouteHost {
  /** Give every route `config: { scope }`; bodies arrive as a Buffer. */
  readonly app: FastifyInstance;
  isDraining(): boolean;
}

/** The HTTP side of a role: API server, admin API, or an engine behind a unix socket. */
export interface HttpBase extends RouteHost {
  /** What {@link assertSafeListen} had to say. */
  readonly warnings: readonly string[];
  /**
   * @throws PORT_IN_USE when the port or socket is taken
   * @throws CONFIG_INVALID beyond loopback without keys, or for an address that cannot be listened on
   */
  listen(address: ListenAddress): Promise<Listening>;
  /** Calls a route without a socket; fastify's `inject`. */
  readonly inject: FastifyInstance['inject'];
  /**
   * Leaves in order: not ready at once, after the grace no new connections, up to `limitMs` for what runs, then the rest
   * is cut. Idempotent.
   */
  drain(limitMs: number): Promise<void>;
  /** Cuts everything now, also what a running {@link HttpBase.drain} still waits for. Idempotent. */
  close(): Promise<void>;
}

/** Options of {@link createHttpBase}. */
export interface HttpBaseOptions {
  readonly keys?: KeyRing;
  /** Keys of members of the cluster, for routes with the scope `join` on a listener that serves others besides; default those of `keys`. */
  readonly joinKeys?: KeyRing | undefined;
  /** Serve beyond loopback without keys; logs a warning. Default false. */
  readonly allowOpen?: boolean;
  readonly tls?: TlsFiles | undefined;
  /** Origins whose pages may call; default none. */
  readonly corsOrigins?: readonly string[];
  /**
   * Names under which routes with an admin scope may be called beside those of loopback, without ports. Checked while it listens
   * on loopback alone. Default none.
   */
  readonly hosts?: readonly string[];
  /**
   * IP addresses and ranges (`10.0.0.0/8`) of proxies: from these `X-Forwarded-For` tells the caller's address to the log and
   * to `limits.connectionsPerAddress`. It never makes a caller local. Default none.
   */
  readonly trustedProxies?: readonly string[];
  readonly limits?: Partial<HttpLimits>;
  /** How long new connections are still taken after {@link HttpBase.drain} has begun, so that others learn of it; default 0. */
  readonly drainGraceMs?: number;
}

/** What {@link createHttpBase} is given besides. */
export interface HttpBaseContext {
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/** How often idle connections are swept while draining. */
const SWEEP_MS = 25;

const MAX_SOCKET_PATH = 100;

async function listenOnSocket(app: FastifyInstance, socketPath: string): Promise<Listening> {
  if (Buffer.byteLength(socketPath) > MAX_SOCKET_PATH) {
    throw new SmmfError('CONFIG_INVALID', `Socket path is over ${MAX_SOCKET_PATH} bytes; use a shorter folder`);
  }
  await app.listen({ path: socketPath }).catch((cause: unknown) => {
    throw listenFault(cause, `Socket ${socketPath}`);
  });
  await chmod(socketPath, 0o600);
  return { url: 'http://localhost', socketPath };
}

async function listenOnPort(app: FastifyInstance, address: TcpAddress, isTls: boolean): Promise<Listening> {
  const { host = '127.0.0.1', port } = address;
  // With a server of its own fastify binds one address only; 127.0.0.1 is the one that every client tries.
  await app.listen({ host: host === 'localhost' ? '127.0.0.1' : host, port }).catch((cause: unknown) => {
    throw portFault(cause, { ...address, host });
  });
  const real = (app.server.address() as AddressInfo).port;
  const local = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return { url: `${isTls ? 'https' : 'http'}://${hostInUrl(local)}:${real}`, host, port: real };
}

/** Ends a server within `limitMs` of its listener's end; `cut` ends it at once. */
interface Drainer {
  drain(limitMs: number): Promise<void>;
  cut(): Promise<void>;
  isDraining(): boolean;
}

/** Connections as HTTP sees them, each until it is closed. */
function trackConnections(server: Server): Set<Socket> {
  const open = new Set<Socket>();
  const event = server instanceof TlsServer ? 'secureConnection' : 'connection';
  server.on(event, (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  return open;
}

/** Ends what carries no request: connections between two of them, and those that have never sent one. */
function closeIdle(server: Server, open: ReadonlySet<Socket>): void {
  server.closeIdleConnections();
  for (const socket of open) if (Reflect.get(socket, '_httpMessage') === undefined) socket.destroy();
}

/** A connection ends with the answer that is under way on it: whoever keeps it for another request would only be refused. */
function closeAfterAnswer(open: ReadonlySet<Socket>): void {
  for (const socket of open) {
    const answer: unknown = Reflect.get(socket, '_httpMessage');
    if (answer instanceof ServerResponse) answer.once('finish', () => socket.destroySoon());
  }
}

function createDrainer(app: FastifyInstance, graceMs: number, clock: Clock, logger: Logger): Drainer {
  const server: Server = app.server;
  const open = trackConnections(server);
  let draining: Promise<void> | undefined;
  let cutNow = (): void => undefined;
  const isCut = new Promise<void>((resolve) => {
    cutNow = resolve;
  });
  const wait = async (ms: number): Promise<void> => {
    let cancel = (): void => undefined;
    await Promise.race([
      isCut,
      new Promise<void>((resolve) => {
        cancel = clock.after(ms, resolve);
      }),
    ]);
    cancel();
  };
  const run = async (limitMs: number): Promise<void> => {
    logger.info({ limitMs, graceMs }, 'server draining');
    if (graceMs > 0) await wait(graceMs);
    const ended = new Promise<void>((resolve) => void server.close(() => resolve()));
    closeAfterAnswer(open);
    let cancelSweep = (): void => undefined;
    const sweep = (): void => {
      closeIdle(server, open);
      cancelSweep = clock.after(SWEEP_MS, sweep);
    };
    sweep();
    await Promise.race([ended, wait(limitMs)]);
    cancelSweep();
    server.closeAllConnections();
    // A request is cancelled when its connection has closed, so wait for that too.
    for (const socket of open) await once(socket, 'close');
    await app.close();
    logger.info({}, 'server closed');
  };
  const drain = (limitMs: number): Promise<void> => {
    draining ??= run(limitMs);
    return draining;
  };
  return {
    drain,
    cut: () => {
      cutNow();
      return drain(0);
    },
    isDraining: () => draining !== undefined,
  };
}

/**
 * Makes the HTTP base of a role: fastify within limits, with keys, ids and OpenAI error bodies, and no route yet.
 *
 * @throws CONFIG_INVALID for TLS files that cannot be read, a CORS origin `*`, or a trusted proxy that is no address
 */
export function createHttpBase(options: HttpBaseOptions = {}, context: HttpBaseContext = {}): HttpBase {
  const { logger = silentLogger, clock = systemClock } = context;
  const { keys = createKeyRing([]), allowOpen = false, corsOrigins = [], tls, drainGraceMs = 0 } = options;
  const limits = { ...DEFAULT_HTTP_LIMITS, ...options.limits };
  const addresses = createClientAddresses(options.trustedProxies ?? []);
  const nextId = createRequestIds();
  const app: FastifyInstance = fastify({
    logger: false,
    bodyLimit: limits.bodyLimitBytes,
    genReqId: ({ headers }) => nextId(headers),
    requestIdHeader: false,
    routerOptions: { maxParamLength: 512 },
    return503OnClosing: false,
    serverFactory: (handler) => createLimitedServer(handler, limits, tls, { addresses, nextId, logger, clock }),
    clientErrorHandler: (error, socket) => refuseConnection(error, socket, nextId),
    frameworkErrors: (error, request, reply) => {
      reply.hijack();
      sendError(reply.raw, asSmmfError(error), { 'x-request-id': request.id }, 'close');
    },
  });
  const drainer = createDrainer(app, drainGraceMs, clock, logger);
  const { isDraining } = drainer;
  const hosts = (options.hosts ?? []).map((name) => name.toLowerCase());
  let isOnLoopback = true;
  const guard = {
    ...limits,
    keys,
    joinKeys: options.joinKeys,
    allowOpen,
    corsOrigins,
    addresses,
    hosts,
    isOnLoopback: () => isOnLoopback,
    isDraining,
  };
  installGuard(app, guard, { logger, clock });
  const warnings: string[] = [];
  return {
    app,
    warnings,
    isDraining,
    listen: (address) => {
      if ('socketPath' in address) return listenOnSocket(app, address.socketPath);
      const { host = '127.0.0.1' } = address;
      isOnLoopback = isLoopbackHost(host);
      warnings.push(...assertSafeListen(host, keys, { allowOpen, logger }));
      return listenOnPort(app, address, tls !== undefined);
    },
    inject: app.inject.bind(app),
    drain: drainer.drain,
    close: drainer.cut,
  };
}

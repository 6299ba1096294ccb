import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Clock, type Logger, SmmfError, silentLogger, systemClock } from '@smmf/core';
import type { FastifyInstance, FastifyReply, FastifyRequest, onRequestHookHandler } from 'fastify';
import { type AccessOptions, accessFault } from './access.ts';
import { BodyMemory } from './body-memory.ts';
import type { ClientAddresses } from './client-address.ts';
import { AddressCounts, createRefusalLog } from './connection-limit.ts';
import { addCors, corsOrigin } from './cors.ts';
import type { KeyIdentity, Scope } from './keys.ts';
import { announcedFault, type BodyLimits, createBodyReader, type HeldBody } from './read-body.ts';
import { asSmmfError, codeOf, sendError, TOO_MANY_CONNECTIONS } from './send-error.ts';
import { unrouted } from './unrouted.ts';
import { type RoutePath, wireFault } from './wire-check.ts';

/** Called when a request of a route was refused before its handler answered. */
export type OnRefused = (request: FastifyRequest, error: SmmfError, responseBytes: number) => void;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route needs of its caller; a route without it cannot be registered. */
    scope?: Scope;
    /** Takes `%2F` in the path; for ids that hold slashes. */
    encodedSlash?: boolean;
    /** The handler lets go of {@link FastifyRequest.heldBody} itself; else a body counts no more once it is read. */
    holdsBody?: boolean;
    /** In place of the log line of a refusal. */
    onRefused?: OnRefused;
  }
  interface FastifyRequest {
    /** Whose key came along; null without a valid one. */
    caller: KeyIdentity | null;
    /** When the head of the request was there, on the scale of `performance.now()`. */
    arrivedMs: number;
    /** The caller's IP address, told only where the config names trusted proxies. */
    client: string | undefined;
    /** The hold on the body's memory, for routes that say `holdsBody`. */
    heldBody: HeldBody | undefined;
  }
}

/** Options of {@link installGuard}. */
export interface GuardOptions extends AccessOptions, BodyLimits {
  readonly addresses: ClientAddresses;
  /** Requests at once from one address behind a trusted proxy. */
  readonly connectionsPerAddress: number;
  readonly isDraining: () => boolean;
}

/** What {@link installGuard} is given besides. */
export interface GuardContext {
  readonly logger?: Logger;
  readonly clock?: Clock;
}

const CONTINUE = Symbol('smmf.continue');

type Continue = () => void;

/** Marks a request whose sender waits for `100 Continue`: it is sent only once the head has been accepted. */
export function markContinue(request: IncomingMessage, response: ServerResponse): void {
  Object.defineProperty(request, CONTINUE, { value: () => response.writeContinue() });
}

function sendContinue(request: IncomingMessage & { readonly [CONTINUE]?: Continue }): void {
  request[CONTINUE]?.();
}

function addErrorHandler(app: FastifyInstance, logger: Logger): void {
  app.setErrorHandler((thrown, request, reply) => {
    // A method that fastify's router has no table for comes here past all hooks.
    const isUnknownMethod = codeOf(thrown) === 'FST_ERR_NOT_FOUND';
    if (isUnknownMethod && refuseAmbiguous(request, reply, logger)) return;
    const error = isUnknownMethod ? unrouted(app, request, reply) : asSmmfError(thrown);
    if (error === undefined) return;
    reply.hijack();
    refuse(request, reply, error, logger);
  });
}

function refuse(request: FastifyRequest, reply: FastifyReply, error: SmmfError, logger: Logger, close = false): void {
  const after = close ? 'close' : Buffer.isBuffer(request.body) ? 'keep' : 'auto';
  const bytes = sendError(reply.raw, error, { 'x-request-id': request.id }, after);
  request.heldBody?.release();
  const { config, url: route } = request.routeOptions;
  if (config.onRefused) {
    config.onRefused(request, error, bytes);
    return;
  }
  const { code, cause, row } = error;
  const { id, method, client } = request;
  const fields = { id, method, route, status: row.status, code: code.toLowerCase(), client };
  if (row.status >= 500) logger.error({ ...fields, err: cause }, 'request failed');
  else logger.debug(fields, 'request refused');
}

/** Refuses what is ambiguous and closes its connection: nobody knows where the next request on it begins. */
function refuseAmbiguous(request: FastifyRequest, reply: FastifyReply, logger: Logger, route?: RoutePath): boolean {
  const fault = wireFault(request.raw, route);
  if (fault === undefined) return false;
  reply.hijack();
  refuse(request, reply, new SmmfError('INVALID_REQUEST', fault), logger, true);
  return true;
}

/** Notes whose request it is, and holds each client of a trusted proxy to the limit on connections. */
function createClientCheck(options: GuardOptions, context: Required<GuardContext>) {
  const { addresses, connectionsPerAddress: limit } = options;
  const counts = new AddressCounts(limit);
  const log = createRefusalLog(context);
  return (request: FastifyRequest, reply: FastifyReply): SmmfError | undefined => {
    const client = addresses.of(request.raw);
    request.client = client;
    const peer = request.raw.socket.remoteAddress;
    if (client === undefined || peer === undefined || limit === Number.POSITIVE_INFINITY) return undefined;
    // Other callers were counted by their connections.
    if (!addresses.isProxy(peer) || addresses.isProxy(client)) return undefined;
    if (!counts.take(client)) {
      log('connectionsPerAddress', limit, client);
      return TOO_MANY_CONNECTIONS;
    }
    reply.raw.once('close', () => counts.free(client));
    return undefined;
  };
}

/** The check of one route, made when the route is registered; without a scope it is not. */
function addRouteChecks(app: FastifyInstance, options: GuardOptions, memory: BodyMemory, logger: Logger): void {
  app.addHook('onRoute', (route) => {
    const { url, config = {} } = route;
    // What comes of it is decided for all paths alike, in the hook of the server.
    if (route.method === 'OPTIONS' && route.routePath === '*') return;
    const { scope, encodedSlash = false } = config;
    const path = { url, encodedSlash };
    if (scope === undefined) {
      const name = `${String(route.method)} ${url}`;
      throw new SmmfError('CONFIG_INVALID', `Route ${name} declares no scope; give it config.scope`);
    }
    const check: onRequestHookHandler = (request, reply, done) => {
      if (refuseAmbiguous(request, reply, logger, path)) return;
      const error = accessFault(request, scope, options) ?? headFault(request, options.bodyLimitBytes, memory);
      if (error) done(error);
      else done();
    };
    route.onRequest = [check, ...[route.onRequest ?? []].flat()];
  });
}

/**
 * Puts the rules of every SMMF role before the routes that `app` gets from now on: unambiguous requests only, access by
 * each route's own scope, bodies as bytes within limits, CORS, and OpenAI error bodies for everything that goes wrong.
 */
export function installGuard(app: FastifyInstance, given: GuardOptions, context: GuardContext = {}): void {
  const { logger = silentLogger, clock = systemClock } = context;
  const corsOrigins = given.corsOrigins.map(corsOrigin);
  // A body that could never be held is too large at any time.
  const bodyLimitBytes = Math.min(given.bodyLimitBytes, given.bodyMemoryBytes);
  const options = { ...given, bodyLimitBytes, corsOrigins };
  const memory = new BodyMemory(options.bodyMemoryBytes);
  const readBody = createBodyReader(options, clock, memory);
  const checkClient = createClientCheck(options, { logger, clock });
  addRouteChecks(app, options, memory, logger);
  app.decorateRequest('caller', null);
  app.decorateRequest('arrivedMs', 0);
  app.decorateRequest('client', undefined);
  app.decorateRequest('heldBody', undefined);
  if (corsOrigins.length > 0) addCors(app, new Set(corsOrigins));
  app.addHook('onRequest', (request, reply, done) => {
    request.arrivedMs = clock.now();
    if (options.isDraining()) reply.raw.setHeader('connection', 'close');
    const fault = checkClient(request, reply);
    if (fault) return done(fault);
    if (!request.is404 && request.method !== 'OPTIONS') return done();
    if (refuseAmbiguous(request, reply, logger)) return;
    const error = unrouted(app, request, reply);
    if (error) done(error);
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    reply.header('x-request-id', request.id);
    done(null, payload);
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', (request, payload, done) => {
    sendContinue(request.raw);
    readBody(payload, (error, body, held) => {
      if (request.routeOptions.config.holdsBody === true) request.heldBody = held;
      else held?.release();
      done(error, body);
    });
  });
  addErrorHandler(app, logger);
}

/** What can be refused before the body is read. */
function headFault({ raw, headers }: FastifyRequest, limit: number, memory: BodyMemory): SmmfError | undefined {
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding !== 'identity') {
    return new SmmfError('UNSUPPORTED_MEDIA_TYPE', 'A compressed body is not accepted; send it as it is');
  }
  return announcedFault(raw, limit, memory);
}

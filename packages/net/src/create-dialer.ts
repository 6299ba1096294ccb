import type { LookupFunction, Socket } from 'node:net';
import { type Dialer, type DialTarget, isSmmfError, type TlsSettings } from '@smmf/core';
import { asUnreachable, type DialStage, unreachable } from './dial-error.ts';
import { createEgressRule, type EgressOptions, type EgressRule } from './egress.ts';
import { askFirst, type FirstAnswer, gatedReads, type Reads, socketReads } from './first-exchange.ts';
import { openSocket, RefusedAddress } from './open-socket.ts';
import type { Environment } from './proxy-environment.ts';
import { openTunnel } from './proxy-tunnel.ts';
import { hostPortOf, type InnerRoute, innerRouteOf, routeOf } from './route.ts';
import { createSecureContexts, type SecureContexts, secure } from './secure-socket.ts';
import { whenAborted } from './when-aborted.ts';

/** Connect limit for engines, which are nearby, in milliseconds: one that has not accepted by then counts as down. */
export const ENGINE_CONNECT_MS = 1_000;
const CONNECT_MS = 5_000;
/** What asking who answers may take, milliseconds. */
const PEER_MS = 1_000;

/**
 * Makes sure that it is `peer` who answers on a connection. `ask` makes a GET on it, at a path of the server. Rejects for a stranger;
 * `unknown`: nothing speaks for or against it.
 */
export type PeerCheck = (
  peer: NonNullable<DialTarget['peer']>,
  ask: (path: string) => Promise<FirstAnswer>,
  target: DialTarget,
) => Promise<'known' | 'unknown'>;

/** How a dialer opens connections. */
export interface DialerOptions {
  /** Certificates for every target; a client certificate of a target takes the place of this one. */
  readonly tls?: TlsSettings | undefined;
  /** What the operator changes about which addresses may be reached. */
  readonly egress?: EgressOptions | undefined;
  /** Where a target names no limit of its own; default 5 000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Where proxies are named; default the process's own. */
  readonly env?: Environment | undefined;
  /** In place of the system's DNS. */
  readonly lookup?: LookupFunction | undefined;
  /**
   * May exchange bytes over a connection before its first request, within the connect limit, and leaves no listener behind. When it
   * rejects, the connection is closed and `connect` fails.
   */
  readonly onConnected?: ((socket: Socket, target: DialTarget, signal: AbortSignal) => Promise<void>) | undefined;
  /**
   * Checks targets that name a `peer`, once for each connection. Not asked over TLS, whose certificate already says who answers, and not
   * for unix sockets.
   */
  readonly checkPeer?: PeerCheck | undefined;
}

/** What all connections of one dialer share. */
interface Shared {
  readonly options: DialerOptions;
  readonly env: Environment;
  readonly egress: EgressRule;
  readonly contexts: SecureContexts;
}

/** One connection that is coming into being. */
interface Attempt {
  readonly target: DialTarget;
  readonly shared: Shared;
  /** Aborts at the limit, or when the caller gives up. */
  readonly signal: AbortSignal;
  stage: DialStage;
  /** What comes now has a limit of its own, milliseconds. */
  readonly prolong: (ms: number) => void;
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** The operator chose the proxy, so its address is in zone `configured`, whatever the zone of the target. */
async function throughProxy(attempt: Attempt, proxy: URL): Promise<Socket> {
  const { target, shared, signal } = attempt;
  attempt.stage = 'proxy';
  const { host, port, protocol } = hostPortOf(proxy.href);
  const check = (address: string) => shared.egress.address(address, port, 'configured');
  const { lookup } = shared.options;
  try {
    let socket = await openSocket({ host, port, check, lookup }, signal);
    const name = { name: host, place: proxy.origin };
    if (protocol === 'https:') socket = await secure(socket, name, shared.contexts.of(undefined), signal);
    const end = hostPortOf(target.url);
    await openTunnel(socket, proxy, `${bracketed(end.host)}:${end.port}`, target, signal);
    return socket;
  } catch (error) {
    if (signal.aborted || isSmmfError(error) || error instanceof RefusedAddress) throw error;
    const { details, message } = asUnreachable(error, { url: proxy.href });
    const why = `the proxy ${proxy.origin} cannot be used: ${details?.why ?? message}`;
    throw unreachable('proxy', why, { ...target, stage: 'proxy', cause: error });
  }
}

/** A connection with what is read from it. */
interface Opened {
  readonly socket: Socket;
  readonly reads: Reads;
}

async function straight({ target, shared, signal }: Attempt, path: string | undefined): Promise<Opened> {
  const { host, port, protocol } = hostPortOf(target.url);
  const { lookup, onConnected } = shared.options;
  const check = (address: string) => shared.egress.address(address, port, target.egress ?? 'configured');
  // With TLS or a hook, the buffer would get records and greetings in place of answers.
  const given = protocol === 'http:' && !onConnected ? target.onread : undefined;
  const gate = given && target.peer && shared.options.checkPeer ? gatedReads(given) : undefined;
  const socket = await openSocket({ path, host, port, check, lookup, onread: gate?.onread ?? given }, signal);
  return { socket, reads: gate?.reads ?? socketReads(socket) };
}

/**
 * Asks who answers. Where nothing speaks against it, the connection is given away: that very one where it can be used further, else a
 * new one, which is not asked again.
 */
async function withPeer(attempt: Attempt, opened: Opened, path: string | undefined): Promise<Socket> {
  const { target, shared, signal } = attempt;
  const { socket, reads } = opened;
  const { checkPeer } = shared.options;
  if (!checkPeer || !target.peer || path !== undefined || target.url.startsWith('https:')) return socket;
  attempt.stage = 'hook';
  // Where nothing may be said, another connection may follow.
  attempt.prolong(target.peer.keyId === undefined ? 2 * PEER_MS : PEER_MS);
  const { host } = new URL(target.url);
  let isUsable = true;
  const ask = async (at: string): Promise<FirstAnswer> => {
    isUsable = false;
    const answer = await askFirst(socket, reads, { path: at, host }, signal);
    isUsable = answer.staysOpen;
    return answer;
  };
  try {
    await checkPeer(target.peer, ask, target);
  } catch (error) {
    socket.destroy();
    if (signal.aborted || isSmmfError(error)) throw error;
    throw unreachable('identity', error instanceof Error ? error.message : String(error), { ...target, stage: 'hook' });
  }
  if (isUsable) return socket;
  socket.destroy();
  return (await straight({ ...attempt, target: { ...target, peer: undefined } }, path)).socket;
}

async function runHook(attempt: Attempt, socket: Socket): Promise<void> {
  const { target, shared, signal } = attempt;
  const { onConnected } = shared.options;
  if (!onConnected) return;
  attempt.stage = 'hook';
  const aborted = Promise.withResolvers<never>();
  const forget = whenAborted(signal, () => aborted.reject(signal.reason));
  try {
    await Promise.race([onConnected(socket, target, signal), aborted.promise]);
  } catch (error) {
    socket.destroy();
    if (signal.aborted || isSmmfError(error)) throw error;
    const why = 'the exchange before the first request failed; see the cause';
    throw unreachable('hook', why, { ...target, stage: 'hook', cause: error });
  } finally {
    forget();
  }
}

async function open(attempt: Attempt, route: Exclude<InnerRoute, { kind: 'refused' }>): Promise<Socket> {
  const { target, shared, signal } = attempt;
  const { host, protocol } = hostPortOf(target.url);
  // Before anything is dialled: certificates that cannot be read are a fault of the config.
  const secureContext = protocol === 'https:' ? shared.contexts.of(target.tls) : undefined;
  let socket: Socket;
  if (route.kind === 'proxy') socket = await throughProxy(attempt, route.url);
  else {
    const path = route.kind === 'socket' ? route.path : undefined;
    socket = await withPeer(attempt, await straight(attempt, path), path);
  }
  if (secureContext) {
    attempt.stage = 'tls';
    const place = target.socketPath ?? new URL(target.url).origin;
    socket = await secure(socket, { name: target.serverName ?? host, place }, secureContext, signal);
  }
  await runHook(attempt, socket);
  return socket;
}

const LATE: Readonly<Record<DialStage, string>> = {
  connect: 'no connection',
  proxy: 'no connection through the proxy',
  tls: 'the connection was accepted, but the TLS handshake did not finish',
  hook: 'the connection was accepted, but the exchange before the first request did not finish',
};

/** The error that a caller sees. */
function failure(error: unknown, { target, stage, signal }: Attempt, limitMs: number): unknown {
  if (signal.aborted) return unreachable('timeout', `${LATE[stage]} within ${limitMs / 1_000} s`, { ...target, stage });
  if (error instanceof RefusedAddress) return unreachable('egress', error.why, { ...target, stage, cause: error });
  return asUnreachable(error, { ...target, stage });
}

async function connectWithin(target: DialTarget, shared: Shared, callerSignal: AbortSignal): Promise<Socket> {
  callerSignal.throwIfAborted();
  const route = innerRouteOf(target, shared);
  if (route.kind === 'refused') throw unreachable(route.by, route.why, { ...target, stage: 'connect' });
  const limitMs = target.connectTimeoutMs ?? shared.options.connectTimeoutMs ?? CONNECT_MS;
  const controller = new AbortController();
  const abandon = (): void => controller.abort(new Error('gave up'));
  let timer = setTimeout(abandon, limitMs);
  const prolong = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(abandon, ms);
  };
  const forget = whenAborted(callerSignal, abandon);
  const attempt: Attempt = { target, shared, signal: controller.signal, stage: 'connect', prolong };
  try {
    return await open(attempt, route);
  } catch (error) {
    callerSignal.throwIfAborted();
    throw failure(error, attempt, limitMs);
  } finally {
    clearTimeout(timer);
    forget();
  }
}

/**
 * The one way to open a connection: TCP, TLS and unix sockets; authorities besides Node's own; proxies where the target asks for them;
 * an egress rule on the addresses that DNS gives; TCP keepalive after 15 s; one limit for all of it. It holds no connections and needs
 * no closing.
 * @throws CONFIG_INVALID for an entry of `egress` that is no network
 */
export function createDialer(options: DialerOptions = {}): Dialer {
  const shared: Shared = {
    options,
    env: options.env ?? process.env,
    egress: createEgressRule(options.egress),
    contexts: createSecureContexts(options.tls),
  };
  return {
    connect: (target, signal) => connectWithin(target, shared, signal),
    route: (target) => routeOf(target, shared),
  };
}

// dist/index.d.ts
import type { buildConnector } from 'undici';
import { Dialer } from '@smmf/core';
import { DialRoute } from '@smmf/core';
import { DialTarget } from '@smmf/core';
import { EgressZone } from '@smmf/core';
import { HttpClient } from '@smmf/core';
import { HttpRequest } from '@smmf/core';
import type { LookupFunction } from 'node:net';
import type { Socket } from 'node:net';
import { TlsSettings } from '@smmf/core';

/**
 * The one way to open a connection: TCP, TLS and unix sockets; authorities besides Node's own; proxies where the target asks for them;
 * an egress rule on the addresses that DNS gives; TCP keepalive after 15 s; one limit for all of it. It holds no connections and needs
 * no closing.
 * @throws CONFIG_INVALID for an entry of `egress` that is no network
 */
export declare function createDialer(options?: DialerOptions): Dialer;

/**
 * The rule of which addresses may be reached. Never: cloud metadata, link-local, and what is no address of a server. In the zones
 * `vendor` and `public` besides: loopback, and ports below 1024 other than 80 and 443; in `public` private networks too.
 * @throws CONFIG_INVALID for an entry that is no network
 */
export declare function createEgressRule({ allow, deny }?: EgressOptions): EgressRule;

/**
 * An HTTP/1.1 client for calls beside the path of requests, whose connections the dialer opens. Heads end at a limit of bytes, of time
 * and of number; bodies at a limit of bytes and of silence. Redirects are followed only where a request says so.
 */
export declare function createHttpClient(dialer: Dialer, options?: HttpClientOptions): HttpClient;

/**
 * Where the `location` of a redirect leads, in words that complete "it redirects to …". Of an address they name the host alone: path,
 * query and user info may hold secrets.
 */
export declare function describeRedirect(location: string | undefined): string;

/** A route in words for an operator: "direct", "through proxy http://proxy:3128". */
export declare function describeRoute(route: DialRoute): string;

/** How a dialer opens connections. */
export declare interface DialerOptions {
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

/** Why there is no connection, or no answer over one. */
export declare type DialReason = 'refused' | 'dns' | 'network' | 'timeout' | 'stalled' | 'tls' | 'proxy' | 'egress' | 'hook' | 'identity' | 'closed' | 'not-http' | 'too-long' | 'redirect' | 'other';

/** Why a connection failed or gave no answer, as a closed word; undefined for an error of other kind. */
export declare function dialReason(error: unknown): DialReason | undefined;

/** How far a connection had come. */
export declare type DialStage = 'connect' | 'proxy' | 'tls' | 'hook';

/** How far a connection had come that failed; undefined once it stood. */
export declare function dialStage(error: unknown): DialStage | undefined;

/** What the operator changes about which addresses may be reached: networks (`10.1.0.0/16`) or addresses. */
export declare interface EgressOptions {
    /** May be reached although the rule would refuse them. */
    readonly allow?: readonly string[];
    /** Are never reached, whatever `allow` says. */
    readonly deny?: readonly string[];
}

/** Says why an address or a name may not be reached; undefined when it may. */
export declare interface EgressRule {
    /** For an address: `address` as DNS or the URL gave it. */
    address(address: string, port: number, zone: EgressZone): string | undefined;
    /**
     * For the host of a URL, before DNS is asked: a name, or an address without brackets. `isProxied`: a proxy looks the name up, so that
     * nobody here sees its address.
     */
    host(host: string, port: number, zone: EgressZone, isProxied: boolean): string | undefined;
}

/** Connect limit for engines, which are nearby, in milliseconds: one that has not accepted by then counts as down. */
export declare const ENGINE_CONNECT_MS = 1000;

/** Environment variables, as `process.env` has them. */
export declare type Environment = Readonly<Record<string, string | undefined>>;

/** The answer to a question that was asked before a connection's first request. */
declare interface FirstAnswer {
    readonly status: number;
    readonly body: string;
    /** May requests follow on the same connection. */
    readonly staysOpen: boolean;
}

/** What every request of a client has unless it says otherwise. */
export declare interface HttpClientOptions extends Pick<HttpRequest, 'socketPath' | 'proxy' | 'egress' | 'tls' | 'connectTimeoutMs' | 'headTimeoutMs'> {
    /** Longest head of an answer, bytes; default 64 KiB. */
    readonly headLimitBytes?: number | undefined;
    /** Sent where a request has none; default `smmf`. */
    readonly userAgent?: string | undefined;
}

/**
 * Makes sure that it is `peer` who answers on a connection. `ask` makes a GET on it, at a path of the server. Rejects for a stranger;
 * `unknown`: nothing speaks for or against it.
 */
declare type PeerCheck = (peer: NonNullable<DialTarget['peer']>, ask: (path: string) => Promise<FirstAnswer>, target: DialTarget) => Promise<'known' | 'unknown'>;

/** What a route depends on besides the target. */
export declare interface RouteContext {
    readonly env: Environment;
    readonly egress: EgressRule;
}

/**
 * The way that a target is reached, found without DNS and without the network.
 * @throws CONFIG_INVALID for a URL that is neither `http:` nor `https:`
 */
export declare function routeOf(target: DialTarget, context: RouteContext): DialRoute;

/**
 * A connector for undici's `Client`, `Pool` and `Agent` (their option `connect`) that opens every connection with the dialer. What fails
 * to connect fails its requests with the dialer's own error, before anything is sent.
 *
 * @param how the target but for its URL, which undici gives
 * @param signal ends what is being connected; default never
 */
export declare function undiciConnector(dialer: Dialer, how?: Omit<DialTarget, 'url' | 'onread'>, signal?: AbortSignal): buildConnector.connector;

/**
 * Why a connection to `url` failed or gave no HTTP answer, in words for an operator; nothing of what was sent is in it. Takes errors of
 * a dialer and of an HTTP client, and those of Node and undici themselves.
 */
export declare function whyUnreachable(error: unknown, url: string): string;

/**
 * The error without the bytes that a parser could not read: they came from a stranger, and may repeat what was sent to it. The same
 * error where it holds none.
 */
export declare function withoutBytes(error: unknown): unknown;

export { }

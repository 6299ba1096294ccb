// dist/index.d.ts
export { createDialer, type DialerOptions, ENGINE_CONNECT_MS } from './create-dialer.ts';
export { createHttpClient, type HttpClientOptions } from './create-http-client.ts';
export { type DialReason, type DialStage, dialReason, dialStage, whyUnreachable } from './dial-error.ts';
export { createEgressRule, type EgressOptions, type EgressRule } from './egress.ts';
export type { Environment } from './proxy-environment.ts';
export { describeRoute, type RouteContext, routeOf } from './route.ts';
export { undiciConnector } from './undici-connector.ts';

// dist/create-dialer.d.ts
import type { LookupFunction, Socket } from 'node:net';
import { type Dialer, type DialTarget, type TlsSettings } from '@smmf/core';
import { type EgressOptions } from './egress.ts';
import type { Environment } from './proxy-environment.ts';
/** Connect limit for engines, which are nearby, in milliseconds: one that has not accepted by then counts as down. */
export declare const ENGINE_CONNECT_MS = 1000;
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
}
/**
 * The one way to open a connection: TCP, TLS and unix sockets; authorities besides Node's own; proxies where the target asks for them;
 * an egress rule on the addresses that DNS gives; TCP keepalive after 15 s; one limit for all of it. It holds no connections and needs
 * no closing.
 * @throws CONFIG_INVALID for an entry of `egress` that is no network
 */
export declare function createDialer(options?: DialerOptions): Dialer;

// dist/create-http-client.d.ts
import { type Dialer, type HttpClient, type HttpRequest } from '@smmf/core';
/** What every request of a client has unless it says otherwise. */
export interface HttpClientOptions extends Pick<HttpRequest, 'socketPath' | 'proxy' | 'egress' | 'tls' | 'connectTimeoutMs' | 'headTimeoutMs'> {
    /** Longest head of an answer, bytes; default 64 KiB. */
    readonly headLimitBytes?: number | undefined;
    /** Sent where a request has none; default `smmf`. */
    readonly userAgent?: string | undefined;
}
/**
 * An HTTP/1.1 client for calls beside the path of requests, whose connections the dialer opens. Heads end at a limit of bytes, of time
 * and of number; bodies at a limit of bytes and of silence. Redirects are followed only where a request says so.
 */
export declare function createHttpClient(dialer: Dialer, options?: HttpClientOptions): HttpClient;

// dist/dial-error.d.ts
import { SmmfError } from '@smmf/core';
/** How far a connection had come. */
export type DialStage = 'connect' | 'proxy' | 'tls' | 'hook';
/** Why there is no connection, or no answer over one. */
export type DialReason = 'refused' | 'dns' | 'network' | 'timeout' | 'stalled' | 'tls' | 'proxy' | 'egress' | 'hook' | 'closed' | 'not-http' | 'too-long' | 'redirect' | 'other';
/** Why a connection failed or gave no answer, as a closed word; undefined for an error of other kind. */
export declare function dialReason(error: unknown): DialReason | undefined;
/** How far a connection had come that failed; undefined once it stood. */
export declare function dialStage(error: unknown): DialStage | undefined;
/**
 * Why a connection to `url` failed or gave no HTTP answer, in words for an operator; nothing of what was sent is in it. Takes errors of
 * a dialer and of an HTTP client, and those of Node and undici themselves.
 */
export declare function whyUnreachable(error: unknown, url: string): string;
/** What {@link unreachable} says besides the reason. */
interface UnreachableContext {
    readonly url: string;
    readonly socketPath?: string | undefined;
    readonly cause?: unknown;
    readonly stage?: DialStage | undefined;
}
/** An UNREACHABLE that names the target, with a reason of our own. */
export declare function unreachable(reason: DialReason, why: string, { cause, stage, ...target }: UnreachableContext): SmmfError;
/** An UNREACHABLE out of an error of Node or undici; one of ours stays as it is. */
export declare function asUnreachable(error: unknown, target: Omit<UnreachableContext, 'cause'>): SmmfError;
export {};

// dist/egress.d.ts
import { type EgressZone } from '@smmf/core';
/** What the operator changes about which addresses may be reached: networks (`10.1.0.0/16`) or addresses. */
export interface EgressOptions {
    /** May be reached although the rule would refuse them. */
    readonly allow?: readonly string[];
    /** Are never reached, whatever `allow` says. */
    readonly deny?: readonly string[];
}
/** Says why an address or a name may not be reached; undefined when it may. */
export interface EgressRule {
    /** For an address: `address` as DNS or the URL gave it. */
    address(address: string, port: number, zone: EgressZone): string | undefined;
    /**
     * For the host of a URL, before DNS is asked: a name, or an address without brackets. `isProxied`: a proxy looks the name up, so that
     * nobody here sees its address.
     */
    host(host: string, port: number, zone: EgressZone, isProxied: boolean): string | undefined;
}
/**
 * The rule of which addresses may be reached. Never: cloud metadata, link-local, and what is no address of a server. In zone
 * `public` besides: loopback, private networks, and ports below 1024 other than 80 and 443.
 * @throws CONFIG_INVALID for an entry that is no network
 */
export declare function createEgressRule({ allow, deny }?: EgressOptions): EgressRule;

// dist/proxy-environment.d.ts
/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;
/** Host and port of a target; IPv6 without brackets, a name without a dot at its end. */
export interface HostPort {
    readonly host: string;
    readonly port: number;
}
/**
 * Does a `NO_PROXY` list name the target: entries between commas or blanks, each `*`, a name (which means what is below it too),
 * `.name`, `*.name` (below it alone), an address, a network (`10.0.0.0/8`, for targets written as addresses), and but for a network
 * with `:port` as it likes.
 */
export declare function isExempt(noProxy: string, target: HostPort): boolean;
/** The variable of the environment that names a proxy for the target, and its value; undefined: none. Loopback never has one. */
export declare function proxyOfEnvironment(env: Environment, protocol: string, target: HostPort): {
    readonly name: string;
    readonly value: string;
} | undefined;

// dist/route.d.ts
import { type DialRoute, type DialTarget } from '@smmf/core';
import type { EgressRule } from './egress.ts';
import { type Environment, type HostPort } from './proxy-environment.ts';
/** What a route depends on besides the target. */
export interface RouteContext {
    readonly env: Environment;
    readonly egress: EgressRule;
}
/** A route as the dialer takes it: with the proxy's whole URL, which may hold its credentials. */
export type InnerRoute = Exclude<DialRoute, {
    kind: 'proxy';
}> | {
    readonly kind: 'proxy';
    readonly url: URL;
};
/** Host and port that a URL means. @throws CONFIG_INVALID for a text that is no `http:` or `https:` URL */
export declare function hostPortOf(text: string): HostPort & {
    readonly protocol: 'http:' | 'https:';
};
/** The route with what only the dialer may see. */
export declare function innerRouteOf(target: DialTarget, context: RouteContext): InnerRoute;
/**
 * The way that a target is reached, found without DNS and without the network.
 * @throws CONFIG_INVALID for a URL that is neither `http:` nor `https:`
 */
export declare function routeOf(target: DialTarget, context: RouteContext): DialRoute;
/** A route in words for an operator: "direct", "through proxy http://proxy:3128". */
export declare function describeRoute(route: DialRoute): string;

// dist/undici-connector.d.ts
import type { Dialer, DialTarget } from '@smmf/core';
import type { buildConnector } from 'undici';
/**
 * A connector for undici's `Client`, `Pool` and `Agent` (their option `connect`) that opens every connection with the dialer. What fails
 * to connect fails its requests with the dialer's own error, before anything is sent.
 *
 * @param how the target but for its URL, which undici gives
 * @param signal ends what is being connected; default never
 */
export declare function undiciConnector(dialer: Dialer, how?: Omit<DialTarget, 'url' | 'onread'>, signal?: AbortSignal): buildConnector.connector;

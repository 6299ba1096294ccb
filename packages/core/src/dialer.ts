import type { OnReadOpts, Socket } from 'node:net';
import type { Peer } from '@smmf/protocol';
import type { Secret } from './options.ts';

/** Certificates of one connection, each a PEM text. */
export interface TlsSettings {
  /** Authorities that are trusted besides those that Node trusts, never in place of them. */
  readonly ca?: string | readonly string[] | undefined;
  /** The client's own certificate, followed by what leads to its authority. */
  readonly cert?: string | undefined;
  /** The private key of `cert`. */
  readonly key?: string | Secret | undefined;
}

/**
 * Who chose an address. `configured`: the operator; loopback and private networks may be reached. `vendor`: a plugin, for a service
 * that it knows by name; private networks may be reached (private endpoints of clouds), this machine not. `public`: a redirect, a
 * record, an answer; only addresses of the public internet may be reached. But for `configured`: at port 80, 443 or from 1024 on.
 */
export type EgressZone = 'configured' | 'vendor' | 'public';

/** Where a connection goes, and how. */
export interface DialTarget {
  /** `http:` or `https:` with host and port; user info, path and query play no part. */
  readonly url: string;
  /** A unix socket to dial in place of the URL's host; TLS still follows the URL. */
  readonly socketPath?: string | undefined;
  /**
   * `none` (default): directly. `env`: as `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say; loopback directly. Otherwise the URL of a
   * proxy, which may hold its credentials.
   */
  readonly proxy?: string | undefined;
  /** Default `configured`. */
  readonly egress?: EgressZone | undefined;
  /** Certificates for this target besides the dialer's own. */
  readonly tls?: TlsSettings | undefined;
  /** Name that the server's certificate must carry; default the host of `url`. */
  readonly serverName?: string | undefined;
  /** Who must answer there: asked on each new connection before it is given away, where the dialer has a check for it. */
  readonly peer?: Peer | undefined;
  /** Limit for all of it: DNS, TCP, proxy, TLS, the hook. Milliseconds; default the dialer's. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * Reads of a plain, direct connection go through this buffer. Where TLS, a proxy or a hook stands between, the bytes come as
   * `data` events in its place, so that a caller listens to both.
   */
  readonly onread?: OnReadOpts | undefined;
}

/** The way that a target is reached; nothing of it is secret. */
export type DialRoute =
  | { readonly kind: 'direct' }
  | { readonly kind: 'socket'; readonly path: string }
  /** `proxy`: its origin, without credentials. */
  | { readonly kind: 'proxy'; readonly proxy: string }
  | { readonly kind: 'refused'; readonly by: 'egress' | 'proxy'; readonly why: string };

/** The one way to open a connection. */
export interface Dialer {
  /**
   * A connection that is ready for the first request: TLS done, proxy passed, keepalive set. It holds a listener for `error`, so that
   * an idle one can break without ending the process.
   * @throws UNREACHABLE, with `details.reason`, when no connection comes about or the egress rule refuses it
   * @throws CONFIG_INVALID for certificates that cannot be read
   * @throws the signal's reason when it aborts
   */
  connect(target: DialTarget, signal: AbortSignal): Promise<Socket>;
  /** How `target` would be reached, without asking DNS or the network: what resolves to a refused address is found out by `connect`. */
  route(target: DialTarget): DialRoute;
}

/** A request of an {@link HttpClient}: the target, which may have path and query, and what is sent. */
export interface HttpRequest extends Omit<DialTarget, 'onread'> {
  /** Default GET, with a body POST. */
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string | Secret>> | undefined;
  readonly body?: string | Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** How many redirects may be followed; default 0. To another origin go no credentials, and no header that could be one. */
  readonly redirects?: number | undefined;
  /** From the call to the end of the answer's head, connecting included; milliseconds, default 30 000. */
  readonly headTimeoutMs?: number | undefined;
  /** The same from when the request is sent, over a connection that stands; milliseconds, default no limit besides `headTimeoutMs`. */
  readonly answerTimeoutMs?: number | undefined;
  /** Longest time without a byte of the body; milliseconds, default 30 000. */
  readonly stallTimeoutMs?: number | undefined;
  /** Longest body, bytes; default 4 MiB for one that is read whole, none for one that is streamed. */
  readonly bodyLimitBytes?: number | undefined;
}

/** Headers of an answer, names in lower case. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** An answer whose body has not been read; either it is read or {@link HttpResponse.discard} is called. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Where it came from, after redirects. */
  readonly url: string;
  /** @throws UNREACHABLE when it breaks off, stalls or is longer than its limit */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body. @throws UNREACHABLE as `body` */
  text(): Promise<string>;
  /** Closes the connection of a body that nobody wants. */
  discard(): void;
}

/** An answer that was read whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly url: string;
  readonly text: string;
  /** The body parsed; undefined when it is no JSON. */
  readonly json: unknown;
}

/** A small HTTP client for calls beside the path of requests. Any status is an answer; every call takes a signal. */
export interface HttpClient {
  /** @throws UNREACHABLE, CONFIG_INVALID, the signal's reason */
  request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  /** GET, read whole. @throws as `request` */
  get(url: string, signal: AbortSignal, more?: Omit<HttpRequest, 'url'>): Promise<HttpAnswer>;
  /** POST of `value` as JSON, read whole. @throws as `request` */
  post(url: string, value: unknown, signal: AbortSignal, more?: Omit<HttpRequest, 'url'>): Promise<HttpAnswer>;
  /** For SDKs that take a `fetch`; follows redirects only with `redirect: 'follow'`. */
  readonly fetch: typeof globalThis.fetch;
  /** Closes idle connections, and ends calls that are under way `limitMs` later (default 0); idempotent. */
  close(limitMs?: number): Promise<void>;
}

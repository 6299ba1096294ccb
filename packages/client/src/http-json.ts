import type { Dialer, DialTarget } from '@smmf/core';
import { createDialer, createHttpClient, ENGINE_CONNECT_MS } from '@smmf/net';

const BODY_LIMIT = 4 * 2 ** 20;

/** A small answer, read whole. */
export interface SmallAnswer {
  readonly status: number;
  readonly text: string;
  /** The body parsed; undefined when it is no JSON. */
  readonly json: unknown;
}

/** Asks one server for small answers: discovery, health, metrics, admin. Never on the path of a request. */
export interface SmallClient {
  get(path: string, signal: AbortSignal): Promise<SmallAnswer>;
  post(path: string, body: unknown, signal: AbortSignal): Promise<SmallAnswer>;
  close(): Promise<void>;
}

/** Where a {@link SmallClient} asks. It connects within `connectTimeoutMs`, default 1 000. */
export interface SmallClientOptions
  extends Pick<DialTarget, 'socketPath' | 'proxy' | 'egress' | 'tls' | 'connectTimeoutMs'> {
  /** Base of every path. */
  readonly url: string;
  readonly headers?: () => Record<string, string>;
  /** Opens the connections; default one that goes straight to the server. */
  readonly dialer?: Dialer | undefined;
}

/** A client with connections of its own; redirects are not followed. */
export function createSmallClient(options: SmallClientOptions): SmallClient {
  const { socketPath, headers, connectTimeoutMs = ENGINE_CONNECT_MS, dialer = createDialer() } = options;
  const { proxy, egress, tls } = options;
  const base = options.url.replace(/\/$/, '');
  const http = createHttpClient(dialer, { socketPath, connectTimeoutMs, proxy, egress, tls });
  const more = () => ({ bodyLimitBytes: BODY_LIMIT, headers: headers?.() });
  return {
    get: (path, signal) => http.get(base + path, signal, more()),
    post: (path, body, signal) => http.post(base + path, body, signal, more()),
    close: () => http.close(),
  };
}

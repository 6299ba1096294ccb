import type { Secret, TlsSettings } from '@smmf/core';
import type { OpenAiWorkerOptions } from './openai-worker.ts';

/** Options of an engine that is a server elsewhere, as far as they say how it is reached. */
export interface ServerAddress {
  /** With or without `/v1` at its end. */
  readonly url: string;
  readonly apiKey?: Secret | undefined;
  readonly headers?: Readonly<Record<string, Secret>> | undefined;
  /** Milliseconds. */
  readonly connectTimeout: number;
  readonly proxy: 'none' | 'env';
  readonly tls?: TlsSettings | undefined;
}

/**
 * The same as {@link OpenAiWorkerOptions} want it, for servers that have their API below `/v1` and more beside it: the key as a
 * bearer token, `root` for what is beside it.
 */
export function serverReach({
  url,
  apiKey,
  headers,
  connectTimeout,
  proxy,
  tls,
}: ServerAddress): Required<Pick<OpenAiWorkerOptions, 'url' | 'root' | 'headers' | 'connectTimeoutMs'>> &
  Pick<ServerAddress, 'proxy' | 'tls'> {
  const root = url.replace(/\/+v1$/, '').replace(/\/+$/, '');
  const authorization = apiKey && { authorization: apiKey.map((key) => `Bearer ${key}`) };
  return {
    url: `${root}/v1`,
    root,
    headers: { ...headers, ...authorization },
    connectTimeoutMs: connectTimeout,
    proxy,
    tls,
  };
}

import { isLoopbackHost } from '@smmf/core';

/** https anywhere; plain http to loopback alone. */
export function isAllowedOrigin(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

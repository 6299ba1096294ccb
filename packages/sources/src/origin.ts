/** https anywhere; plain http to loopback alone. */
export function isAllowedOrigin(url: URL): boolean {
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/** Is this the host name of this very machine? `hostname` as `URL` gives it (IPv4 in four numbers, IPv6 in brackets). */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname);
}

import { isIP } from 'node:net';

/** Is this IP address, as `socket.remoteAddress` gives it, of the loopback network. */
export function isLoopbackAddress(address: string): boolean {
  if (address === '127.0.0.1' || address === '::1') return true;
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return isIP(plain) === 4 && plain.startsWith('127.');
}

/** Does this host name (no port) mean the machine itself: `localhost`, 127.0.0.0/8, `::1` with or without brackets. */
export function isLoopbackHost(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || name.endsWith('.localhost') || isLoopbackAddress(name);
}

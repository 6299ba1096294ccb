import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { SmmfError } from '@smmf/core';

/** Tells who calls, also from behind the proxies that the config trusts. */
export interface ClientAddresses {
  /** Does the config name any trusted proxy. */
  readonly hasProxies: boolean;
  /** The caller's IP address; undefined on a unix socket. */
  of(request: IncomingMessage): string | undefined;
  /** Is this IP address one of the trusted proxies. */
  isProxy(address: string): boolean;
}

const RANGE = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/;
/** A hop as proxies write it: an address, or with a port `192.0.2.1:80` and `[2001:db8::1]:80`. */
const HOP = /^(?:\[([0-9A-Fa-f:.]+)\](?::\d{1,5})?|(\d+\.\d+\.\d+\.\d+)(?::\d{1,5})?|([0-9A-Fa-f:.]+))$/;

/** An IPv4 address in IPv6 form is the same caller. */
const plain = (address: string): string =>
  address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

function addRange(ranges: BlockList, text: string): boolean {
  const [, address = '', length] = RANGE.exec(text) ?? [];
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  if (version === 0 || Number(length ?? bits) > bits) return false;
  ranges.addSubnet(address, Number(length ?? bits), familyOf(address));
  return true;
}

/** Is this an IP address or a CIDR range: `10.0.0.0/8`, `192.0.2.7`, `2001:db8::/32`. */
export function isAddressRange(text: string): boolean {
  return addRange(new BlockList(), text);
}

function hopAddress(text: string): string | undefined {
  const [, bracketed, v4, bare] = HOP.exec(text.trim()) ?? [];
  const address = bracketed ?? v4 ?? bare ?? '';
  return isIP(address) === 0 ? undefined : plain(address);
}

/**
 * Reads callers from the socket and, where the socket is a trusted proxy's, from `X-Forwarded-For`: its rightmost hop that
 * is no trusted proxy. What stands left of that hop was written by the caller itself and is not looked at.
 *
 * @throws CONFIG_INVALID for an entry that is no address and no range
 */
export function createClientAddresses(trustedProxies: readonly string[]): ClientAddresses {
  const ranges = new BlockList();
  for (const text of trustedProxies) {
    if (addRange(ranges, text)) continue;
    const advice = 'write IP addresses or ranges such as 10.0.0.0/8';
    throw new SmmfError('CONFIG_INVALID', `Trusted proxy "${text}" is no IP address and no range; ${advice}`);
  }
  const isProxy = (address: string): boolean => ranges.check(plain(address), familyOf(plain(address)));
  const hasProxies = trustedProxies.length > 0;
  return {
    hasProxies,
    isProxy,
    of({ socket, headers }) {
      const { remoteAddress } = socket;
      if (remoteAddress === undefined) return undefined;
      const peer = plain(remoteAddress);
      return hasProxies && isProxy(peer) ? beforeProxies(peer, headers, isProxy) : peer;
    },
  };
}

function beforeProxies(peer: string, headers: IncomingHttpHeaders, isProxy: (address: string) => boolean): string {
  let client = peer;
  const hops = String(headers['x-forwarded-for'] ?? '').split(',');
  for (let hop = hops.pop(); hop !== undefined && isProxy(client); hop = hops.pop()) {
    const address = hopAddress(hop);
    // Whatever a proxy could not name leaves the proxy itself as the last known caller.
    if (address === undefined) break;
    client = address;
  }
  return client;
}

/** Did a proxy write this request: then the address of the socket is the proxy's and says nothing about the caller. */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return (
    headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined || headers['x-real-ip'] !== undefined
  );
}

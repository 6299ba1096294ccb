import type { BlockList } from 'node:net';
import { isIP } from 'node:net';
import { type EgressZone, SmmfError } from '@smmf/core';
import {
  type AddressKind,
  isIn,
  kindOf,
  METADATA_NAMES,
  networkList,
  plainAddress,
  SHORT_METADATA_NAMES,
} from './addresses.ts';

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

const NEVER: Readonly<Partial<Record<AddressKind, string>>> = {
  metadata: 'it serves cloud metadata, which includes credentials',
  reserved: 'no server can have this address; this machine is 127.0.0.1',
  'link-local': 'it is link-local, where clouds serve their metadata',
};
/** What each zone refuses besides. */
const CLOSED: Readonly<Record<EgressZone, Readonly<Partial<Record<AddressKind, string>>>>> = {
  configured: {},
  vendor: { loopback: 'it is this machine, where no vendor serves' },
  public: {
    loopback: 'it is this machine, and the address does not come from the config',
    private: 'it is in a private network, and the address does not come from the config',
  },
};
/** Other ports are those of services that are no web servers (mail, files), which could take a request for one of theirs. */
const isWebPort = (port: number): boolean => port === 80 || port === 443 || port >= 1024;

function parse(texts: readonly string[] = [], key: string): BlockList {
  try {
    return networkList(texts);
  } catch (cause) {
    const message = `egress.${key}: each entry is a network or an address, such as 10.1.0.0/16 or 10.1.2.3; found ${texts.join(', ')}`;
    throw new SmmfError('CONFIG_INVALID', message, { cause });
  }
}

/**
 * The rule of which addresses may be reached. Never: cloud metadata, link-local, and what is no address of a server. In the zones
 * `vendor` and `public` besides: loopback, and ports below 1024 other than 80 and 443; in `public` private networks too.
 * @throws CONFIG_INVALID for an entry that is no network
 */
export function createEgressRule({ allow, deny }: EgressOptions = {}): EgressRule {
  const allowed = parse(allow, 'allow');
  const denied = parse(deny, 'deny');
  const address: EgressRule['address'] = (text, port, zone) => {
    const plain = plainAddress(text);
    if (isIn(denied, plain)) return `${text} is in egress.deny`;
    if (isIn(allowed, plain)) return undefined;
    const kind = kindOf(plain);
    const why = NEVER[kind] ?? CLOSED[zone][kind];
    if (why !== undefined) return `${text}: ${why}; egress.allow can permit it`;
    if (zone !== 'configured' && !isWebPort(port)) {
      return `${text}: port ${port} is none of the web (80, 443, 1024 and above)`;
    }
    return undefined;
  };
  return {
    address,
    host(host, port, zone, isProxied) {
      if (isIP(host) !== 0) return address(host, port, zone);
      const name = host.replace(/\.$/, '');
      const isMetadata = METADATA_NAMES.has(name) || (isProxied && SHORT_METADATA_NAMES.has(name));
      return isMetadata ? `${name}: ${NEVER.metadata}` : undefined;
    },
  };
}

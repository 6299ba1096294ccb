import { BlockList, isIPv6 } from 'node:net';

/** What an address is good for, as far as an egress rule cares. */
export type AddressKind = 'metadata' | 'reserved' | 'link-local' | 'loopback' | 'private' | 'public';

/**
 * The networks of each kind but `public`, the strictest kind first.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry, …/iana-ipv6-special-registry (2026-11)
 */
const NETWORKS: readonly (readonly [AddressKind, readonly string[]])[] = [
  [
    'metadata',
    [
      // AWS, Azure, Google, Oracle, and most others; AWS for containers and pods.
      ...['169.254.169.254', '169.254.170.2', '169.254.170.23', 'fd00:ec2::254', 'fd00:ec2::23', 'fd20:ce::254'],
      // Alibaba; Azure's host; Oracle's older one.
      ...['100.100.100.200', '168.63.129.16', '192.0.0.192'],
    ],
  ],
  ['reserved', ['0.0.0.0/8', '224.0.0.0/4', '240.0.0.0/4', '::/128', 'ff00::/8']],
  ['link-local', ['169.254.0.0/16', 'fe80::/10']],
  ['loopback', ['127.0.0.0/8', '::1/128']],
  [
    'private',
    [
      ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7', 'fec0::/10'],
      // Not routed on the internet: benchmarks, documentation, protocol assignments, discard.
      ...['192.0.0.0/24', '192.0.2.0/24', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
      ...['2001:db8::/32', '3fff::/20', '100::/64', '64:ff9b:1::/48'],
      // Teredo: the IPv4 address in it is scrambled, so that nobody can tell where it leads.
      '2001::/32',
    ],
  ],
];

/** Names under which clouds serve their metadata. */
export const METADATA_NAMES: ReadonlySet<string> = new Set([
  'metadata.goog',
  'metadata.google.internal',
  'instance-data.ec2.internal',
]);
/** What they are called for short, inside; a machine of the operator's may be called so too. */
export const SHORT_METADATA_NAMES: ReadonlySet<string> = new Set(['metadata', 'instance-data']);

/** A list of networks and addresses. @throws Error for a text that is neither */
export function networkList(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', prefix, more] = text.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (more !== undefined) throw new RangeError(`"${text}" is no network`);
    if (prefix === undefined) list.addAddress(address, family);
    else if (/^\d{1,3}$/.test(prefix)) list.addSubnet(address, Number(prefix), family);
    else throw new RangeError(`"${text}" is no network`);
  }
  return list;
}

const KINDS = NETWORKS.map(([kind, texts]) => ({ kind, list: networkList(texts) }));

/** Is the address in the list; `address` as {@link plainAddress} gives it. */
export function isIn(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}

/** The eight groups of an IPv6 address in the form that URL gives it. */
function groupsOf(canonical: string): number[] {
  const [left = [], right] = canonical.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const gap = right === undefined ? [] : Array<string>(8 - left.length - right.length).fill('0');
  return [...left, ...gap, ...(right ?? [])].map((group) => Number.parseInt(group, 16));
}

const dotted = (high = 0, low = 0): string => [high >> 8, high & 255, low >> 8, low & 255].join('.');

/** The IPv4 address to which an IPv6 address leads: mapped, compatible, translated (RFC 2765), NAT64 (RFC 6052), 6to4 (RFC 3056). */
function embeddedIpv4(canonical: string): string | undefined {
  const groups = groupsOf(canonical);
  const [g0, g1, g2, , g4, g5, g6, g7] = groups;
  const startsWithZeros = groups.slice(0, 4).every((group) => group === 0);
  if (startsWithZeros && g4 === 0 && (g5 === 0xffff || (g5 === 0 && g6 !== 0))) return dotted(g6, g7);
  if (startsWithZeros && g4 === 0xffff && g5 === 0) return dotted(g6, g7);
  if (g0 === 0x64 && g1 === 0xff9b && groups.slice(2, 6).every((group) => group === 0)) return dotted(g6, g7);
  return g0 === 0x2002 ? dotted(g1, g2) : undefined;
}

/** The one spelling of an address, without zone; of an IPv6 address that leads to an IPv4 address, the latter. */
export function plainAddress(text: string): string {
  const [address = ''] = text.split('%');
  if (!isIPv6(address)) return address;
  // URL writes every spelling in one form: hexadecimal, compressed once.
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  return embeddedIpv4(canonical) ?? canonical;
}

/** The kind of an address, as {@link plainAddress} gives it. */
export function kindOf(address: string): AddressKind {
  return KINDS.find(({ list }) => isIn(list, address))?.kind ?? 'public';
}

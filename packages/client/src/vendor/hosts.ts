import { type EgressZone, SmmfError } from '@smmf/core';
import type { VendorProfile } from './vendor-profile.ts';

type Named = Pick<VendorProfile, 'vendor' | 'hosts'>;

const hostOf = (url: string): string => new URL(url).hostname.replace(/\.$/, '');

/** Is the host of `url` one that the profile names; `*.` stands for one or more labels. */
function isNamed(url: string, { hosts }: Named): boolean {
  const host = hostOf(url);
  return hosts.some((named) =>
    named.startsWith('*.') ? host.endsWith(named.slice(1)) && host !== named.slice(2) : host === named,
  );
}

/**
 * The zone in which a vendor's URL is dialled. What the profile does not name was written by the operator (a gateway, a private
 * endpoint, a server of one's own), who may mean this machine.
 */
export const zoneOf = (url: string, vendor: Named): EgressZone => (isNamed(url, vendor) ? 'vendor' : 'configured');

/**
 * Where a vendor's keys go: the operator's address, or the profile's own, which is put together from options.
 * @throws CONFIG_INVALID for an address of the profile's whose host it does not name: keys must not go there
 */
export function addressOf(vendor: Named & Pick<VendorProfile, 'url'>, written: string | undefined): string {
  if (written !== undefined || isNamed(vendor.url, vendor)) return written ?? vendor.url;
  const remedy = 'correct the options that its address is made from, or write the whole address as url';
  throw new SmmfError('CONFIG_INVALID', `${hostOf(vendor.url)} is no host of ${vendor.vendor}; ${remedy}`);
}

import type { InstanceSpec } from '@smmf/protocol';

/** A worker host, as far as placement goes. */
export interface PlaceableHost {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the engines that it can run; undefined: it does not say. */
  readonly engines: readonly string[] | undefined;
  /** Takes no new instances. */
  readonly isCordoned: boolean;
}

/** Where each instance runs, and why some run nowhere. */
export interface Placement {
  readonly hosts: ReadonlyMap<string, string>;
  readonly pending: ReadonlyMap<string, string>;
}

/** Hosts tell which of the short names they have; whether one has a package or a path shows when it is started. */
const isShortName = (plugin: string): boolean => /^[a-z][a-z0-9-]*$/.test(plugin);

function runs({ engines }: PlaceableHost, { plugin }: InstanceSpec): boolean {
  return engines === undefined || !isShortName(plugin) || engines.includes(plugin);
}

const carries = ({ labels }: PlaceableHost, on: Readonly<Record<string, string>>): boolean =>
  Object.entries(on).every(([label, value]) => labels[label] === value);

const labelText = (on: Readonly<Record<string, string>>): string =>
  Object.entries(on)
    .map(([label, value]) => `${label}: ${value}`)
    .join(', ');

/** The hosts that may run `spec`, or why none does. */
function fitting(spec: InstanceSpec, hosts: readonly PlaceableHost[]): readonly PlaceableHost[] | string {
  if (hosts.length === 0) return 'no worker host is there';
  const able = hosts.filter((host) => runs(host, spec));
  if (able.length === 0) return `no worker host has the engine "${spec.engine}"; install its plugin on one`;
  const labelled = able.filter((host) => carries(host, spec.on ?? {}));
  if (labelled.length === 0) return `no worker host that has the engine carries the labels ${labelText(spec.on ?? {})}`;
  const open = labelled.filter(({ isCordoned }) => !isCordoned);
  return open.length > 0 ? open : 'every worker host that could run it is cordoned; "smmf host uncordon" one';
}

/**
 * Places instances: one that has a host stays there, whatever has become of it; a new one goes to the fitting host with the fewest,
 * ties by the hosts' ids. Nothing moves on its own.
 */
export function place(
  specs: readonly InstanceSpec[],
  hosts: readonly PlaceableHost[],
  before: ReadonlyMap<string, string>,
): Placement {
  const placed = new Map<string, string>();
  const pending = new Map<string, string>();
  for (const { id } of specs) {
    const host = before.get(id);
    if (host !== undefined) placed.set(id, host);
  }
  const counts = new Map(hosts.map(({ id }) => [id, 0]));
  for (const host of placed.values()) counts.set(host, (counts.get(host) ?? 0) + 1);
  for (const spec of specs) {
    if (placed.has(spec.id)) continue;
    const fit = fitting(spec, hosts);
    if (typeof fit === 'string') {
      pending.set(spec.id, fit);
      continue;
    }
    const count = ({ id }: PlaceableHost): number => counts.get(id) ?? 0;
    const [least] = [...fit].sort((a, b) => count(a) - count(b) || (a.id < b.id ? -1 : 1));
    if (!least) continue;
    placed.set(spec.id, least.id);
    counts.set(least.id, count(least) + 1);
  }
  return { hosts: placed, pending };
}

import type { AdminClient } from '@smmf/client';
import { didYouMean, SmmfError } from '@smmf/runtime';
import { adminOf, type ConnectionOptions } from '../connection.ts';
import { formatSince } from '../human.ts';
import { factLines, type OutputOptions, oneLine, printRows } from '../output.ts';

/** A worker host as the admin API shows it. */
export type HostView = Awaited<ReturnType<AdminClient['hosts']>>[number];
/** What an operator may order for a whole host. */
export type HostAction = Parameters<AdminClient['applyToHost']>[0]['action'];

const labelsOf = ({ labels = {} }: HostView): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label}=${value}`)
    .join(',');

/** A host as a row of a table; one that is lost has told nothing. */
export function hostRow(view: HostView) {
  return {
    host: oneLine(view.id),
    standing: view.standing,
    instances: view.instances.length,
    labels: oneLine(labelsOf(view)),
    address: oneLine(view.url),
    version: oneLine(view.version),
    up: formatSince(view.startedAtMs),
    engines: oneLine(view.engines?.join(',')),
  };
}

/** `smmf host list` */
export async function listHosts(options: ConnectionOptions & OutputOptions): Promise<void> {
  const admin = await adminOf(options);
  const hosts = await admin.hosts().finally(() => admin.close());
  printRows(hosts.map(hostRow), hosts, options);
}

/** `smmf host describe HOST` */
export async function describeHost(id: string, options: ConnectionOptions & OutputOptions): Promise<void> {
  const admin = await adminOf(options);
  const hosts = await admin.hosts().finally(() => admin.close());
  const view = hosts.find((one) => one.id === id);
  if (!view) {
    const ids = hosts.map((one) => one.id);
    const hint = didYouMean(id, ids) || `; there are ${ids.join(', ') || 'none'}`;
    throw new SmmfError('NOT_FOUND', `There is no worker host "${id}"${hint}`);
  }
  if (options.json) {
    console.log(JSON.stringify(view, null, 2));
    return;
  }
  const lines = factLines({
    host: view.id,
    standing: view.standing,
    machine: view.node,
    address: view.url,
    tls: view.plain ? 'none: anyone on the way can read prompts' : undefined,
    instances: view.instances.join(', ') || 'none',
    labels: labelsOf(view),
    engines: view.engines?.join(', '),
    version: view.version,
    started: view.startedAtMs === undefined ? undefined : `${formatSince(view.startedAtMs)} ago`,
    starts: view.epoch,
  });
  for (const line of lines) console.log(line);
}

/** `smmf host cordon|uncordon|drain|resume HOST` */
export async function commandHost(
  action: HostAction,
  host: string,
  options: ConnectionOptions & OutputOptions,
): Promise<void> {
  const admin = await adminOf(options);
  const view = await admin.applyToHost({ action, host }).finally(() => admin.close());
  if (options.json) console.log(JSON.stringify(view, null, 2));
  else console.log(`${action} ${host}: ${view.standing}`);
}

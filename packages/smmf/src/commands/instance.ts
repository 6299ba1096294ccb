import { setTimeout as delay } from 'node:timers/promises';
import type { AdminClient } from '@smmf/client';
import { SmmfError } from '@smmf/runtime';
import { adminOf, type ConnectionOptions } from '../connection.ts';
import { formatDuration, formatSince } from '../human.ts';
import { factLines, type OutputOptions, oneLine, plainText, printRows } from '../output.ts';

/** `smmf instance list` */
export async function listInstances(options: ConnectionOptions & OutputOptions): Promise<void> {
  const admin = await adminOf(options);
  const instances = await admin.instances().finally(() => admin.close());
  const rows = instances.map((view) => ({
    id: view.id,
    model: view.models.map(({ id }) => id).join(','),
    engine: view.engine,
    state: view.administrative === 'online' ? view.state : `${view.state} (${view.administrative})`,
    since: formatSince(view.sinceMs),
    starts: view.starts ?? '',
    crashes: view.crashes ?? '',
    reason: oneLine(view.reason),
  }));
  printRows(rows, instances, options);
}

type View = Awaited<ReturnType<AdminClient['instances']>>[number];

/** How API servers make sure on a new connection that this instance answers; undefined while it cannot be reached. */
function identityOf({ address, identity }: View): string | undefined {
  const words = {
    proof: 'proof (it shows a key of the cluster)',
    tls: 'tls (its certificate names it)',
    weak: 'weak (its list names the model: stops accidents, not attackers)',
    none: 'none',
  };
  if (identity !== undefined) return words[identity];
  return address === undefined ? undefined : words.none;
}

/** One line for each thing that is known; the keys of a vendor below. */
function linesOf(view: View): string[] {
  const { administrative, state, sinceMs, load } = view;
  const lines = factLines({
    id: view.id,
    models: view.models.map(({ id, tasks }) => `${id} (${tasks.join(', ')})`).join('; '),
    engine: view.engine,
    host: view.host,
    state: administrative === 'online' ? state : `${state} (${administrative})`,
    since: sinceMs === undefined ? undefined : `${formatSince(sinceMs)} ago`,
    reason: view.reason,
    address: view.address?.url,
    identity: identityOf(view),
    slots: view.slots ?? 'no limit of ours',
    weight: view.weight,
    order: view.order,
    starts: view.starts,
    crashes: view.crashes,
    load: load && `${load.running ?? '?'} running, ${load.waiting ?? '?'} waiting`,
  });
  for (const lane of view.lanes ?? []) {
    const again = lane.forMs === undefined ? '' : `, asked again in ${formatDuration(lane.forMs)}`;
    const why = lane.reason === undefined ? '' : `: ${lane.reason}`;
    lines.push(plainText(`key ${lane.id}: ${lane.state}${again}${why}`));
  }
  return lines;
}

/** `smmf instance describe ID` */
export async function describeInstance(id: string, options: ConnectionOptions & OutputOptions): Promise<void> {
  const admin = await adminOf(options);
  const instances = await admin.instances().finally(() => admin.close());
  const view = instances.find((one) => one.id === id);
  if (!view) {
    const ids = instances.map((one) => one.id).join(', ');
    throw new SmmfError('NOT_FOUND', `There is no instance "${id}"; there are ${ids || 'none'}`);
  }
  if (options.json) console.log(JSON.stringify(view, null, 2));
  else for (const line of linesOf(view)) console.log(line);
}

type Operation = Awaited<ReturnType<AdminClient['operation']>>;

/** Between two looks at an operation that runs, milliseconds. */
const LOOK_MS = 250;

/** Waits for the end of an operation and tells how far it is; leaving early leaves it running. */
async function ended(admin: AdminClient, begun: Operation): Promise<Operation> {
  let operation = begun;
  let told = '';
  while (operation.state === 'running') {
    const { progress = 'running' } = operation;
    if (progress !== told) console.error(`${operation.action} ${operation.instance}: ${plainText(progress)}`);
    told = progress;
    await delay(LOOK_MS);
    operation = await admin.operation(operation.id);
  }
  return operation;
}

/** `smmf instance online|resume|offline|drain|restart ID`; `resume` is another word for `online`. */
export async function commandInstance(
  action: 'online' | 'resume' | 'offline' | 'drain' | 'restart',
  instance: string,
  options: ConnectionOptions & OutputOptions & { readonly wait?: boolean },
): Promise<number> {
  const admin = await adminOf(options);
  const operation = await admin
    .apply({ action: action === 'resume' ? 'online' : action, instance })
    .then((begun) => (options.wait === false ? begun : ended(admin, begun)))
    .finally(() => admin.close());
  if (options.json) console.log(JSON.stringify(operation, null, 2));
  else
    console.log(
      `${action} ${instance}: ${operation.state}${operation.reason ? `: ${plainText(operation.reason)}` : ''}`,
    );
  return operation.state === 'failed' ? 1 : 0;
}

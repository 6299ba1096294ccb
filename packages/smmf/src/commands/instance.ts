import { setTimeout as delay } from 'node:timers/promises';
import type { AdminClient } from '@smmf/client';
import { adminOf, type ConnectionOptions } from '../connection.ts';
import { type OutputOptions, plainText, printRows } from '../output.ts';

const seconds = (ms: number): string => `${Math.max(0, Math.round(ms / 1000))}s`;

/** `smmf instance list` */
export async function listInstances(options: ConnectionOptions & OutputOptions): Promise<void> {
  const admin = await adminOf(options);
  const instances = await admin.instances().finally(() => admin.close());
  const rows = instances.map((view) => ({
    id: view.id,
    model: view.models.map(({ id }) => id).join(','),
    engine: view.engine,
    state: view.administrative === 'online' ? view.state : `${view.state} (${view.administrative})`,
    since: view.sinceMs === undefined ? '' : seconds(Date.now() - view.sinceMs),
    starts: view.starts ?? '',
    crashes: view.crashes ?? '',
    reason: plainText(view.reason ?? '').replaceAll('\n', ' '),
  }));
  printRows(rows, instances, options);
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

/** `smmf instance online|offline|drain|restart ID` */
export async function commandInstance(
  action: 'online' | 'offline' | 'drain' | 'restart',
  instance: string,
  options: ConnectionOptions & OutputOptions & { readonly wait?: boolean },
): Promise<number> {
  const admin = await adminOf(options);
  const operation = await admin
    .apply({ action, instance })
    .then((begun) => (options.wait === false ? begun : ended(admin, begun)))
    .finally(() => admin.close());
  if (options.json) console.log(JSON.stringify(operation, null, 2));
  else
    console.log(
      `${action} ${instance}: ${operation.state}${operation.reason ? `: ${plainText(operation.reason)}` : ''}`,
    );
  return operation.state === 'failed' ? 1 : 0;
}

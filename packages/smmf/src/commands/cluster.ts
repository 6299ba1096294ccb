import type { AdminClient } from '@smmf/client';
import { adminOf, type ConnectionOptions } from '../connection.ts';
import { formatSince } from '../human.ts';
import { endWithReader, type OutputOptions, oneLine, tableLines } from '../output.ts';
import { SAMPLE_MS } from '../server-status.ts';
import { watchScreen } from '../watch-screen.ts';
import { hostRow } from './host.ts';

/** Flags of `smmf cluster status`. */
export interface ClusterStatusOptions extends ConnectionOptions, OutputOptions {
  readonly watch?: boolean | undefined;
}

type ClusterView = Awaited<ReturnType<AdminClient['cluster']>>;

const ROLES = { controller: 'controller', apiserver: 'API server', worker: 'worker host' } as const;

/** Controllers and API servers; worker hosts have a table of their own. */
function memberLines({ members }: ClusterView): string[] {
  const shown = members.filter(({ kind }) => kind !== 'worker');
  return tableLines(
    shown.map(({ kind, primary, ...member }) => ({
      member: oneLine(member.id),
      role: kind === 'controller' && primary ? 'controller (primary)' : ROLES[kind],
      state: member.state,
      address: oneLine(member.url),
      version: oneLine(member.version),
      up: formatSince(member.startedAtMs),
    })),
  );
}

const isWell = ({ problems, instances }: ClusterView): boolean => problems.length === 0 && instances.starting === 0;

function problemLines({ problems, instances: { starting } }: ClusterView): string[] {
  const coming = `${starting} ${starting === 1 ? 'instance is' : 'instances are'} starting`;
  if (problems.length === 0) return [starting === 0 ? 'All is well.' : `No problem; ${coming}.`];
  const head = problems.length === 1 ? '1 problem:' : `${problems.length} problems:`;
  return [head, ...problems.flatMap(({ what, remedy }) => [`  ${oneLine(what)}`, `    -> ${oneLine(remedy)}`])];
}

function screenOf(view: ClusterView): string[] {
  const { ready, all } = view.instances;
  const hosts = tableLines(view.hosts.map(hostRow));
  return [
    `Cluster "${oneLine(view.namespace)}": ${ready} of ${all} ${all === 1 ? 'instance' : 'instances'} ready`,
    '',
    ...memberLines(view),
    '',
    ...(hosts.length === 0 ? ['no worker host is there'] : hosts),
    '',
    ...problemLines(view),
  ];
}

/** `smmf cluster status`: who is there, what runs, what is not well. Resolves with the exit code: 1 until all is well. */
export async function showCluster(options: ClusterStatusOptions): Promise<number> {
  endWithReader();
  const admin = await adminOf(options);
  const json = options.json === true;
  try {
    if (options.watch) {
      const look = async (): Promise<readonly string[]> => {
        const view = await admin.cluster();
        return json ? [JSON.stringify(view)] : screenOf(view);
      };
      await watchScreen({ everyMs: SAMPLE_MS, json, look });
      return 0;
    }
    const view = await admin.cluster();
    console.log(json ? JSON.stringify(view, null, 2) : screenOf(view).join('\n'));
    return isWell(view) ? 0 : 1;
  } finally {
    await admin.close();
  }
}

import type { ClusterMember } from '@smmf/cluster';
import type { ClusterView, HostView, InstanceView } from '@smmf/protocol';

/** Where instances are placed, and what operators ordered for hosts. */
export interface Places {
  /** Ids of the instances that worker hosts run. */
  readonly placed: readonly string[];
  hostOf(instance: string): string | undefined;
  instancesOn(host: string): readonly string[];
  readonly cordoned: ReadonlySet<string>;
  readonly drained: ReadonlySet<string>;
}

/** What a host is to an operator. */
export function hostViews(
  members: readonly ClusterMember[],
  followers: readonly string[],
  wanted: Places,
): readonly HostView[] {
  const known = new Map(members.map((member) => [member.id, member]));
  const placed = wanted.placed.flatMap((id) => wanted.hostOf(id) ?? []);
  const ids = new Set([...known.keys(), ...followers, ...placed]);
  return [...ids].sort().map((id) => {
    const member = known.get(id);
    const isThere = member !== undefined || followers.includes(id);
    return { ...member, id, standing: standingOf(id, member, isThere, wanted), instances: [...wanted.instancesOn(id)] };
  });
}

function standingOf(
  id: string,
  member: ClusterMember | undefined,
  isThere: boolean,
  { cordoned, drained }: Places,
): HostView['standing'] {
  if (!isThere) return 'lost';
  if (member && member.state !== 'up') return 'leaving';
  if (drained.has(id)) return 'draining';
  return cordoned.has(id) ? 'cordoned' : 'up';
}

/** What {@link clusterView} is made from. */
export interface ClusterParts {
  readonly namespace: string;
  readonly members: readonly ClusterMember[];
  readonly hosts: readonly HostView[];
  readonly instances: readonly InstanceView[];
}

type Problem = ClusterView['problems'][number];

/** States that pass by themselves. */
const PASSING: ReadonlySet<string> = new Set(['starting', 'draining']);

const isServing = ({ state }: InstanceView): boolean => state === 'ready' || state === 'degraded';

const isStarting = ({ state, administrative }: InstanceView): boolean =>
  state === 'starting' && administrative === 'online';

function hostProblems(hosts: readonly HostView[]): Problem[] {
  const lost = hosts.filter(({ standing }) => standing === 'lost');
  return lost.map(({ id, instances }) => ({
    what: `worker host "${id}" is lost, with ${instances.join(', ') || 'no instance'}`,
    remedy: `start it again with its stateDir: smmf start worker`,
  }));
}

function instanceProblems(instances: readonly InstanceView[]): Problem[] {
  return instances
    .filter((one) => !isServing(one) && !PASSING.has(one.state) && one.administrative === 'online')
    .map(({ id, state, reason = 'no reason given' }) => ({
      what: `instance "${id}" is ${state}: ${reason.split('\n', 1)[0]}`,
      remedy: `mend what the reason names, then smmf instance restart ${id}`,
    }));
}

function memberProblems(members: readonly ClusterMember[]): Problem[] {
  const servers = members.filter(({ kind }) => kind === 'apiserver');
  const prints = new Set(
    servers.filter(({ url }) => url !== undefined).map(({ keyPrints }) => [...keyPrints].sort().join(' ')),
  );
  const plain = members.filter((member) => member.plain);
  return [
    ...(prints.size > 1
      ? [{ what: 'API servers accept different keys', remedy: 'give each of them the same server.keys' }]
      : []),
    ...(servers.length === 0
      ? [{ what: 'no API server is there', remedy: 'start one: smmf start apiserver --join URL' }]
      : []),
    ...plain.map(({ kind, id }) => ({
      what: `${kind} "${id}" listens beyond its machine without TLS`,
      remedy: 'give it tls: { certFile, keyFile }; until then anyone on the way can read prompts',
    })),
  ];
}

/** What an operator is shown; tombstones and what an operator has ordered are no problem. */
export function clusterView({ namespace, members, hosts, instances }: ClusterParts): ClusterView {
  const present = members.filter(({ state }) => state !== 'gone');
  return {
    namespace,
    members: present,
    hosts,
    instances: {
      ready: instances.filter(isServing).length,
      starting: instances.filter(isStarting).length,
      all: instances.length,
    },
    problems: [...hostProblems(hosts), ...instanceProblems(instances), ...memberProblems(present)],
  };
}

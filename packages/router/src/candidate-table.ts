import { type ModelCard, publicCard } from '@smmf/protocol';
import type { Believed } from './belief.ts';
import { GuardedBalancer } from './guarded-balancer.ts';
import { Instance } from './instance.ts';
import { ModelQueue } from './model-queue.ts';
import type { ModelSettings, RouterSettings } from './settings.ts';

/** One public model: its settings, its live counts, and the instances that serve it at this moment. */
export interface ModelEntry {
  readonly settings: ModelSettings;
  readonly card: ModelCard;
  readonly balancer: GuardedBalancer;
  readonly queue: ModelQueue;
  /** In ascending `order`, then id; those that may take new work now or after an ejection. */
  readonly open: readonly Instance[];
  /** Those that may not, or not now. */
  readonly closed: readonly Instance[];
  /** Slots of the instances that are coming up, for which requests wait; 0 when none is. */
  readonly comingSlots: number;
}

/** Everything the router knows at one moment; replaced whole, never changed. */
export interface CandidateTable {
  readonly models: ReadonlyMap<string, ModelEntry>;
  /** By public id and by alias. */
  readonly byName: ReadonlyMap<string, ModelEntry>;
  readonly instances: ReadonlyMap<string, Instance>;
}

/** A table that knows nothing. */
export const EMPTY_TABLE: CandidateTable = { models: new Map(), byName: new Map(), instances: new Map() };

/** What a table is made of. */
export interface TableInput {
  readonly settings: RouterSettings;
  readonly instances: readonly Believed[];
  /** The name of this machine: sockets of others cannot be dialled. */
  readonly node: string;
  /** A model's balancer has failed. */
  readonly onBalancerFault: (model: string, cause: unknown) => void;
}

const DEGRADED_SHARE = 0.25;

function keepInstance(old: Instance | undefined, believed: Believed, input: TableInput): Instance {
  const { record, isSuspect, worker } = believed;
  const isSame =
    old?.epoch === record.epoch && old.worker === worker && old.record.address?.url === record.address?.url;
  const instance = isSame ? old : new Instance(record, worker, input.node);
  instance.record = record;
  instance.isSuspect = isSuspect;
  instance.weight = record.state === 'degraded' ? record.weight * DEGRADED_SHARE : record.weight;
  return instance;
}

function keepBalancer({ id, balancer }: ModelSettings, old: CandidateTable, input: TableInput): GuardedBalancer {
  const before = old.models.get(id)?.balancer;
  if (before?.inner === balancer) return before;
  return new GuardedBalancer(balancer, (cause) => input.onBalancerFault(id, cause));
}

/** Requests that instances can run at once, together. */
export function slotsOf(instances: readonly Instance[]): number {
  return instances.reduce((sum, instance) => sum + instance.slots, 0);
}

const isAble = ({ record, isReachable }: Instance): boolean =>
  isReachable && (record.state === 'ready' || record.state === 'degraded');

/** Builds the next table; counters of instances that go on, and queues of models that go on, are carried over. */
export function buildTable(input: TableInput, old: CandidateTable): CandidateTable {
  const instances = new Map<string, Instance>();
  for (const believed of input.instances) {
    const { id, state } = believed.record;
    if (state !== 'gone') instances.set(id, keepInstance(old.instances.get(id), believed, input));
  }
  const sorted = [...instances.values()].sort((a, b) => a.record.order - b.record.order || (a.id < b.id ? -1 : 1));
  const models = new Map<string, ModelEntry>();
  const byName = new Map<string, ModelEntry>();
  for (const settings of input.settings.models) {
    const serving = sorted.filter(({ record }) => record.models.some(({ id }) => id === settings.id));
    const online = serving.filter(({ id }) => (input.settings.administrative.get(id) ?? 'online') === 'online');
    const able = online.filter(isAble);
    const sure = able.filter(({ isSuspect }) => !isSuspect);
    const open = sure.length > 0 ? sure : able;
    const entry: ModelEntry = {
      settings,
      card: publicCard(
        settings.id,
        serving.map(({ record }) => record),
      ),
      balancer: keepBalancer(settings, old, input),
      queue: old.models.get(settings.id)?.queue ?? new ModelQueue(),
      open,
      closed: serving.filter((instance) => !open.includes(instance)),
      comingSlots: slotsOf(online.filter(({ record }) => record.state === 'starting')),
    };
    models.set(settings.id, entry);
    for (const name of settings.aliases) byName.set(name, entry);
  }
  for (const [id, entry] of models) byName.set(id, entry);
  return { models, byName, instances };
}

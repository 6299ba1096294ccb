import { type ModelCard, publicCard } from '@smmf/protocol';
import type { Believed } from './belief.ts';
import { GuardedBalancer } from './guarded-balancer.ts';
import { type Here, Instance, type LanePlace, laneKey } from './instance.ts';
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
  /** By {@link Instance.key}: an instance with several lanes stands here once for each. */
  readonly instances: ReadonlyMap<string, Instance>;
}

/** A table that knows nothing. */
export const EMPTY_TABLE: CandidateTable = { models: new Map(), byName: new Map(), instances: new Map() };

/** What a table is made of. */
export interface TableInput {
  readonly settings: RouterSettings;
  readonly instances: readonly Believed[];
  readonly here: Here;
  /** A model's balancer has failed. */
  readonly onBalancerFault: (model: string, cause: unknown) => void;
}

/** One that goes on keeps its counters. */
function keepInstance(
  old: Instance | undefined,
  { record, isSuspect, worker }: Believed,
  here: Here,
  place?: LanePlace,
): Instance {
  const isSame =
    old?.epoch === record.epoch && old.worker === worker && old.record.address?.url === record.address?.url;
  const instance = isSame ? old : new Instance(record, worker, here, place);
  instance.become(record, isSuspect);
  return instance;
}

/** One for each lane of the instance. */
function lanesOf(believed: Believed, old: CandidateTable, here: Here): Instance[] {
  const { id } = believed.record;
  const lanes = believed.worker?.endpoint?.lanes ?? [];
  if (lanes.length < 2) return [keepInstance(old.instances.get(id), believed, here)];
  const total = lanes.reduce((sum, { weight = 1 }) => sum + weight, 0);
  let sibling: Instance | undefined;
  return lanes.map((lane) => {
    const place: LanePlace = { lane, share: (lane.weight ?? 1) / total, sibling };
    sibling = keepInstance(old.instances.get(laneKey(id, lane)), believed, here, place);
    return sibling;
  });
}

function keepBalancer({ id, balancer }: ModelSettings, old: CandidateTable, input: TableInput): GuardedBalancer {
  const before = old.models.get(id)?.balancer;
  if (before?.inner === balancer) return before;
  return new GuardedBalancer(balancer, (cause) => input.onBalancerFault(id, cause));
}

/** Requests that instances can run at once, together. */
export function slotsOf(instances: readonly Instance[]): number {
  // The lanes of one instance stand side by side.
  return instances.reduce((sum, one, index) => (instances[index - 1]?.isBeside(one) ? sum : sum + one.slots), 0);
}

const isAble = ({ record, isReachable }: Instance): boolean =>
  isReachable && (record.state === 'ready' || record.state === 'degraded');

/** Builds the next table; counters of instances that go on, and queues of models that go on, are carried over. */
export function buildTable(input: TableInput, old: CandidateTable): CandidateTable {
  const instances = new Map<string, Instance>();
  for (const believed of input.instances) {
    if (believed.record.state === 'gone') continue;
    for (const instance of lanesOf(believed, old, input.here)) instances.set(instance.key, instance);
  }
  const sorted = [...instances.values()].sort((a, b) => a.record.order - b.record.order || (a.key < b.key ? -1 : 1));
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

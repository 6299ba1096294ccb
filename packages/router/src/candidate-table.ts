import { type InstanceRecord, type ModelCard, publicCard } from '@smmf/protocol';
import type { Believed } from './belief.ts';
import { GuardedBalancer } from './guarded-balancer.ts';
import { Instance, type LanePlace, laneKey } from './instance.ts';
import type { Here } from './instance-place.ts';
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

/** What a model's entry was made from, to tell whether it is to be made anew. */
interface MadeFrom {
  readonly administrative: RouterSettings['administrative'];
  /** Every instance that serves the model, and the version of each. */
  readonly serving: readonly Instance[];
  readonly versions: readonly number[];
}

const madeFrom = new WeakMap<ModelEntry, MadeFrom>();

function isSame(old: ModelEntry, settings: ModelSettings, { administrative, serving, versions }: MadeFrom): boolean {
  const before = madeFrom.get(old);
  return (
    before !== undefined &&
    old.settings === settings &&
    before.administrative === administrative &&
    before.serving.length === serving.length &&
    serving.every((instance, index) => before.serving[index] === instance && before.versions[index] === versions[index])
  );
}

/** The entry of one model; the old one where nothing that it is made from has changed. */
function entryOf(
  settings: ModelSettings,
  serving: readonly Instance[],
  input: TableInput,
  old: CandidateTable,
): ModelEntry {
  const { administrative } = input.settings;
  const from = { administrative, serving, versions: serving.map(({ version }) => version) };
  const before = old.models.get(settings.id);
  if (before && isSame(before, settings, from)) return before;
  const online = serving.filter(({ id }) => (administrative.get(id) ?? 'online') === 'online');
  const able = online.filter(isAble);
  const sure = able.filter(({ isSuspect }) => !isSuspect);
  // More than half of them vanished at once: that is the registry's fault, not theirs.
  const open = 2 * sure.length >= able.length && sure.length > 0 ? sure : able;
  const records = serving.map(({ record }) => record);
  const entry: ModelEntry = {
    settings,
    card: publicCard(settings.id, records),
    balancer: keepBalancer(settings, old, input),
    queue: before?.queue ?? new ModelQueue(),
    open,
    closed: serving.filter((instance) => !open.includes(instance)),
    comingSlots: slotsOf(online.filter(({ record }) => record.state === 'starting')),
  };
  madeFrom.set(entry, from);
  return entry;
}

const NOBODY: readonly Instance[] = [];

type ByModel = ReadonlyMap<string, readonly Instance[]>;

/** In ascending order, then id. */
const inOrder = (a: Instance, b: Instance): number => a.record.order - b.record.order || (a.key < b.key ? -1 : 1);

/** The instances of each model. */
function* byModel(instances: Iterable<Instance>): Generator<void, ByModel> {
  const found = new Map<string, Instance[]>();
  for (const instance of instances) {
    for (const id of modelsOf(instance)) {
      const list = found.get(id);
      if (list) list.push(instance);
      else found.set(id, [instance]);
    }
    yield;
  }
  for (const list of found.values()) {
    if (list.length > 1) list.sort(inOrder);
    yield;
  }
  return found;
}

const modelsOf = ({ record }: Instance): readonly string[] => [...new Set(record.models.map((card) => card.id))];

/** What places an instance among the others. */
const placeOf = ({ order, models }: InstanceRecord): string => [order, ...models.map(({ id }) => id)].join('\n');

/** The instances of the next table. */
interface Taken {
  readonly instances: ReadonlyMap<string, Instance>;
  /** Those that go on and are not as they were. */
  readonly changed: readonly Instance[];
  /** All go on, and no other one has come; each in its place. */
  readonly areSame: boolean;
}

/** An instance with all its lanes in a table; none where it does not stand there. */
function lanesIn({ instances }: CandidateTable, { record, worker }: Believed): readonly (Instance | undefined)[] {
  const lanes = worker?.endpoint?.lanes ?? [];
  return lanes.length < 2 ? [instances.get(record.id)] : lanes.map((lane) => instances.get(laneKey(record.id, lane)));
}

function* takeInstances({ instances: all, here }: TableInput, old: CandidateTable): Generator<void, Taken> {
  const taken: Instance[] = [];
  const changed: Instance[] = [];
  let areSame = true;
  for (const believed of all) {
    const { record, isSuspect, worker } = believed;
    if (record.state === 'gone') continue;
    const only = old.instances.get(record.id);
    if (only?.record === record && only.isSuspect === isSuspect && only.worker === worker) {
      taken.push(only);
      continue;
    }
    const lanes = lanesIn(old, believed);
    const [before] = lanes;
    const place = before && placeOf(before.record);
    for (const [index, instance] of lanesOf(believed, old, here).entries()) {
      taken.push(instance);
      if (instance === lanes[index] && placeOf(record) === place) changed.push(instance);
      else areSame = false;
    }
    yield;
  }
  if (areSame && taken.length === old.instances.size) return { instances: old.instances, changed, areSame };
  yield;
  return { instances: new Map(taken.map((instance) => [instance.key, instance])), changed, areSame: false };
}

/** What a table was made from. */
interface Making {
  readonly settings: RouterSettings;
  readonly serving: ByModel;
}

const makings = new WeakMap<CandidateTable, Making>();

/** The old table but for the models of the instances that have changed. */
function amended(old: CandidateTable, { instances, changed }: Taken, { serving }: Making, input: TableInput) {
  const models = new Map(old.models);
  const byName = new Map(old.byName);
  for (const id of new Set(changed.flatMap(modelsOf))) {
    const before = old.models.get(id);
    if (!before) continue;
    const entry = entryOf(before.settings, serving.get(id) ?? NOBODY, input, old);
    models.set(id, entry);
    for (const name of [id, ...entry.settings.aliases]) if (byName.get(name) === before) byName.set(name, entry);
  }
  return { models, byName, instances };
}

/**
 * Builds the next table, a little at each step: whoever calls it goes on with the generator until its end. Counters of instances that go
 * on, and queues of models that go on, are carried over. What did not change is taken over as it is, so that one record among thousands
 * costs next to nothing.
 */
export function* tableSteps(input: TableInput, old: CandidateTable): Generator<void, CandidateTable> {
  const taken = yield* takeInstances(input, old);
  const before = makings.get(old);
  const { settings } = input;
  if (before?.settings === settings && taken.areSame) {
    const table = amended(old, taken, before, input);
    makings.set(table, before);
    return table;
  }
  const serving = yield* byModel(taken.instances.values());
  const models = new Map<string, ModelEntry>();
  const byName = new Map<string, ModelEntry>();
  for (const model of settings.models) {
    const entry = entryOf(model, serving.get(model.id) ?? NOBODY, input, old);
    models.set(model.id, entry);
    for (const name of model.aliases) byName.set(name, entry);
    yield;
  }
  for (const [id, entry] of models) byName.set(id, entry);
  const table = { models, byName, instances: taken.instances };
  makings.set(table, { settings, serving });
  return table;
}

/** The table at the end of {@link tableSteps}. */
export function buildTable(input: TableInput, old: CandidateTable): CandidateTable {
  const steps = tableSteps(input, old);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

import { SmmfError } from '@smmf/core';
import type { AdministrativeState, InstanceRecord, InstanceState } from '@smmf/protocol';
import type { Readiness } from '@smmf/server';

/** What the state of a model is made from. */
export type Seen = Pick<InstanceRecord, 'id' | 'models' | 'state' | 'reason'>;

/** State of one public model: the best of its instances. */
export interface ModelStatus {
  readonly id: string;
  /** Whether it answers now: `ready` or `degraded`. `offline`: taken out by an operator. */
  readonly state: Exclude<InstanceState, 'gone'> | 'offline';
  /** Why it is not ready, where that is known: that of the instance whose state is the model's. */
  readonly reason?: string;
  /** Instances that answer, and all. */
  readonly ready: number;
  readonly instances: number;
}

/** The best one first. */
const ORDER: readonly ModelStatus['state'][] = [
  'ready',
  'degraded',
  'starting',
  'down',
  'draining',
  'offline',
  'failed',
];

/** Can it answer now. */
export const isServing = ({ state }: Pick<ModelStatus, 'state'>): boolean => state === 'ready' || state === 'degraded';

/** Is it known whether it can: it answers, or nothing of it is starting any more. */
export const isSettled = ({ state }: Pick<ModelStatus, 'state'>): boolean => state !== 'starting';

/**
 * The state of each of `models`.
 * @param administrative what operators ordered, by instance id
 */
export function modelStatuses(
  models: readonly string[],
  instances: readonly Seen[],
  administrative: Readonly<Record<string, AdministrativeState>>,
): readonly ModelStatus[] {
  const byModel = new Map<string, Seen[]>(models.map((id) => [id, []]));
  for (const instance of instances) {
    for (const id of new Set(instance.models.map((card) => card.id))) byModel.get(id)?.push(instance);
  }
  return [...byModel].map(([id, own]) => {
    const seen = own.map((instance) => effective(instance, administrative[instance.id]));
    const [best = { state: 'starting' as const, reason: 'not started' }] = seen.toSorted(
      (a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state),
    );
    const { state, reason } = best;
    const told = reason === undefined ? {} : { reason };
    return { id, state, ...told, ready: seen.filter(isServing).length, instances: own.length };
  });
}

/** The stricter of the record's state and the order of an operator. */
function effective(
  { state, reason }: Seen,
  ordered: AdministrativeState = 'online',
): Pick<ModelStatus, 'state' | 'reason'> {
  if (ordered !== 'online' && isServing({ state: shown(state) }))
    return { state: ordered, reason: `taken ${ordered} by an operator` };
  return { state: shown(state), ...(reason === undefined ? {} : { reason }) };
}

const shown = (state: InstanceState): ModelStatus['state'] => (state === 'gone' ? 'down' : state);

/** Tells whether an API server may get work, from the state of its models at this moment; remembers which have come up once. */
export function createReadiness(): (models: readonly ModelStatus[]) => Readiness {
  const settled = new Set<string>();
  return (models) => {
    for (const { id } of models.filter(isSettled)) settled.add(id);
    const isStarted = models.every(({ id }) => settled.has(id));
    const reasons = models.filter((model) => !isServing(model)).map(describeStatus);
    return { ready: isStarted && models.some(isServing), reasons, models };
  };
}

/** May an API server of several get work: as soon as it can serve any model. */
export function canServe(models: readonly ModelStatus[]): Readiness {
  const reasons = models.filter((model) => !isServing(model)).map(describeStatus);
  return { ready: models.some(isServing), reasons, models };
}

/** `model "chat": starting: loading`. */
export function describeStatus({ id, state, reason }: ModelStatus): string {
  return `model "${id}": ${state}${reason === undefined ? '' : `: ${reason}`}`;
}

/** Is every model ready? @throws MODEL_UNAVAILABLE for one whose instances have all failed for good */
export function areAllReady(statuses: readonly ModelStatus[]): boolean {
  const failed = statuses.find(({ state }) => state === 'failed');
  if (failed) {
    throw new SmmfError(
      'MODEL_UNAVAILABLE',
      `Model "${failed.id}" cannot be served: ${failed.reason ?? 'no reason given'}`,
    );
  }
  return statuses.every(isServing);
}

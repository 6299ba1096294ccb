import type { PickInfo } from '@smmf/core';
import type { ModelEntry } from './candidate-table.ts';
import type { Instance } from './instance.ts';

/** What the choice depends on besides the model. */
export interface PickQuery extends PickInfo {
  readonly nowMs: number;
  /** Instances that failed this request already. */
  readonly tried: readonly Instance[];
}

/**
 * An instance for one call: of the lowest order that has a free slot, chosen by the model's balancer. Ejected ones are
 * left out until their time has passed, unless every instance is ejected: then they count as if none were. Instances
 * that failed this request already are left out while there are others, busy or not.
 */
export function pickInstance(entry: ModelEntry, query: PickQuery): Instance | undefined {
  const usable = usableOf(entry, query.nowMs);
  const untried = query.tried.length === 0 ? usable : usable.filter((instance) => !query.tried.includes(instance));
  const free = (untried.length === 0 ? usable : untried).filter(({ inFlight, slots }) => inFlight < slots);
  const order = free[0]?.record.order;
  const lowest = free.at(-1)?.record.order === order ? free : free.filter(({ record }) => record.order === order);
  const picked = entry.settings.balancer.pick(lowest, query);
  return picked && lowest.find(({ id }) => id === picked.id);
}

function usableOf({ open }: ModelEntry, nowMs: number): readonly Instance[] {
  const usable = open.filter((instance) => instance.isOpen(nowMs));
  return usable.length === 0 ? open : usable;
}

/** Is there an instance in rotation that this request has not tried, busy or not. */
export function hasUntried(entry: ModelEntry, tried: readonly Instance[], nowMs: number): boolean {
  return usableOf(entry, nowMs).some((instance) => !tried.includes(instance));
}

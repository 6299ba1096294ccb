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
 * left out until their time has passed, unless every instance is ejected: then they count as if none were.
 */
export function pickInstance({ open, settings }: ModelEntry, query: PickQuery): Instance | undefined {
  const { nowMs, tried } = query;
  const usable = open.some((instance) => instance.isOpen(nowMs)) ? open.filter((i) => i.isOpen(nowMs)) : open;
  const free = usable.filter((instance) => instance.inFlight < instance.slots && !tried.includes(instance));
  const order = free[0]?.record.order;
  const lowest = free.at(-1)?.record.order === order ? free : free.filter(({ record }) => record.order === order);
  const picked = settings.balancer.pick(lowest, query);
  return picked && lowest.find(({ id }) => id === picked.id);
}

/** Is there an instance that this request has not tried, busy or not. */
export function hasUntried({ open }: ModelEntry, tried: readonly Instance[]): boolean {
  return open.some((instance) => !tried.includes(instance));
}

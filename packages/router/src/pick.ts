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
 * left out until their time has passed, unless every instance is ejected: then they count as if none were. Paused ones
 * are left out in any case. Instances that failed this request already are left out while there are others, busy or not; once more they are asked when an
 * ejection has ended since.
 */
export function pickInstance(entry: ModelEntry, query: PickQuery): Instance | undefined {
  const { nowMs, tried } = query;
  const mayTryAgain = tried.length > 0 && !hasUntried(entry, tried, nowMs);
  const anyOpen = entry.open.some((instance) => instance.isOpen(nowMs));
  const free: Instance[] = [];
  for (const instance of entry.open) {
    if (instance.pausedMs(nowMs) > 0 || (anyOpen && !instance.isOpen(nowMs))) continue;
    if (instance.isFull || (!mayTryAgain && !instance.isDue(nowMs) && tried.includes(instance))) continue;
    // `open` stands in ascending order: what comes after a free one of a lower order is not needed.
    if (free[0] && free[0].record.order < instance.record.order) break;
    free.push(instance);
  }
  if (free.length < 2) return free[0];
  const { model, task, promptBytes, random } = query;
  const views = Object.freeze(free.map(({ view }) => view));
  const picked = entry.balancer.pick(views, { model, task, promptBytes, random });
  return free.find(({ view }) => view === picked);
}

function usableOf({ open }: ModelEntry, nowMs: number): readonly Instance[] {
  const usable = open.filter((instance) => instance.isOpen(nowMs));
  return usable.length === 0 ? open.filter((instance) => instance.pausedMs(nowMs) === 0) : usable;
}

/** Is there an instance in rotation that this request has not tried, busy or not. */
export function hasUntried(entry: ModelEntry, tried: readonly Instance[], nowMs: number): boolean {
  return usableOf(entry, nowMs).some((instance) => !tried.includes(instance));
}

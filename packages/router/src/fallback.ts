import type { RouterRequest, SmmfError } from '@smmf/core';
import type { CandidateTable, ModelEntry } from './candidate-table.ts';

/** Is the context of one model known to be longer than that of another. */
function isLonger({ card }: ModelEntry, { card: other }: ModelEntry): boolean {
  return (card.contextLength ?? 0) > (other.contextLength ?? Number.POSITIVE_INFINITY);
}

/** A key reaches a fallback only if it may ask for that model by name. */
function mayUse({ models }: RouterRequest, entry: ModelEntry, name: string): boolean {
  return models === undefined || models.has(entry.settings.id) || models.has(name);
}

/**
 * The next model that may answer in place of the one asked for: one that exists, serves the task, and is open to the
 * caller's key. A fault of the request has none, but for a prompt that is too long: there the context must be longer.
 *
 * @param at the model asked for, the one that failed, and where in the list of fallbacks to look on
 * @returns its entry, and where to look on when it fails, too; undefined when there is none
 */
export function nextFallback(
  table: CandidateTable,
  { asked, served, from }: { readonly asked: ModelEntry; readonly served: ModelEntry; readonly from: number },
  request: RouterRequest,
  error: SmmfError,
): { readonly entry: ModelEntry; readonly next: number } | undefined {
  const { fallbacks } = asked.settings;
  const isTooLong = error.code === 'CONTEXT_LENGTH_EXCEEDED';
  const { scope } = error.row;
  if (!isTooLong && (scope === 'request' || scope === 'credential')) return undefined;
  for (let next = from; next < fallbacks.length; next++) {
    const name = fallbacks[next] ?? '';
    const entry = table.byName.get(name);
    if (!entry?.card.tasks.includes(request.task) || !mayUse(request, entry, name)) continue;
    if (!isTooLong || isLonger(entry, served)) return { entry, next: isTooLong ? fallbacks.length : next + 1 };
  }
  return undefined;
}

import { LEGACY_ENGINES } from './known-plugins.ts';
import type { ResolvedConfig } from './resolve-config.ts';
import type { ResolvedWorker } from './resolve-models.ts';

/** Does the engine itself say when it is full, as nothing here limits what it gets. */
const isUnlimited = ({ form, slots, options }: ResolvedWorker): boolean =>
  form === 'attach' && slots === undefined && options.slots === undefined;

/** What somebody who reads a config may not expect, though nothing in it is wrong; each in one line, with its place. */
export function configNotes({ models, workers }: ResolvedConfig): string[] {
  const old = [...new Set(workers.filter(({ use }) => Object.hasOwn(LEGACY_ENGINES, use)).map(({ use }) => use))];
  const renamed = old.map((use) => `engine "${use}" is called "${LEGACY_ENGINES[use]}" here; write that name`);
  const shadowed = models.flatMap(({ id }) => {
    const own = workers.filter(({ model }) => model === id);
    const last = Math.max(...own.map(({ order }) => order));
    const orders = [
      ...new Set(own.filter((worker) => worker.order < last && isUnlimited(worker)).map(({ order }) => order)),
    ];
    return orders.map(
      (order) =>
        `models.${id}: its workers of order ${order} have no "slots", so that those of a higher order get work only when they answer 429 or 503, or are down`,
    );
  });
  return [...renamed, ...shadowed];
}

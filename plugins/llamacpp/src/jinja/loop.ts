import { type Callable, isEqual, itemsOf, TemplateError, type Value } from './value.ts';

/** The names that a loop sets: one, or several for the parts of each item. */
export type Target = string | readonly Target[];

/** Puts an item under the names of a target. */
export function assign(target: Target, value: Value, set: (name: string, value: Value) => void): void {
  if (typeof target === 'string') {
    set(target, value);
    return;
  }
  const parts = itemsOf(value);
  if (parts.length !== target.length)
    throw new TemplateError(`${target.length} names do not fit ${parts.length} parts`);
  for (const [index, part] of target.entries()) assign(part, parts[index], set);
}

/** What `loop` is within a loop, for each of its turns. */
export function createLoop(items: readonly Value[]): (index: number) => ReadonlyMap<string, Value> {
  let last: readonly Value[] | undefined;
  const changed: Callable = (values) => {
    const isSame = last !== undefined && isEqual(last, values);
    last = values;
    return !isSame;
  };
  const count = items.length;
  return (index) =>
    new Map<string, Value>([
      ['index', BigInt(index + 1)],
      ['index0', BigInt(index)],
      ['revindex', BigInt(count - index)],
      ['revindex0', BigInt(count - index - 1)],
      ['first', index === 0],
      ['last', index === count - 1],
      ['length', BigInt(count)],
      ['previtem', items[index - 1]],
      ['nextitem', items[index + 1]],
      ['depth', 1n],
      ['depth0', 0n],
      ['cycle', (values) => values[index % values.length]],
      ['changed', changed],
    ]);
}

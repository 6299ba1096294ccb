import { methodOf } from './methods.ts';
import { memberOf } from './operators.ts';
import { Text } from './text.ts';
import {
  type Callable,
  type Dict,
  isList,
  Namespace,
  numberOf,
  TemplateError,
  textOf,
  typeName,
  type Value,
} from './value.ts';

/** As in Jinja: a method or field first, then an item of that name. */
export function attributeOf(value: Value, name: string): Value {
  if (value === undefined) throw new TemplateError(`"${name}" is asked of a value that is undefined`);
  if (value instanceof Namespace) return value.fields.get(name);
  return methodOf(value, name) ?? memberOf(value, Text.own(name));
}

/** As in Jinja: an item first, then a method of that name. */
export function itemOf(value: Value, key: Value): Value {
  if (value === undefined) throw new TemplateError('an item is asked of a value that is undefined');
  const name = textOf(key)?.text ?? '';
  if (value instanceof Namespace) return value.fields.get(name);
  const found = memberOf(value, key);
  return found === undefined ? methodOf(value, name) : found;
}

/** What `value[from:to:step]` gives. */
export function sliceOf(value: Value, bounds: readonly Value[]): Value {
  const text = textOf(value);
  const length = text?.length ?? (isList(value) ? value.length : undefined);
  if (length === undefined) throw new TemplateError(`a value of type ${typeName(value)} has no slices`);
  const [from, to, step = 1] = bounds.map((bound) => (bound === null ? undefined : numberOf(bound)));
  const taken = indexes(length, from, to, step);
  if (isList(value)) return taken.map((index) => value[index]);
  if (step === 1) return text?.sliceOfCharacters(taken[0] ?? 0, (taken.at(-1) ?? -1) + 1);
  const characters = text?.characters() ?? [];
  return Text.join(taken.flatMap((index) => characters[index] ?? []));
}

function indexes(length: number, from: number | undefined, to: number | undefined, step: number): number[] {
  if (step === 0) throw new TemplateError('a slice needs a step');
  const [least, most] = step > 0 ? [0, length] : [-1, length - 1];
  const at = (bound: number): number => Math.min(Math.max(bound < 0 ? bound + length : bound, least), most);
  const start = from === undefined ? (step > 0 ? least : most) : at(from);
  const end = to === undefined ? (step > 0 ? most : least) : at(to);
  const count = Math.max(0, Math.ceil((end - start) / step));
  return Array.from({ length: count }, (_, index) => start + index * step);
}

/** @throws TemplateError where the value is no function */
export function callValue(value: Value, positional: readonly Value[], named: Dict): Value {
  if (typeof value !== 'function') throw new TemplateError(`a value of type ${typeName(value)} cannot be called`);
  return (value as Callable)(positional, named);
}

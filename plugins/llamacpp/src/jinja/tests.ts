import { contains } from './operators.ts';
import { compare, dictOf, Float, isEqual, isList, numberOf, textOf, typeName, type Value } from './value.ts';

type Test = (value: Value, ...more: Value[]) => boolean;

const isWhole = (value: Value): value is bigint => typeof value === 'bigint';
const isCaseful = (value: Value, other: (text: string) => string): boolean => {
  const text = textOf(value)?.text ?? '';
  return text === other(text) && text.toLowerCase() !== text.toUpperCase();
};
const equal: Test = isEqual;
const unequal: Test = (value, other) => !isEqual(value, other);
const less: Test = (value, other) => compare(value, other) < 0;
const more: Test = (value, other) => compare(value, other) > 0;
const atMost: Test = (value, other) => compare(value, other) <= 0;
const atLeast: Test = (value, other) => compare(value, other) >= 0;

/** Jinja's tests. A text that holds JSON is a text and, where it holds one, a mapping. */
export const TESTS: Readonly<Record<string, Test>> = {
  defined: (value) => value !== undefined,
  undefined: (value) => value === undefined,
  none: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  true: (value) => value === true,
  false: (value) => value === false,
  integer: isWhole,
  float: (value) => value instanceof Float,
  number: (value) => numberOf(value) !== undefined,
  string: (value) => textOf(value) !== undefined,
  mapping: (value) => dictOf(value) !== undefined,
  sequence: (value) => isList(value) || textOf(value) !== undefined || value instanceof Map,
  iterable: (value) => value === undefined || isList(value) || textOf(value) !== undefined || value instanceof Map,
  callable: (value) => typeof value === 'function',
  odd: (value) => Math.abs((numberOf(value) ?? 0) % 2) === 1,
  even: (value) => (numberOf(value) ?? 1) % 2 === 0,
  divisibleby: (value, by) => (numberOf(value) ?? 1) % (numberOf(by) ?? 0) === 0,
  lower: (value) => isCaseful(value, (text) => text.toLowerCase()),
  upper: (value) => isCaseful(value, (text) => text.toUpperCase()),
  in: contains,
  sameas: (value, other) => typeName(value) === typeName(other) && isEqual(value, other),
  equalto: equal,
  eq: equal,
  ne: unequal,
  lessthan: less,
  lt: less,
  le: atMost,
  greaterthan: more,
  gt: more,
  ge: atLeast,
};

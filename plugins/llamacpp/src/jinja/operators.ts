import { Text } from './text.ts';
import {
  compare,
  type Dict,
  dictOf,
  Float,
  isEqual,
  isList,
  itemsOf,
  JsonText,
  numberOf,
  TemplateError,
  textOf,
  typeName,
  type Value,
  written,
} from './value.ts';

/** The binary operators of expressions but for `and` and `or`, which do not always read their right side. */
export const OPERATORS: Readonly<Record<string, (left: Value, right: Value) => Value>> = {
  '+': add,
  '-': arithmetic(
    '-',
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  '*': multiply,
  '/': (left, right) => new Float(floats('/', left, right, (a, b) => a / nonZero(b))),
  '//': arithmetic('//', floorDivision, (a, b) => Math.floor(a / nonZero(b))),
  '%': modulo,
  '**': power,
  '~': (left, right) => Text.join([written(left), written(right)]),
  '==': isEqual,
  '!=': (left, right) => !isEqual(left, right),
  '<': (left, right) => compare(left, right) < 0,
  '<=': (left, right) => compare(left, right) <= 0,
  '>': (left, right) => compare(left, right) > 0,
  '>=': (left, right) => compare(left, right) >= 0,
  in: contains,
  'not in': (left, right) => !contains(left, right),
};

const modulus = arithmetic(
  '%',
  (a, b) => a - b * floorDivision(a, b),
  (a, b) => a - nonZero(b) * Math.floor(a / b),
);

/** Is `item` in a list, a text, or among the keys of a mapping. */
export function contains(item: Value, container: Value): boolean {
  const [text, part, dict] = [textOf(container), textOf(item), dictOf(container)];
  if (text && part) return text.text.includes(part.text);
  if (dict) return part !== undefined && dict.has(part.text);
  return itemsOf(container).some((other) => isEqual(other, item));
}

function add(left: Value, right: Value): Value {
  const [leftText, rightText] = [textOf(left), textOf(right)];
  if (leftText && rightText) return Text.join([leftText, rightText]);
  if (isList(left) && isList(right)) return [...left, ...right];
  return arithmetic(
    '+',
    (a, b) => a + b,
    (a, b) => a + b,
  )(left, right);
}

function multiply(left: Value, right: Value): Value {
  if (typeof left === 'bigint' && numberOf(right) === undefined) return repeated(right, left);
  if (typeof right === 'bigint' && numberOf(left) === undefined) return repeated(left, right);
  return arithmetic(
    '*',
    (a, b) => a * b,
    (a, b) => a * b,
  )(left, right);
}

const MOST_REPEATS = 10_000n;

function repeated(value: Value, count: bigint): Value {
  const times = Number(count < 0n ? 0n : count > MOST_REPEATS ? MOST_REPEATS : count);
  const text = textOf(value);
  if (text) return Text.join(Array.from({ length: times }, () => text));
  if (isList(value)) return Array.from({ length: times }, () => value).flat();
  throw unsupported('*', value, count);
}

function modulo(left: Value, right: Value): Value {
  const format = textOf(left);
  return format ? formatted(format, isList(right) ? right : [right]) : modulus(left, right);
}

/** Python's old formatting, as far as templates use it: `%s`, `%d`, `%%`. */
function formatted(format: Text, values: readonly Value[]): Text {
  const rest = [...values];
  const pieces: Text[] = [];
  let from = 0;
  for (const found of format.text.matchAll(/%([sd%])/g)) {
    pieces.push(format.slice(from, found.index), found[1] === '%' ? Text.own('%') : written(rest.shift()));
    from = found.index + found[0].length;
  }
  return Text.join([...pieces, format.slice(from)]);
}

function power(left: Value, right: Value): Value {
  if (typeof left === 'bigint' && typeof right === 'bigint' && right >= 0n && right < 1_000n) return left ** right;
  return new Float(floats('**', left, right, (a, b) => a ** b));
}

function arithmetic(
  name: string,
  whole: (left: bigint, right: bigint) => bigint,
  float: (left: number, right: number) => number,
): (left: Value, right: Value) => Value {
  return (left, right) => {
    const [a, b] = [integerOf(left), integerOf(right)];
    return a !== undefined && b !== undefined ? whole(a, b) : new Float(floats(name, left, right, float));
  };
}

function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'boolean' ? BigInt(value) : undefined;
}

function floats(name: string, left: Value, right: Value, work: (a: number, b: number) => number): number {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a === undefined || b === undefined) throw unsupported(name, left, right);
  return work(a, b);
}

/** The minus before a value. */
export function negative(value: Value): Value {
  if (typeof value === 'bigint') return -value;
  const number = numberOf(value);
  if (number === undefined) throw new TemplateError(`-${typeName(value)} is not possible`);
  return typeof value === 'boolean' ? BigInt(-number) : new Float(-number);
}

function floorDivision(left: bigint, right: bigint): bigint {
  if (right === 0n) throw new TemplateError('division by zero');
  const quotient = left / right;
  return left % right !== 0n && left < 0n !== right < 0n ? quotient - 1n : quotient;
}

function nonZero(value: number): number {
  if (value === 0) throw new TemplateError('division by zero');
  return value;
}

const unsupported = (name: string, left: Value, right: Value): TemplateError =>
  new TemplateError(`${typeName(left)} ${name} ${typeName(right)} is not possible`);

/** An attribute or item of a value; undefined where it has none. */
export function memberOf(value: Value, key: Value): Value {
  const [name, index] = [textOf(key)?.text, integerOf(key)];
  const dict: Dict | undefined = dictOf(value);
  if (dict && name !== undefined) return dict.get(name);
  if (index === undefined) return undefined;
  if (isList(value)) return value.at(Number(index));
  if (value instanceof JsonText && isList(value.meaning)) return value.meaning.at(Number(index));
  const text = textOf(value);
  const at = index < 0n ? Number(index) + (text?.length ?? 0) : Number(index);
  return text && at >= 0 && at < text.length ? text.sliceOfCharacters(at, at + 1) : undefined;
}

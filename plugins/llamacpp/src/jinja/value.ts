import { EMPTY, Text } from './text.ts';

/** A float; `written` keeps how it was written where it came as JSON (`1.0`, `1e5`). */
export class Float {
  readonly value: number;
  readonly written: string;

  constructor(value: number, written = pythonFloat(value)) {
    this.value = value;
    this.written = written;
  }
}

/** What `namespace()` makes. */
export class Namespace {
  readonly fields: Map<string, Value>;

  constructor(fields: Map<string, Value>) {
    this.fields = fields;
  }
}

/**
 * A text that holds JSON, such as the arguments of a call: a text where the template takes a text, what it means where the
 * template takes that apart or writes it as JSON. Text that is no JSON means itself.
 */
export class JsonText {
  readonly text: Text;
  readonly meaning: Value;

  constructor(text: Text, meaning: Value) {
    this.text = text;
    this.meaning = meaning;
  }
}

/** A function of a template, with what is given by position and by name. */
export type Callable = (positional: readonly Value[], named: Dict) => Value;

export type Dict = Map<string, Value>;

/** A value of a template. Integers are bigint, `undefined` is Jinja's undefined, `null` is none. */
export type Value =
  | undefined
  | null
  | boolean
  | bigint
  | Float
  | Text
  | readonly Value[]
  | Dict
  | Namespace
  | JsonText
  | Callable;

/** A template that cannot go on; the message holds nothing of a request. */
export class TemplateError extends Error {
  override name = 'TemplateError';
}

const tuples = new WeakSet<readonly Value[]>();

/** A list that is written as a tuple. */
export function tuple(items: readonly Value[]): readonly Value[] {
  const made = [...items];
  tuples.add(made);
  return made;
}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

/** The text that a value is; undefined for other values. */
export function textOf(value: Value): Text | undefined {
  return value instanceof Text ? value : value instanceof JsonText ? value.text : undefined;
}

/** The mapping that a value is; undefined for other values. */
export function dictOf(value: Value): Dict | undefined {
  if (value instanceof JsonText) return value.meaning instanceof Map ? value.meaning : undefined;
  return value instanceof Map ? value : undefined;
}

/** The names and values of a mapping; a text that should hold one and does not is the value of one name. */
export function entriesOf(value: Value): Dict | undefined {
  return dictOf(value) ?? (value instanceof JsonText ? new Map([['arguments', value.text]]) : undefined);
}

/** The number that a value counts as; booleans are 0 and 1, as in Python. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Float ? value.value : undefined;
}

/** What Python calls the type of a value. */
export function typeName(value: Value): string {
  if (value === undefined) return 'undefined';
  if (value === null) return 'None';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (value instanceof Float) return 'float';
  if (textOf(value)) return 'str';
  if (isList(value)) return 'list';
  return value instanceof Map ? 'dict' : value instanceof Namespace ? 'namespace' : 'function';
}

/** Does a value count as true. */
export function isTrue(value: Value): boolean {
  const number = numberOf(value);
  if (number !== undefined) return number !== 0;
  if (value instanceof JsonText) return value.text.text !== '';
  if (value instanceof Text) return value.text !== '';
  if (isList(value)) return value.length > 0;
  return value instanceof Map ? value.size > 0 : value !== undefined && value !== null;
}

/** Are two values equal, as Python's `==` has it. */
export function isEqual(left: Value, right: Value): boolean {
  const [leftText, rightText] = [textOf(left), textOf(right)];
  if (leftText && rightText) return leftText.text === rightText.text;
  if (typeof left === 'bigint' && typeof right === 'bigint') return left === right;
  const [leftNumber, rightNumber] = [numberOf(left), numberOf(right)];
  if (leftNumber !== undefined && rightNumber !== undefined) return leftNumber === rightNumber;
  if (isList(left) && isList(right)) {
    return left.length === right.length && left.every((item, index) => isEqual(item, right[index]));
  }
  const [leftDict, rightDict] = [dictOf(left), dictOf(right)];
  if (leftDict && rightDict) {
    if (leftDict.size !== rightDict.size) return false;
    return [...leftDict].every(([key, value]) => rightDict.has(key) && isEqual(value, rightDict.get(key)));
  }
  return left === right;
}

/** Less than 0 where `left` comes first. */
export function compare(left: Value, right: Value): number {
  const [leftText, rightText] = [textOf(left)?.text, textOf(right)?.text];
  if (leftText !== undefined && rightText !== undefined)
    return leftText < rightText ? -1 : leftText > rightText ? 1 : 0;
  if (typeof left === 'bigint' && typeof right === 'bigint') return left < right ? -1 : left > right ? 1 : 0;
  const [leftNumber, rightNumber] = [numberOf(left), numberOf(right)];
  if (leftNumber !== undefined && rightNumber !== undefined) return leftNumber - rightNumber;
  if (isList(left) && isList(right)) {
    for (let index = 0; index < Math.min(left.length, right.length); index++) {
      if (!isEqual(left[index], right[index])) return compare(left[index], right[index]);
    }
    return left.length - right.length;
  }
  throw new TemplateError(`${typeName(left)} and ${typeName(right)} cannot be ordered`);
}

/** The items of what can be gone through; a mapping gives its keys, undefined nothing. */
export function itemsOf(value: Value): readonly Value[] {
  if (value === undefined) return [];
  if (isList(value)) return value;
  if (value instanceof JsonText && typeof value.meaning === 'object') {
    if (isList(value.meaning) || value.meaning instanceof Map) return itemsOf(value.meaning);
  }
  const text = textOf(value);
  if (text) return text.characters();
  if (value instanceof Map) return [...value.keys()].map(Text.foreign);
  throw new TemplateError(`a value of type ${typeName(value)} has no items`);
}

/** A value as the template writes it out: Python's `str`, but nothing for undefined. */
export function written(value: Value): Text {
  if (value === undefined) return EMPTY;
  return textOf(value) ?? represented(value);
}

/** Python's `repr`. */
export function represented(value: Value): Text {
  const text = textOf(value);
  if (text) return quoted(text);
  if (value === null) return Text.own('None');
  if (typeof value === 'boolean') return Text.own(value ? 'True' : 'False');
  if (typeof value === 'bigint') return Text.own(String(value));
  if (value instanceof Float) return Text.own(value.written);
  if (isList(value)) return tuples.has(value) ? asTuple(value) : enclosed('[', value.map(represented), ']');
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) =>
      Text.join([quoted(Text.foreign(key)), Text.own(': '), represented(item)]),
    );
    return enclosed('{', entries, '}');
  }
  return Text.own(`<${typeName(value)}>`);
}

const asTuple = (items: readonly Value[]): Text =>
  enclosed('(', items.map(represented), items.length === 1 ? ',)' : ')');

const enclosed = (open: string, texts: readonly Text[], close: string): Text =>
  Text.join([Text.own(open), Text.join(texts, Text.own(', ')), Text.own(close)]);

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function quoted(text: Text): Text {
  const quote = text.text.includes("'") && !text.text.includes('"') ? '"' : "'";
  const escaped = text.map((part) => part.replace(/[\n\r\t\\]/g, (found) => ESCAPES[found] ?? found));
  const inner = quote === "'" ? escaped.map((part) => part.replaceAll("'", "\\'")) : escaped;
  return Text.join([Text.own(quote), inner, Text.own(quote)]);
}

function pythonFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const text = Object.is(value, -0) ? '-0' : String(value);
  const [digits = '', exponent] = text.split('e');
  if (exponent !== undefined) return `${digits}e${exponent.replace(/^([+-])(\d)$/, '$10$2')}`;
  if (Math.abs(value) >= 1e16) return value.toExponential().replace(/e\+(\d)$/, 'e+0$1');
  return digits.includes('.') ? digits : `${digits}.0`;
}

import { type JsonStyle, toJson } from './json.ts';
import { attributeOf, callValue } from './members.ts';
import { methodOf } from './methods.ts';
import { memberOf, OPERATORS } from './operators.ts';
import { TESTS } from './tests.ts';
import { EMPTY, Text } from './text.ts';
import { capitalized, replaced, splitText, string, titled } from './text-functions.ts';
import {
  compare,
  type Dict,
  dictOf,
  entriesOf,
  Float,
  isEqual,
  isList,
  isTrue,
  itemsOf,
  Namespace,
  numberOf,
  TemplateError,
  textOf,
  tuple,
  typeName,
  type Value,
  written,
} from './value.ts';

type Filter = (value: Value, positional: readonly Value[], named: Dict) => Value;

/** Jinja's filters that templates of chats use, and transformers' `tojson`. */
export const FILTERS: Readonly<Record<string, Filter>> = {
  tojson: (value, positional, named) => toJson(value, jsonStyle(positional, named)),
  string: written,
  safe: (value) => value,
  trim: (value, [characters]) => written(value).strip('both', textOf(characters)?.text),
  upper: (value) => written(value).map((text) => text.toUpperCase()),
  lower: (value) => written(value).map((text) => text.toLowerCase()),
  title: (value) => titled(written(value)),
  capitalize: (value) => capitalized(written(value)),
  replace: (value, [from, to, count]) =>
    replaced(written(value), string(from, 'replace'), string(to, 'replace'), numberOf(count)),
  indent: (value, positional, named) => indented(written(value), positional, named),
  wordcount: (value) => BigInt(splitText(written(value), null, -1n).length),
  length: lengthOf,
  count: lengthOf,
  first: (value) => itemsOf(value)[0],
  last: (value) => itemsOf(value).at(-1),
  list: (value) => itemsOf(value),
  reverse: (value) =>
    textOf(value) ? Text.join([...(textOf(value)?.characters() ?? [])].reverse()) : [...itemsOf(value)].reverse(),
  join: (value, [separator, attribute]) => joined(value, separator, attribute),
  items: (value) => {
    const entries = value === undefined ? new Map() : entriesOf(value);
    if (!entries) throw new TemplateError(`a value of type ${typeName(value)} has no items`);
    return [...entries].map(([key, item]) => tuple([Text.foreign(key), item]));
  },
  dictsort: (value) =>
    [...(entriesOf(value) ?? [])]
      .sort(([left], [right]) => (left.toLowerCase() < right.toLowerCase() ? -1 : 1))
      .map(([key, item]) => tuple([Text.foreign(key), item])),
  sort: (value, positional, named) => sorted(value, positional, named),
  unique: (value, _, named) => unique(value, by(named.get('attribute'))),
  map: (value, positional, named) => itemsOf(value).map(mapping(positional, named)),
  select: (value, test) => itemsOf(value).filter(testing(test)),
  reject: (value, test) => itemsOf(value).filter((item) => !testing(test)(item)),
  selectattr: (value, [attribute, ...test]) => itemsOf(value).filter((item) => testing(test)(by(attribute)(item))),
  rejectattr: (value, [attribute, ...test]) => itemsOf(value).filter((item) => !testing(test)(by(attribute)(item))),
  batch: (value, [size]) => batches(itemsOf(value), numberOf(size) ?? 1),
  sum: (value) => itemsOf(value).reduce((sum, item) => OPERATORS['+']?.(sum, item), 0n),
  min: (value) => [...itemsOf(value)].sort(compare)[0],
  max: (value) => [...itemsOf(value)].sort(compare).at(-1),
  int: (value, [other = 0n]) => wholeOf(value) ?? other,
  float: (value, [other]) => floatOf(value) ?? other ?? new Float(0),
  abs: (value) =>
    typeof value === 'bigint' ? (value < 0n ? -value : value) : new Float(Math.abs(numberOf(value) ?? 0)),
  round: (value, [digits]) => rounded(numberOf(value) ?? 0, numberOf(digits) ?? 0),
  default: (value, [other = EMPTY, always], named) => orDefault(value, other, always ?? named.get('boolean')),
  d: (value, [other = EMPTY, always], named) => orDefault(value, other, always ?? named.get('boolean')),
  attr: (value, [name]) =>
    dictOf(value) ? methodOf(value, written(name).text) : attributeOf(value, written(name).text),
  format: (value, values) => OPERATORS['%']?.(value, values),
  escape: escaped,
  e: escaped,
};

function jsonStyle([first]: readonly Value[], named: Dict): JsonStyle {
  const separators = named.get('separators');
  const [comma, colon] = isList(separators) ? separators.map((text) => written(text).text) : [];
  return {
    indent: numberOf(first ?? named.get('indent')),
    ensureAscii: isTrue(named.get('ensure_ascii')),
    sortKeys: isTrue(named.get('sort_keys')),
    separators: comma !== undefined && colon !== undefined ? [comma, colon] : undefined,
  };
}

function indented(text: Text, positional: readonly Value[], named: Dict): Text {
  const [width = named.get('width') ?? 4n, first = named.get('first'), blank = named.get('blank')] = positional;
  const space = textOf(width) ?? Text.own(' '.repeat(numberOf(width) ?? 4));
  const lines = text.split('\n').map((line, index) => {
    const isLeft = index === 0 ? !isTrue(first) : line.text.trim() === '' && !isTrue(blank);
    return isLeft ? line : Text.join([space, line]);
  });
  return Text.join(lines, Text.own('\n'));
}

function lengthOf(value: Value): bigint {
  if (value instanceof Map) return BigInt(value.size);
  const text = textOf(value);
  return BigInt(text?.length ?? itemsOf(value).length);
}

function joined(value: Value, separator: Value, attribute: Value): Text {
  return Text.join(
    itemsOf(value).map((item) => written(by(attribute)(item))),
    written(separator),
  );
}

/** Takes an attribute, or an item of a path with dots, out of a value; the value itself without one. */
function by(attribute: Value): (value: Value) => Value {
  if (attribute === undefined) return (value) => value;
  if (typeof attribute === 'bigint') return (value) => memberOf(value, attribute);
  const path = written(attribute).text.split('.');
  return (value) => path.reduce((part, name) => fieldOf(part, name), value);
}

const fieldOf = (value: Value, name: string): Value =>
  value instanceof Namespace
    ? value.fields.get(name)
    : memberOf(value, /^\d+$/.test(name) && isList(value) ? BigInt(name) : Text.own(name));

function sorted(value: Value, [reverse, caseful]: readonly Value[], named: Dict): Value[] {
  const key = by(named.get('attribute'));
  const isCaseful = isTrue(caseful ?? named.get('case_sensitive'));
  const keyOf = (item: Value): Value => {
    const found = key(item);
    return isCaseful ? found : (textOf(found)?.map((text) => text.toLowerCase()) ?? found);
  };
  const direction = isTrue(reverse ?? named.get('reverse')) ? -1 : 1;
  return [...itemsOf(value)].sort((left, right) => direction * compare(keyOf(left), keyOf(right)));
}

function unique(value: Value, key: (item: Value) => Value): Value[] {
  const seen: Value[] = [];
  return itemsOf(value).filter((item) => {
    const found = key(item);
    const folded = textOf(found)?.map((text) => text.toLowerCase()) ?? found;
    if (seen.some((other) => isEqual(other, folded))) return false;
    seen.push(folded);
    return true;
  });
}

function mapping([name, ...rest]: readonly Value[], named: Dict): (item: Value) => Value {
  if (named.has('attribute')) {
    const take = by(named.get('attribute'));
    return (item) => take(item) ?? named.get('default');
  }
  const filter = FILTERS[written(name).text];
  if (!filter) throw new TemplateError('there is no such filter');
  return (item) => callValue((positional, options) => filter(item, positional, options), rest, named);
}

function testing([name, ...rest]: readonly Value[]): (item: Value) => boolean {
  if (name === undefined) return isTrue;
  const test = TESTS[written(name).text];
  if (!test) throw new TemplateError('there is no such test');
  return (item) => test(item, ...rest);
}

const batches = (items: readonly Value[], size: number): Value[] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

function wholeOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  const text = textOf(value)?.text.trim();
  if (text !== undefined && /^[-+]?\d+$/.test(text)) return BigInt(text.replace(/^\+/, ''));
  const number = text === undefined ? numberOf(value) : Number.parseFloat(text);
  return number !== undefined && Number.isFinite(number) ? BigInt(Math.trunc(number)) : undefined;
}

function floatOf(value: Value): Float | undefined {
  const text = textOf(value)?.text.trim();
  const number = text === undefined ? numberOf(value) : text === '' ? Number.NaN : Number(text);
  return number === undefined || Number.isNaN(number) ? undefined : new Float(number);
}

/** To the nearest, halves to the even neighbour, as in Python. */
function rounded(value: number, digits: number): Float {
  const scaled = value * 10 ** digits;
  const nearest = Math.abs(scaled % 1) === 0.5 ? 2 * Math.round(scaled / 2) : Math.round(scaled);
  return new Float(nearest / 10 ** digits);
}

const orDefault = (value: Value, other: Value, always: Value): Value =>
  value === undefined || (isTrue(always) && !isTrue(value)) ? other : value;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&#39;',
  '"': '&#34;',
};

function escaped(value: Value): Text {
  return written(value).map((text) => text.replace(/[&<>'"]/g, (character) => ENTITIES[character] ?? character));
}

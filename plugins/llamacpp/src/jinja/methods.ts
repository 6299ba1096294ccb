import { Text } from './text.ts';
import {
  capitalized,
  formatted,
  partition,
  replaced,
  splitFromEnd,
  splitLines,
  splitText,
  string,
  titled,
} from './text-functions.ts';
import {
  type Callable,
  type Dict,
  dictOf,
  entriesOf,
  isList,
  itemsOf,
  numberOf,
  TemplateError,
  textOf,
  tuple,
  type Value,
  written,
} from './value.ts';

type Method<T> = (self: T, positional: readonly Value[], named: Dict) => Value;

/** The method of a text, a list or a mapping; undefined where it has none of that name. Nothing here changes a value. */
export function methodOf(value: Value, name: string): Callable | undefined {
  return (
    bound(name === 'items' ? entriesOf(value) : dictOf(value), DICT, name) ??
    bound(textOf(value), TEXT, name) ??
    bound(isList(value) ? value : undefined, LIST, name)
  );
}

function bound<T>(
  self: T | undefined,
  methods: Readonly<Record<string, Method<T>>>,
  name: string,
): Callable | undefined {
  const method = self !== undefined && Object.hasOwn(methods, name) ? methods[name] : undefined;
  return method && ((positional, named) => method(self as T, positional, named));
}

const TEXT: Readonly<Record<string, Method<Text>>> = {
  upper: (self) => self.map((text) => text.toUpperCase()),
  lower: (self) => self.map((text) => text.toLowerCase()),
  capitalize: (self) => capitalized(self),
  title: (self) => titled(self),
  strip: (self, [set]) => self.strip('both', textOf(set)?.text),
  lstrip: (self, [set]) => self.strip('left', textOf(set)?.text),
  rstrip: (self, [set]) => self.strip('right', textOf(set)?.text),
  startswith: (self, [start]) => anyOf(start, (text) => self.text.startsWith(text)),
  endswith: (self, [end]) => anyOf(end, (text) => self.text.endsWith(text)),
  split: (self, [separator, limit], named) =>
    splitText(self, separator ?? named.get('sep'), limit ?? named.get('maxsplit')),
  rsplit: (self, [separator, limit]) => splitFromEnd(self, separator, limit),
  splitlines: (self) => splitLines(self),
  partition: (self, [separator]) => partition(self, self.text.indexOf(string(separator, 'partition').text), separator),
  rpartition: (self, [separator]) =>
    partition(self, self.text.lastIndexOf(string(separator, 'rpartition').text), separator, true),
  replace: (self, [from, to, count]) => replaced(self, string(from, 'replace'), string(to, 'replace'), numberOf(count)),
  removeprefix: (self, [start]) =>
    self.text.startsWith(string(start, 'removeprefix').text) ? self.slice(string(start, '').text.length) : self,
  removesuffix: (self, [end]) => {
    const { text } = string(end, 'removesuffix');
    return text !== '' && self.text.endsWith(text) ? self.slice(0, self.text.length - text.length) : self;
  },
  find: (self, [part]) => BigInt(self.text.indexOf(string(part, 'find').text)),
  rfind: (self, [part]) => BigInt(self.text.lastIndexOf(string(part, 'rfind').text)),
  index: (self, [part]) => BigInt(found(self.text.indexOf(string(part, 'index').text))),
  count: (self, [part]) => BigInt(self.text.split(string(part, 'count').text).length - 1),
  join: (self, [items]) =>
    Text.join(
      itemsOf(items).map((item) => string(item, 'join')),
      self,
    ),
  format: (self, positional, named) => formatted(self, positional, named),
  isdigit: (self) => /^\p{Nd}+$/u.test(self.text),
  isalpha: (self) => /^\p{L}+$/u.test(self.text),
  isalnum: (self) => /^[\p{L}\p{Nd}]+$/u.test(self.text),
  isspace: (self) => /^\s+$/.test(self.text),
  isupper: (self) => self.text !== self.text.toLowerCase() && self.text === self.text.toUpperCase(),
  islower: (self) => self.text !== self.text.toUpperCase() && self.text === self.text.toLowerCase(),
};

const LIST: Readonly<Record<string, Method<readonly Value[]>>> = {
  index: (self, [item]) => BigInt(found(self.findIndex((other) => written(other).text === written(item).text))),
  count: (self, [item]) => BigInt(self.filter((other) => written(other).text === written(item).text).length),
};

const DICT: Readonly<Record<string, Method<Dict>>> = {
  get: (self, [key, other = null]) => self.get(written(key).text) ?? (self.has(written(key).text) ? null : other),
  items: (self) => [...self].map(([key, value]) => tuple([Text.foreign(key), value])),
  keys: (self) => [...self.keys()].map(Text.foreign),
  values: (self) => [...self.values()],
  copy: (self) => new Map(self),
};

function found(index: number): number {
  if (index < 0) throw new TemplateError('what is looked for is not there');
  return index;
}

const anyOf = (value: Value, test: (text: string) => boolean): boolean =>
  isList(value) ? value.some((item) => test(string(item, 'a test').text)) : test(string(value, 'a test').text);

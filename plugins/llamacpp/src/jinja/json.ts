import { Text } from './text.ts';
import { dictOf, Float, isList, JsonText, TemplateError, textOf, typeName, type Value } from './value.ts';

/** How `tojson` writes; names and defaults are those of Python's `json.dumps`. */
export interface JsonStyle {
  readonly indent?: number | undefined;
  readonly separators?: readonly [string, string] | undefined;
  readonly sortKeys?: boolean | undefined;
  readonly ensureAscii?: boolean | undefined;
}

/** A value as JSON, as Python writes it; numbers that came as JSON are as they were. */
export function toJson(value: Value, style: JsonStyle = {}, depth = 0): Text {
  if (value instanceof JsonText) return toJson(value.meaning, style, depth);
  const text = textOf(value);
  if (text) return jsonString(text, style);
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return Text.own(String(value));
  if (value instanceof Float) return Text.own(value.written);
  if (isList(value)) {
    return enclosed(
      '[',
      ']',
      value.map((item) => toJson(item, style, depth + 1)),
      style,
      depth,
    );
  }
  const dict = dictOf(value);
  if (!dict) throw new TemplateError(`a value of type ${typeName(value)} cannot be written as JSON`);
  const entries = [...dict];
  if (style.sortKeys) entries.sort(([left], [right]) => (left < right ? -1 : 1));
  const colon = Text.own(style.separators?.[1] ?? ': ');
  const items = entries.map(([key, item]) =>
    Text.join([jsonString(Text.foreign(key), style), colon, toJson(item, style, depth + 1)]),
  );
  return enclosed('{', '}', items, style, depth);
}

function enclosed(open: string, close: string, items: readonly Text[], style: JsonStyle, depth: number): Text {
  const { indent } = style;
  if (items.length === 0) return Text.own(open + close);
  const comma = style.separators?.[0] ?? (indent === undefined ? ', ' : ',');
  const line = (level: number): string => (indent === undefined ? '' : `\n${' '.repeat(indent * level)}`);
  return Text.join([
    Text.own(open + line(depth + 1)),
    Text.join(items, Text.own(comma + line(depth + 1))),
    Text.own(line(depth) + close),
  ]);
}

function jsonString(text: Text, { ensureAscii }: JsonStyle): Text {
  const escaped = text.map((part) => {
    // Python leaves halves of surrogate pairs and DEL as they are; the former cannot be sent on anyway.
    const plain = JSON.stringify(part).slice(1, -1);
    return ensureAscii ? plain.replace(/[^\0-\x7f]/g, unicodeEscape) : plain;
  });
  return Text.join([Text.own('"'), escaped, Text.own('"')]);
}

const unicodeEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A value of the request, as it stands in its parsed JSON; texts come from outside. */
export function toValue(value: unknown): Value {
  if (value === undefined || value === null || typeof value === 'boolean') return value;
  if (typeof value === 'string') return Text.foreign(value.toWellFormed());
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : new Float(value);
  if (Array.isArray(value)) return value.map(toValue);
  return new Map(Object.entries(value as object).map(([key, item]) => [key.toWellFormed(), toValue(item)]));
}

/** Reads JSON without loss: integers of any size, floats as they are written, keys in their order. Undefined for other text. */
export function readJson(text: string): Value {
  try {
    JSON.parse(text);
    return read(text.match(TOKENS) ?? []);
  } catch {
    return undefined;
  }
}

/** The tokens of valid JSON. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[-+.\w]+|[{}[\]:,]/g;

function read(tokens: string[]): Value {
  let at = 0;
  const value = (): Value => {
    const token = tokens[at++] ?? '';
    if (token === '[') return list();
    if (token === '{') return dict();
    if (token.startsWith('"')) return Text.foreign(String(JSON.parse(token)).toWellFormed());
    if (token === 'null') return null;
    if (token === 'true' || token === 'false') return token === 'true';
    return /^-?\d+$/.test(token) && token !== '-0' ? BigInt(token) : new Float(Number(token), token);
  };
  const list = (): Value[] => {
    const items: Value[] = [];
    while (tokens[at] !== ']') {
      items.push(value());
      if (tokens[at] === ',') at++;
    }
    at++;
    return items;
  };
  const dict = (): Map<string, Value> => {
    const entries = new Map<string, Value>();
    while (tokens[at] !== '}') {
      const key = String(JSON.parse(tokens[at] ?? '""')).toWellFormed();
      at += 2;
      entries.set(key, value());
      if (tokens[at] === ',') at++;
    }
    at++;
    return entries;
  };
  return value();
}

/** A text of a tool turn: what it means as JSON, else itself; an empty one means `{}` where `empty` says so. */
export function jsonText(text: string, empty?: '{}'): JsonText {
  const source = text.trim() === '' && empty ? empty : text.toWellFormed();
  const foreign = Text.foreign(source);
  const meaning = readJson(source);
  return new JsonText(foreign, meaning === undefined ? foreign : meaning);
}

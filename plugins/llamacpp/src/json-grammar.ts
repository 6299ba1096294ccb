import { createSchemaReader, fault, type JsonSchema, type SchemaReader } from './json-schema.ts';
import { integerGrammar, type NumberBounds, numberGrammar } from './number-grammar.ts';

/** Longest list or text that a grammar counts; a longer limit is cut to it, which keeps every result valid. */
const MOST_REPEATS = 1000;
const DEEPEST = 100;

/** Rules that every grammar may use. Space is bounded: small models would fill the answer with it. */
const BASE: Readonly<Record<string, string>> = {
  ws: '| " " | "\\n" [ \\t]{0,20}',
  hex: '[0-9a-fA-F]',
  // No halves of surrogate pairs: each escape is one character, as length limits count them.
  char: '[^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" ([0-9a-cA-CefEF] hex | [dD] [0-7]) hex hex)',
  string: '"\\"" char* "\\""',
  number: '"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?',
  boolean: '"true" | "false"',
  null: '"null"',
  value: 'string | number | boolean | null | array | object',
  member: 'string ws ":" ws value',
  array: '"[" ws (value ws ("," ws value ws)*)? "]"',
  object: '"{" ws (member ws ("," ws member ws)*)? "}"',
  year: '[12] [0-9]{3}',
  date: 'year "-" ("02" "-" ("0" [1-9] | "1" [0-9] | "2" [0-8]) | month "-" day)',
  month: '"0" [13-9] | "1" [0-2]',
  day: '"0" [1-9] | [12] [0-9] | "30"',
  time: '("0" [0-9] | "1" [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,6})? ("Z" | [-+] ("0" [0-9] | "1" [0-3]) ":" [0-5] [0-9])',
  octet: '"25" [0-5] | "2" [0-4] [0-9] | "1" [0-9]{2} | [1-9] [0-9] | [0-9]',
  word: '[a-z0-9] ([a-z0-9-]{0,30} [a-z0-9])?',
  host: 'word ("." word){0,3} "." [a-z]{2,12}',
};

/** What a text of each format is made of; a format not here is refused. */
const FORMATS: Readonly<Record<string, string>> = {
  date: 'date',
  time: 'time',
  'date-time': 'date "T" time',
  uuid: 'hex{8} "-" hex{4} "-4" hex{3} "-" [89ab] hex{3} "-" hex{12}',
  ipv4: 'octet "." octet "." octet "." octet',
  hostname: 'host',
  email: 'word ("." word)? "@" host',
  uri: '"http" "s"? "://" host ("/" [a-zA-Z0-9._~-]{1,60}){0,6}',
};

/**
 * A GBNF grammar whose every text is JSON that is valid against `schema`. It leaves out some valid texts: properties come in the
 * schema's order and none beside the named ones, bounded numbers have no exponent, limits on repetition end at 1000.
 * @param param path of the schema in the request, for errors
 * @throws INVALID_VALUE naming the first part that a grammar cannot follow
 */
export function jsonGrammar(schema: unknown, param: string): string {
  const writer = new GrammarWriter(schema);
  const root = writer.value(schema, param);
  const rules = [['root', root], ...writer.rules, ...Object.entries(BASE)];
  return rules.map(([name, body]) => `${name} ::= ${body}`).join('\n');
}

/** A GBNF grammar of exactly these texts. */
export function textGrammar(texts: readonly string[]): string {
  return `root ::= ${texts.map(literal).join(' | ')}`;
}

/** Turns the parts of one schema into rules; every method gives an expression for the part, usually a rule's name. */
class GrammarWriter {
  readonly rules = new Map<string, string>();
  readonly #reader: SchemaReader;
  readonly #references = new Map<string, string>();
  #depth = 0;

  constructor(root: unknown) {
    this.#reader = createSchemaReader(root);
  }

  /** Any value that is valid against `schema`. */
  value(schema: unknown, path: string): string {
    if (schema === true) return 'value';
    const reference = this.#reader.reference(schema, path);
    if (reference !== undefined) return this.#referred(reference, path);
    if (++this.#depth > DEEPEST) throw fault('it is nested too deep, or refers to itself without end', path);
    const parts = this.#reader.choice(schema, path)?.map((part) => this.value(part, path));
    const expressions = parts ?? this.#reader.alternatives(schema, path).map((one) => this.#typed(one, path));
    this.#depth--;
    return this.#rule([...new Set(expressions)].join(' | '));
  }

  /** One rule for each reference, known before its body is read, so that a schema may refer to itself. */
  #referred(reference: string, path: string): string {
    const known = this.#references.get(reference);
    if (known) return known;
    const name = `ref${this.#references.size}`;
    this.#references.set(reference, name);
    this.rules.set(name, this.value(this.#reader.resolve(reference, path), path));
    return name;
  }

  #rule(body: string): string {
    if (/^\w+$/.test(body)) return body;
    const name = `r${this.rules.size}`;
    this.rules.set(name, body);
    return name;
  }

  /** A schema that the reader has reduced to a constant or to one type. */
  #typed(schema: JsonSchema, path: string): string {
    if ('const' in schema) return literal(JSON.stringify(schema.const));
    const type = schema.type;
    if (type === 'object') return this.#object(schema, path);
    if (type === 'array') return this.#array(schema, path);
    if (type === 'string') return text(schema, path);
    if (type === 'number' || type === 'integer') return number(schema, path);
    return type === undefined ? 'value' : String(type);
  }

  #object({ properties = {}, required = [], additionalProperties = true }: JsonSchema, path: string): string {
    const schemas = new Map(Object.entries(properties).filter(([, schema]) => schema !== false));
    const needed = new Set(required);
    for (const name of needed) {
      if (schemas.has(name)) continue;
      if (additionalProperties === false) throw fault(`required names "${name}", which is not allowed`, path);
      schemas.set(name, additionalProperties);
    }
    if (schemas.size === 0) return this.#map(additionalProperties, path);
    // Two rules for each property: for when it is the first that is written, and for when others stand before it.
    let [first, later] = ['', ''];
    for (const [name, schema] of [...schemas].reverse()) {
      const value = this.value(schema, `${path}.properties.${name}`);
      const member = `${literal(JSON.stringify(name))} ws ":" ws ${value}`;
      const optional = !needed.has(name);
      first = this.#rule(`${member} ${later}${optional ? ` | ${first || '""'}` : ''}`);
      later = this.#rule(`ws "," ws ${member} ${later}${optional ? ` | ${later || '""'}` : ''}`);
    }
    return `"{" ws ${first} ws "}"`;
  }

  /** An object whose names are free. */
  #map(schema: unknown, path: string): string {
    if (schema === false) return '"{" ws "}"';
    if (schema === true) return 'object';
    const member = this.#rule(`string ws ":" ws ${this.value(schema, `${path}.additionalProperties`)}`);
    return `"{" ws (${member} (ws "," ws ${member})* ws)? "}"`;
  }

  #array({ items = true, prefixItems = [], minItems = 0, maxItems }: JsonSchema, path: string): string {
    if (Array.isArray(items)) throw fault('items as a list is not supported; use prefixItems', path);
    const [min, max] = limits(minItems, maxItems, path);
    const fixed = prefixItems.slice(0, max).map((item, index) => this.value(item, `${path}.prefixItems[${index}]`));
    const isOpen = items !== false && fixed.length === 0;
    if (items === false && min > fixed.length) throw fault(`minItems is ${min}, but there are ${fixed.length}`, path);
    const item = items === false ? '' : this.value(items, `${path}.items`);
    if (isOpen && max !== 0) {
      const more = `(ws "," ws ${item})${repeat(Math.max(min - 1, 0), max === undefined ? max : max - 1)}`;
      return `"[" ws ${min === 0 ? `(${item} ${more} ws)?` : `${item} ${more} ws`} "]"`;
    }
    const all = [...fixed, ...Array<string>(Math.max(min - fixed.length, 0)).fill(item)];
    return `"[" ws ${all.map((one) => `${one} ws`).join(' "," ws ')} "]"`;
  }
}

function text({ format, minLength = 0, maxLength }: JsonSchema, path: string): string {
  const [min, max] = limits(minLength, maxLength, path);
  if (format === undefined) return min === 0 && max === undefined ? 'string' : `"\\"" char${repeat(min, max)} "\\""`;
  const pattern = FORMATS[String(format)];
  if (!pattern) throw fault(`format "${format}" is not supported`, path);
  if (min > 0 || max !== undefined) throw fault('a format together with a length is not supported', path);
  return `"\\"" ${pattern} "\\""`;
}

function number(schema: JsonSchema, path: string): string {
  const bounds = boundsOf(schema);
  const isWhole = schema.type === 'integer' || schema.multipleOf === 1;
  if (bounds.min === -Infinity && bounds.max === Infinity && !isWhole) return 'number';
  const expression = isWhole ? integerGrammar(bounds) : numberGrammar(bounds);
  if (!expression) throw fault('no number that can be written lies within these limits', path);
  return `(${expression})`;
}

function boundsOf(schema: JsonSchema): NumberBounds {
  const { minimum: min = -Infinity, exclusiveMinimum: above = -Infinity } = schema;
  const { maximum: max = Infinity, exclusiveMaximum: below = Infinity } = schema;
  return { min: Math.max(min, above), max: Math.min(max, below), openMin: above >= min, openMax: below <= max };
}

function limits(min: number, max: number | undefined, path: string): [number, number | undefined] {
  if (min > MOST_REPEATS || min > (max ?? min)) throw fault(`a least length of ${min} is not supported here`, path);
  return [min, max === undefined ? max : Math.min(max, MOST_REPEATS)];
}

function repeat(min: number, max: number | undefined): string {
  if (max === undefined) return min === 0 ? '*' : `{${min},}`;
  return `{${min},${max}}`;
}

/** A GBNF text in quotes. */
function literal(value: string): string {
  return `"${value.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r')}"`;
}

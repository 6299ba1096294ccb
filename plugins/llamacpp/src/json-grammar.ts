import { literal, oneOf } from './gbnf.ts';
import { createSchemaReader, fault, type JsonSchema, type SchemaReader } from './json-schema.ts';
import { integerGrammar, type NumberBounds, numberGrammar } from './number-grammar.ts';
import { counted, stringGrammar } from './string-grammar.ts';

const DEEPEST = 100;
/** Most digits behind the point that `multipleOf` asks for. */
const MOST_DECIMALS = 9;

/** Rules that every grammar may use. Space stands only where people put it, and is bounded: small models would fill the answer with it. */
const BASE: Readonly<Record<string, string>> = {
  ws: '(" " | "\\n" [ \\t]{0,20})?',
  hex: '[0-9a-fA-F]',
  // No halves of surrogate pairs: each escape is one character, as length limits count them.
  char: '[^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\/bfnrt] | "u" ([0-9a-cA-CefEF] hex | [dD] [0-7]) hex hex)',
  string: '"\\"" char* "\\""',
  number: '"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?',
  boolean: '"true" | "false"',
  null: '"null"',
  value: 'string | number | boolean | null | array | object',
  member: 'string ":" " "? value',
  array: '"[" ws (value ("," ws value)* ws)? "]"',
  object: '"{" ws (member ("," ws member)* ws)? "}"',
};

/**
 * A GBNF grammar whose every text is JSON that is valid against `schema`. It leaves out some valid texts: properties come in the
 * schema's order and none beside the named ones, bounded numbers have no exponent, texts of a format are those that a model should
 * write.
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
  return `root ::= ${oneOf(texts)}`;
}

/** Turns the parts of one schema into rules; every method gives an expression for the part, usually a rule's name. */
class GrammarWriter {
  readonly rules = new Map<string, string>();
  readonly #reader: SchemaReader;
  readonly #references = new Map<string, string>();
  /** Of the rules, by what they stand for. */
  readonly #names = new Map<string, string>();
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
    const expressions = parts ?? this.#all(this.#reader.alternatives(schema, path), path);
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
    const name = this.#names.get(body) ?? `r${this.rules.size}`;
    this.#names.set(body, name);
    this.rules.set(name, body);
    return name;
  }

  /** Schemas that the reader has reduced to constants or to one type each. */
  #all(schemas: readonly JsonSchema[], path: string): string[] {
    const constants = schemas.flatMap((schema) => ('const' in schema ? [JSON.stringify(schema.const)] : []));
    const typed = schemas.filter((schema) => !('const' in schema)).map((schema) => this.#typed(schema, path));
    return [...(constants.length > 0 ? [oneOf(constants)] : []), ...typed];
  }

  #typed(schema: JsonSchema, path: string): string {
    const type = schema.type;
    if (type === 'object') return this.#object(schema, path);
    if (type === 'array') return this.#array(schema, path);
    if (type === 'string') return stringGrammar(schema, path, (body) => this.#rule(body));
    if (type === 'number' || type === 'integer') return number(schema, path);
    return type === undefined ? 'value' : String(type);
  }

  #object(schema: JsonSchema, path: string): string {
    const { properties, required = [], patternProperties, additionalProperties = true } = schema;
    const schemas = new Map(Object.entries(properties ?? {}).filter(([, property]) => property !== false));
    const needed = new Set(required);
    for (const name of needed) {
      if (schemas.has(name)) continue;
      if (additionalProperties === false) throw fault(`required names "${name}", which is not allowed`, path);
      schemas.set(name, additionalProperties);
    }
    if (schemas.size === 0) return this.#map(schema, path);
    if (patternProperties) throw fault('"patternProperties" beside properties is not supported', path);
    // Two rules for each property: for when it is the first that is written, and for when others stand before it.
    let [first, later] = ['', 'ws'];
    for (const [name, property] of [...schemas].reverse()) {
      const value = this.value(property, `${path}.properties.${name}`);
      const member = `${literal(JSON.stringify(name))} ":" " "? ${value}`;
      const optional = !needed.has(name);
      first = this.#rule(`${member} ${later}${optional ? ` | ${first || '""'}` : ''}`);
      later = this.#rule(`"," ws ${member} ${later}${optional ? ` | ${later}` : ''}`);
    }
    return `"{" ws ${first} "}"`;
  }

  /** An object whose names are free, or follow a pattern. */
  #map(schema: JsonSchema, path: string): string {
    const { properties, patternProperties = {}, propertyNames } = schema;
    const patterns = Object.entries(patternProperties).filter(([, property]) => property !== false);
    // Names that are listed are all that a model should think of, also where the list is empty.
    const { additionalProperties: others = properties === undefined && patterns.length === 0 } = schema;
    if (propertyNames === false) return '"{" ws "}"';
    if (others === true && patterns.length === 0 && propertyNames === undefined) return 'object';
    const members = patterns.map(([pattern, property]) => {
      if (propertyNames !== undefined) throw fault('"patternProperties" beside propertyNames is not supported', path);
      return this.#member({ pattern }, property, `${path}.patternProperties.${pattern}`);
    });
    if (others !== false && patterns.length === 0)
      members.push(this.#member(propertyNames ?? true, others, `${path}.additionalProperties`));
    if (members.length === 0) return '"{" ws "}"';
    const member = this.#rule(members.join(' | '));
    return `"{" ws (${member} ("," ws ${member})* ws)? "}"`;
  }

  #member(names: unknown, property: unknown, path: string): string {
    const name = typeof names === 'object' ? this.value({ type: 'string', ...names }, path) : 'string';
    return this.#rule(`${name} ":" " "? ${this.value(property, path)}`);
  }

  #array({ items = true, prefixItems = [], minItems = 0, maxItems }: JsonSchema, path: string): string {
    if (minItems > (maxItems ?? minItems)) throw fault(`minItems ${minItems} is above maxItems ${maxItems}`, path);
    const fixed = prefixItems
      .slice(0, maxItems)
      .map((item, index) => this.value(item, `${path}.prefixItems[${index}]`));
    if (items === false && minItems > fixed.length) {
      throw fault(`minItems is ${minItems}, but there are ${fixed.length} items`, path);
    }
    if (maxItems === 0 || (items === false && fixed.length === 0)) return '"[" ws "]"';
    if (items === false || (fixed.length > 0 && minItems <= fixed.length))
      return `"[" ws ${fixed.join(' "," ws ')} ws "]"`;
    const item = this.value(items, `${path}.items`);
    const more = (least: number, most: number | undefined): string =>
      counted(`("," ws ${item})`, least, most, path, (body) => this.#rule(body));
    if (fixed.length > 0) {
      return `"[" ws ${fixed.join(' "," ws ')} ${more(minItems - fixed.length, minItems - fixed.length)} ws "]"`;
    }
    const all = `${item} ${more(Math.max(minItems - 1, 0), maxItems === undefined ? maxItems : maxItems - 1)} ws`;
    return `"[" ws ${minItems === 0 ? `(${all})?` : all} "]"`;
  }
}

function number(schema: JsonSchema, path: string): string {
  const bounds = boundsOf(schema);
  const { type, multipleOf } = schema;
  const decimals = decimalsOf(multipleOf, path);
  const isWhole = type === 'integer' || decimals === 0;
  if (bounds.min === -Infinity && bounds.max === Infinity && !isWhole && multipleOf === undefined) return 'number';
  const expression = isWhole ? integerGrammar(bounds) : numberGrammar(bounds, decimals);
  if (!expression) throw fault('no number that can be written lies within these limits', path);
  return `(${expression})`;
}

function boundsOf(schema: JsonSchema): NumberBounds {
  const { minimum: min = -Infinity, exclusiveMinimum: above = -Infinity } = schema;
  const { maximum: max = Infinity, exclusiveMaximum: below = Infinity } = schema;
  return { min: Math.max(min, above), max: Math.min(max, below), openMin: above >= min, openMax: below <= max };
}

/** Digits behind the point that a number may have; undefined for any. */
function decimalsOf(multipleOf: number | undefined, path: string): number | undefined {
  if (multipleOf === undefined) return undefined;
  const decimals = Math.round(-Math.log10(multipleOf));
  if (decimals >= 0 && decimals <= MOST_DECIMALS && Number(`1e-${decimals}`) === multipleOf) return decimals;
  throw fault(`"multipleOf" ${multipleOf} is not supported; 1, 0.1, 0.01 … are`, path);
}

import { isDeepStrictEqual } from 'node:util';
import { SmmfError } from '@smmf/core';
import * as z from 'zod';

const count = z.number().int().nonnegative().optional();
const limit = z.number().optional();
const schemas = z.array(z.unknown()).min(1).optional();

/** The keywords that say what is valid and that are understood. All others only describe, but for {@link REFUSED}. */
const jsonSchema = z.object({
  type: z.union([z.string(), z.array(z.string()).min(1)]).optional(),
  const: z.unknown().optional(),
  enum: schemas,
  anyOf: schemas,
  oneOf: schemas,
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  patternProperties: z.record(z.string(), z.unknown()).optional(),
  propertyNames: z.unknown().optional(),
  items: z.unknown().optional(),
  prefixItems: schemas,
  minItems: count,
  maxItems: count,
  minLength: count,
  maxLength: count,
  pattern: z.string().optional(),
  format: z.string().optional(),
  minimum: limit,
  maximum: limit,
  exclusiveMinimum: limit,
  exclusiveMaximum: limit,
  multipleOf: z.number().positive().optional(),
});

/** A JSON Schema without references and `allOf`. */
export type JsonSchema = z.infer<typeof jsonSchema>;

const references = z.object({ $ref: z.string().optional(), allOf: schemas });
const written = jsonSchema.extend(references.shape);

/** Keywords that narrow what is valid and that a grammar here cannot follow. */
const REFUSED = [
  [
    'minProperties',
    'maxProperties',
    'dependentRequired',
    'dependentSchemas',
    'dependencies',
    'uniqueItems',
    'contains',
  ],
  ['not', 'if', 'then', 'else', 'unevaluatedProperties', 'unevaluatedItems', '$dynamicRef', '$recursiveRef'],
].flat();

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'];

/** The type that a keyword speaks of, for schemas that leave the type out. */
const IMPLIED = {
  object: ['properties', 'required', 'additionalProperties', 'patternProperties', 'propertyNames'],
  array: ['items', 'prefixItems', 'minItems', 'maxItems'],
  string: ['minLength', 'maxLength', 'pattern', 'format'],
  number: ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'],
} as const;

/** More references in a row than this go round in a circle. */
const DEEPEST = 32;

/** Reads the parts of one schema. */
export interface SchemaReader {
  /** What a schema refers to that says nothing else. */
  reference(schema: unknown, path: string): string | undefined;
  /** The parts of a schema that is a choice and says nothing else, unread, so that references stay references; else undefined. */
  choice(schema: unknown, path: string): readonly unknown[] | undefined;
  /**
   * Takes references, combinations, enums and lists of types apart: what is valid against one of the results is valid against
   * `schema`. Each result has a `const`, or one `type`, or says nothing.
   * @throws INVALID_VALUE for what cannot be taken apart, or is no schema
   */
  alternatives(schema: unknown, path: string): JsonSchema[];
  /** What `#/…` means. */
  resolve(reference: string, path: string): unknown;
}

/** A reader of `root`, to which references point. */
export function createSchemaReader(root: unknown): SchemaReader {
  const resolve = (reference: string, path: string): unknown => {
    if (!/^#(\/|$)/.test(reference)) throw fault(`the reference "${reference}" leads out of the schema`, path);
    const keys = reference.split('/').slice(1);
    const names = keys.map((key) => decodeURIComponent(key).replace(/~1/g, '/').replace(/~0/g, '~'));
    const target = names.reduce<unknown>((part, name) => (part as Record<string, unknown> | undefined)?.[name], root);
    if (target === undefined) throw fault(`the reference "${reference}" leads nowhere`, path);
    return target;
  };
  /** Puts what references and `allOf` say into one schema. */
  const flatten = (schema: unknown, path: string, depth = 0): JsonSchema => {
    if (depth > DEEPEST) throw fault('it refers to itself without end', path);
    const { $ref, allOf = [], ...own } = parse(schema, path);
    const parts = [...($ref === undefined ? [] : [resolve($ref, path)]), ...allOf];
    return parts.reduce<JsonSchema>((all, part) => merge(all, flatten(part, path, depth + 1), path), own);
  };
  const alternatives = (schema: JsonSchema, path: string, depth = 0): JsonSchema[] => {
    if (depth > DEEPEST) throw fault('it refers to itself without end', path);
    const { anyOf, oneOf, ...own } = schema;
    if (anyOf && oneOf) throw fault('anyOf beside oneOf is not supported', path);
    if (!anyOf && !oneOf) return simple(own, path);
    const branches = (anyOf ?? oneOf ?? []).map((part) =>
      alternatives(merge(own, flatten(part, path), path), path, depth + 1),
    );
    if (!oneOf || areApart(branches, constants)) return branches.flat();
    const told = toldApart(branches, constants);
    if (told) return told.flat();
    throw fault('"oneOf" is supported where no value fits two of its parts; use anyOf', path);
  };
  const constants = (part: unknown): unknown[] | undefined => {
    const { const: value, enum: values } = flatten(part, '');
    return value === undefined ? values : [value];
  };
  return {
    reference(schema, path) {
      const { $ref, ...own } = parse(schema, path);
      return Object.keys(own).length === 0 ? $ref : undefined;
    },
    choice(schema, path) {
      const { allOf, ...rest } = parse(schema, path);
      if (allOf?.length === 1 && Object.keys(rest).length === 0) return allOf;
      const { anyOf, oneOf, ...own } = flatten(schema, path);
      if (Object.keys(own).length > 0 || (anyOf && oneOf)) return undefined;
      const isApart =
        !oneOf ||
        areApart(
          oneOf.map((part) => alternatives(flatten(part, path), path)),
          constants,
        );
      return isApart ? (anyOf ?? oneOf) : undefined;
    },
    alternatives: (schema, path) => alternatives(flatten(schema, path), path),
    resolve,
  };
}

function parse(schema: unknown, path: string): z.infer<typeof written> {
  if (schema === true) return {};
  if (typeof schema !== 'object' || schema === null) throw fault('a schema must be an object or true', path);
  for (const keyword of REFUSED) {
    const value = (schema as Record<string, unknown>)[keyword];
    if (value !== undefined && value !== false) throw fault(`"${keyword}" is not supported`, path);
  }
  const found = written.safeParse(modern(schema));
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  throw fault(`${issue?.path.join('.')}: ${issue?.message}`, path);
}

/** Older drafts have lists of `items`, and `true` for a limit that is left out itself. */
function modern(schema: object): object {
  const {
    items,
    additionalItems,
    exclusiveMinimum: above,
    exclusiveMaximum: below,
    ...rest
  } = schema as JsonSchema & {
    readonly additionalItems?: unknown;
  };
  const listed = Array.isArray(items) ? { prefixItems: items, items: additionalItems ?? true } : { items };
  return {
    ...rest,
    ...(items === undefined ? {} : listed),
    ...limitOf('minimum', 'exclusiveMinimum', rest.minimum, above),
    ...limitOf('maximum', 'exclusiveMaximum', rest.maximum, below),
  };
}

function limitOf(name: string, open: string, limit: unknown, isOpen: unknown): object {
  if (isOpen === undefined || isOpen === false) return {};
  return isOpen === true ? { [name]: undefined, [open]: limit } : { [open]: isOpen };
}

/** One schema that says what both say. */
function merge(one: JsonSchema, other: JsonSchema, path: string): JsonSchema {
  const all: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const present = all[key];
    if (present === undefined || isDeepStrictEqual(present, value)) all[key] = value;
    else if (key === 'required') all[key] = [...new Set([...(one.required ?? []), ...(other.required ?? [])])];
    else if (key === 'properties') all[key] = bothProperties(one.properties, other.properties);
    else throw fault(`two different "${key}" for one value`, path);
  }
  return all;
}

type Properties = Readonly<Record<string, unknown>>;

function bothProperties(one: Properties = {}, other: Properties = {}): Properties {
  const shared = Object.keys(other).filter(
    (name) => Object.hasOwn(one, name) && !isDeepStrictEqual(one[name], other[name]),
  );
  return { ...one, ...other, ...Object.fromEntries(shared.map((name) => [name, { allOf: [one[name], other[name]] }])) };
}

/** Enums and lists of types apart; the type that the other keywords speak of where none is said. */
function simple(schema: JsonSchema, path: string): JsonSchema[] {
  const named = schema.type ?? Object.entries(IMPLIED).find(([, keys]) => keys.some((key) => key in schema))?.[0];
  const types = named === undefined ? [] : [named].flat();
  for (const type of types) if (!TYPES.includes(type)) throw fault(`"${type}" is no type`, path);
  const values = 'const' in schema ? [schema.const] : schema.enum;
  if (!values) return types.length === 0 ? [{}] : types.map((type) => ({ ...schema, type }));
  const fitting = values.filter((value) => types.length === 0 || types.some((type) => isOf(type, value)));
  if (fitting.length === 0) throw fault('no value of its type is left', path);
  return fitting.map((value) => ({ const: value }));
}

function isOf(type: string, value: unknown): boolean {
  return typeOf(value) === type || (type === 'integer' && Number.isInteger(value));
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

type Constants = (schema: unknown) => readonly unknown[] | undefined;

/** Can no value be valid in two branches. */
function areApart(branches: readonly (readonly JsonSchema[])[], constants: Constants): boolean {
  const pairs = branches.flatMap((branch, index) => branches.slice(index + 1).map((other) => [branch, other] as const));
  return pairs.every(([branch, other]) => branch.every((a) => other.every((b) => cannotBeBoth(a, b, constants))));
}

function cannotBeBoth(a: JsonSchema, b: JsonSchema, constants: Constants): boolean {
  const kind = ({ type, ...schema }: JsonSchema): unknown => {
    if ('const' in schema) return typeOf(schema.const);
    return type === 'integer' ? 'number' : type;
  };
  if (kind(a) === undefined || kind(b) === undefined) return false;
  if (kind(a) !== kind(b)) return true;
  if ('const' in a && 'const' in b) return !isDeepStrictEqual(a.const, b.const);
  if (a.type !== 'object' || b.type !== 'object') return false;
  return excludes(a, b) || excludes(b, a) || differInConstant(a, b, constants);
}

/** The branches with a property made required that never has the same value in two of them, as generators leave it optional. */
function toldApart(branches: readonly (readonly JsonSchema[])[], constants: Constants): JsonSchema[][] | undefined {
  const [first] = branches.flat();
  for (const name of Object.keys(first?.properties ?? {})) {
    const told = branches.map((branch) =>
      branch.map((one) => ({ ...one, required: [...new Set([...(one.required ?? []), name])] })),
    );
    if (areApart(told, constants)) return told;
  }
  return undefined;
}

/** Does `a` need a property that `b` forbids. */
function excludes(a: JsonSchema, b: JsonSchema): boolean {
  return b.additionalProperties === false && (a.required ?? []).some((name) => !(name in (b.properties ?? {})));
}

/** Is there a property that both need and that never has the same value in both. */
function differInConstant(a: JsonSchema, b: JsonSchema, constants: Constants): boolean {
  return (a.required ?? []).some((name) => {
    if (!b.required?.includes(name)) return false;
    const [ofA, ofB] = [constants(a.properties?.[name] ?? true), constants(b.properties?.[name] ?? true)];
    return ofA && ofB && !ofA.some((value) => ofB.some((other) => isDeepStrictEqual(value, other)));
  });
}

/** The error for a schema that cannot be enforced. */
export function fault(what: string, param: string): SmmfError {
  return new SmmfError('INVALID_VALUE', `JSON schema cannot be enforced: ${what}`, { param });
}

import {
  afterScalar,
  afterSpace,
  afterString,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  JsonFault,
  type JsonFaultKind,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  walkNested,
} from './json-scan.ts';

/** Kinds of JSON values, told apart by their first byte. */
export type JsonKind = 'string' | 'number' | 'boolean' | 'null' | 'object' | 'array';

/** Where one field of the outermost object stands, as byte offsets into the text. */
export interface TopLevelField {
  /** The key, escapes decoded. */
  readonly key: string;
  readonly kind: JsonKind;
  /** First byte of the value, and the byte after its last. */
  readonly start: number;
  readonly end: number;
  /** Elements of an array; 0 for other kinds. */
  readonly length: number;
  /** Brackets inside the value at its deepest point: 1 for a flat array or object, 0 for other kinds. */
  readonly depth: number;
}

/** The fields of a JSON object by key. */
export type TopLevelFields = ReadonlyMap<string, TopLevelField>;

/** Why a text was refused. */
export type ScanFault = JsonFaultKind;

/** What {@link scanFields} found: the fields, or a fault with its place (a byte offset, or the repeated key). */
export type ScanResult =
  | { readonly fields: TopLevelFields; readonly fault?: undefined }
  | { readonly fields?: undefined; readonly fault: ScanFault; readonly at: number; readonly key?: string };

/** The first letter of `true`. */
const TRUE = 0x74;

const KINDS: Readonly<Record<number, JsonKind>> = {
  [QUOTE]: 'string',
  [OPEN_OBJECT]: 'object',
  [OPEN_ARRAY]: 'array',
  [TRUE]: 'boolean',
  102: 'boolean',
  110: 'null',
};

function readField(text: Buffer, keyAt: number, maxDepth: number): TopLevelField {
  if (text[keyAt] !== QUOTE) throw new JsonFault('syntax', keyAt);
  const keyEnd = afterString(text, keyAt);
  const colon = afterSpace(text, keyEnd);
  if (text[colon] !== COLON) throw new JsonFault('syntax', colon);
  const start = afterSpace(text, colon + 1);
  const kind = KINDS[text[start] ?? 0] ?? 'number';
  const key = readString(text, keyAt, keyEnd);
  if (kind === 'object' || kind === 'array') {
    const { end, length, depth } = walkNested(text, start, maxDepth - 1);
    return { key, kind, start, end, length: kind === 'array' ? length : 0, depth };
  }
  const end = kind === 'string' ? afterString(text, start) : afterScalar(text, start);
  return { key, kind, start, end, length: 0, depth: 0 };
}

function readString(text: Buffer, start: number, end: number): string {
  const inside = text.toString('utf8', start + 1, end - 1);
  if (!inside.includes('\\')) return inside;
  try {
    return String(JSON.parse(text.toString('utf8', start, end)));
  } catch {
    throw new JsonFault('syntax', start);
  }
}

function readFields(text: Buffer, maxDepth: number): TopLevelFields {
  const open = afterSpace(text, 0);
  if (text[open] !== OPEN_OBJECT) throw new JsonFault('not-object', open);
  const fields = new Map<string, TopLevelField>();
  let next = afterSpace(text, open + 1);
  let more = text[next] !== CLOSE_OBJECT;
  while (more) {
    const field = readField(text, next, maxDepth);
    if (fields.has(field.key)) throw new JsonFault('duplicate-key', next, field.key);
    fields.set(field.key, field);
    next = afterSpace(text, field.end);
    more = text[next] === COMMA;
    if (more) next = afterSpace(text, next + 1);
  }
  if (text[next] !== CLOSE_OBJECT || afterSpace(text, next + 1) !== text.length) throw new JsonFault('syntax', next);
  return fields;
}

/**
 * Reads the outermost object of a JSON text in one pass, without building what is inside: where each field stands, its
 * kind and size. Refuses a repeated key, also when spelled with escapes, so that two readers cannot see different values.
 * A text is accepted only when it is JSON, whatever its size.
 *
 * @param text UTF-8
 * @param maxDepth deepest nesting of brackets that is accepted, the outermost object included; default 64
 */
export function scanFields(text: Buffer, maxDepth = 64): ScanResult {
  try {
    return { fields: readFields(text, maxDepth) };
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    return { fault: error.fault, at: error.at, ...(error.key === undefined ? {} : { key: error.key }) };
  }
}

/** Where one element of a list stands, as byte offsets into the text. */
export interface ListElement {
  readonly kind: JsonKind;
  readonly start: number;
  readonly end: number;
}

/** The elements of a list that {@link scanFields} found in this very text; none for a field that is no list. */
export function* listElements(text: Buffer, list: TopLevelField | undefined): Generator<ListElement> {
  if (list?.kind !== 'array' || list.length === 0) return;
  let start = afterSpace(text, list.start + 1);
  for (let left = list.length; left > 0; left--) {
    const kind = KINDS[text[start] ?? 0] ?? 'number';
    const end = afterValue(text, start, kind);
    yield { kind, start, end };
    start = afterSpace(text, afterSpace(text, end) + 1);
  }
}

function afterValue(text: Buffer, start: number, kind: JsonKind): number {
  if (kind === 'object' || kind === 'array') return walkNested(text, start, Number.POSITIVE_INFINITY).end;
  return kind === 'string' ? afterString(text, start) : afterScalar(text, start);
}

/** A string that stands for itself: no escape, and nothing that may not be in one. */
const PLAIN_STRING = /^"[ !#-[\]-\uffff]*"$/;

/** The value of a top-level field, parsed; undefined when the field is absent or its text is no JSON. */
export function fieldValue(text: Buffer, field: TopLevelField | undefined): unknown {
  if (!field) return undefined;
  const { kind, start, end } = field;
  // Words and numbers have been checked by scanFields; the parser's start alone would cost more than they do.
  if (kind === 'boolean') return text[start] === TRUE;
  if (kind === 'number') return Number(text.toString('latin1', start, end));
  const value = text.toString('utf8', start, end);
  if (kind === 'string' && PLAIN_STRING.test(value)) return value.slice(1, -1);
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

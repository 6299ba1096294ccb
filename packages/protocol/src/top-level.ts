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
export type SkimFault = 'not-object' | 'syntax' | 'duplicate-key' | 'too-deep';

/** What {@link skim} found: the fields, or a fault with its place (a byte offset, or the repeated key). */
export type SkimResult =
  | { readonly fields: TopLevelFields; readonly fault?: undefined }
  | { readonly fields?: undefined; readonly fault: SkimFault; readonly at: number; readonly key?: string };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
/** The first letter of `true`. */
const TRUE = 0x74;

class Fault extends Error {
  readonly fault: SkimFault;
  readonly at: number;
  readonly key: string | undefined;
  constructor(fault: SkimFault, at: number, key?: string) {
    super(fault);
    this.fault = fault;
    this.at = at;
    this.key = key;
  }
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

function afterSpace(text: Buffer, at: number): number {
  let next = at;
  while (isSpace(text[next])) next++;
  return next;
}

/** The byte after the closing quote of the string that opens at `at`. Jumps from quote to quote with the native search. */
function afterString(text: Buffer, at: number): number {
  for (let quote = text.indexOf(QUOTE, at + 1); quote !== -1; quote = text.indexOf(QUOTE, quote + 1)) {
    let slashes = 0;
    while (text[quote - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return quote + 1;
  }
  throw new Fault('syntax', at);
}

/** Ends the scalar (number, true, false, null) that begins at `at`. */
function afterScalar(text: Buffer, at: number): number {
  let next = at;
  for (let byte = text[next]; byte !== undefined; byte = text[++next]) {
    if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || isSpace(byte)) break;
  }
  const word = text.toString('latin1', at, next);
  if (!/^(?:true|false|null|-?(?:0|[1-9]\d{0,308})(?:\.\d{1,308})?(?:[eE][+-]?\d{1,4})?)$/.test(word)) {
    throw new Fault('syntax', at);
  }
  return next;
}

interface Nested {
  readonly end: number;
  readonly length: number;
  readonly depth: number;
}

/** Walks an array or object that opens at `at`: brackets must match, strings are jumped over, nothing is built. */
function walkNested(text: Buffer, at: number, maxDepth: number): Nested {
  const closers: number[] = [];
  let deepest = 0;
  let length = 0;
  let filled = false;
  for (let next = at; next < text.length; next++) {
    const byte = text[next];
    if (byte === QUOTE) {
      next = afterString(text, next) - 1;
      filled = true;
    } else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      filled = closers.length > 0;
      closers.push(byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY);
      if (closers.length > maxDepth) throw new Fault('too-deep', next);
      deepest = Math.max(deepest, closers.length);
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (closers.pop() !== byte) throw new Fault('syntax', next);
      if (closers.length === 0) return { end: next + 1, length: length + (filled ? 1 : 0), depth: deepest };
    } else if (byte === COMMA) {
      if (closers.length === 1) length++;
    } else if (!isSpace(byte)) {
      filled = true;
    }
  }
  throw new Fault('syntax', at);
}

const KINDS: Readonly<Record<number, JsonKind>> = {
  [QUOTE]: 'string',
  [OPEN_OBJECT]: 'object',
  [OPEN_ARRAY]: 'array',
  [TRUE]: 'boolean',
  102: 'boolean',
  110: 'null',
};

function readField(text: Buffer, keyAt: number, maxDepth: number): TopLevelField {
  if (text[keyAt] !== QUOTE) throw new Fault('syntax', keyAt);
  const keyEnd = afterString(text, keyAt);
  const colon = afterSpace(text, keyEnd);
  if (text[colon] !== COLON) throw new Fault('syntax', colon);
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
    throw new Fault('syntax', start);
  }
}

function readFields(text: Buffer, maxDepth: number): TopLevelFields {
  const open = afterSpace(text, 0);
  if (text[open] !== OPEN_OBJECT) throw new Fault('not-object', open);
  const fields = new Map<string, TopLevelField>();
  let next = afterSpace(text, open + 1);
  let more = text[next] !== CLOSE_OBJECT;
  while (more) {
    const field = readField(text, next, maxDepth);
    if (fields.has(field.key)) throw new Fault('duplicate-key', next, field.key);
    fields.set(field.key, field);
    next = afterSpace(text, field.end);
    more = text[next] === COMMA;
    if (more) next = afterSpace(text, next + 1);
  }
  if (text[next] !== CLOSE_OBJECT || afterSpace(text, next + 1) !== text.length) throw new Fault('syntax', next);
  return fields;
}

/**
 * Reads the outermost object of a JSON text in one pass, without parsing what is inside: where each field stands, its
 * kind and size. Refuses a repeated key, also when spelled with escapes, so that two readers cannot see different values.
 * The inside of nested values is checked for balanced brackets and closed strings only; the engine judges the rest.
 *
 * @param text UTF-8
 * @param maxDepth deepest nesting of brackets that is accepted, the outermost object included; default 64
 */
export function skim(text: Buffer, maxDepth = 64): SkimResult {
  try {
    return { fields: readFields(text, maxDepth) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { fault: error.fault, at: error.at, ...(error.key === undefined ? {} : { key: error.key }) };
  }
}

/** A string that stands for itself: no escape, and nothing that may not be in one. */
const PLAIN_STRING = /^"[ !#-[\]-\uffff]*"$/;

/** The value of a top-level field, parsed; undefined when the field is absent or its text is no JSON. */
export function fieldValue(text: Buffer, field: TopLevelField | undefined): unknown {
  if (!field) return undefined;
  const { kind, start, end } = field;
  // Words and numbers have been checked by skim; the parser's start alone would cost more than they do.
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

/** Why a JSON text was refused. */
export type JsonFaultKind = 'not-object' | 'syntax' | 'duplicate-key' | 'too-deep';

/** A refused text; `at` is a byte offset, `key` the repeated key. */
export class JsonFault extends Error {
  readonly fault: JsonFaultKind;
  readonly at: number;
  readonly key: string | undefined;
  constructor(fault: JsonFaultKind, at: number, key?: string) {
    super(fault);
    this.fault = fault;
    this.at = at;
    this.key = key;
  }
}

/**
 * Texts up to this size, in bytes, are checked whole. In larger ones strings are jumped over and scalars inside nested
 * values are not judged: whoever parses them for good does that.
 */
export const CHECKED_BYTES = 64 * 1024;

/** Strings up to this size are looked through byte by byte: a native call costs as much. */
const SHORT_BYTES = 256;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;
export const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const PLUS = 0x2b;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const EXPONENT = 0x65;
const UNICODE_ESCAPE = 0x75;
const ESCAPED = Buffer.from('"\\/bfnrtu');
const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word));

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** The first byte from `at` on that is no white space. */
export function afterSpace(text: Buffer, at: number): number {
  let next = at;
  while (isSpace(text[next])) next++;
  return next;
}

/** The byte after the closing quote of the string that opens at `at`. */
export function afterString(text: Buffer, at: number): number {
  if (text.length > CHECKED_BYTES) return jumpString(text, at);
  for (let next = at + 1; next < at + SHORT_BYTES; next++) {
    const byte = text[next] ?? 0;
    if (byte === QUOTE) return next + 1;
    if (byte < 0x20) throw new JsonFault('syntax', next);
    if (byte === BACKSLASH) next = lastOfEscape(text, next + 1);
  }
  return afterLongString(text, at);
}

/** Text after text is faster looked through by the native parser; bytes over 127 may be any character for that. */
function afterLongString(text: Buffer, at: number): number {
  const end = jumpString(text, at);
  try {
    JSON.parse(text.toString('latin1', at, end));
  } catch {
    throw new JsonFault('syntax', at);
  }
  return end;
}

/** Jumps from quote to quote with the native search. */
function jumpString(text: Buffer, at: number): number {
  for (let quote = text.indexOf(QUOTE, at + 1); quote !== -1; quote = text.indexOf(QUOTE, quote + 1)) {
    let slashes = 0;
    while (text[quote - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return quote + 1;
  }
  throw new JsonFault('syntax', at);
}

function lastOfEscape(text: Buffer, at: number): number {
  const byte = text[at] ?? 0;
  const isWhole = byte !== UNICODE_ESCAPE || /^[\da-f]{4}$/i.test(text.toString('latin1', at + 1, at + 5));
  if (!isWhole || !ESCAPED.includes(byte)) throw new JsonFault('syntax', at);
  return byte === UNICODE_ESCAPE ? at + 4 : at;
}

function afterDigits(text: Buffer, at: number): number {
  let next = at;
  for (let byte = text[next] ?? 0; byte >= ZERO && byte <= NINE; byte = text[++next] ?? 0);
  if (next === at) throw new JsonFault('syntax', at);
  return next;
}

function afterNumber(text: Buffer, at: number): number {
  let next = text[at] === MINUS ? at + 1 : at;
  next = text[next] === ZERO ? next + 1 : afterDigits(text, next);
  if (text[next] === DOT) next = afterDigits(text, next + 1);
  if (((text[next] ?? 0) | 0x20) !== EXPONENT) return next;
  next++;
  return afterDigits(text, text[next] === PLUS || text[next] === MINUS ? next + 1 : next);
}

/** The byte after the number or word (`true`, `false`, `null`) that begins at `at`. What follows it is the caller's to judge. */
export function afterScalar(text: Buffer, at: number): number {
  for (const word of WORDS) {
    if (text[at] !== word[0]) continue;
    for (let index = 1; index < word.length; index++) {
      if (text[at + index] !== word[index]) throw new JsonFault('syntax', at);
    }
    return at + word.length;
  }
  return afterNumber(text, at);
}

/** Whatever stands there up to the next comma, bracket or space. */
function afterAnything(text: Buffer, at: number): number {
  let next = at;
  for (let byte = text[next]; byte !== undefined; byte = text[++next]) {
    if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || isSpace(byte)) break;
  }
  if (next === at) throw new JsonFault('syntax', at);
  return next;
}

/** An array or object: the byte after it, its elements or fields, and the brackets at its deepest point. */
export interface Nested {
  readonly end: number;
  readonly length: number;
  readonly depth: number;
}

/** Walks the array or object that opens at `at`; builds nothing. */
export function walkNested(text: Buffer, at: number, maxDepth: number): Nested {
  const closers: number[] = [];
  let deepest = 0;
  let length = 0;
  let expected: 'key' | 'value' | 'after' = 'value';
  let mayClose = false;
  for (let next = at; next < text.length; next = afterSpace(text, next)) {
    const byte = text[next] ?? 0;
    const closer = closers[closers.length - 1];
    if (byte === closer && (mayClose || expected === 'after')) {
      closers.pop();
      next++;
      if (closers.length === 0) return { end: next, length, depth: deepest };
      expected = 'after';
    } else if (expected === 'after') {
      if (byte !== COMMA) throw new JsonFault('syntax', next);
      expected = closer === CLOSE_OBJECT ? 'key' : 'value';
      mayClose = false;
      next++;
    } else if (expected === 'key') {
      next = afterKey(text, next);
      expected = 'value';
      mayClose = false;
    } else {
      if (closers.length === 1) length++;
      mayClose = byte === OPEN_OBJECT || byte === OPEN_ARRAY;
      if (mayClose) {
        if (closers.length === maxDepth) throw new JsonFault('too-deep', next);
        closers.push(byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY);
        deepest = Math.max(deepest, closers.length);
        expected = byte === OPEN_OBJECT ? 'key' : 'value';
        next++;
      } else {
        next = afterPlain(text, next, byte);
        expected = 'after';
      }
    }
  }
  throw new JsonFault('syntax', at);
}

/** The byte after the colon of the key that opens at `at`. */
function afterKey(text: Buffer, at: number): number {
  if (text[at] !== QUOTE) throw new JsonFault('syntax', at);
  const colon = afterSpace(text, afterString(text, at));
  if (text[colon] !== COLON) throw new JsonFault('syntax', colon);
  return colon + 1;
}

function afterPlain(text: Buffer, at: number, byte: number): number {
  if (byte === QUOTE) return afterString(text, at);
  return text.length > CHECKED_BYTES ? afterAnything(text, at) : afterScalar(text, at);
}

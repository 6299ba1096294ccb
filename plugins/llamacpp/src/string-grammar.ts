import { repeated } from './gbnf.ts';
import { fault, type JsonSchema } from './json-schema.ts';
import { regexGrammar } from './regex-grammar.ts';
import type { LengthLimits } from './regex-length.ts';
import { RegexFault } from './regex-syntax.ts';

const DAY =
  '[12]\\d{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))';
const LEAP_DAY = '(?:[12]\\d(?:0[48]|[2468][048]|[13579][26])|2000)-02-29';
const DATE = `(?:${DAY}|${LEAP_DAY})`;
const TIME = '(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:0\\d|1[0-3]):[0-5]\\d)';
const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]\\d|\\d)';
const IPV4 = `(?:${OCTET}\\.){3}${OCTET}`;
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?';
const TOP = '[A-Za-z](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?';
const HOST = `(?:${LABEL}\\.){0,5}${TOP}`;
const PATH = "(?:/[\\w.~!$&'()*+,;=:@-]{0,80}){0,12}(?:\\?[\\w.~!$&*+,;=:@/-]{0,200})?(?:#[\\w.~/-]{0,80})?";
const HEX4 = '[0-9a-fA-F]{1,4}';

/**
 * What a text of each format is, so far as a model should write it; each is a part of what its standard allows. A format that
 * is not here only describes, as JSON Schema has it.
 */
const FORMATS: Readonly<Record<string, string>> = {
  date: DATE,
  time: TIME,
  'date-time': `${DATE}T${TIME}`,
  uuid: '[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}',
  ipv4: IPV4,
  ipv6: `(?:(?:${HEX4}:){7}${HEX4}|(?:${HEX4}:){1,6}:${HEX4}|::${HEX4})`,
  hostname: HOST,
  email: `[\\w+-]{1,64}(?:\\.[\\w+-]{1,30}){0,4}@(?:${LABEL}\\.){1,5}[A-Za-z]{2,24}`,
  uri: `(?:(?:https?|wss?|ftps?|[a-eg-gi-vx-z][a-z0-9+.-]{0,20})://(?:[\\w.~-]{1,40}(?::[\\w.~-]{1,40})?@)?(?:${HOST}|${IPV4})(?::\\d{1,4})?${PATH}|file://${PATH}|(?:mailto|urn|tel):[\\w.@:+-]{1,100})`,
};

/** Makes a rule of an expression and gives its name. */
export type MakeRule = (expression: string) => string;

/**
 * An expression for the JSON texts of a schema of strings.
 * @throws INVALID_VALUE with `path` for what a grammar cannot follow
 */
export function stringGrammar(schema: JsonSchema, path: string, rule: MakeRule): string {
  const { pattern, format = '', minLength: min = 0, maxLength: max } = schema;
  if (min > (max ?? min)) throw fault(`minLength ${min} is above maxLength ${max}`, path);
  const known = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  // A pattern says more exactly what a format says: generators write both.
  if (pattern !== undefined) return quoted('pattern', pattern, { min, max }, path, rule);
  if (known !== undefined) return quoted('format', `^${known}$`, { min, max }, path, rule);
  if (min === 0 && max === undefined) return 'string';
  return `"\\"" ${counted('char', min, max, path, rule)} "\\""`;
}

function quoted(keyword: string, source: string, limits: LengthLimits, path: string, rule: MakeRule): string {
  const repeat = (expression: string, min: number, max: number): string =>
    counted(rule(expression), min, max, path, rule);
  try {
    return `"\\"" ${rule(regexGrammar(source, limits, repeat))} "\\""`;
  } catch (error) {
    if (!(error instanceof RegexFault)) throw error;
    throw fault(`"${keyword}" has ${error.message}`, path);
  }
}

/** An item from `min` to `max` times. @throws INVALID_VALUE where that is too often */
export function counted(item: string, min: number, max: number | undefined, path: string, rule: MakeRule): string {
  const expression = repeated(item, min, max ?? Number.POSITIVE_INFINITY, rule);
  if (expression === undefined) throw fault(`a least length of ${min} is too large`, path);
  return expression;
}

import { literal } from './gbnf.ts';
import { type LengthLimits, within } from './regex-length.ts';
import { type CodeRange, complement, type Regex, RegexFault, readRegex } from './regex-syntax.ts';

/** Makes an expression for a repeated one. */
export type Repeat = (expression: string, min: number, max: number) => string;

const ANYTHING: Regex = {
  type: 'repeat',
  part: { type: 'chars', ranges: complement([]) },
  min: 0,
  max: Number.POSITIVE_INFINITY,
};

/**
 * An expression for what stands between the quotes of a JSON text that a regular expression matches, and whose length is
 * within limits. Where the expression is not anchored, anything may stand before or behind.
 * @throws RegexFault naming what cannot be followed
 */
export function regexGrammar(source: string, limits: LengthLimits, repeat: Repeat): string {
  const whole = anchored(anchored(readRegex(source), 'start'), 'end');
  return written(within(whole, limits), repeat);
}

/** Drops the anchors of one end; alternatives without one may have anything there. */
function anchored(regex: Regex, anchor: 'start' | 'end'): Regex {
  if (regex.type === anchor) return { type: 'sequence', parts: [] };
  if (regex.type === 'choice') return { ...regex, parts: regex.parts.map((part) => anchored(part, anchor)) };
  const parts = regex.type === 'sequence' ? regex.parts : [regex];
  const outer = anchor === 'start' ? parts[0] : parts.at(-1);
  const rest = anchor === 'start' ? parts.slice(1) : parts.slice(0, -1);
  const holds = outer?.type === anchor || outer?.type === 'choice' || outer?.type === 'sequence';
  const end = holds ? [anchored(outer, anchor)] : outer ? [outer, ANYTHING] : [ANYTHING];
  return { type: 'sequence', parts: anchor === 'start' ? [...end.reverse(), ...rest] : [...rest, ...end] };
}

function written(regex: Regex, repeat: Repeat): string {
  switch (regex.type) {
    case 'chars':
      return charsGrammar(regex.ranges);
    case 'sequence':
      return regex.parts.map((part) => written(part, repeat)).join(' ') || '""';
    case 'choice':
      return `(${regex.parts.map((part) => written(part, repeat)).join(' | ')})`;
    case 'repeat':
      return repeat(`(${written(regex.part, repeat)})`, regex.min, regex.max);
    default:
      throw new RegexFault('an anchor in the middle');
  }
}

/** In JSON they are escaped; other control characters are left out. */
const ESCAPED = [0x22, 0x5c, 0x08, 0x09, 0x0a, 0x0c, 0x0d];
/** What no text of JSON has as it is, or that is no character. */
const SPECIAL: readonly CodeRange[] = [
  [0x00, 0x1f],
  [0x22, 0x22],
  [0x5c, 0x5c],
  [0x7f, 0x7f],
  [0xd800, 0xdfff],
];

function charsGrammar(ranges: readonly CodeRange[]): string {
  const plain = complement([...complement(ranges), ...SPECIAL]);
  const escaped = ESCAPED.filter((code) => ranges.some(([from, to]) => from <= code && code <= to));
  const parts = [
    ...(plain.length > 0 ? [`[${plain.map(rangeText).join('')}]`] : []),
    ...escaped.map((code) => literal(JSON.stringify(String.fromCharCode(code)).slice(1, -1))),
  ];
  if (parts.length === 0) throw new RegexFault('a class without a character that a text may hold');
  return parts.length === 1 ? parts.join('') : `(${parts.join(' | ')})`;
}

const rangeText = ([from, to]: CodeRange): string =>
  from === to ? charText(from) : `${charText(from)}-${charText(to)}`;

function charText(code: number): string {
  const char = String.fromCodePoint(code);
  if (/[A-Za-z0-9]/.test(char)) return char;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

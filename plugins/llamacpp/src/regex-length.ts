import { type Regex, RegexFault } from './regex-syntax.ts';

/** How many characters a text may have; without a `max`, any number. */
export interface LengthLimits {
  readonly min: number;
  readonly max: number | undefined;
}

/**
 * A part of what an expression matches that keeps to the limits: repetitions are bounded until it does. Some longer texts that
 * keep to them, too, are left out.
 * @throws RegexFault where none is found
 */
export function within(regex: Regex, { min, max = Number.POSITIVE_INFINITY }: LengthLimits): Regex {
  const short = shortened(regex, max);
  const found = short && lengthened(short, min);
  if (found) return found;
  throw new RegexFault('no text that surely has the length asked for');
}

/** Least and most characters that an expression matches. */
function lengthOf(regex: Regex): readonly [number, number] {
  if (regex.type === 'chars') return [1, 1];
  if (regex.type === 'repeat') {
    const [min, max] = lengthOf(regex.part);
    return [min * regex.min, max === 0 || regex.max === 0 ? 0 : max * regex.max];
  }
  if (regex.type !== 'choice' && regex.type !== 'sequence') return [0, 0];
  const lengths = regex.parts.map(lengthOf);
  const [mins, maxes] = [lengths.map(([min]) => min), lengths.map(([, max]) => max)];
  return regex.type === 'choice' ? [Math.min(...mins), Math.max(...maxes)] : [sum(mins), sum(maxes)];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** With `max` characters at most. */
function shortened(regex: Regex, max: number): Regex | undefined {
  const [least, most] = lengthOf(regex);
  if (most <= max) return regex;
  if (least > max) return undefined;
  if (regex.type === 'choice') return choiceOf(regex.parts.map((part) => shortened(part, max)));
  if (regex.type === 'sequence') return shortenedSequence(regex.parts, max);
  return regex.type === 'repeat' ? shortenedRepeat(regex, max) : undefined;
}

/** What is left beyond the least lengths is given out evenly. */
function shortenedSequence(parts: readonly Regex[], max: number): Regex | undefined {
  const lengths = parts.map((part, index) => ({ index, least: lengthOf(part)[0], most: lengthOf(part)[1] }));
  const sorted = lengths.toSorted((a, b) => (a.most - a.least < b.most - b.least ? -1 : 1));
  const found = [...parts];
  let left = max - sum(lengths.map(({ least }) => least));
  for (const [place, { index, least, most }] of sorted.entries()) {
    const share = Math.min(most - least, Math.floor(left / (sorted.length - place)));
    const part = parts[index] && shortened(parts[index], least + share);
    if (!part) return undefined;
    found[index] = part;
    left -= lengthOf(part)[1] - least;
  }
  return { type: 'sequence', parts: found };
}

function shortenedRepeat(regex: Extract<Regex, { type: 'repeat' }>, max: number): Regex | undefined {
  const [, most] = lengthOf(regex.part);
  const isShort = most * Math.max(regex.min, 1) <= max;
  const part = isShort ? regex.part : shortened(regex.part, Math.floor(max / Math.max(regex.min, 1)));
  if (!part) return regex.min === 0 ? { type: 'sequence', parts: [] } : undefined;
  return { ...regex, part, max: Math.min(regex.max, Math.floor(max / Math.max(lengthOf(part)[1], 1))) };
}

/** With `min` characters at least. */
function lengthened(regex: Regex, min: number): Regex | undefined {
  const [least, most] = lengthOf(regex);
  if (least >= min) return regex;
  if (most < min) return undefined;
  if (regex.type === 'choice') return choiceOf(regex.parts.map((part) => lengthened(part, min)));
  if (regex.type === 'sequence') return lengthenedSequence(regex.parts, min);
  if (regex.type !== 'repeat') return undefined;
  const times = Math.ceil(min / lengthOf(regex.part)[0]);
  return times <= regex.max && times < Number.POSITIVE_INFINITY ? { ...regex, min: times } : undefined;
}

function lengthenedSequence(parts: readonly Regex[], min: number): Regex | undefined {
  const found = [...parts];
  let missing = min - sum(parts.map((part) => lengthOf(part)[0]));
  for (const [index, part] of parts.entries()) {
    const [least, most] = lengthOf(part);
    const longer = missing > 0 && lengthened(part, Math.min(least + missing, most));
    if (!longer) continue;
    found[index] = longer;
    missing -= lengthOf(longer)[0] - least;
  }
  return missing > 0 ? undefined : { type: 'sequence', parts: found };
}

function choiceOf(options: readonly (Regex | undefined)[]): Regex | undefined {
  const parts = options.filter((part) => part !== undefined);
  return parts.length > 0 ? { type: 'choice', parts } : undefined;
}

/** Bounds of a JSON number, each a limit that is allowed itself or not. */
export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  /** Is the bound itself left out. */
  readonly openMin: boolean;
  readonly openMax: boolean;
}

/** Most digits before the point: larger whole numbers are not exact in JSON readers. */
const MOST_DIGITS = 15;
/** Most digits behind the point. */
const MOST_DECIMALS = 15;

/**
 * A GBNF expression for whole numbers within bounds.
 * @returns undefined when there is none
 */
export function integerGrammar({ min, max, openMin, openMax }: NumberBounds): string | undefined {
  const low = openMin && Number.isInteger(min) ? min + 1 : Math.ceil(min);
  const high = openMax && Number.isInteger(max) ? max - 1 : Math.floor(max);
  const positive = high >= 0 ? magnitudes(Math.max(low, 0), high) : [];
  const negative = low < 0 ? magnitudes(Math.max(-high, 1), -low) : [];
  return alternatives([...positive, ...negative.map((digits) => `"-" ${digits}`)]);
}

/**
 * A GBNF expression for numbers within bounds: whole ones, and fractions between two whole ones that are both allowed. No exponents.
 * @param decimals most digits behind the point
 * @returns undefined when there is none
 */
export function numberGrammar(bounds: NumberBounds, decimals = MOST_DECIMALS): string | undefined {
  // Ends in a digit that is not 0, so that a fraction is always more than nothing.
  const fraction = `"." [0-9]{0,${decimals - 1}} [1-9]`;
  const { min, max } = bounds;
  const whole = integerGrammar(bounds);
  // A fraction lies strictly between n and n + 1, so open bounds make no difference.
  const above = magnitudes(Math.max(Math.ceil(min), 0), Math.floor(max) - 1);
  const below = magnitudes(Math.max(Math.ceil(-max), 0), Math.floor(-min) - 1);
  const fractions = [...above, ...below.map((digits) => `"-" ${group(digits)}`)];
  return alternatives([...(whole ? [whole] : []), ...fractions.map((digits) => `${group(digits)} ${fraction}`)]);
}

const group = (expression: string): string => `(${expression})`;

function alternatives(parts: readonly string[]): string | undefined {
  return parts.length > 0 ? parts.join(' | ') : undefined;
}

/** Expressions for the whole numbers from `low` to `high`, neither negative; about one for each number of digits. */
function magnitudes(low: number, high: number): string[] {
  const top = Math.min(high, 10 ** MOST_DIGITS - 1);
  if (low > top) return [];
  if (low === 0) return ['"0"', ...magnitudes(1, high)];
  const length = String(low).length;
  if (high === Number.POSITIVE_INFINITY && length < MOST_DIGITS) {
    return [sameLength(String(low), '9'.repeat(length)), `[1-9] [0-9]{${length},${MOST_DIGITS - 1}}`];
  }
  const parts: string[] = [];
  for (let digits = length; digits <= String(top).length; digits++) {
    const from = Math.max(low, 10 ** (digits - 1));
    parts.push(sameLength(String(from), String(Math.min(top, 10 ** digits - 1))));
  }
  return parts;
}

/** Digits from `from` to `to`, two numbers of one length. */
function sameLength(from: string, to: string): string {
  if (from === '') return '';
  const [first = '', last = ''] = [from[0], to[0]];
  const [fromRest, toRest] = [from.slice(1), to.slice(1)];
  const zeros = '0'.repeat(fromRest.length);
  const nines = '9'.repeat(fromRest.length);
  if (fromRest === zeros && toRest === nines) return join(digit(first, last), anyDigits(zeros.length));
  if (first === last) return join(digit(first, last), sameLength(fromRest, toRest));
  const [next, previous] = [String(Number(first) + 1), String(Number(last) - 1)];
  const parts = [join(digit(first, first), sameLength(fromRest, nines))];
  if (next <= previous) parts.push(join(digit(next, previous), anyDigits(zeros.length)));
  parts.push(join(digit(last, last), sameLength(zeros, toRest)));
  return group(parts.join(' | '));
}

const digit = (from: string, to: string): string => (from === to ? `"${from}"` : `[${from}-${to}]`);
const anyDigits = (count: number): string => (count > 0 ? `[0-9]{${count}}` : '');
const join = (head: string, rest: string): string => (rest === '' ? head : `${head} ${rest}`);

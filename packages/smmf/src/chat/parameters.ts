import { didYouMean, SmmfError } from '@smmf/runtime';

/** What `/set` may set, as it goes into a request. */
export type Parameters = Readonly<Record<string, number | readonly string[]>>;

interface Range {
  readonly low: number;
  readonly high: number;
  readonly isWhole?: boolean;
}

const ANY = { low: -Number.MAX_SAFE_INTEGER, high: Number.MAX_SAFE_INTEGER } as const;

/** The numbers that a request may hold. */
const NUMBERS: Readonly<Record<string, Range>> = {
  temperature: { low: 0, high: 2 },
  top_p: { low: 0, high: 1 },
  max_tokens: { low: 1, high: Number.MAX_SAFE_INTEGER, isWhole: true },
  seed: { ...ANY, isWhole: true },
  presence_penalty: { low: -2, high: 2 },
  frequency_penalty: { low: -2, high: 2 },
  top_k: { low: 0, high: Number.MAX_SAFE_INTEGER, isWhole: true },
  min_p: { low: 0, high: 1 },
};

const STOPS_AT_MOST = 16;

/** Every name that {@link withParameter} knows. */
export const PARAMETER_NAMES: readonly string[] = [...Object.keys(NUMBERS), 'stop'];

const usage = (message: string): SmmfError => new SmmfError('INVALID_REQUEST', message);

function numberOf(name: string, text: string, { low, high, isWhole }: Range): number {
  const value = Number(text);
  const isFit = Number.isFinite(value) && value >= low && value <= high && (!isWhole || Number.isInteger(value));
  if (isFit) return value;
  const kind = isWhole ? 'a whole number' : 'a number';
  const from = low === ANY.low ? '' : high === ANY.high ? ` from ${low}` : ` from ${low} to ${high}`;
  throw usage(`${name} is ${kind}${from}, not "${text}"`);
}

/**
 * The parameters with one more, or without it where `text` is empty. `stop` adds a text to those that end an answer.
 * @throws INVALID_REQUEST for a name or value that is not known
 */
export function withParameter(parameters: Parameters, name: string, text: string): Parameters {
  if (!PARAMETER_NAMES.includes(name)) {
    throw usage(`There is no parameter "${name}"${didYouMean(name, PARAMETER_NAMES)}`);
  }
  const { [name]: before, ...others } = parameters;
  if (text === '') return others;
  const range = NUMBERS[name];
  if (range) return { ...others, [name]: numberOf(name, text, range) };
  const stops = [...(Array.isArray(before) ? before : []), text.replaceAll(String.raw`\n`, '\n')];
  if (stops.length > STOPS_AT_MOST)
    throw usage(`At most ${STOPS_AT_MOST} texts may end an answer; /set stop takes all away`);
  return { ...others, [name]: stops };
}

/** The parameters, a line each. */
export function parameterLines(parameters: Parameters): string[] {
  return Object.entries(parameters).map(([name, value]) => `${name.padEnd(18)}${JSON.stringify(value)}`);
}

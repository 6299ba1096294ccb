import { InvalidArgumentError } from 'commander';

const isWhole = (text: string): boolean => /^\d+$/.test(text);

/** A port of a flag. */
export function portNumber(text: string): number {
  const port = Number(text);
  if (isWhole(text) && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 0 to 65535.');
}

/** A count of a flag: `--context 8192`. */
export function countNumber(text: string): number {
  const count = Number(text);
  if (isWhole(text) && count > 0 && Number.isSafeInteger(count)) return count;
  throw new InvalidArgumentError('It is a whole number above 0.');
}

/** Collects a flag that may be given several times. */
export function severalTimes(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** A list with commas between. */
export function commaList(text: string): readonly string[] {
  return text.split(',').map((one) => one.trim());
}

import { isSmmfError } from '@smmf/runtime';

/** How a command prints. */
export interface OutputOptions {
  readonly json?: boolean | undefined;
}

/** Exit codes of the command: 0 ok, 1 failed, 2 bad config or usage, 3 not reachable. */
export function exitCodeOf(error: unknown): number {
  if (!isSmmfError(error)) return 1;
  if (error.code === 'CONFIG_INVALID' || error.code === 'PLUGIN_NOT_FOUND' || error.code === 'PLUGIN_INVALID') return 2;
  return error.code === 'UNREACHABLE' ? 3 : 1;
}

/** The words for an error: its message alone, with the stack when `verbose`. */
export function describeError(error: unknown, verbose: boolean): string {
  if (verbose && error instanceof Error) return error.stack ?? error.message;
  return plainText(error instanceof Error ? error.message : String(error));
}

/** Prints rows as a table, or as JSON. */
export function printRows(
  rows: readonly Readonly<Record<string, string | number>>[],
  data: unknown,
  options: OutputOptions,
): void {
  if (options.json) {
    console.log(JSON.stringify(data, null, 2));
    return;
  }
  const [first] = rows;
  if (!first) {
    console.log('none');
    return;
  }
  const names = Object.keys(first);
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => String(row[name]).length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  console.log(line(names.map((name) => name.toUpperCase())));
  for (const row of rows) console.log(line(names.map((name) => String(row[name]))));
}

/** Takes terminal controls out of text that comes from elsewhere; line feeds and tabs stay. */
export function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (char) => (char === '\n' || char === '\t' ? char : ''));
}

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

/** What an error tells a program to do, and how one does it at the command line. */
const REMEDIES: readonly (readonly [string, string])[] = [
  ['send header authorization: Bearer <key>', 'give it with --key or in SMMF_KEY (for the admin API: SMMF_ADMIN_KEY)'],
  ['set server.port to another port', 'set server.port or --port to another port'],
  ['set admin.port to another port', 'set admin.port or --admin-port to another port'],
];

function inFlags(text: string): string {
  return REMEDIES.reduce((told, [remedy, flags]) => told.replace(remedy, flags), text);
}

/** The words for an error: its message alone, with the stack when `verbose`. */
export function describeError(error: unknown, verbose: boolean): string {
  if (verbose && error instanceof Error) return error.stack ?? error.message;
  return inFlags(plainText(error instanceof Error ? error.message : String(error)));
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
  console.log(rows.length === 0 ? 'none' : tableLines(rows).join('\n'));
}

/** Rows as the lines of a table, with the names of the columns above; none for no rows. */
export function tableLines(rows: readonly Readonly<Record<string, string | number>>[]): string[] {
  const names = Object.keys(rows[0] ?? {});
  const widths = names.map((name) => Math.max(name.length, ...rows.map((row) => String(row[name]).length)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  const head = names.map((name) => name.toUpperCase());
  return rows.length === 0 ? [] : [head, ...rows.map((row) => names.map((name) => String(row[name])))].map(line);
}

/** Takes terminal controls out of text that comes from elsewhere; line feeds and tabs stay. */
export function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (char) => (char === '\n' || char === '\t' ? char : ''));
}

/** Text that comes from elsewhere, for a cell of a table or one line. */
export const oneLine = (text: string | undefined): string => plainText(text ?? '').replaceAll('\n', ' ');

/** One line for each thing that is known, under each other; what is undefined or empty is left out. */
export function factLines(facts: Readonly<Record<string, string | number | undefined>>): string[] {
  const told = Object.entries(facts).filter(([, value]) => value !== undefined && value !== '');
  const width = Math.max(10, ...told.map(([name]) => name.length + 2));
  return told.map(([name, value]) => `${`${name}:`.padEnd(width)}${plainText(String(value))}`);
}

/** Ends quietly when whoever reads our output has gone, as `head` does. */
export function endWithReader(): void {
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

import type { RowResult } from './run-row.ts';

/** What a report is about. */
export interface About {
  readonly machine: string;
  readonly date: string;
  readonly registry: string;
  readonly form: string;
}

const rounded = (ms: number): string => (Number.isFinite(ms) ? String(Math.round(ms)) : '–');

function lineOf({ fault, verdict, tally, calmMs, faultMs, seconds, findings }: RowResult): string {
  const told = findings.map(({ what, value, ok }) => `${what}: ${ok ? value : `**${value}**`}`).join('; ');
  const shown = verdict === 'passed' ? 'passed' : `**${verdict}**`;
  const other = tally['cut silently'] + tally.wrong;
  const counts = `${tally.ok} | ${tally.failed} | ${tally.cut} | ${other}`;
  return `| ${fault} | ${shown} | ${counts} | ${told} | ${rounded(calmMs)} / ${rounded(faultMs)} | ${seconds} |`;
}

/** The report as Markdown, with the table that is printed, too. */
export function render(results: readonly RowResult[], { machine, date, registry, form }: About): string {
  const notes = results.flatMap(({ fault, notes: own }) => own.map((note) => `- ${fault}: ${note}`));
  return [
    `# Fault drill, ${date}`,
    '',
    `${machine}. Registry: ${registry}; ${form}. Made by \`pnpm faults\`.`,
    '',
    '| fault | verdict | ok | failed before first byte | cut | cut without a word, wrong | measured | loop delay ms, calm / fault | s |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...results.map(lineOf),
    '',
    ...(notes.length > 0 ? ['## What was amiss', '', ...notes, ''] : []),
  ].join('\n');
}

import type { Measured, MeasurePlan } from './measure.ts';
import type { ReadState } from './reader-program.ts';

/** A goal, and what was measured. */
export interface Verdict {
  readonly goal: string;
  readonly value: string;
  readonly ok: boolean;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const of = (states: readonly ReadState[], figure: 'wholeMs' | 'tableMs' | 'turnMs'): number =>
  median(states.map((state) => state[figure]));

const atMost = (goal: string, value: number, limit: number, unit = ''): Verdict => ({
  goal: `${goal} ≤ ${limit.toLocaleString('en')}${unit}`,
  value: `${value.toFixed(value < 10 ? 2 : 0)}${unit}`,
  ok: value <= limit,
});

/** What does not depend on how fast the machine is. */
export function exactVerdicts({ changes, quiet, load, relistedMs, lost }: Measured): Verdict[] {
  return [
    atMost('one changed record: signatures checked', Math.max(...changes.map(({ checked }) => checked)), 1),
    atMost('heartbeats alone: new states', quiet.states, 0),
    atMost('heartbeats alone: bytes a second for an API server', quiet.bytesPerS, 10_000),
    atMost('wrong answers', load.wrong, 0),
    atMost('instances that a reader gives up while the registry is lost', lost, 0),
    atMost('all records listed again after that', relistedMs / 1_000, 15, ' s'),
  ];
}

/** What does. */
export function timedVerdicts({ first, changes, load }: Measured): Verdict[] {
  const rate = median(load.rates);
  return [
    atMost('first snapshot: longest turn of the event loop', of(first, 'turnMs'), 5, ' ms'),
    atMost('first snapshot: read and in the table', of(first, 'wholeMs'), 100, ' ms'),
    atMost('one changed record: the new table', of(changes, 'tableMs'), 1, ' ms'),
    { goal: 'request rate, of that of the small cluster ≥ 0.95', value: rate.toFixed(3), ok: rate >= 0.95 },
  ];
}

/** The report of a run, as Markdown. */
export function render(
  verdicts: readonly Verdict[],
  { cold }: Measured,
  { plan, machine, date }: { readonly plan: MeasurePlan; readonly machine: string; readonly date: string },
): string {
  return [
    '# A large cluster',
    '',
    `1,024 instance records of 1 KB and 1,000 models. Four processes hold the records in a controller's registry over HTTP, with a heartbeat`,
    `every 5 s for each. All on one machine: ${machine}, ${date}. Figures are medians of ${plan.firstReads} first reads, ${plan.changes} changes, ${plan.pairs} pairs of ${plan.slices} times a second for each;`,
    `heartbeats were listened to for ${plan.quietMs / 1_000} s. A turn of the event loop is measured in CPU time with all that an API server does in it (receiving, parsing, checking, the table), without`,
    `what Node takes to collect garbage. Code that has run before is measured: in a fresh process, which serves nothing yet, the longest turn is ${of(cold, 'turnMs').toFixed(0)} ms, and all is read after ${of(cold, 'wholeMs').toFixed(0)} ms.`,
    'The small cluster has 4 records and one model; the same engine answers in both.',
    '',
    'Made by `SMMF_SCALE_REPORT=docs/cluster-scale.md npx vitest run packages/runtime/test/real/large-cluster.test.ts`.',
    '',
    '| goal | measured | met |',
    '|---|---|---|',
    ...verdicts.map(({ goal, value, ok }) => `| ${goal} | ${value} | ${ok ? 'yes' : '**no**'} |`),
    '',
  ].join('\n');
}

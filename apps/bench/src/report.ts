import type { LoadReport } from './load-process.ts';

/** One target in one scenario in one round. */
export interface Row extends LoadReport {
  readonly scenario: string;
  readonly target: string;
  readonly round: number;
  /** CPU time of the target's process tree for each answer, or each chunk in streams; microseconds. */
  readonly cpuUs: number;
  /** Share of one core that the target used. */
  readonly busy: number;
}

/** One of the goals, and whether it was met. */
export interface Verdict {
  readonly goal: string;
  readonly value: string;
  readonly ok: boolean;
}

/** The middle of some numbers. */
export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

function of(rows: readonly Row[], scenario: string, target: string, figure: (row: Row) => number): number[] {
  return rows.filter((row) => row.scenario === scenario && row.target === target).map(figure);
}

/** NaN where nothing ran: that is no zero. */
const total = (numbers: readonly number[]): number =>
  numbers.length === 0 ? Number.NaN : numbers.reduce((sum, number) => sum + number, 0);

/** The median over the rounds of the ratio of two targets within each round. */
function ratio(rows: readonly Row[], scenario: string, base: string, figure: (row: Row) => number): number {
  const own = of(rows, scenario, 'smmf', figure);
  const others = of(rows, scenario, base, figure);
  return median(own.map((value, round) => value / (others[round] ?? Number.NaN)));
}

/** Added latency: a target's median less the direct one's, per round. */
function added(rows: readonly Row[], target: string): number[] {
  const direct = of(rows, 'rate-2000', 'direct', ({ p50Us }) => p50Us);
  return of(rows, 'rate-2000', target, ({ p50Us }) => p50Us).map((value, round) => value - (direct[round] ?? 0));
}

function atMost(goal: string, value: number, limit: number): Verdict {
  return { goal: `${goal} <= ${limit}`, value: Number.isNaN(value) ? '–' : value.toFixed(2), ok: value <= limit };
}

/** Judges a run against the goals of the project. */
export function verdicts(rows: readonly Row[]): Verdict[] {
  const cpu = ({ cpuUs }: Row): number => cpuUs;
  const checks = [
    atMost('CPU per request, of the bare relay', ratio(rows, 'requests', 'relay', cpu), 1.6),
    atMost('CPU per request of 10 KB, of the bare relay', ratio(rows, 'requests-10k', 'relay', cpu), 1.6),
  ];
  if (rows.some(({ target }) => target === 'nginx')) {
    const nginx = added(rows, 'nginx');
    const latency = median(added(rows, 'smmf').map((value, round) => value / (nginx[round] ?? Number.NaN)));
    checks.push(
      atMost('CPU per request, of nginx', ratio(rows, 'requests', 'nginx', cpu), 3.3),
      atMost('CPU per paced chunk at 20k/s, of nginx', ratio(rows, 'chunks-20k', 'nginx', cpu), 2.5),
      atMost('added p50 at 2,000 req/s, of nginx', latency, 2),
    );
  }
  const own = rows.filter(({ target, scenario }) => target === 'smmf' && scenario !== 'cancel');
  const wrong = total(own.map((row) => row.wrong));
  const missed = total(of(rows, 'cancel', 'smmf', ({ wrong: count }) => count));
  checks.push(atMost('wrong answers', wrong, 0), atMost('cancels not seen by the engine within 250 ms', missed, 0));
  return checks;
}

/** Rows in which this checkout is held against another one, and what a row may cost more. */
const COMPARED: readonly (readonly [string, string, (row: Row) => number, number])[] = [
  ['CPU per request', 'requests', ({ cpuUs }) => cpuUs, 1.05],
  ['CPU per request of 10 KB', 'requests-10k', ({ cpuUs }) => cpuUs, 1.05],
  ['CPU per request at 2,000/s', 'rate-2000', ({ cpuUs }) => cpuUs, 1.05],
  ['p50 at 2,000/s', 'rate-2000', ({ p50Us }) => p50Us, 1.05],
  ['CPU per paced chunk at 20k/s', 'chunks-20k', ({ cpuUs }) => cpuUs, 1.08],
];

/** The ratios of this checkout to the other one, a row for each goal: median and quartiles over the rounds. */
export function comparisons(rows: readonly Row[]): Verdict[] {
  return COMPARED.map(([goal, scenario, figure, limit]) => {
    const others = of(rows, scenario, 'old', figure);
    const ratios = of(rows, scenario, 'smmf', figure).map((value, round) => value / (others[round] ?? Number.NaN));
    const sorted = ratios.sort((a, b) => a - b);
    const quartile = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
    const [low, middle, high] = [quartile(0.25), median(sorted), quartile(0.75)];
    const undecided = low <= limit && high > limit ? ', not decided' : '';
    const value = `${middle.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)}${undecided})`;
    return { goal: `${goal}, of the other checkout's <= ${limit}`, value, ok: middle <= limit };
  });
}

const spread = (numbers: readonly number[], digits: number): string =>
  `${median(numbers).toFixed(digits)} (${Math.min(...numbers).toFixed(digits)}–${Math.max(...numbers).toFixed(digits)})`;

function tableOf(rows: readonly Row[], scenario: string): string[] {
  const targets = [...new Set(rows.filter((row) => row.scenario === scenario).map(({ target }) => target))].sort();
  const lines = targets.map((target) => {
    const figures = (figure: (row: Row) => number, digits: number): string =>
      spread(of(rows, scenario, target, figure), digits);
    const busy = median(of(rows, scenario, target, ({ busy: share }) => share));
    const bound = target === 'direct' ? '' : busy >= 0.95 ? 'target' : 'harness';
    const rate = figures((row) => (row.chunks || row.answered) / row.seconds, 0);
    const cpu = target === 'direct' ? '–' : figures((row) => row.cpuUs, 1);
    return `| ${target} | ${cpu} | ${rate} | ${figures((row) => row.p50Us, 0)} | ${figures((row) => row.p99Us, 0)} | ${bound} |`;
  });
  const head = [
    '| target | CPU µs each | per second | p50 µs | p99 µs | bound by |',
    '| --- | --- | --- | --- | --- | --- |',
  ];
  return [`## ${scenario}`, '', ...head, ...lines, ''];
}

/** The report as Markdown: every figure as median (least–greatest) of the rounds. */
export function render(
  rows: readonly Row[],
  checks: readonly Verdict[],
  about: { readonly machine: string; readonly rounds: number; readonly date: string },
): string {
  const scenarios = [...new Set(rows.map(({ scenario }) => scenario))].filter((name) => name !== 'cancel');
  return [
    `# Bench, ${about.date}`,
    '',
    `${about.machine}. ${about.rounds} rounds in one run, targets in random order; target on one core, engine and load on another.`,
    'Figures are median (least–greatest) over the rounds; "bound by harness" means that the target\'s core was not full, so',
    'that the rate says nothing about its capacity. Ratios are taken within each round; in rate-2000 the targets take eight turns',
    'each in a round. Made by `pnpm bench`.',
    '',
    '| goal | value | |',
    '| --- | --- | --- |',
    ...checks.map(
      ({ goal, value, ok }) => `| ${goal} | ${value} | ${ok ? 'met' : value === '–' ? 'not run' : '**missed**'} |`,
    ),
    '',
    ...scenarios.flatMap((scenario) => tableOf(rows, scenario)),
  ].join('\n');
}

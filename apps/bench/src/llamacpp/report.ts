import { median } from '../report.ts';
import type { Figures } from './measure.ts';

/** One target in one scenario in one round. */
export interface Row extends Figures {
  readonly threads: number;
  readonly round: number;
  readonly target: string;
  readonly scenario: string;
}

/** What the page says of the run. */
export interface About {
  readonly machine: string;
  readonly tokens: number;
  /** Of the long prompt. */
  readonly words: number;
  readonly quiet: number;
  readonly date: string;
}

type Figure = (row: Row) => number;

interface Goal {
  readonly name: string;
  readonly figure: Figure;
  /** Ratio to the witness, and to bare node-llama-cpp where that counts instead. */
  readonly limit: number;
  readonly ofBare?: number;
  readonly isLeast: boolean;
  readonly applies: (scenario: string) => boolean;
}

const isStreams = (scenario: string): boolean => scenario !== 'prompt';

const GOALS: readonly Goal[] = [
  {
    name: 'tokens per second',
    figure: (row) => row.tokensPerSecond,
    limit: 0.95,
    ofBare: 0.98,
    isLeast: true,
    applies: isStreams,
  },
  { name: 'worst first token', figure: (row) => row.worstFirstMs, limit: 1.5, isLeast: false, applies: isStreams },
  {
    name: 'CPU per token written',
    figure: (row) => row.cpuMsPerToken,
    limit: 1.15,
    isLeast: false,
    applies: isStreams,
  },
  {
    name: 'CPU per token read',
    figure: (row) => row.cpuMsPerToken,
    limit: 1.15,
    isLeast: false,
    applies: (scenario) => !isStreams(scenario),
  },
];

const spread = (numbers: readonly number[], digits: number): string =>
  `${median(numbers).toFixed(digits)} (${Math.min(...numbers).toFixed(digits)}–${Math.max(...numbers).toFixed(digits)})`;

function of(rows: readonly Row[], scenario: string, target: string): Row[] {
  return rows.filter((row) => row.scenario === scenario && row.target === target);
}

/** Ratios of SMMF to another target, each within one round. */
function ratios(rows: readonly Row[], scenario: string, other: string, figure: Figure): number[] {
  const others = of(rows, scenario, other);
  return of(rows, scenario, 'smmf').map((row, index) => figure(row) / figure(others[index] ?? row));
}

function verdict({ limit, ofBare, isLeast }: Goal, witness: number, bare: number): string {
  const holds = (value: number, bound: number): boolean => (isLeast ? value >= bound : value <= bound);
  if (holds(witness, limit)) return 'met';
  return ofBare !== undefined && holds(bare, ofBare) ? 'met by the library' : 'missed';
}

function goalRows(rows: readonly Row[], threads: number, quiet: number): string[] {
  const own = rows.filter((row) => row.threads === threads);
  // Then what was found says little of a quiet machine.
  const told = own.filter(({ others }) => others > quiet).length > own.length / 2 ? ', disturbed' : '';
  const scenarios = [...new Set(own.map(({ scenario }) => scenario))];
  return GOALS.flatMap((goal) =>
    scenarios.filter(goal.applies).map((scenario) => {
      const [witness, bare] = ['witness', 'bare'].map((other) => ratios(own, scenario, other, goal.figure));
      const bound = `${goal.isLeast ? '>=' : '<='} ${goal.limit}`;
      const found = verdict(goal, median(witness ?? []), median(bare ?? []));
      return `| ${threads} | ${scenario} | ${goal.name} ${bound} | ${spread(witness ?? [], 2)} | ${spread(bare ?? [], 2)} | ${found}${told} |`;
    }),
  );
}

function figureRows(rows: readonly Row[], threads: number): string[] {
  const own = rows.filter((row) => row.threads === threads);
  const names = [...new Set(own.map(({ scenario }) => scenario))];
  return names.flatMap((scenario) =>
    ['smmf', 'witness', 'bare'].map((target) => {
      const taken = of(own, scenario, target);
      const figure = (read: Figure, digits: number): string => spread(taken.map(read), digits);
      const rate = isStreams(scenario) ? figure((row) => row.tokensPerSecond, 1) : '–';
      const cells = [rate, figure((row) => row.worstFirstMs, 0), figure((row) => row.cpuMsPerToken, 2)];
      return `| ${threads} | ${scenario} | ${target} | ${cells.join(' | ')} | ${figure((row) => row.others, 2)} |`;
    }),
  );
}

/** The page as Markdown. */
export function render(rows: readonly Row[], { machine, tokens, words, quiet, date }: About): string {
  const threads = [...new Set(rows.map((row) => row.threads))];
  const rounds = threads
    .map(
      (count) =>
        `${Math.max(...rows.filter((row) => row.threads === count).map(({ round }) => round))} with threads ${count}`,
    )
    .join(', ');
  const disturbed = rows.filter((row) => row.others > quiet).length;
  return [
    `# llama.cpp: SMMF beside llama.cpp's own server, ${date}`,
    '',
    `${machine}. SmolLM2-135M-Instruct Q4_1 on the CPU, rounds: ${rounds}; in each, every target takes its turn in every scenario, in random order. Targets: SMMF with`,
    "`@smmf/llamacpp` (its front and the engine's process), llama.cpp's own server (the witness), and bare node-llama-cpp: the least server over the same library, with the same",
    `batching. All have 8 slots. A scenario of streams asks for ${tokens} tokens in each stream at temperature 0, behind prompts of about 15 tokens that nobody has read before; "prompt"`,
    `asks for one token behind ${words} words. CPU is that of all processes of a target, from /proc. Figures are median (least–greatest) over the rounds; ratios are taken within each round.`,
    '',
    disturbed === 0
      ? `Nobody else used more than ${quiet} core in any turn.`
      : `**Disturbed**: in ${disturbed} of ${rows.length} turns other processes of the machine used more than ${quiet} core (median over all turns ${median(rows.map((row) => row.others)).toFixed(2)} cores). Times of such turns say how targets share a busy machine, and with two threads on two busy cores llama.cpp's threads mostly wait for each other: then CPU per token says little, too.`,
    '',
    '## Goals',
    '',
    'A goal for tokens per second is met by the library where SMMF has at least 0.98 of what bare node-llama-cpp has: then what is lost is lost below this project.',
    '',
    '| threads | scenario | goal, to the witness | SMMF to the witness | SMMF to bare | |',
    '| --- | --- | --- | --- | --- | --- |',
    ...threads.flatMap((count) => goalRows(rows, count, quiet)),
    '',
    '## Where two threads are slower',
    '',
    "The library makes its second thread anew for each step: 100 tasks of the system for 100 tokens with threads 2, none with threads 1. llama.cpp's own server, built with OpenMP, keeps",
    'its threads. Where the system puts the new one on the core of the one that made it, the two take turns all through the step, and it takes three times as long. That happens to SMMF and to',
    'bare node-llama-cpp alike, in one run and not in the next, so that their figures for one stream spread far. SMMF has the library called by one thread and sends what was written a',
    'millisecond into the next step, which makes it seldom. By default SMMF leaves one core free: on two cores it computes on one thread.',
    '',
    '## Figures',
    '',
    '| threads | scenario | target | tokens/s | worst first token, ms | CPU ms per token | cores of others |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...threads.flatMap((count) => figureRows(rows, count)),
    '',
    "Made by `pnpm bench:llamacpp --real FOLDER --output docs/llamacpp.md`; the folder has scripts that start llama.cpp's own server (`xllamacpp PORT PARALLEL THREADS`) and bring the model (`model-smollm2`).",
    '',
  ].join('\n');
}

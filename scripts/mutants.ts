// `pnpm mutants [NAME [FILE ...]]`: changes the code of a package (see mutant-table.ts) in one small place at a time and
// runs the package's tests on each such mutant. What no test notices is listed; docs/mutants.md judges it. Not part of CI.
//   pnpm mutants                        every package
//   pnpm mutants router                 one of them
//   pnpm mutants router model-queue.ts  one file of it
//   --own                               only the test files that belong to each file: quicker, and the score a lower bound
//   --minutes N                         no more than N minutes for each file (default 60); mutants left over count as not reached
// Stryker comes on demand into .cache/mutants (60 MB that no other command needs). It works on a copy of the repository.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type MutantTarget, mutantTargets } from './mutant-table.ts';
import { isMain, listFiles, readJson, repositoryRoot } from './workspace.ts';

/** Exact versions: a score is comparable only with one of the same mutators. */
const strykerVersions = { '@stryker-mutator/core': '10.1.1', '@stryker-mutator/vitest-runner': '10.1.1' };

/** How long one package may take, and so one file at most; the files that are left over then are named. */
const packageLimitMinutes = 60;

const cacheFolder = join(repositoryRoot, '.cache', 'mutants');
const toolFolder = join(cacheFolder, 'tool');

/** One mutant as Stryker's JSON report tells it. */
export interface Mutant {
  readonly status: string;
  readonly mutatorName: string;
  readonly replacement?: string;
  readonly location: { readonly start: { readonly line: number; readonly column: number } };
}

/** The mutants of one file that were judged, or why there are none. */
export interface FileResult {
  readonly file: string;
  readonly mutants: readonly Mutant[];
  /** Mutants whose turn had not come when the time of the file was over. */
  readonly unreached: number;
  readonly failure?: string;
}

/** How the files of a target are run. */
interface RunOptions {
  /** Run the tests that belong to a file instead of those of the whole package. */
  readonly own: boolean;
  readonly fileLimitMs: number;
}

/** The files of a target, or those of them whose name is asked for. */
export function targetFiles(root: string, { sources }: MutantTarget, asked: readonly string[]): string[] {
  const files = sources.flatMap((source) => {
    const path = join(root, source);
    if (!existsSync(path)) throw new Error(`${source} does not exist: bring scripts/mutant-table.ts up to date`);
    return statSync(path).isDirectory()
      ? listFiles(path, '.ts').map((file) => file.slice(root.length + 1).replaceAll('\\', '/'))
      : [source];
  });
  return asked.length === 0 ? files : files.filter((file) => asked.includes(basename(file)));
}

function installStryker(): void {
  const manifest = `${JSON.stringify({ private: true, dependencies: strykerVersions }, null, 2)}\n`;
  const manifestFile = join(toolFolder, 'package.json');
  const done = join(toolFolder, 'installed');
  if (existsSync(done) && readFileSync(manifestFile, 'utf8') === manifest) return;
  process.stderr.write('mutants: fetching Stryker into .cache/mutants (once)\n');
  rmSync(toolFolder, { recursive: true, force: true });
  mkdirSync(toolFolder, { recursive: true });
  writeFileSync(manifestFile, manifest);
  // Its peer vitest is the workspace's own, found further up.
  const args = ['install', '--legacy-peer-deps', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, error } = spawnSync('npm', args, { cwd: toolFolder, stdio: ['ignore', 2, 2], timeout: 600_000 });
  if (status !== 0) throw new Error('npm could not install Stryker; its message stands above', { cause: error });
  writeFileSync(done, '');
}

/** The test files that belong to a source file, as globs: those that the table names, else the one of the same name, else all. */
export function ownTests(root: string, { tests, testsOf }: MutantTarget, file: string): string[] {
  const name = basename(file, '.ts');
  const wanted = (testsOf[name] ?? [name]).map((test) => `${test}.test.ts`);
  const there = new Set(listFiles(join(root, tests), '.test.ts').map((path) => basename(path)));
  if (testsOf[name] === undefined && !there.has(`${name}.test.ts`)) return ['**/*.test.ts'];
  const gone = wanted.find((test) => !there.has(test));
  if (gone !== undefined) throw new Error(`${tests} has no ${gone}: bring scripts/mutant-table.ts up to date`);
  return wanted.map((test) => `**/${test}`);
}

/** Where Stryker puts what it finds out about one file, and where it copies the repository to; relative to the root. */
interface Places {
  readonly report: string;
  /** One JSON file for each event: they tell what was judged when the time is over before the report. */
  readonly events: string;
  readonly copy: string;
}

/** Stryker's settings for one file. */
function strykerOptions(file: string, tests: string, { report, events, copy }: Places): object {
  return {
    mutate: [file],
    testRunner: 'vitest',
    testRunnerNodeArgs: ['--conditions=smmf-source'],
    vitest: { configFile: 'scripts/mutants.vitest.config.ts', dir: tests, related: false },
    coverageAnalysis: 'perTest',
    concurrency: Math.max(1, availableParallelism() - 1),
    timeoutMS: 10_000, // beyond the test's own limit: a busy machine must not pass for a mutant that never ends
    ignorePatterns: ['dist', '.cache', 'docs/api'],
    tempDirName: copy,
    reporters: ['json', 'event-recorder'],
    jsonReporter: { fileName: report },
    eventReporter: { baseDir: events },
    allowEmpty: true,
    logLevel: 'warn',
    tsconfigFile: 'none', // Stryker rewrites it through an interface that TypeScript 7 lacks; the copy lies in the same tree, it need not
  };
}

/**
 * Runs Node in a process group of its own and ends the whole group with it: a mutant that loops does not notice that Stryker
 * has gone.
 *
 * @returns what it wrote; undefined when it was still running after `limitMs`
 */
async function runGroup(args: readonly string[], env: NodeJS.ProcessEnv, limitMs: number): Promise<string | undefined> {
  const child = spawn(process.execPath, args, { cwd: repositoryRoot, env, detached: true });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  let isCutOff = false;
  const endGroup = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // All of them have ended.
    }
  };
  const cutOff = (): void => {
    isCutOff = true;
    endGroup();
  };
  const timer = setTimeout(cutOff, limitMs);
  const stop = (): void => {
    endGroup();
    process.exit(130);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  await once(child, 'close');
  clearTimeout(timer);
  process.off('SIGINT', stop).off('SIGTERM', stop);
  endGroup();
  return isCutOff ? undefined : output;
}

/** What was judged of a file, and what was not, from the events of a run that was cut off. */
export function readEvents(folder: string): { readonly mutants: readonly Mutant[]; readonly unreached: number } {
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  const eventsOf = (name: string): unknown[] =>
    names.filter((file) => file.endsWith(`-${name}.json`)).map((file) => readJson(join(folder, file)));
  const mutants = eventsOf('onMutantTested') as Mutant[];
  const [plan] = eventsOf('onMutationTestingPlanReady') as { mutantPlans: unknown[] }[];
  return { mutants, unreached: plan ? plan.mutantPlans.length - mutants.length : 0 };
}

/** Runs Stryker on one file. */
async function mutate(target: MutantTarget, file: string, own: boolean, limitMs: number): Promise<FileResult> {
  const name = file.replaceAll('/', '+');
  const place = join(cacheFolder, 'results', name);
  const places = { report: `${place}.json`, events: `${place}.events`, copy: `.cache/mutants/copies/${name}` };
  const copy = join(repositoryRoot, places.copy);
  mkdirSync(join(cacheFolder, 'results'), { recursive: true });
  for (const old of [places.report, places.events, copy]) rmSync(old, { recursive: true, force: true });
  writeFileSync(`${place}.options.json`, JSON.stringify(strykerOptions(file, target.tests, places)));
  const stryker = join(toolFolder, 'node_modules/@stryker-mutator/core/bin/stryker.js');
  const env = { ...process.env, ...(own && { SMMF_MUTANTS_TESTS: ownTests(repositoryRoot, target, file).join(',') }) };
  const output = await runGroup([stryker, 'run', `${place}.options.json`], env, limitMs);
  rmSync(copy, { recursive: true, force: true }); // left by a run that was cut off
  if (existsSync(places.report)) {
    const { files } = readJson(places.report) as { files: Record<string, { mutants: Mutant[] }> };
    return { file, mutants: Object.values(files).flatMap(({ mutants }) => mutants), unreached: 0 };
  }
  const judged = readEvents(places.events);
  if (output === undefined && judged.mutants.length > 0) return { file, ...judged };
  return { file, mutants: [], unreached: 0, failure: output ?? 'no mutant was judged in the time of the file' };
}

/** Counts as the report has them: the score is of the covered mutants, in percent. */
export function score(mutants: readonly Mutant[]) {
  const count = (...statuses: string[]) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const killed = count('Killed', 'Timeout');
  const survived = count('Survived');
  const covered = killed + survived;
  const percent = covered === 0 ? undefined : (100 * killed) / covered;
  return { killed, survived, uncovered: count('NoCoverage'), percent };
}

/** One row of the table in docs/mutants.md. */
export function row(name: string, mutants: readonly Mutant[], unreached = 0): string {
  const { killed, survived, uncovered, percent } = score(mutants);
  const share = percent === undefined ? '–' : `${percent.toFixed(1)} %`;
  return `| ${name} | ${killed} | ${survived} | ${uncovered} | ${unreached} | ${share} |`;
}

/** What the tests did not notice, one line each: place, kind of change, and what stood there instead. */
export function unnoticed({ file, mutants }: FileResult): string[] {
  return mutants
    .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
    .map(({ status, mutatorName, replacement = '', location: { start } }) => {
      const change = replacement.replaceAll(/\s+/g, ' ').slice(0, 90);
      return `${file}:${start.line}:${start.column} ${status} ${mutatorName}: ${change}`;
    });
}

async function runTarget(target: MutantTarget, asked: readonly string[], options: RunOptions): Promise<boolean> {
  const endMs = performance.now() + packageLimitMinutes * 60_000;
  const results: FileResult[] = [];
  process.stdout.write(`\n| ${target.name} | noticed | survived | not covered | not reached | of the covered |\n`);
  process.stdout.write('| --- | --- | --- | --- | --- | --- |\n');
  for (const file of targetFiles(repositoryRoot, target, asked)) {
    const leftMs = Math.floor(Math.min(options.fileLimitMs, endMs - performance.now()));
    const result =
      leftMs > 0
        ? await mutate(target, file, options.own, leftMs)
        : { file, mutants: [], unreached: 0, failure: 'no time left' };
    results.push(result);
    const line = result.failure
      ? `| ${basename(file)} | not run | | | | |`
      : row(basename(file), result.mutants, result.unreached);
    process.stdout.write(`${line}\n`);
  }
  const all = results.flatMap(({ mutants }) => mutants);
  const unreached = results.reduce((sum, result) => sum + result.unreached, 0);
  process.stdout.write(`${row('together', all, unreached)}\n\n`);
  for (const line of results.flatMap(unnoticed)) process.stdout.write(`${line}\n`);
  const failures = results.filter(({ failure }) => failure !== undefined);
  for (const { file, failure } of failures) process.stderr.write(`mutants: ${file}: ${failure}\n`);
  return results.length > 0 && failures.length === 0 && unreached === 0;
}

if (isMain(import.meta.url)) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { own: { type: 'boolean' }, minutes: { type: 'string' } },
  });
  const [name, ...asked] = positionals;
  const targets = mutantTargets.filter((target) => name === undefined || target.name === name);
  const minutes = Number(values.minutes ?? packageLimitMinutes);
  if (targets.length === 0) {
    const known = mutantTargets.map((target) => target.name).join(', ');
    process.stderr.write(`mutants: no package ${name} in scripts/mutant-table.ts; there are: ${known}\n`);
    process.exitCode = 2;
  } else if (!(minutes > 0)) {
    process.stderr.write(`mutants: --minutes ${values.minutes} is no number of minutes above 0\n`);
    process.exitCode = 2;
  } else {
    installStryker();
    process.exitCode = 0;
    for (const target of targets) {
      const isWhole = await runTarget(target, asked, { own: values.own ?? false, fileLimitMs: minutes * 60_000 });
      if (!isWhole) process.exitCode = 1;
    }
  }
}
